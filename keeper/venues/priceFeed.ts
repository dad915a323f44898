import { decodeFunctionResult, encodeFunctionData, getAddress, type Hex, parseAbi } from "viem";
import { TonsorError } from "../domain/errors.ts";
import { type FaultCode, fault } from "../domain/fault.ts";
import type { Observed, PriceFeedAnswer } from "../domain/observation.ts";
import type { Block, CallResult, Rpc } from "../io/rpc.ts";

/** A feed by its name in governance files and its address; `description`, when given, must be the feed's own. */
export type FeedRef = { readonly name: string; readonly address: Hex; readonly description?: string };

/** What was read of a feed, decoded and not yet judged. */
export type RawFeed = {
  readonly source: string;
  readonly feed: string;
  readonly block: Block;
  readonly roundId: bigint;
  readonly answer: bigint;
  readonly updatedAt: bigint;
  readonly answeredInRound: bigint;
  readonly decimals: number;
  readonly description: string;
  readonly expectedDescription: string | null;
};

const FEED = parseAbi([
  "function latestRoundData() view returns (uint80 roundId, int256 answer, uint256, uint256 updatedAt, uint80 inRound)",
  "function decimals() view returns (uint8)",
  "function description() view returns (string)",
]);

/**
 * Answers of AggregatorV3 price feeds at one block, in their order. A feed that cannot be read costs only itself.
 * @throws TonsorError WRONG_CHAIN
 * @example readPriceFeeds(rpc, [{ name: "WETH", address, description: "ETH / USD" }], block)
 */
export async function readPriceFeeds(
  rpc: Rpc,
  feeds: readonly FeedRef[],
  block: Block,
  signal?: AbortSignal,
): Promise<readonly Observed<PriceFeedAnswer>[]> {
  return await Promise.all(feeds.map((feed) => readPriceFeed(rpc, feed, block, signal)));
}

async function readPriceFeed(
  rpc: Rpc,
  ref: FeedRef,
  block: Block,
  signal?: AbortSignal,
): Promise<Observed<PriceFeedAnswer>> {
  const source = `priceFeed:${ref.name}`;
  const names = ["latestRoundData", "decimals", "description"] as const;
  const calls = names.map((functionName) => ({
    to: ref.address,
    data: encodeFunctionData({ abi: FEED, functionName }),
  }));
  try {
    const [round, decimals, description] = await rpc.calls(calls, block.number, signal);
    const data = dataOf(round);
    const units = dataOf(decimals);
    if (data === null || units === null) return refused(source, "SCHEMA", `no price feed at ${ref.address}`);
    const values = decodeFunctionResult({ abi: FEED, functionName: "latestRoundData", data });
    const words = dataOf(description);
    return parsePriceFeed({
      source,
      feed: getAddress(ref.address),
      block,
      roundId: values[0],
      answer: values[1],
      updatedAt: values[3],
      answeredInRound: values[4],
      decimals: decodeFunctionResult({ abi: FEED, functionName: "decimals", data: units }),
      description: words === null ? "" : decodeFunctionResult({ abi: FEED, functionName: "description", data: words }),
      expectedDescription: ref.description ?? null,
    });
  } catch (error) {
    if (error instanceof TonsorError && error.code === "WRONG_CHAIN") throw error;
    if (error instanceof TonsorError) return refused(source, "UNREACHABLE", error.message);
    return refused(source, "SCHEMA", `${ref.address} answers in another shape than AggregatorV3`);
  }
}

/**
 * A feed's answer, or the fault that makes it unusable. NOT_POSITIVE: the answer is zero or negative. FUTURE: updated
 * later than the block it was read at. STALE: never updated, or carried over from an earlier round. INCONSISTENT: it
 * describes itself as another feed, or has more than 18 decimals. Age against the clock is judged with all the others.
 */
export function parsePriceFeed(raw: RawFeed): Observed<PriceFeedAnswer> {
  const { source, block } = raw;
  const found = faultOf(raw);
  if (found !== null) return refused(source, ...found);
  const observation: PriceFeedAnswer = {
    kind: "priceFeed",
    source,
    feed: raw.feed,
    blockNumber: block.number,
    eventTime: Number(raw.updatedAt),
    priceUsd: Number(raw.answer) / 10 ** raw.decimals,
  };
  return { source, observation, faults: [] };
}

function faultOf(raw: RawFeed): readonly [FaultCode, string] | null {
  const { expectedDescription: expected, description, decimals } = raw;
  if (expected !== null && description !== expected) {
    return ["INCONSISTENT", `the feed says it is "${description.slice(0, 40)}", expected "${expected}"`];
  }
  if (decimals > 18) return ["INCONSISTENT", `${decimals} decimals, expected at most 18`];
  if (raw.answer <= 0n) return ["NOT_POSITIVE", `answer ${raw.answer}`];
  if (raw.updatedAt === 0n) return ["STALE", "the round was never completed"];
  if (raw.updatedAt > BigInt(raw.block.timestamp)) {
    return ["FUTURE", `updated at ${raw.updatedAt}, later than its block at ${raw.block.timestamp}`];
  }
  if (raw.answeredInRound < raw.roundId) {
    return ["STALE", `answer of round ${raw.answeredInRound} carried over into round ${raw.roundId}`];
  }
  return null;
}

function dataOf(result: CallResult | undefined): Hex | null {
  return result?.ok === true && result.data !== "0x" ? result.data : null;
}

function refused(source: string, code: FaultCode, detail: string): Observed<PriceFeedAnswer> {
  return { source, observation: null, faults: [fault(code, source, detail)] };
}
