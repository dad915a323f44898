import { decodeFunctionResult, encodeFunctionData, parseAbi } from "viem";
import type { Hex } from "../domain/contract.ts";
import type { CallResult, Rpc } from "../io/rpc.ts";

const ROUND = "(uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)";
const FEED = parseAbi([
  `function latestRoundData() view returns ${ROUND}`,
  `function getRoundData(uint80 round) view returns ${ROUND}`,
]);

/** So many rounds are searched, the last ones: a round a minute for 68 hours. A proxy counts those of each aggregator from 1 on, far apart. */
const REACH = 4_096n;
/** A read narrows the search to one of so many parts: three reads come to one round. */
const PARTS = 16n;

/**
 * The round of an AggregatorV3 price feed that was current at a time: the last one not given after it. Where none is known, as when
 * the feed has had another aggregator since or more than 4096 rounds, the oldest that is. Up to four reads.
 * @param time Unix seconds
 * @returns its number; null where the feed has no latest round
 * @throws TonsorError as `Rpc` does
 */
export async function roundAt(
  at: { readonly rpc: Pick<Rpc, "calls">; readonly blockNumber: bigint; readonly signal: AbortSignal },
  feed: Hex,
  time: number,
): Promise<bigint | null> {
  const ask = async (calls: readonly Hex[]) => {
    const results = await at.rpc.calls(
      calls.map((data) => ({ to: feed, data })),
      at.blockNumber,
      at.signal,
    );
    return results.map(roundOf);
  };
  const [latest] = await ask([encodeFunctionData({ abi: FEED, functionName: "latestRoundData" })]);
  if (!latest) return null;
  if (latest.updatedAt <= time) return latest.id;
  let [before, after] = [latest.id > REACH ? latest.id - REACH : 0n, latest.id];
  let current: bigint | null = null;
  while (after - before > 1n) {
    const step = (after - before + PARTS - 1n) / PARTS;
    const ids: bigint[] = [];
    for (let id = before + step; id < after; id += step) ids.push(id);
    const rounds = await ask(
      ids.map((id) => encodeFunctionData({ abi: FEED, functionName: "getRoundData", args: [id] })),
    );
    const later = rounds.findIndex((round) => round !== null && round.updatedAt > time);
    const earlier = (later === -1 ? ids.length : later) - 1;
    if (rounds[earlier]) current = ids[earlier] ?? null;
    [before, after] = [ids[earlier] ?? before, ids[later] ?? after];
  }
  return current ?? after;
}

/** A round as it was answered; null: there is none, or it was never completed. */
function roundOf(result: CallResult): { readonly id: bigint; readonly updatedAt: number } | null {
  if (!result.ok) return null;
  try {
    const [id, , , updatedAt] = decodeFunctionResult({ abi: FEED, functionName: "getRoundData", data: result.data });
    return updatedAt === 0n ? null : { id, updatedAt: Number(updatedAt) };
  } catch {
    return null;
  }
}
