import assert from "node:assert/strict";
import { test } from "node:test";
import { historyVolatility } from "../../../keeper/model/history/historyVolatility.ts";
import { remembered } from "../../../keeper/model/numerics/remembered.ts";
import { fitSurface } from "../../../keeper/model/options/surface.ts";
import { calmBoard, calmHistory } from "../../support/observations.ts";

const NOW = 1_769_637_600;
const RULES = { maxOptionSpread: 0.3, minStrikes: 5, maxFitErrorVolPoints: 3 };

function counted() {
  let calls = 0;
  const area = remembered((box: { readonly width: number }, scale: number, unit: string) => {
    calls++;
    return `${box.width * scale} ${unit}`;
  });
  return { area, calls: () => calls };
}

test("the same object and the same values are worked out once", () => {
  const { area, calls } = counted();
  const box = { width: 2 };
  assert.equal(area(box, 3, "m"), "6 m");
  assert.equal(area(box, 3, "m"), "6 m");
  assert.equal(calls(), 1);
});

test("another value, another object, or an equal copy is worked out anew", () => {
  const { area, calls } = counted();
  const box = { width: 2 };
  area(box, 3, "m");
  assert.equal(area(box, 4, "m"), "8 m");
  assert.equal(area(box, 4, "km"), "8 km");
  assert.equal(area({ ...box }, 4, "km"), "8 km");
  assert.equal(area(box, 3, "m"), "6 m", "only the latest answer is kept, and it is never mistaken for another");
  assert.equal(calls(), 5);
});

test("NaN is a value like any other, and 0 is not -0", () => {
  const { area, calls } = counted();
  const box = { width: 2 };
  area(box, Number.NaN, "m");
  area(box, Number.NaN, "m");
  assert.equal(calls(), 1);
  area(box, 0, "m");
  area(box, -0, "m");
  assert.equal(calls(), 3);
});

test("a board is fitted once for all markets of a moment, and again when the moment or a rule changes", () => {
  const board = calmBoard("ETH", NOW - 4, 3_000, 0.5);
  const first = fitSurface(board, NOW, RULES);
  assert.equal(fitSurface(board, NOW, { ...RULES }), first);
  assert.notEqual(fitSurface(board, NOW + 60, RULES), first);
  assert.notEqual(fitSurface(board, NOW, { ...RULES, minStrikes: 6 }), first);
  assert.ok(first.slices.length > 0);
  assert.equal(
    fitSurface(board, NOW, { ...RULES, minStrikes: 100 }).slices.length,
    0,
    "each rule arrives where it rules",
  );
  assert.equal(fitSurface(board, NOW, { ...RULES, maxOptionSpread: 0.001 }).slices.length, 0);
  assert.equal(fitSurface(board, NOW, { ...RULES, maxFitErrorVolPoints: -1 }).slices.length, 0);
  assert.deepEqual(fitSurface(structuredClone(board), NOW, RULES), first, "a copy gives an equal surface");
});

test("a history is read anew when time goes on", () => {
  const history = calmHistory("ETH-PERPETUAL", NOW, 3_000, 0.5, 60);
  const before = historyVolatility(history, NOW - 86_400);
  assert.equal(historyVolatility(history, NOW).days, before.days + 1);
  assert.equal(historyVolatility(history, NOW - 86_400).days, before.days);
});
