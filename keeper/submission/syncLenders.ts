import { type Hex, zeroHash } from "viem";
import type { ChainView } from "../domain/cycle.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Journal } from "../domain/journal.ts";
import type { LenderReading, LenderState } from "../domain/lender.ts";
import { type AgentCalls, encodeAgentCalls } from "../protocols/agentCalls.ts";
import type { SendContext } from "./context.ts";
import { type AssessedLender, assessLender, byUrgency, type LenderCall } from "./lenderStates.ts";
import { ownOpen, sendNext } from "./submitBatch.ts";

/** The contract and the lenders at one block. */
export type LendersSeen = { readonly chain: ChainView; readonly lenders: readonly LenderReading[] };

export type LenderParts = {
  readonly store: Pick<Journal, "lenderStates" | "noteLenders">;
  readonly now: () => number;
  /** Seconds for which keeper instances of lower rank are left alone with a difference. */
  readonly patienceSeconds: number;
  /** Contract and lenders at the latest block. */
  read(signal: AbortSignal): Promise<LendersSeen>;
  /** Gas of the calls and how many of them change something; throws what the agent or the lender says against them. */
  simulate(calls: AgentCalls, from: Hex): Promise<{ readonly gas: bigint; readonly changed: number }>;
};

/** Of one call, far above what Aave takes: a lender that asks for more is not paid for. */
const MOST_GAS = 1_000_000n;
/** Of one transaction, at about 100 000 gas each, and the most that they take together: mainnet has 16.7 million for one. */
const MOST_CALLS = 50;
const MOST_GAS_TOGETHER = 10_000_000n;

/** How every lender stands, as seen; nothing is sent or written. */
export function lendersAsSeen(seen: LendersSeen, parts: LenderParts): readonly LenderState[] {
  return assessed(seen, parts, parts.store.lenderStates()).map(({ state }) => state);
}

/**
 * Brings every lender up that differs, one transaction for each agent, and returns how they stand then. To be called after
 * a cycle's batch: while anything of the key waits for a block nothing is sent. What cannot be sent or is refused is said
 * in the lender's state and stops neither the other lenders nor the cycle.
 * @param held why nothing may be sent, or null
 */
export async function syncLenders(
  seen: LendersSeen,
  { tick, held }: { readonly tick: number; readonly held: string | null },
  parts: LenderParts,
  context: SendContext,
): Promise<readonly LenderState[]> {
  const before = parts.store.lenderStates();
  const recent = await fresh(seen, parts, context);
  if (recent === null) return before;
  const first = assessed(recent, parts, before);
  const agents = [
    ...Map.groupBy(
      first.filter(({ calls }) => calls.length > 0),
      ({ agent }) => agent,
    ).values(),
  ];
  const byUrgency = agents.toSorted((a, b) => Number(tightens(b)) - Number(tightens(a)));
  let states = first.map(({ state }) => state);
  let sent = false;
  for (const group of byUrgency) {
    const outcome = held === null ? await syncAgent(group, tick, parts, context) : noted(group, held);
    sent ||= outcome.sent;
    states = states.map((state) => outcome.states.find((one) => isSame(one, state)) ?? state);
  }
  if (sent) {
    const after = await parts.read(context.signal).catch(() => null);
    if (after !== null) states = assessed(after, parts, states).map(({ state }) => withReason(state, states));
  }
  if (JSON.stringify(states) !== JSON.stringify(before)) parts.store.noteLenders(states);
  return states;
}

/** What is due yet is so for the reason that was found. */
function withReason(state: LenderState, known: readonly LenderState[]): LenderState {
  return state.state === "DUE" ? { ...state, detail: known.find((one) => isSame(one, state))?.detail ?? null } : state;
}

const isSame = (a: LenderState, b: LenderState): boolean => a.lender === b.lender && a.market === b.market;
const tightens = (group: readonly AssessedLender[]) => group.some(({ calls }) => calls.some((call) => call.tightens));

function assessed(
  { chain, lenders }: LendersSeen,
  parts: LenderParts,
  earlier: readonly LenderState[],
): readonly AssessedLender[] {
  const at = { now: parts.now(), blockTime: chain.blockTime, patienceSeconds: parts.patienceSeconds };
  return lenders.flatMap((reading) => {
    const onChain = chain.markets.get(reading.market);
    const known = earlier.find(({ lender, market }) => lender === reading.lender && market === reading.market);
    return onChain === undefined ? [] : [assessLender(reading, onChain, known, at)];
  });
}

/**
 * What was seen, or a later look where this key's last transaction is in a later block: what it set is not set again. Null
 * where the node lags behind that.
 */
async function fresh(
  seen: LendersSeen,
  parts: LenderParts,
  { account, journal, signal }: SendContext,
): Promise<LendersSeen | null> {
  const own = journal.recentIntents(RECENT).filter(({ from }) => from.toLowerCase() === account.address.toLowerCase());
  const last = own.reduce(
    (most, { blockNumber }) => (blockNumber !== null && blockNumber > most ? blockNumber : most),
    0n,
  );
  if (last <= seen.chain.blockNumber) return seen;
  const later = await parts.read(signal);
  return later.chain.blockNumber >= last ? later : null;
}

/** Rows of the journal among which the last of this key in a block is. */
const RECENT = 20;

type Outcome = { readonly states: readonly LenderState[]; readonly sent: boolean };

function noted(group: readonly AssessedLender[], detail: string): Outcome {
  return { states: group.map(({ state }) => ({ ...state, detail })), sent: false };
}

/** One transaction for all that is due at one agent; what the lender refuses is left out of it. */
async function syncAgent(
  group: readonly AssessedLender[],
  tick: number,
  parts: LenderParts,
  context: SendContext,
): Promise<Outcome> {
  const { account, limits, now } = context;
  try {
    if (ownOpen(context).length > 0) return noted(group, "another transaction waits for a block");
    const { agent } = group[0] as AssessedLender;
    const all = group
      .flatMap(({ calls }) => calls)
      .toSorted(byUrgency)
      .slice(0, MOST_CALLS);
    const { taken, refused, gas } = await takenOf(agent, all, account.address, parts);
    const reason = (one: AssessedLender) => one.calls.map((call) => refused.get(call)).find(Boolean) ?? null;
    const tried = (one: AssessedLender, why: string | null): LenderState => {
      const rest = { ...one.state, tried: { at: now(), numbers: one.numbers, ltvBps: one.ltvBps, refused: why } };
      return why === null ? rest : { ...rest, state: "REFUSED", detail: why };
    };
    if (taken.length === 0) {
      const still = "asked for it, its agent changes nothing";
      const said = (one: AssessedLender) =>
        reason(one) === null ? { ...one.state, detail: still } : tried(one, reason(one));
      return { states: group.map(said), sent: false };
    }
    const intent = await sendNext(
      draftOf(agent, taken, (gas * BigInt(100 + limits.gasMarginPercent)) / 100n, tick, context),
      context,
    );
    // What no block has says nothing of the lender: it is due until one has it, and again when none will.
    if (intent.status !== "CONFIRMED" && intent.status !== "REVERTED") {
      return { ...noted(group, intent.detail ?? `${intent.transactionHash} ${intent.status}`), sent: true };
    }
    const failed = intent.status === "REVERTED" ? `REVERTED: ${intent.transactionHash}` : null;
    const isAsked = (call: LenderCall) => taken.includes(call) || refused.has(call);
    const asked = group.filter(({ calls }) => calls.some(isAsked));
    return { states: asked.map((one) => tried(one, reason(one) ?? failed)), sent: true };
  } catch (error) {
    if (!(error instanceof TonsorError) || context.signal.aborted) throw error;
    return noted(group, error.message);
  }
}

type Taken = {
  readonly taken: readonly LenderCall[];
  readonly refused: ReadonlyMap<LenderCall, string>;
  readonly gas: bigint;
};

/**
 * Those of the calls that change something and that the lender takes, all together; why it does not take the others. What it
 * takes one by one only is taken one by one, the most urgent first, and what is too much for one transaction in several.
 */
async function takenOf(agent: Hex, calls: readonly LenderCall[], from: Hex, parts: LenderParts): Promise<Taken> {
  const refused = new Map<LenderCall, string>();
  const simulated = async (some: readonly LenderCall[]): Promise<Taken> => {
    const { gas, changed } = await parts.simulate({ agent, calls: some }, from);
    const most = MOST_GAS * BigInt(some.length);
    if (gas > most || gas > MOST_GAS_TOGETHER) {
      const expected = `<= ${most < MOST_GAS_TOGETHER ? most : MOST_GAS_TOGETHER}`;
      throw new TonsorError("TRANSACTION_REVERTED", "it takes too much gas", { given: gas, expected });
    }
    return { taken: changed === 0 ? [] : some, refused, gas };
  };
  try {
    return await simulated(calls);
  } catch (error) {
    // A node that is asked for more gas than it gives says so as if it had failed.
    if (!isRefusal(error) && calls.length === 1) throw error;
  }
  const alone: Taken[] = [];
  for (const call of calls) {
    try {
      alone.push(await simulated([call]));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refused.set(call, `${call.functionName}: ${error.message}`);
    }
  }
  const changing = alone.filter(({ taken }) => taken.length > 0);
  const [first] = changing;
  if (first === undefined) return { taken: [], refused, gas: 0n };
  let gas = 0n;
  const fitting = changing.filter((one) => {
    gas += one.gas;
    return gas <= MOST_GAS_TOGETHER;
  });
  try {
    return await simulated(fitting.flatMap(({ taken }) => taken));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return first;
  }
}

function isRefusal(error: unknown): error is TonsorError {
  return error instanceof TonsorError && (error.code === "TRANSACTION_REVERTED" || error.code === "TRANSACTION_FATAL");
}

function draftOf(
  agent: Hex,
  calls: readonly LenderCall[],
  gasLimit: bigint,
  tick: number,
  { limits, now }: SendContext,
) {
  const batch = {
    sequence: 0n,
    deadline: now() + limits.deadlineSeconds,
    modelVersion: 0,
    evidence: zeroHash,
    entries: [],
  };
  const data = encodeAgentCalls({ agent, calls });
  return {
    kind: "SYNC",
    tick,
    batch,
    to: agent,
    data,
    gasLimit,
    tightens: calls.some((call) => call.tightens),
  } as const;
}
