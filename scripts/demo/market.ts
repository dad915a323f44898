import type { ReplaySource } from "../lab/replay/replaySource.ts";
import type { Replica } from "../lab/replica/startReplica.ts";

/** How long before the instant the swaps and the feeds' rounds are dated, seconds. */
const SWAPS_BEFORE = 30;

/**
 * Moves the replica's pools and feeds to the prices that the source has for an instant, and its clock to `at` (both
 * Unix seconds; `at` is the instant itself, or a little earlier so that the market is there before the first cycle).
 */
export async function moveMarket(replica: Replica, source: ReplaySource, instant: number, at: number): Promise<void> {
  const price = (currency: string): number => {
    const index = source.board(currency, instant)?.rows[0]?.index;
    if (index === undefined) throw new Error(`the ${source.name} data has no ${currency} board at ${instant}`);
    return index;
  };
  await replica.setTime(at - SWAPS_BEFORE);
  await replica.movePrice({ WETH: price("ETH"), WBTC: price("BTC") });
  await replica.setTime(at);
}
