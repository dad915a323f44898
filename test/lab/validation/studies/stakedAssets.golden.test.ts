import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../../../keeper/markets/defaults.ts";
import { RISK_CLASSES } from "../../../../keeper/markets/limits.ts";
import { ASSETS } from "../../../../scripts/lab/validation/backtest/assets.ts";
import { priceSeries } from "../../../../scripts/lab/validation/backtest/priceSeries.ts";
import { Worlds } from "../../../../scripts/lab/validation/backtest/worlds.ts";
import { againstClaim, productSeries } from "../../../../scripts/lab/validation/studies/peggedSeries.ts";
import { stakedStudies } from "../../../../scripts/lab/validation/studies/stakedAssets.ts";
import { dataFolder } from "../../../support/data.ts";

const HOUR = 3600;
const DATA = dataFolder();
const seriesOf = (name: string, closes: readonly number[]) =>
  priceSeries(
    name,
    HOUR,
    closes.map((close, i) => [i * HOUR, close, close, close, close, 0] as const),
  );

describe("a growing claim", () => {
  const growth = Array.from({ length: 100 * 24 }, (_, i) => 1.04 ** (i / 8_760));

  it("is close to one while nothing happens, and shows a discount as it comes", () => {
    const calm = againstClaim(seriesOf("x", growth)).closes;
    assert.ok(
      calm.every((ratio) => ratio > 0.999 && ratio < 1.004),
      `${Math.min(...calm)} ${Math.max(...calm)}`,
    );
    const fallen = againstClaim(
      seriesOf(
        "x",
        growth.map((price, i) => (i < 90 * 24 ? price : 0.94 * price)),
      ),
    ).closes;
    assert.ok(Math.abs((fallen.at(-1) ?? 0) - 0.94) < 0.004, String(fallen.at(-1)));
  });

  it("is not talked down by a discount that lasts, and knows nothing of later", () => {
    const lasting = growth.map((price, i) => (i < 40 * 24 ? price : 0.94 * price));
    const ratios = againstClaim(seriesOf("x", lasting)).closes;
    assert.ok((ratios.at(-1) ?? 1) < 0.96, String(ratios.at(-1)));
    const early = againstClaim(seriesOf("x", lasting.slice(0, 1_500))).closes;
    assert.deepEqual(ratios.slice(0, early.length), early);
  });

  it("is joined to a price at the hours both have", () => {
    const [ratio, ether] = [seriesOf("r", [0.9, 0.8, 0.7]), seriesOf("e", [1_000, 2_000])];
    assert.deepEqual([...productSeries("token", ratio, ether).closes], [900, 1_600]);
  });
});

const there = DATA !== null && existsSync(join(DATA, "depeg/compoundv3_oracle_cbETH_rETH_in_eth_hourly.csv.gz"));

describe("staked ether as recorded", () => {
  it("costs one to three points more than ether, and is breached no more often", { skip: !there && "no data" }, () => {
    const settings = { model: DEFAULT_MODEL, policy: DEFAULT_POLICY, limits: RISK_CLASSES.major.limits, changes: {} };
    const worlds = new Worlds(DATA ?? "", { ...settings, depthOverCap: 0.15, volumeOverCap: 2 });
    const ether = worlds.open(ASSETS[0] ?? assert.fail());
    const world = { ...ether, model: { ...ether.model, liquidationBonus: 0.075 } };
    const studies = stakedStudies(DATA ?? "", world);
    assert.deepEqual(
      studies.map(({ name }) => name.split(" ")[0]),
      ["BETH", "WBETH", "cbETH", "rETH"],
    );
    for (const { name, windows, breaches, largestDiscount } of studies) {
      const { maintenance: pegged, base } = breaches;
      assert.ok(windows > 1_000, `${name}: ${windows}`);
      assert.ok(pegged.count <= base.count, `${name}: ${pegged.count} against ${base.count}`);
      assert.ok(pegged.mean > base.mean && pegged.mean < base.mean + 0.04, `${name}: ${pegged.mean} ${base.mean}`);
      assert.ok(largestDiscount < 0.03, `${name}: ${largestDiscount}`);
    }
    const cbeth = studies[2] ?? assert.fail();
    assert.deepEqual([cbeth.windows, cbeth.breaches.maintenance.count, cbeth.breaches.base.count], [15_824, 3, 12]);
  });
});
