import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { forwardFromParity } from "../../../keeper/model/options/black76.ts";
import { blackPrice } from "../../../scripts/lab/blackPrice.ts";
import { near } from "../../support/near.ts";

type ParityLeg = Parameters<typeof forwardFromParity>[0][number];
/** What one strike says by itself. */
const forwardAtStrike = (leg: ParityLeg) => forwardFromParity([leg]);

function legs(forward: number, strikes: readonly number[]): readonly ParityLeg[] {
  return strikes.map((strike) => {
    const option = { forward, strike, years: 0.1, volatility: 0.7 };
    return {
      strike,
      callCoin: blackPrice({ kind: "call", ...option }) / forward,
      putCoin: blackPrice({ kind: "put", ...option }) / forward,
      uncertaintyCoin: 0.0005,
    };
  });
}

const strikes = [2500, 2750, 3000, 3250, 3500];

test("parity in coin gives the forward back at every strike", () => {
  for (const leg of legs(3092, strikes)) near(forwardAtStrike(leg) ?? 0, 3092, 1e-9, `strike ${leg.strike}`);
  near(forwardFromParity(legs(3092, strikes)) ?? 0, 3092, 1e-9);
});

test("the example of the documentation: K / (1 - (c - p))", () => {
  const forward = forwardAtStrike({ strike: 3000, callCoin: 0.05, putCoin: 0.02, uncertaintyCoin: 0.001 });
  assert.equal(forward?.toFixed(2), "3092.78");
});

test("one wrong quote does not move the result beyond its neighbours", () => {
  const quoted = legs(3092, strikes).map((leg, i) => (i === 2 ? { ...leg, callCoin: leg.callCoin * 3 } : leg));
  near(forwardFromParity(quoted) ?? 0, 3092, 1e-9);
});

test("tight strikes outvote wide ones", () => {
  const wide = legs(4000, strikes.slice(0, 3)).map((leg) => ({ ...leg, uncertaintyCoin: 0.05 }));
  near(forwardFromParity([...wide, ...legs(3092, strikes.slice(3))]) ?? 0, 3092, 1e-9);
});

test("no strike, or prices that contradict each other, give null", () => {
  assert.equal(forwardFromParity([]), null);
  const nonsense = { strike: 3000, callCoin: 1.5, putCoin: 0.2, uncertaintyCoin: 0.001 };
  assert.equal(forwardAtStrike(nonsense), null);
  assert.equal(forwardFromParity([nonsense]), null);
});

test("the order of the strikes does not matter", () => {
  const quoted = legs(3092, strikes).map((leg, i) => ({ ...leg, callCoin: leg.callCoin + 0.001 * i }));
  const expected = forwardFromParity(quoted);
  fc.assert(
    fc.property(fc.shuffledSubarray([...quoted], { minLength: 5 }), (shuffled) => {
      assert.equal(forwardFromParity(shuffled), expected);
    }),
  );
});
