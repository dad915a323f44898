import { Interface, type JsonRpcProvider, toQuantity } from "ethers";
import { z } from "zod";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { AAVE_ABI, type ReserveSettings, reserveOf } from "../../deploy/aaveMarket.ts";
import { adapterArtifact } from "../../deploy/artifacts.ts";
import type { Transaction } from "../proposal.ts";
import type { LenderFacts, LenderMarket } from "./facts.ts";

/** Health factors of one borrower, 1 is the edge; Infinity without a debt. */
type AccountEffect = {
  readonly account: string;
  readonly debtUsd: number;
  readonly now: number;
  /** Once the role is given and every market is synchronised. */
  readonly first: number;
  /** With every threshold at the lowest of its walk, at today's prices: one may fall before another has risen. */
  readonly lowest: number;
};

type MarketEffect = LenderMarket & {
  readonly first: ReserveSettings;
  readonly undone: ReserveSettings;
  /** What the agent or the pool refused, in words. */
  readonly refused: readonly string[];
};

/** What a proposal to a lender does, told by the lender's own contracts. */
export type Effect = {
  /** Why governance's own calls, or their undoing, would fail; null: they pass. */
  readonly refused: string | null;
  readonly undoRefused: string | null;
  readonly markets: readonly MarketEffect[];
  readonly accounts: readonly AccountEffect[];
};

type SimulatedCall = { readonly from: string; readonly to: string; readonly data: string };

const hex = z.string().regex(/^0x[0-9a-f]*$/i);
const answerSchema = z.looseObject({
  returnData: hex,
  status: z.string().regex(/^0x0*[01]$/),
  error: z.looseObject({ message: z.string().optional(), data: z.string().optional() }).optional(),
});
const answersSchema = z.array(z.looseObject({ calls: z.array(answerSchema) }));
type Answer = z.output<typeof answerSchema>;

/** Accounts asked for in one request: three readings each stay within what nodes let a question cost. */
const ACCOUNTS_AT_ONCE = 50;
/** Enough to ask the health of a borrower with every collateral that a pool can have, within what nodes grant one question. */
const GAS_OF_A_CALL = 10_000_000;
const agentAbi = () => new Interface(adapterArtifact("AaveV3Agent").abi);

/**
 * Plays a proposal on the latest block by `eth_simulateV1`, which sends nothing: governance's calls, both synchronisations of
 * every market by a stranger, then, set by the agent itself, every threshold at the lowest of its walk, each threshold and LTV where
 * the walk ends, and the undoing. In between the pool is asked for its reserves and for every account's health.
 *
 * @throws TonsorError RPC_FAILED when the node does not simulate, or answers in another form
 */
export async function effectOf(
  provider: JsonRpcProvider,
  lender: LenderFacts,
  calls: readonly Transaction[],
  undo: readonly Transaction[],
  accounts: readonly string[],
): Promise<Effect> {
  const parts: Effect[] = [];
  for (let at = 0; at === 0 || at < accounts.length; at += ACCOUNTS_AT_ONCE) {
    parts.push(await play(provider, lender, calls, undo, accounts.slice(at, at + ACCOUNTS_AT_ONCE)));
  }
  const [one] = parts as [Effect, ...Effect[]];
  return { ...one, accounts: parts.flatMap((part) => part.accounts) };
}

async function play(
  provider: JsonRpcProvider,
  lender: LenderFacts,
  calls: readonly Transaction[],
  undo: readonly Transaction[],
  accounts: readonly string[],
): Promise<Effect> {
  const { pool, agent, configurator, admin, markets } = lender;
  const write = (from: string, to: string, name: string, args: readonly unknown[], abi = AAVE_ABI): SimulatedCall => {
    return { from, to, data: abi.encodeFunctionData(name, args) };
  };
  const anyone = "0x000000000000000000000000000000000000dEaD";
  const health = accounts.map((account) => write(anyone, pool, "getUserAccountData", [account]));
  const reserves = markets.map(({ asset }) => write(anyone, pool, "getConfiguration", [asset]));
  const acts = calls.map((call) => ({ from: admin, ...call }));
  const syncs = markets.flatMap(({ asset }) =>
    ["sync", "syncSupplyCap"].map((name) => write(anyone, agent, name, [asset], agentAbi())),
  );
  const walk = (to: (market: LenderMarket) => LenderMarket["end"]) =>
    markets.map((market) => {
      const { ltvBps, thresholdBps } = to(market);
      const args = [market.asset, ltvBps, thresholdBps, market.now.bonusBps];
      return write(agent, configurator, "configureReserveAsCollateral", args);
    });
  const undoes = undo.map((call) => ({ from: admin, ...call }));
  const [down, ends] = [walk(lowestOf), walk(({ end }) => end)];
  const blocks = [health, acts, syncs, [...reserves, ...health], [...down, ...health], ends, undoes, reserves];
  const [now, acted, synced, first, low, walked, undone, left] = (await simulated(provider, lender, blocks)) as Answers;
  const settings = (answers: readonly Answer[], at: number) => settingsIn(answers[at], markets[at]);
  return {
    refused: refusalIn(acted),
    undoRefused: refusalIn(undone),
    markets: markets.map((market, at) => ({
      ...market,
      first: settings(first, at),
      undone: settings(left, at),
      refused: [synced[2 * at], synced[2 * at + 1], low[at], walked[at]].flatMap(
        (one) => refusalIn(one ? [one] : []) ?? [],
      ),
    })),
    accounts: accounts.map((account, at) => {
      const was = accountIn(now[at]);
      const of = (answers: readonly Answer[]) => accountIn(answers[markets.length + at]).health;
      return { account, debtUsd: was.debtUsd, now: was.health, first: of(first), lowest: of(low) };
    }),
  };
}

/** Where a threshold is lowest between now and the end of its walk. */
function lowestOf({ now, end }: LenderMarket): LenderMarket["end"] {
  const thresholdBps = Math.min(now.thresholdBps, end.thresholdBps);
  return { thresholdBps, ltvBps: Math.min(end.ltvBps, thresholdBps) };
}

type Answers = [
  readonly Answer[],
  readonly Answer[],
  readonly Answer[],
  readonly Answer[],
  readonly Answer[],
  readonly Answer[],
  readonly Answer[],
  readonly Answer[],
];

/** Plays blocks of calls after a block, each a second after the one before it, the second `waitSeconds` later. @throws TonsorError RPC_FAILED as `effectOf` */
export async function simulated(
  provider: JsonRpcProvider,
  { block, time, waitSeconds = 0 }: Pick<LenderFacts, "block" | "time"> & { readonly waitSeconds?: number },
  blocks: readonly (readonly SimulatedCall[])[],
): Promise<readonly (readonly Answer[])[]> {
  const timeOf = (at: number) => time + 1 + at + (at === 0 ? 0 : waitSeconds);
  const blockStateCalls = blocks.map((calls, at) => ({
    blockOverrides: { number: toQuantity(block + 1 + at), time: toQuantity(timeOf(at)), gasLimit: "0x5f5e100" },
    calls: calls.map((call) => ({ ...call, gas: toQuantity(GAS_OF_A_CALL) })),
  }));
  const unable = (what: string, given: unknown, cause?: unknown) => {
    const expected = "a node that offers it, as geth, reth, Nethermind and anvil do: name one by --rpc-url";
    return new TonsorError("RPC_FAILED", what, { field: "eth_simulateV1", given, expected }, cause);
  };
  let answer: unknown;
  try {
    answer = await provider.send("eth_simulateV1", [{ blockStateCalls, validation: false }, toQuantity(block)]);
  } catch (cause) {
    throw unable("the node does not simulate", messageOf(cause), cause);
  }
  const { success, data } = answersSchema.safeParse(answer);
  if (success && blocks.every((calls, at) => data[at]?.calls.length === calls.length)) {
    return data.map(({ calls }) => calls);
  }
  throw unable("the node answers a simulation in another form", JSON.stringify(answer)?.slice(0, 200));
}

/** What a node said; of a library's error only the words that hold no address, whose path may be an access key. */
function messageOf(cause: unknown): string {
  const { error, shortMessage } = cause as { error?: { message?: string }; shortMessage?: string };
  return error?.message ?? shortMessage ?? "no answer";
}

/** Why the first call that failed did; null: all passed. */
export function refusalIn(answers: readonly Answer[], abi = agentAbi()): string | null {
  const failed = answers.find(({ status }) => BigInt(status) !== 1n);
  if (failed === undefined) return null;
  const { error, returnData } = failed;
  const data = error?.data ?? returnData;
  const found = data.length < 10 ? null : abi.parseError(data);
  if (found !== null) return `${found.name}(${found.args.join(", ")})`;
  return data.length < 10 ? (error?.message ?? "refused without a reason") : `refused with ${data}`;
}

/** @throws TonsorError BAD_CONFIG for a pool that does not say them */
function settingsIn(answer: Answer | undefined, market: LenderMarket | undefined): ReserveSettings {
  const { status = "0x0", returnData: given = "0x" } = answer ?? {};
  if (BigInt(status) === 1n && given.length === 66) return reserveOf(BigInt(given));
  const facts = { field: market?.name ?? "", given, expected: "one word of getConfiguration" };
  throw new TonsorError("BAD_CONFIG", "the pool does not say its reserve's settings", facts);
}

function accountIn(answer: Answer | undefined): { readonly debtUsd: number; readonly health: number } {
  const none = { debtUsd: 0, health: Number.POSITIVE_INFINITY };
  if (answer === undefined || BigInt(answer.status) !== 1n) return { ...none, health: Number.NaN };
  const [, debt, , , , factor] = AAVE_ABI.decodeFunctionResult("getUserAccountData", answer.returnData);
  // Aave's base currency has eight decimals, a health factor eighteen.
  return debt === 0n ? none : { debtUsd: Number(debt) / 1e8, health: Number(factor) / 1e18 };
}

/** Who is healthy now and would not be, at once or on the walk; an account that does not answer counts. */
export function madeLiquidatable({ accounts }: Effect): readonly AccountEffect[] {
  return accounts.filter(({ now, first, lowest }) => !(now < 1) && !(first >= 1 && lowest >= 1));
}
