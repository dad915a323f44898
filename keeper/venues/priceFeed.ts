import { type Abi, decodeFunctionResult, encodeFunctionData, getAddress, type Hex, parseAbi } from "viem";
import { TonsorError } from "../domain/errors.ts";
import { type FaultCode, fault } from "../domain/fault.ts";
import type { ExchangeRate, Observed, PriceFeedAnswer } from "../domain/observation.ts";
import { sourceName } from "../domain/sourceNames.ts";
import type { Block, CallResult, Rpc } from "../io/rpc.ts";
import { faultOfRead, type ReadContracts, ReadFault, readAll } from "./contractReads.ts";
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
 * UNREACHABLE; SCHEMA: no feed at the address; NOT_POSITIVE: an answer of zero or less; FUTURE: updated later than the
 * block; STALE: never updated, or carried over from an earlier round; INCONSISTENT: it describes itself as another feed, or
 * has more than 18 decimals.
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

/** The contract of a claim, and the function of it that says what one token is worth. */
type RateRef = { readonly name: string; readonly address: Hex; readonly getter: string };

const VAULT = parseAbi([
  "function decimals() view returns (uint8)",
  "function asset() view returns (address)",
  "function convertToAssets(uint256 shares) view returns (uint256)",
]);
const CONVERT = "convertToAssets";
/** Decimals of the getters that tokens have of their own: stEthPerToken, getExchangeRate, exchangeRate, getRate. */
const OWN_DECIMALS = 18;
/** No token has more, and 10 to that power fits a word twice over. */
const MOST_DECIMALS = 36;

/**
 * What one whole token is a claim on, by its own contract at one block, beside the pools and feeds read there. A rate that
 * cannot be read is a fault: UNREACHABLE; VENUE_ERROR: the function reverts; SCHEMA: no such contract; INCONSISTENT: more
 * than 36 decimals. Whether it can be meant is judged with all the others.
 * @throws TonsorError WRONG_CHAIN
 * @example await readExchangeRate(rpc, { name: "wstETH", address, getter: "stEthPerToken" }, block)
 */
export async function readExchangeRate(
  rpc: Rpc,
  { name, address, getter }: RateRef,
  block: Block,
  signal?: AbortSignal,
): Promise<Observed<ExchangeRate>> {
  const source = sourceName.rate(name, getter);
  const read: ReadContracts = (abi, reads) => readAll(rpc, abi, reads, block.number, signal);
  try {
    const { answer, decimals } =
      getter === CONVERT ? await ofVault(address, read) : await ofToken(address, getter, read);
    const where = { source, contract: getAddress(address), blockNumber: block.number, eventTime: block.timestamp };
    return { source, observation: { kind: "exchangeRate", ...where, answer, decimals }, faults: [] };
  } catch (error) {
    return refused(faultOfRead(error, source));
  }
}

type Answer = Pick<ExchangeRate, "answer" | "decimals">;

/** ERC-4626: assets for one whole share; shares may have more decimals than the asset. */
async function ofVault(vault: Hex, read: ReadContracts): Promise<Answer> {
  const [shares, asset] = (await read(VAULT, [
    [vault, "decimals"],
    [vault, "asset"],
  ])) as [number, Hex];
  if (shares > MOST_DECIMALS)
    throw new ReadFault("INCONSISTENT", `${shares} decimals, expected at most ${MOST_DECIMALS}`);
  const [decimals, answer] = (await read(VAULT, [
    [asset, "decimals"],
    [vault, CONVERT, 10n ** BigInt(shares)],
  ])) as [number, bigint];
  if (decimals <= MOST_DECIMALS) return { answer, decimals };
  throw new ReadFault("INCONSISTENT", `an asset of ${decimals} decimals, expected at most ${MOST_DECIMALS}`);
}

async function ofToken(token: Hex, getter: string, read: ReadContracts): Promise<Answer> {
  const abi: Abi = [
    { type: "function", name: getter, stateMutability: "view", inputs: [], outputs: [{ name: "", type: "uint256" }] },
  ];
  const [answer = 0n] = await read<bigint>(abi, [[token, getter]]);
  return { answer, decimals: OWN_DECIMALS };
}
