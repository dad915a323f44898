import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { haircutToBpsUp } from "../../../keeper/domain/numbers.ts";
import { DEFAULT_MODEL } from "../../../keeper/markets/defaults.ts";
import { waterfall } from "../../../keeper/model/explain/waterfall.ts";
import { target } from "../../../keeper/model/target.ts";
import { haircutInputs, modelParameters } from "../../support/arbitraryRisk.ts";
import { calmEth } from "../../support/modelRisk.ts";

const bpsOf = (side: "maintenance" | "initial", parameters = DEFAULT_MODEL, risk = calmEth()) =>
  waterfall(target(risk, parameters), side, parameters).map(({ bps }) => bps);

const LABELS = [
  "price loss over the horizon",
  "impact of the sale",
  "oracle error",
  "idiosyncratic risk",
  "liquidation bonus",
  "solvency line",
  "anti-procyclical floor",
  "minimum gap",
  "rise of the price",
  "rounding up",
];

describe("the waterfall", () => {
  it("of calm ETH has these basis points for maintenance: 20.24 % in all", () => {
    assert.deepEqual(bpsOf("maintenance"), [1095, 44, 82, 22, 417, 0, 364, 0, 0, 0]);
  });

  it("of calm ETH has these basis points for initial: 24.04 % in all", () => {
    assert.deepEqual(bpsOf("initial"), [1596, 63, 96, 20, 392, 0, 237, 0, 0, 0]);
  });

  it("shows the gap when that is what keeps initial up", () => {
    const same = { ...DEFAULT_MODEL, initialVolatilityMultiple: 1, initialDepthShare: 1 };
    const steps = waterfall(target(calmEth(), same), "initial", same);
    assert.deepEqual(steps.find(({ label }) => label === "minimum gap")?.bps, 300);
    assert.match(steps.at(7)?.detail ?? "", /maintenance 20\.24 % \+ 3 %/);
  });

  it("shows what of a price that rose too fast is not counted", () => {
    const risk = calmEth({ priceRise: { priceUsd: 4_000, believedUsd: 2_000 } });
    const found = target(risk, DEFAULT_MODEL);
    const step = (side: "maintenance" | "initial") => waterfall(found, side, DEFAULT_MODEL)[8];
    const half = 10_000 - Math.round(1e4 * target(calmEth(), DEFAULT_MODEL).initial);
    assert.deepEqual(step("initial"), {
      label: "rise of the price",
      bps: half / 2,
      detail: "of a price of 4000 USD new loans count 2000 USD",
    });
    assert.equal(step("maintenance")?.bps, 0);
  });

  it("shows what the solvency line adds when nothing else costs anything", () => {
    const bare = { ...DEFAULT_MODEL, idiosyncratic: 0, oracleDeviation: 0, stressWeight: 0, liquidationBonus: 0.04 };
    assert.deepEqual(bpsOf("maintenance", bare, calmEth({ used: 0, longRun: 0 })), [0, 0, 0, 0, 385, 1, 0, 0, 0, 0]);
  });

  it("names numbers and units in every step", () => {
    const [loss, impact, , , bonus, , floor] = waterfall(target(calmEth(), DEFAULT_MODEL), "initial", DEFAULT_MODEL);
    const shortfall = "expected shortfall 3.692 x volatility 1.5 x 60 % a year x root of 24 h (the least horizon)";
    assert.equal(loss?.detail, shortfall);
    assert.match(impact?.detail ?? "", /20 m USD of 800 m USD a day/);
    assert.match(bonus?.detail ?? "", /5 %/);
    assert.equal(floor?.detail, "25 % weight on the haircut at 150 % volatility, 31.14 %");
  });

  it("sums exactly to the haircut in whole basis points, for any input, with labels in a fixed order", () => {
    const side = fc.constantFrom("maintenance", "initial") as fc.Arbitrary<"maintenance" | "initial">;
    fc.assert(
      fc.property(haircutInputs, modelParameters, side, (inputs, parameters, which) => {
        const risk = calmEth({
          used: inputs.volatility,
          longRun: inputs.longRunVolatility,
          depth: { ...calmEth().depth, robustUsd: inputs.depthUsd },
          tail: { historical: inputs.historicalLoss ?? null, riskNeutral: null },
          dailyVolumeUsd: inputs.dailyVolumeUsd,
          ...(inputs.oracleDeviation > 0.25 ? { priceRise: { priceUsd: 3, believedUsd: inputs.volatility } } : {}),
        });
        const found = target(risk, parameters);
        const steps = waterfall(found, which, parameters);
        const sum = steps.reduce((total, { bps }) => total + bps, 0);
        assert.equal(sum, haircutToBpsUp(found[which]));
        assert.deepEqual(
          steps.map(({ label }) => label),
          LABELS,
        );
        for (const { label, bps, detail } of steps) {
          assert.ok(Number.isInteger(bps) && bps >= 0, `${label} ${bps}`);
          assert.ok(detail.length > 0 && !/NaN|Infinity/.test(detail), detail);
        }
      }),
    );
  });
});
