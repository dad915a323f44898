import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { advantage, agreementOf, rankCorrelation } from "../../../scripts/lab/reality/agreement.ts";
import { uniforms } from "../../../scripts/lab/validation/statistics/random.ts";

const days = (count: number, of: (day: number) => number) => Float64Array.from({ length: count }, (_, day) => of(day));

describe("agreement of daily series", () => {
  it("is Spearman's rank correlation, equal values sharing the mean of their ranks", () => {
    assert.ok(Math.abs(rankCorrelation([1, 2, 3, 4], [1, 3, 2, 40]) - 0.8) < 1e-12);
    // Ranks 1.5, 1.5, 3, 4 against 1, 2, 3, 4: covariance 4.5, squares 4.5 and 5.
    assert.ok(Math.abs(rankCorrelation([0, 0, 5, 9], [1, 2, 3, 4]) - 4.5 / Math.sqrt(4.5 * 5)) < 1e-12);
    assert.equal(rankCorrelation([3, 1, 2], [-9, 50, 0]), -1);
    assert.ok(Number.isNaN(rankCorrelation([1, 2, 3], [7, 7, 7])), "a side that does not move");
  });

  it("does not change when a series is stretched", () => {
    const uniform = uniforms(7);
    const [x, y] = [days(50, () => uniform()), days(50, () => uniform())];
    assert.equal(
      rankCorrelation(
        x,
        y.map((value) => Math.exp(9 * value)),
      ),
      rankCorrelation(x, y),
    );
  });

  it("counts of the five largest days those among the ten largest", () => {
    const recorded = days(40, (day) => (day < 5 ? 100 + day : day / 100));
    // Its ten largest are the days 39 to 32, and 0 and 1.
    const modelled = days(40, (day) => (day < 2 ? 1_000 : day));
    assert.equal(agreementOf(recorded, modelled).sharedTop, 2);
  });

  it("has an interval that holds the figure, and one for the difference of two predictors that tells them apart", () => {
    const uniform = uniforms(3);
    const truth = days(200, () => uniform());
    const good = truth.map((value) => value + 0.2 * uniform());
    const noise = days(200, () => uniform());
    const { rank, interval } = agreementOf(truth, good);
    assert.ok(interval.low < rank && rank < interval.high && interval.low > 0.8);
    assert.ok(advantage(truth, good, noise).low > 0.5);
    const none = advantage(
      truth,
      noise,
      days(200, () => uniform()),
    );
    assert.ok(none.low < 0 && none.high > 0);
  });
});
