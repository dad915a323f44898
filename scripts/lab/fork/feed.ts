/** A price feed of rounds, as Chainlink's are. */
export type FeedSettings = {
  /** A move of this share since the last round asks for another. */
  readonly deviation: number;
  /** A round is due when the last is so old, seconds. */
  readonly heartbeatSeconds: number;
  /** From what a round observed to the block that has it, seconds. */
  readonly delaySeconds: number;
};

/** What a round answered, and when it was observed, Unix seconds. */
export type Round = { readonly price: number; readonly time: number };

/** Whether the price at a time asks for a new round: a move of the deviation, or an age of the heartbeat. */
export function roundIsDue(last: Round | undefined, price: number, time: number, settings: FeedSettings): boolean {
  if (last === undefined) return true;
  return Math.abs(price / last.price - 1) >= settings.deviation || time - last.time >= settings.heartbeatSeconds;
}
