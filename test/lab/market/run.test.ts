import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PLAY_DEFAULTS, playSettings, USUAL_FORM } from "../../../scripts/lab/market/play.ts";
import { speedLimits, staticRule } from "../../../scripts/lab/market/rules.ts";
import { runMarket } from "../../../scripts/lab/market/run.ts";
import { mergeOutcomes, segmentsOf } from "../../../scripts/lab/market/segments.ts";
import { uniforms } from "../../../scripts/lab/validation/statistics/random.ts";

const HOUR = 3_600;
const flat = (hours: number) => new Float64Array(hours).fill(1_000);

/** Prices that walk at random, and fall by 40 % within four hours in the middle. */
function crash(hours: number, seed = 3): Float64Array {
  const uniform = uniforms(seed);
  let price = 1_000;
  return Float64Array.from({ length: hours }, (_, hour) => {
    const at = hour - Math.floor(hours / 2);
    price *= at >= 0 && at < 4 ? 0.88 : 1 + (uniform() - 0.5) * 0.01;
    return price;
  });
}

function play(
  values: Float64Array,
  changes: Partial<typeof PLAY_DEFAULTS> = {},
  rule = undefined as Parameters<typeof playSettings>[1],
) {
  const times = Float64Array.from(values, (_, i) => i * HOUR);
  const prices = { times, values, stepSeconds: HOUR };
  const [outcome] = runMarket(
    playSettings({ ...PLAY_DEFAULTS, ...changes, name: "ETH", prices, depth: null, pool: null }, rule),
  );
  assert.ok(outcome !== undefined);
  return outcome;
}

describe("a market played over prices", () => {
  it("loses nothing and liquidates nobody where the price does not move", () => {
    const calm = play(flat(2_000));
    assert.deepEqual([calm.badDebtUsd, calm.liquidatedUsd, calm.caused, calm.mostUnsoldUsd], [0, 0, 0, 0]);
    assert.ok(Math.abs(calm.meanLtv - 0.8) < 1e-9 && calm.meanDebtUsd > 0);
  });

  it("gives the same outcome for the same seed, and another for another", () => {
    const values = crash(1_500);
    assert.deepEqual(play(values), play(values));
    assert.notDeepEqual(play(values, { seed: 2 }).liquidatedUsd, play(values).liquidatedUsd);
  });

  it("loses more in a crash the longer selling takes, and the higher the threshold is", () => {
    const values = crash(1_500);
    const bad = (changes: Partial<typeof PLAY_DEFAULTS>) => play(values, changes).badDebtUsd;
    assert.ok(bad({ hoursToSell: 400 }) > bad({ hoursToSell: 40 }));
    assert.ok(bad({ hoursToSell: 400 }) > bad({ hoursToSell: 400, ltv: 0.7, threshold: 0.73 }));
    assert.ok(play(values, { hoursToSell: 400 }).mostUnsoldUsd > play(values, { hoursToSell: 4 }).mostUnsoldUsd);
  });

  it("liquidates less the sooner those who top up do so, and at a half-life of 0 what no wait at all does", () => {
    const values = crash(1_500);
    const liquidated = (topUpShare: number, topUpHours: number) =>
      play(values, { topUpShare, topUpHours }).liquidatedUsd;
    const [none, late, soon, atOnce] = [liquidated(0, 0), liquidated(1, 24), liquidated(1, 2), liquidated(1, 0)];
    assert.ok(none > late && late > soon && soon > atOnce, `${none} ${late} ${soon} ${atOnce}`);
    assert.equal(liquidated(1, 1e-9), liquidated(1, 1e-12), "everybody a step later");
  });

  it("sells a fixed share of the cap an hour, and realises the loss of each token sold, by hand", () => {
    // 100 tokens lent at 800 a token in equal parts over ten hours; at 700 each token sold repays 700 / 1.05.
    const values = flat(100).map((price, hour) => (hour < 40 ? price : 700));
    const prices = { times: values.map((_, i) => i * HOUR), values, stepSeconds: HOUR };
    const form = { ...USUAL_FORM, usage: [1], termDays: 10 / 24, closeFactor: 1, gasUsd: 0, flashFee: 0 };
    const fixed = { ...form, sales: "fixed" as const };
    const assumed = { ...PLAY_DEFAULTS, cap: 100, hoursToSell: 20, impactShare: 0, topUpShare: 0 };
    const settings = { ...assumed, oracleDeviation: 0, name: "ETH", prices, depth: null, pool: null, form: fixed };
    const [liquidated, held]: [number[], number[]] = [[], []];
    const [outcome] = runMarket(playSettings(settings), ({ markets: [market] }) => {
      held.push(Math.round((market?.accounts.totalCollateral ?? 0) / 1e6));
      liquidated.push((market?.ledger.seized ?? 0) / 1e6);
    });
    assert.ok(Math.abs((outcome?.badDebtUsd ?? 0) - 100 * (800 - 700 / 1.05)) < 1);
    assert.deepEqual(
      [39, 40, 41, 59, 60].map((hour) => Math.round(liquidated[hour] as number)),
      [0, 5, 10, 100, 100],
    );
    assert.deepEqual([held[0], held[4], held[9], held[30]], [10, 50, 100, 100]);
  });

  it("counts what a rule's own move makes liquidatable, and speed limits delay it", () => {
    const drop = { ltv: 0.6, threshold: 0.63, limit: Number.POSITIVE_INFINITY };
    const before = { ltv: 0.8, threshold: 0.83, limit: Number.POSITIVE_INFINITY };
    const sudden = { name: "sudden", target: ({ step }: { step: number }) => (step < 1_000 ? before : drop) };
    const settings = playSettings(
      {
        ...{ ...PLAY_DEFAULTS, name: "ETH", depth: null, pool: null },
        prices: {
          times: Float64Array.from({ length: 1_500 }, (_, i) => i * HOUR),
          values: flat(1_500),
          stepSeconds: HOUR,
        },
      },
      sudden,
      speedLimits({
        ...{ initialUp: Number.POSITIVE_INFINITY, initialDown: 0.005, limitUp: Number.POSITIVE_INFINITY, gap: 0.03 },
        ...{ maintenanceUp: 0.001, maintenanceDown: 0.005 },
      }),
    );
    const caused = play(flat(1_500), {}, sudden).caused;
    const [limited] = runMarket(settings);
    assert.ok(caused > 0.1, "at once");
    assert.ok((limited?.caused ?? 1) < caused / 10, "at 10 bp a day for three weeks");
  });

  it("lends no more than the limit takes", () => {
    const limit = 10_000;
    const rule = staticRule({ ltv: 0.8, threshold: 0.83, limit });
    let most = 0;
    const times = Float64Array.from(flat(2_000), (_, i) => i * HOUR);
    const prices = { times, values: flat(2_000), stepSeconds: HOUR };
    runMarket(
      playSettings({ ...PLAY_DEFAULTS, name: "ETH", prices, depth: null, pool: null }, rule),
      ({ markets: [market] }) => {
        most = Math.max(most, (market?.accounts.totalCollateral ?? 0) / 1e6);
      },
    );
    assert.ok(most <= limit && most > limit * 0.9);
  });

  it("hands a rule no price beyond the present one", () => {
    const values = crash(300);
    const seen: number[] = [];
    const rule = {
      name: "canary",
      target({ prices, step }: { prices: Float64Array; step: number }) {
        seen.push(prices.length - step);
        return { ltv: 0.5, threshold: 0.6, limit: Number.POSITIVE_INFINITY };
      },
    };
    play(values, {}, rule);
    assert.deepEqual(new Set(seen), new Set([1]));
  });
});

describe("segmentsOf", () => {
  it("holds the price over a halt and ends a stretch where more than two days are missing", () => {
    const hours = [...Array(800).keys(), ...Array.from({ length: 800 }, (_, i) => 1_000 + i)].filter(
      (h) => h % 400 !== 7,
    );
    const times = hours.map((hour) => hour * HOUR);
    const segments = segmentsOf(times, times, HOUR);
    assert.equal(segments.length, 2);
    assert.equal(segments[0]?.times.length, 800);
    assert.equal(segments[0]?.values[7], 6 * HOUR, "held");
    assert.equal(segments[1]?.times[0], 1_000 * HOUR);
  });

  it("adds money up and weighs means by time", () => {
    const [short, long] = [play(crash(1_000), { hoursToSell: 400 }), play(flat(3_000), { ltv: 0.5, threshold: 0.6 })];
    const both = mergeOutcomes([short, long]);
    assert.equal(both.badDebtUsd, short.badDebtUsd + long.badDebtUsd);
    assert.ok(Math.abs(both.meanLtv - (0.8 * 1_000 + 0.5 * 3_000) / 4_000) < 1e-9);
  });
});
