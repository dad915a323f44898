import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../../keeper/markets/defaults.ts";
import { ASSETS } from "../../../scripts/lab/validation/backtest/assets.ts";
import type { Settings } from "../../../scripts/lab/validation/backtest/worlds.ts";
import { isSound } from "../../../scripts/lab/validation/integrity.ts";
import { parseAssumptions } from "../../../scripts/lab/validation/parameters.ts";
import { reportPage } from "../../../scripts/lab/validation/report/page.ts";
import { runValidation, type ValidationReport } from "../../../scripts/lab/validation/runValidation.ts";
import { dataFolder } from "../../support/data.ts";
import { near } from "../../support/near.ts";
import { CALM_LIMITS } from "../../support/onChain.ts";
import { WETH } from "../../support/shipped.ts";

const SKIP = "shared data not present: ohlcv/, collateral/, dvol/";
const folder = dataFolder();
const settings: Settings = {
  model: DEFAULT_MODEL,
  policy: DEFAULT_POLICY,
  limits: CALM_LIMITS,
  changes: {},
  ...parseAssumptions([]),
  recordedSize: true,
};
/** Depth and volume in constant proportions, whatever was recorded. */
const assumed: Settings = { ...settings, recordedSize: false };

function run(
  names: readonly string[],
  changed: Settings | null = null,
  from = Number.NEGATIVE_INFINITY,
  base = settings,
): ValidationReport {
  return runValidation({
    folder: folder ?? "",
    assets: ASSETS.filter(({ name }) => names.includes(name)),
    from,
    to: Number.POSITIVE_INFINITY,
    settings: base,
    changed,
    market: WETH,
    boards: null,
    seed: 1,
    clock: () => 0,
    progress: () => undefined,
  });
}

describe("validation on the recorded data", () => {
  it("says of ether and LINK what the report says", (t) => {
    if (folder === null) return t.skip(SKIP);
    const report = run(["ETH", "LINK"]);
    assert.ok(isSound(report.integrity), JSON.stringify(report.integrity));
    const [ether, link] = report.assets;
    assert.ok(ether !== undefined && link !== undefined);
    assert.equal(ether.coverage.ladder?.windows, 72_056);
    near(ether.coverage.ladder?.rate ?? 0, 0.0061, 0.0001);
    near(ether.coverage["EWMA, Normal"]?.rate ?? 0, 0.0229, 0.0002);
    // The historical tail binds; a typical year takes wild assets' haircut down and costs breaches.
    near(ether.protection.ours.meanMaintenance, 0.2462, 0.001);
    near(ether.protection.ours.breachRate, 0.00146, 0.0001);
    near(ether.protection.ours.badDebtPerYear, 0.0261, 0.0002);
    near(link.protection.ours.meanMaintenance, 0.323, 0.002);
    assert.equal(ether.limited, 0, "ether's recorded depth never limits");
    near(link.limited, 0.865, 0.002, "a dry market is limited most of the time");
    near(ether.protection.static.breachRate, 0.0098, 0.0001);
    assert.ok(ether.protection.aloe.badDebtAtEqualCost < ether.protection.ours.badDebtAtEqualCost, "Aloe wins here");
    assert.equal(link.coverage.ladder?.windows, 21_026);
    near(link.coverage.ladder?.rate ?? 0, 0.0037, 0.0001);
    near(link.protection.static.breachRate, 0.0034, 0.0001);
    const l4 = report.multipliers.find(({ rung, group }) => rung === "L4" && group === "major");
    near(l4?.estimate ?? 0, 1, 0.05, "prices alone need no extra multiplier on ether");
    assert.ok(ether.maintenanceMoves.ours.rise1d < 0.07 && ether.maintenanceMoves.onChain.rise1d < 0.0011);
    near(
      link.maintenanceMoves.onChain.rise1d,
      0.0017,
      0.0001,
      "the long tail's class follows by its wider gap in 30 days",
    );
    for (const { initialMoves } of report.assets) assert.ok((initialMoves.ours?.peak ?? 2) <= 1, "nobody lends less");
    assert.deepEqual(ether.market.book, { from: 1_731_528_000, to: 1_763_121_600 });
    assert.equal(link.market.book, null);
    near(ether.market.volumeOverCap[1] ?? 0, 2.3, 0.01, "over eight years a usual month was above the year before it");
  });

  it("gives the same report for the same seed", (t) => {
    if (folder === null) return t.skip(SKIP);
    const once = () => run(["BETH"], { ...settings, changes: { idiosyncratic: 0.1 } });
    assert.deepEqual(once(), once());
  });

  it("shows a changed parameter beside the default", (t) => {
    if (folder === null) return t.skip(SKIP);
    const from = Date.UTC(2023, 0, 1) / 1000;
    const once = run(["LINK"], { ...settings, changes: { idiosyncratic: 0.1 } }, from);
    const [before, after] = [once.assets[0], once.changed?.[0]];
    assert.ok(before !== undefined && after !== undefined && before.from >= from);
    assert.ok(after.protection.ours.meanMaintenance > before.protection.ours.meanMaintenance + 0.03);
    assert.deepEqual(after.protection.static, before.protection.static);
    const page = reportPage(once, { at: "now", machine: "<m>", node: "v", changes: ["idiosyncratic=0.1"] });
    assert.match(page, /What idiosyncratic=0\.1 does/);
    assert.match(page, /&lt;m&gt;/);
    assert.ok(!/NaN|undefined|\[object/.test(page), /.{60}(NaN|undefined|\[object).{40}/.exec(page)?.[0]);
    assert.ok(!/https?:\/\//.test(page.replaceAll("http://www.w3.org/2000/svg", "")), "nothing is fetched");
  });

  it("says so when a parameter does nothing in these proportions, and finds its effect on the limit where depth is thin", (t) => {
    if (folder === null) return t.skip(SKIP);
    const from = Date.UTC(2025, 0, 1) / 1000;
    const eta = { depthStressElasticity: 0.4 };
    const still = run(["BETH"], { ...assumed, changes: eta }, Number.NEGATIVE_INFINITY, assumed);
    assert.match(reportPage(still, { at: "", machine: "", node: "", changes: ["eta=0.4"] }), /No haircut moved/);
    const thin = { ...assumed, depthOverCap: 0.038 };
    const moved = run(["ETH"], { ...thin, changes: eta }, from, thin);
    const [before, after] = [moved.assets[0]?.limited ?? 0, moved.changed?.[0]?.limited ?? 1];
    assert.ok(after < before, `more depth left in stress, fewer hours limited: ${after} of ${before}`);
  });
});
