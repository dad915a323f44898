import { decodeFunctionResult, encodeFunctionData, zeroAddress } from "viem";
import { windowOf } from "../domain/calendar.ts";
import { type Hex, MODES, type Writer } from "../domain/contract.ts";
import type { ChainView } from "../domain/cycle.ts";
import type { OnChainMarket } from "../domain/decision.ts";
import { TonsorError } from "../domain/errors.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import type { Block, CallResult, Rpc } from "../io/rpc.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "./abi.ts";
import type { Deployment } from "./deployment.ts";
import { type StoredMarket, storedAccountOf, storedClassOf, storedMarketOf } from "./words.ts";

/** The contract at one block. */
type ContractView = {
  readonly chainId: number;
  readonly blockNumber: bigint;
  /** Timestamp of that block, and its base fee, wei per gas. */
  readonly blockTime: number;
  readonly baseFee: bigint;
  /** The account asked for. */
  readonly writer: Writer;
  /** Those of the ids asked for that are listed, in their order; `pending` is null, the chain does not know it. */
  readonly markets: readonly OnChainMarket[];
};

/** The contract, and the block at which it is read. */
type ContractAt = {
  readonly rpc: Pick<Rpc, "chainId" | "calls">;
  readonly contract: Hex;
  readonly block: Pick<Block, "number" | "timestamp" | "baseFee">;
  readonly signal?: AbortSignal | undefined;
};

/** What the views used here answer. */
type Answers = {
  readonly storedWriter: bigint;
  readonly storedMarket: readonly [word: bigint, ...rest: unknown[]];
  readonly haircuts: { readonly initialBps: number; readonly maintenanceBps: number; readonly mode: number };
  readonly storedClass: bigint;
};

/**
 * Returns state, limits and effective haircuts of markets at one block, and the account that writes them; a market that
 * governance has not listed is left out. All of it is one read; there is a second where a market is of a class that was
 * not expected.
 * @param classIds classes that the markets are expected to be of
 * @throws TonsorError `WRONG_CHAIN` when the node is of another chain, `NOT_DEPLOYED`, `RPC_FAILED`, `NO_QUORUM`
 * @example (await readMarkets({ rpc, contract, block: await rpc.block("latest") }, [1], keeper)).markets[0]?.initialBps // 2200
 */
export async function readMarkets(
  at: ContractAt,
  ids: readonly number[],
  account: Hex,
  classIds: readonly number[] = [],
): Promise<ContractView> {
  const [[writerWord], words, haircuts, expected] = await Promise.all([
    ask(at, "storedWriter", [account]),
    ask(at, "storedMarket", ids),
    ask(at, "haircuts", ids),
    ask(at, "storedClass", classIds),
  ]);
  const writer = writerAt(account, answerOf("storedWriter", writerWord), at.block.timestamp);
  const listed = ids.flatMap((marketId, i) => {
    const [word] = answerOf("storedMarket", words[i]);
    return word === 0n ? [] : [{ marketId, stored: storedMarketOf(word), haircuts: answerOf("haircuts", haircuts[i]) }];
  });
  const others = [...new Set(listed.map(({ stored }) => stored.classId))].filter((id) => !classIds.includes(id));
  const further = await ask(at, "storedClass", others);
  const answers = [...expected, ...further].map((answer) => storedClassOf(answerOf("storedClass", answer)));
  const classes = new Map([...classIds, ...others].map((id, i) => [id, answers[i]]));
  const { number: blockNumber, timestamp: blockTime, baseFee } = at.block;
  const markets = listed.map((market) => marketOf(market, classes.get(market.stored.classId), writer, blockTime));
  return { chainId: at.rpc.chainId, blockNumber, blockTime, baseFee, writer, markets };
}

/** An account at a time: what it spent in an earlier window is spent no more. */
export function writerAt(account: Hex, word: bigint, time: number): Writer {
  const stored = storedAccountOf(word);
  const window = windowOf(time);
  const now = stored.window === window ? stored : { ...stored, window, spentBps: 0, refusedBps: 0 };
  return { account, ...now };
}

/** Asks one view about each of these; reads of one turn travel together. */
function ask({ rpc, contract, block, signal }: ContractAt, functionName: keyof Answers, of: readonly (number | Hex)[]) {
  const calls = of.map((one) => ({
    to: contract,
    data: encodeFunctionData({ abi, functionName, args: [one] } as never),
  }));
  return rpc.calls(calls, block.number, signal);
}

function answerOf<Name extends keyof Answers>(functionName: Name, result: CallResult | undefined): Answers[Name] {
  if (result?.ok !== true) throw new TonsorError("RPC_FAILED", `${functionName} was refused: ${result?.reason}`);
  if (result.data === "0x") throw new TonsorError("NOT_DEPLOYED", "nothing answers at the contract's address");
  try {
    return decodeFunctionResult({ abi, functionName, data: result.data } as never) as Answers[Name];
  } catch (cause) {
    throw new TonsorError("RPC_FAILED", `${functionName} is answered in another shape than our contract's`, {}, cause);
  }
}

function marketOf(
  market: { readonly marketId: number; readonly haircuts: Answers["haircuts"]; readonly stored: StoredMarket },
  ofClass: ReturnType<typeof storedClassOf> | undefined,
  writer: Writer,
  blockTime: number,
): OnChainMarket {
  const { marketId, haircuts, stored } = market;
  const { limits, heldUntil } = ofClass ?? storedClassOf(0n);
  const current = windowOf(stored.settled) === windowOf(blockTime);
  return {
    marketId,
    initialBps: haircuts.initialBps,
    maintenanceBps: haircuts.maintenanceBps,
    mode: MODES[haircuts.mode] ?? "FROZEN",
    modeUntil: stored.modeUntil,
    storedInitialBps: stored.initialBps,
    maintenanceTargetBps: stored.maintenanceTargetBps,
    limit: stored.limit,
    lowestLimit: stored.lowestLimit,
    highestLimit: stored.highestLimit,
    asOf: stored.asOf,
    heldUntil: stored.heldUntil,
    confidence: stored.confidence,
    sources: stored.sources,
    classId: stored.classId,
    generation: stored.generation,
    spentBps: current ? stored.spentBps : 0,
    raised: current ? stored.raised : 0,
    limits,
    classHeldUntil: heldUntil,
    writer,
    pending: null,
  };
}

/** The contract as every decision sees it, with the ids that it gives the markets. */
export type ChainReader = {
  /** Markets at a block, or at the latest; one that governance has not listed yet is left out. */
  read(markets: readonly MarketParameters[], at: Block | "latest", signal?: AbortSignal): Promise<ChainView>;
  /** Id of a market by its name. @throws TonsorError UNKNOWN_MARKET */
  idOf(market: string): number;
  /** Whether the record names the market. */
  has(market: string): boolean;
};

/** @param parts.pending what is in flight and still counted on at a block, by market id */
export function chainReader(parts: {
  readonly rpc: Rpc;
  readonly deployment: Deployment;
  /** The account whose batches are planned: the signer quorum's gateway, or the key. */
  readonly writer: Hex;
  pending(block: {
    blockTime: number;
    blockNumber: bigint;
  }): ReadonlyMap<number, NonNullable<OnChainMarket["pending"]>>;
}): ChainReader {
  const { rpc, deployment, writer, pending } = parts;
  const contract = deployment.contract.address as Hex;
  const ids = new Map(deployment.markets.map((market) => [market.name, market.id]));
  const idOf = (market: string): number => {
    const id = ids.get(market);
    if (id !== undefined) return id;
    const expected = `one of ${[...ids.keys()].join(", ")}`;
    throw new TonsorError("UNKNOWN_MARKET", `${market} is not listed`, { field: "market", given: market, expected });
  };
  /** As the last read found them: markets stay in their classes, so that one read gives all. */
  let classIds: readonly number[] = [];
  return {
    idOf,
    has: (market) => ids.has(market),
    async read(markets, at, signal) {
      const block = at === "latest" ? await rpc.block(at, signal) : at;
      const names = new Map(markets.map(({ name }) => [idOf(name), name]));
      const view = await readMarkets({ rpc, contract, block, signal }, [...names.keys()], writer, classIds);
      classIds = [...new Set(view.markets.map(({ classId }) => classId))];
      const inFlight = pending(view);
      const listed = view.markets.map((market): [string, OnChainMarket] => {
        const own = { ...market, pending: inFlight.get(market.marketId) ?? null };
        return [names.get(market.marketId) ?? "", own];
      });
      return { ...view, contract, markets: new Map(listed) };
    },
  };
}

/**
 * Whose batches are planned: the signer quorum's gateway where there are peers to ask, else the key, else the record's. And
 * whose are signed for others: the gateway's.
 */
export function writersOf(
  deployment: Pick<Deployment, "gateways" | "accounts">,
  cosign: { readonly peers: readonly unknown[] } | null | undefined,
  signer: Hex | null,
) {
  const quorum = cosign == null ? undefined : deployment.gateways.quorum?.address;
  const recorded = deployment.accounts.find(({ power }) => power === "HOT")?.account;
  const alone = signer ?? recorded ?? zeroAddress;
  return { writer: cosign != null && cosign.peers.length > 0 ? (quorum ?? alone) : alone, gateway: quorum ?? alone };
}
