/** Both legs of one strike: mid prices in coin, and the two half-spreads added, in coin. */
type ParityLeg = {
  readonly strike: number;
  readonly callCoin: number;
  readonly putCoin: number;
  readonly uncertaintyCoin: number;
};

/** Smallest uncertainty counted, so that a locked quote does not outvote all others: half a Deribit tick. */
const LEAST_UNCERTAINTY = 0.00005;

/**
 * Forward in US dollars that put-call parity of inverse options implies at one strike, `K / (1 - (c - p))`, or null where
 * the prices contradict each other. With spot in the place of the forward the result would be biased by the basis.
 * @example forwardAtStrike({ strike: 3000, callCoin: 0.05, putCoin: 0.02, uncertaintyCoin: 0.001 }) // 3092.78
 */
function forwardAtStrike({ strike, callCoin, putCoin }: ParityLeg): number | null {
  const forward = strike / (1 - (callCoin - putCoin));
  return forward > 0 && Number.isFinite(forward) ? forward : null;
}

/**
 * Forward in US dollars from all strikes that show both legs: the median, each strike weighted by how tightly it is
 * quoted; null without a usable strike. One wrong quote moves a mean, not a weighted median.
 */
export function forwardFromParity(legs: readonly ParityLeg[]): number | null {
  const votes = legs
    .flatMap((leg) => {
      const forward = forwardAtStrike(leg);
      // An error in c - p moves the forward by F/K times itself.
      const weight = leg.strike / Math.max(leg.uncertaintyCoin, LEAST_UNCERTAINTY);
      return forward === null || !(weight > 0) ? [] : [{ forward, weight: weight / forward }];
    })
    .sort((left, right) => left.forward - right.forward || left.weight - right.weight);
  const half = votes.reduce((sum, vote) => sum + vote.weight, 0) / 2;
  let passed = 0;
  for (const { forward, weight } of votes) {
    passed += weight;
    if (passed >= half) return forward;
  }
  return null;
}
