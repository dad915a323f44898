import { decodeFunctionResult, encodeFunctionData, getAddress, type Hex, parseAbi } from "viem";
import { TonsorError } from "../domain/errors.ts";
import { type FaultCode, fault } from "../domain/fault.ts";
import type { Observed, PriceFeedAnswer } from "../domain/observation.ts";
import { sourceName } from "../domain/sourceNames.ts";
import type { Block, CallResult, Rpc } from "../io/rpc.ts";
import { refused } from "./parse.ts";

/** A feed by its name in governance files and its address; `description`, when given, must be the feed's own. */
export type FeedRef = { readonly name: string; readonly address: Hex; readonly description?: string };

const FEED = parseAbi([
  "function latestRoundData() view returns (uint80 roundId, int256 answer, uint256, uint256 updatedAt, uint80 inRound)",
  "function decimals() view returns (uint8)",
  "function description() view returns (string)",
]);
const CALLS = (["latestRoundData", "decimals", "description"] as const).map((functionName) =>
  encodeFunctionData({ abi: FEED, functionName }),
);

/**
 * Answers of AggregatorV3 price feeds at one block, in their order. A feed that cannot be read costs only itself:
 * UNREACHABLE; SCHEMA: no feed at the address; NOT_POSITIVE: the answer is zero or negative; FUTURE: updated later than the
 * block it was read at; STALE: never updated, or carried over from an earlier round; INCONSISTENT: it describes itself as
 * another feed, or has more than 18 decimals. Age against the clock is judged with all the others.
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
  const source = sourceName.feed(ref.name);
  const failed = (code: FaultCode, detail: string) => refused(fault(code, source, detail));
  try {
    const calls = CALLS.map((data) => ({ to: ref.address, data }));
    const [round, units, words] = (await rpc.calls(calls, block.number, signal)).map(dataOf);
    if (!round || !units) return failed("SCHEMA", `no price feed at ${ref.address}`);
    const values = decodeFunctionResult({ abi: FEED, functionName: "latestRoundData", data: round });
    const [roundId, answer, , updatedAt, answeredInRound] = values;
    const decimals = decodeFunctionResult({ abi: FEED, functionName: "decimals", data: units });
    const says = words ? decodeFunctionResult({ abi: FEED, functionName: "description", data: words }) : "";
    const found =
      feedProblem(decimals, says, ref.description) ??
      roundProblem({ roundId, answer, updatedAt, answeredInRound }, block);
    if (found !== null) return failed(...found);
    const where = { source, feed: getAddress(ref.address), blockNumber: block.number };
    const priceUsd = Number(answer) / 10 ** decimals;
    const observation = { kind: "priceFeed", ...where, eventTime: Number(updatedAt), priceUsd } as const;
    return { source, observation, faults: [] };
  } catch (error) {
    if (!(error instanceof TonsorError)) {
      return failed("SCHEMA", `${ref.address} answers in another shape than AggregatorV3`);
    }
    if (error.code === "WRONG_CHAIN") throw error;
    return failed("UNREACHABLE", error.message);
  }
}

type Finding = readonly [code: FaultCode, detail: string] | null;

function feedProblem(decimals: number, says: string, expected: string | undefined): Finding {
  if (expected !== undefined && says !== expected) {
    return ["INCONSISTENT", `the feed says it is "${says.slice(0, 40)}", expected "${expected}"`];
  }
  return decimals > 18 ? ["INCONSISTENT", `${decimals} decimals, expected at most 18`] : null;
}

function roundProblem(
  round: Readonly<Record<"roundId" | "answer" | "updatedAt" | "answeredInRound", bigint>>,
  block: Block,
): Finding {
  const { roundId, answer, updatedAt, answeredInRound } = round;
  if (answer <= 0n) return ["NOT_POSITIVE", `answer ${answer}`];
  if (updatedAt === 0n) return ["STALE", "the round was never completed"];
  if (updatedAt > BigInt(block.timestamp)) {
    return ["FUTURE", `updated at ${updatedAt}, later than its block at ${block.timestamp}`];
  }
  if (answeredInRound >= roundId) return null;
  return ["STALE", `answer of round ${answeredInRound} carried over into round ${roundId}`];
}

function dataOf(result: CallResult): Hex | null {
  return result.ok && result.data !== "0x" ? result.data : null;
}
