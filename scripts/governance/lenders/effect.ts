import { Interface, type JsonRpcProvider, toQuantity } from "ethers";
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
  /** Once the threshold has walked all its way, at today's prices. */
  readonly end: number;
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
type Answer = {
  readonly returnData: string;
  readonly status: string;
  readonly error?: { readonly message?: string; readonly data?: string };
};

/** Accounts asked for in one request: three readings each stay within what nodes let a question cost. */
const ACCOUNTS_AT_ONCE = 50;
const agentAbi = () => new Interface(adapterArtifact("AaveV3Agent").abi);

/**
 * Plays a proposal on the latest block by `eth_simulateV1`, which sends nothing: governance's calls, both synchronisations of
 * every market by a stranger, then each threshold and LTV where the walk ends, set by the agent itself, and the undoing. After
 * each the pool is asked for its reserves and for every account's health.
 *
 * @throws TonsorError RPC_FAILED when the node does not simulate
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
  const walks = markets.map(({ asset, end, now }) =>
    write(agent, configurator, "configureReserveAsCollateral", [asset, end.ltvBps, end.thresholdBps, now.bonusBps]),
  );
  const undoes = undo.map((call) => ({ from: admin, ...call }));
  const blocks = [health, acts, syncs, [...reserves, ...health], walks, health, undoes, reserves];
  const [now, acted, synced, first, walked, end, undone, left] = (await simulated(provider, lender, blocks)) as Answers;
  const settings = (answers: readonly Answer[], at: number) => reserveOf(BigInt(answers[at]?.returnData ?? "0x0"));
  return {
    refused: refusalIn(acted),
    undoRefused: refusalIn(undone),
    markets: markets.map((market, at) => ({
      ...market,
      first: settings(first, at),
      undone: settings(left, at),
      refused: [synced[2 * at], synced[2 * at + 1], walked[at]].flatMap((one) => refusalIn(one ? [one] : []) ?? []),
    })),
    accounts: accounts.map((account, at) => {
      const was = accountIn(now[at]);
      const of = (answers: readonly Answer[], from = 0) => accountIn(answers[from + at]).health;
      return { account, debtUsd: was.debtUsd, now: was.health, first: of(first, markets.length), end: of(end) };
    }),
  };
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

async function simulated(
  provider: JsonRpcProvider,
  { block, time }: LenderFacts,
  blocks: readonly (readonly SimulatedCall[])[],
): Promise<readonly (readonly Answer[])[]> {
  const blockStateCalls = blocks.map((calls, at) => ({
    blockOverrides: { number: toQuantity(block + 1 + at), time: toQuantity(time + 1 + at), gasLimit: "0x5f5e100" },
    calls: calls.map((call) => ({ ...call, gas: "0x1e8480" })),
  }));
  try {
    const asked = { blockStateCalls, validation: false };
    const answers = (await provider.send("eth_simulateV1", [asked, toQuantity(block)])) as { calls: Answer[] }[];
    return answers.map(({ calls }) => calls);
  } catch (cause) {
    throw new TonsorError("RPC_FAILED", "the node does not simulate (eth_simulateV1)", {}, cause);
  }
}

/** Why the first call that failed did; null: all passed. */
function refusalIn(answers: readonly Answer[]): string | null {
  const failed = answers.find(({ status }) => BigInt(status) !== 1n);
  if (failed === undefined) return null;
  const { error, returnData } = failed;
  const data = error?.data ?? returnData;
  const found = data.length < 10 ? null : agentAbi().parseError(data);
  if (found !== null) return `${found.name}(${found.args.join(", ")})`;
  return data.length < 10 ? (error?.message ?? "refused without a reason") : `refused with ${data}`;
}

function accountIn(answer: Answer | undefined): { readonly debtUsd: number; readonly health: number } {
  const none = { debtUsd: 0, health: Number.POSITIVE_INFINITY };
  if (answer === undefined || BigInt(answer.status) !== 1n) return { ...none, health: Number.NaN };
  const [, debt, , , , factor] = AAVE_ABI.decodeFunctionResult("getUserAccountData", answer.returnData);
  // Aave's base currency has eight decimals, a health factor eighteen.
  return debt === 0n ? none : { debtUsd: Number(debt) / 1e8, health: Number(factor) / 1e18 };
}

/** Who is healthy now and would not be, at once or at the end of the walk; an account that does not answer counts. */
export function madeLiquidatable({ accounts }: Effect): readonly AccountEffect[] {
  return accounts.filter(({ now, first, end }) => !(now < 1) && !(first >= 1 && end >= 1));
}
