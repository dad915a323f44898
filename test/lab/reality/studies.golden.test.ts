import assert from "node:assert/strict";
import { test } from "node:test";
import { aaveLiquidations } from "../../../scripts/lab/reality/recordedDays.ts";
import { studyFigures } from "../../../scripts/lab/reality/studies.ts";
import { dataFolder } from "../../support/data.ts";

const folder = dataFolder();
const skip = folder === null ? "no recorded data here" : false;

/** What `lab reality` chooses on the first half of the recorded Aave liquidations. */
const CHOICE = { repaymentDays: 10, topUpHours: 12, leveragedShare: 0.5, shortShare: 0 };

test("published liquidations of August 2024 and February 2025 come out within a factor of two", { skip }, () => {
  const figures = studyFigures(folder as string, CHOICE);
  const within = figures.filter(({ factor }) => factor >= 0.5 && factor <= 2).map(({ study }) => study.name);
  assert.deepEqual(within, ["5 August 2024", "2 and 3 February 2025"]);
  for (const { study, base, published, modelled, factor } of figures) {
    assert.ok(study.url.startsWith("https://") && study.source.length > 10, study.name);
    assert.equal(published, study.publishedUsd / base.publishedUsd);
    assert.ok(Math.abs(factor - modelled / published) < 1e-12);
  }
});

test("the recorded Aave liquidations are a thousand on 453 days, 258 of them without any", { skip }, () => {
  const { days, count, smallestUsd, emptyDays, ceiling } = aaveLiquidations(folder as string);
  assert.deepEqual([count, days.usd.length, emptyDays, Math.round(smallestUsd)], [1_000, 453, 258, 1_491]);
  assert.equal(new Date(days.first * 86_400_000).toISOString().slice(0, 10), "2023-02-09");
  assert.ok(ceiling > 0.7 && ceiling < 0.9);
});
