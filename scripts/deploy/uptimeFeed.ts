import { type PublicClient, parseAbi } from "viem";
import type { Hex, UptimeRound } from "../../keeper/domain/contract.ts";

/** Chainlink's interface as the uptime feeds of sequencers have it: answer 0 is up, 1 is down. */
const UPTIME_FEED_ABI = parseAbi([
  "function latestRoundData() view returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)",
  "function getRoundData(uint80 roundId) view returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)",
]);

/** The number of a round within its phase is in the low bits. */
const ROUND_OF_PHASE = (1n << 64n) - 1n;

/**
 * Returns the rounds of a sequencer's uptime feed in its present phase, as at a block, the oldest first, back to the one
 * in which `since` (Unix seconds) lies; those that a feed cannot tell, and all before them, are left out.
 */
export async function readUptime(
  client: PublicClient,
  feed: Hex,
  since: number,
  blockNumber: bigint,
): Promise<UptimeRound[]> {
  const asked = { address: feed, abi: UPTIME_FEED_ABI, blockNumber } as const;
  const rounds: UptimeRound[] = [];
  let next = client.readContract({ ...asked, functionName: "latestRoundData" });
  for (;;) {
    const found = await next.catch(() => null);
    if (found === null) return rounds;
    const [id, answer, startedAt] = found;
    if ((answer !== 0n && answer !== 1n) || startedAt === 0n) return rounds;
    rounds.unshift({ up: answer === 0n, startedAt: Number(startedAt) });
    if (Number(startedAt) <= since || (id & ROUND_OF_PHASE) < 2n) return rounds;
    next = client.readContract({ ...asked, functionName: "getRoundData", args: [id - 1n] });
  }
}
