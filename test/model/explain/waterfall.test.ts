import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { haircutToBpsUp } from "../../../keeper/domain/numbers.ts";
import { DEFAULT_MODEL } from "../../../keeper/markets/defaults.ts";
import { waterfall } from "../../../keeper/model/explain/waterfall.ts";
import { target } from "../../../keeper/model/target.ts";
import { haircutInputs, marketDepth, modelParameters } from "../../support/arbitraryRisk.ts";
import { calmEth } from "../../support/modelRisk.ts";

const bpsOf = (side: "maintenance" | "initial", parameters = DEFAULT_MODEL, risk = calmEth()) =>
  waterfall(target(risk, parameters), side, parameters).map(({ bps }) => bps);

const LABELS = [
  "price loss over the horizon",
  "oracle error",
  "idiosyncratic risk",
  "liquidation bonus",
  "solvency line",
  "minimum gap",
  "rise of the price",
  "rounding up",
];

describe("the waterfall", () => {
  it("of calm ETH has these basis points for maintenance: 16.19 % in all", () => {
    // 1 - 0.890534 = 10.95 %; x 0.990679, 0.9975 and 1 / 1.05 the sums are 11.78, 12.00 and 16.19 %.
    assert.deepEqual(bpsOf("maintenance"), [1095, 83, 22, 419, 0, 0, 0, 0]);
  });

  it("of calm ETH has the same for initial and the gap above it: 19.19 % in all", () => {
    assert.deepEqual(bpsOf("initial"), [1095, 83, 22, 419, 0, 300, 0, 0]);
  });

  it("of ETH at four times its long run has the loss of twice the volatility, and no gap", () => {
    // 1 - exp(-3.69151 x 1.2 / sqrt(365)) = 20.695 %; x 0.986359 (eps 0.5 % + 0.864 %), 0.9975 and 1 / 1.05:
    // 21.777, 21.972 and 25.688 %.
    assert.deepEqual(bpsOf("initial", DEFAULT_MODEL, calmEth({ used: 2.4 })), [2069, 109, 19, 372, 0, 0, 0, 0]);
  });

  it("shows the gap when that is what keeps initial up", () => {
    const wide = { ...DEFAULT_MODEL, minimumGap: 0.05 };
    const steps = waterfall(target(calmEth(), wide), "initial", wide);
    assert.deepEqual(steps.find(({ label }) => label === "minimum gap")?.bps, 500);
    assert.match(steps.at(5)?.detail ?? "", /maintenance 16\.19 % \+ 5 %/);
    const wild = waterfall(target(calmEth({ used: 1.5 }), DEFAULT_MODEL), "initial", DEFAULT_MODEL);
    assert.equal(wild.at(5)?.bps, 0);
  });

  it("shows what of a price that rose too fast is not counted", () => {
    const risk = calmEth({ priceRise: { priceUsd: 4_000, believedUsd: 2_000 } });
    const found = target(risk, DEFAULT_MODEL);
    const step = (side: "maintenance" | "initial") => waterfall(found, side, DEFAULT_MODEL)[6];
    const half = 10_000 - Math.round(1e4 * target(calmEth(), DEFAULT_MODEL).initial);
    assert.deepEqual(step("initial"), {
      label: "rise of the price",
      bps: Math.floor(half / 2),
      detail: "of a price of 4000 USD new loans count 2000 USD",
    });
    assert.equal(step("maintenance")?.bps, 0);
  });

  it("shows what the solvency line adds when nothing else costs anything", () => {
    const bare = { ...DEFAULT_MODEL, idiosyncratic: 0, oracleDeviation: 0, liquidationBonus: 0.04 };
    assert.deepEqual(bpsOf("maintenance", bare, calmEth({ used: 0, longRun: 0 })), [0, 0, 0, 385, 1, 0, 0, 0]);
  });

  it("names numbers and units in every step", () => {
    const [loss, , , bonus, , gap] = waterfall(target(calmEth(), DEFAULT_MODEL), "initial", DEFAULT_MODEL);
    assert.equal(loss?.detail, "expected shortfall 3.692 x volatility 60 % a year x root of 24 h");
    assert.match(bonus?.detail ?? "", /5 %/);
    assert.equal(gap?.detail, "initial is at least maintenance 16.19 % + 3 %");
    const worst = (tail: { historical: number | null; riskNeutral: number | null }) =>
      waterfall(target(calmEth({ tail }), DEFAULT_MODEL), "initial", DEFAULT_MODEL)[0]?.detail;
    const own = worst({ historical: 0.2, riskNeutral: null });
    assert.equal(own, "worst days of this asset's own history at a volatility of 60 %, 24 h");
    assert.equal(worst({ historical: 0.2, riskNeutral: 0.5 }), "tail that the options market prices, 24 h");
  });

  it("sums exactly to the haircut in whole basis points, for any input, with labels in a fixed order", () => {
    const side = fc.constantFrom("maintenance", "initial") as fc.Arbitrary<"maintenance" | "initial">;
    fc.assert(
      fc.property(haircutInputs, marketDepth, modelParameters, side, (inputs, { longRun }, parameters, which) => {
        const risk = calmEth({
          used: inputs.volatility,
          longRun,
          tail: { historical: inputs.historicalLoss ?? null, riskNeutral: null },
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
