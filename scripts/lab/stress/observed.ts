import type { AssessInput } from "../../../keeper/domain/decision.ts";
import type { Observation } from "../../../keeper/domain/observation.ts";
import type { Shock } from "./scenario.ts";
import { inDarkness } from "./shocks/darkness.ts";
import { withDepth } from "./shocks/depth.ts";
import { withLateFeed } from "./shocks/feed.ts";
import { withPrice } from "./shocks/price.ts";
import { withVolatility } from "./shocks/volatility.ts";

/**
 * What the keeper sees after a shock; what does not move is handed back as it is.
 * @param fallen what `happened` in it
 */
export function seenAfter(fallen: AssessInput, shock: Shock): AssessInput {
  const { now, market } = fallen;
  const { volatilityFactor, feedLateSeconds, dark, nothingHeld } = shock;
  const wilder = volatilityFactor === 1 ? fallen : changed(fallen, (one) => withVolatility(one, volatilityFactor));
  const lateAt = now - market.quality.maxAgeSeconds.feed - feedLateSeconds;
  const late = feedLateSeconds === 0 ? wilder : changed(wilder, (one) => withLateFeed(one, lateAt));
  return dark.length === 0 && !nothingHeld ? late : inDarkness(late, dark, nothingHeld);
}

/** What happened to prices and depth, seen or not: where liquidators sell. */
export function happened(input: AssessInput, { priceFactor, depthFactor }: Shock): AssessInput {
  const { market } = input;
  const fallen = priceFactor === 1 ? input : changed(input, (one) => withPrice(one, market, priceFactor));
  return depthFactor === 1 ? fallen : changed(fallen, (one) => withDepth(one, depthFactor));
}

function changed(input: AssessInput, change: (one: Observation) => Observation): AssessInput {
  const observed = input.observed.map((one) =>
    one.observation === null ? one : { ...one, observation: change(one.observation) },
  );
  return { ...input, observed };
}
