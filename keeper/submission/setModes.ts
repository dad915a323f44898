import { encodeFunctionData } from "viem";
import { type Hex, type MarketMode, MODES } from "../domain/contract.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../protocols/abi.ts";
import { errorText } from "./broadcaster.ts";
import {
  assertEther,
  type DirectCall,
  type DirectParts,
  handOver,
  type Raise,
  type Weighed,
  weigh,
} from "./directCall.ts";
import { chooseFees, marketNow, raiseFees } from "./fees.ts";

/** A mode that closes a market to new risk. */
export type ClosingMode = Exclude<MarketMode, "NORMAL">;

/** What became of the transaction for one market. */
export type ModeSet = {
  readonly marketId: number;
  /** SET: a block has it. WAITS: no block had it in time. UNSENT: it was stopped before. REFUSED: the contract or the node would not take it, and nothing was sent; or a block has it, and it changed nothing. */
  readonly outcome: "SET" | "WAITS" | "UNSENT" | "REFUSED";
  readonly hash: Hex | null;
  readonly detail: string | null;
  /** REFUSED by the node: the contract was not asked, or would have taken it. */
  readonly byNode?: true;
  /** Of one that WAITS: from which another takes its place. */
  readonly nonce?: number;
};

export type ClosingParts = DirectParts & { readonly receiptTimeoutSeconds: number };

type Sent = { readonly marketId: number; readonly nonce: number; readonly hash: Hex };
const POLL_MS = 1_000;
/** What takes another's place offers so much more, and again until the pool takes it or the cap is reached. */
const OVER_OWN_PERCENT = 100;

function setMode(marketId: number, mode: ClosingMode): DirectCall {
  return { marketId, abi, functionName: "setMode", args: [marketId, MODES.indexOf(mode)] };
}

/** The call that sets a market's mode. */
export function modeCall(marketId: number, mode: ClosingMode): Hex {
  return encodeFunctionData(setMode(marketId, mode));
}

/** Sets the mode of markets, a transaction each, as `closeMarkets` does. */
export async function setModes(
  parts: ClosingParts,
  {
    marketIds,
    mode,
    nonce,
  }: { readonly marketIds: readonly number[]; readonly mode: ClosingMode; readonly nonce: number | null },
  signal: AbortSignal,
): Promise<readonly ModeSet[]> {
  const calls = marketIds.map((marketId) => setMode(marketId, mode));
  return (await closeMarkets(parts, { calls, nonce }, signal)).map(({ nonce: waits, ...one }) => {
    if (waits === undefined) return one;
    const detail = `${one.detail}: with --nonce ${waits} the same takes its place, at twice the fee or more`;
    return { ...one, detail };
  });
}

/**
 * Closes markets, a transaction each, all handed over before any is waited for; where the node's pool holds no more of this
 * key, the rest when blocks have what it took. No journal: what is sent twice is refused the second time (`ModeNotSafer`) and
 * changes nothing. It goes behind what this account has in the pool already, which may close other markets; from `nonce` on it
 * takes the place of what is there. Once one is sent, an end by `signal` and a key or node that fails are told in the outcomes.
 * @throws TonsorError FEE_CAP_EXCEEDED, TRANSACTION_REFUSED for too little ether, and what `onChain` and the key say, with nothing sent
 */
export async function closeMarkets(
  parts: ClosingParts,
  { calls, nonce }: { readonly calls: readonly DirectCall[]; readonly nonce: number | null },
  signal: AbortSignal,
): Promise<readonly ModeSet[]> {
  const weighed = await Promise.all(calls.map((call) => weigh(parts, call)));
  const told = calls.flatMap(({ marketId }, i) => {
    const one = weighed[i];
    return one !== undefined && "refused" in one ? [refusal(marketId, one.refused)] : [];
  });
  let left: readonly Weighed[] = weighed.flatMap((one) => ("gas" in one ? [one] : []));
  let [at, isSent] = [nonce, false];
  while (left.length > 0) {
    const round = handOverAll(parts, left, at, signal);
    const went = await (isSent ? round.catch((error: unknown) => unsent(left, error)) : round);
    const became = await outcomes(parts, went.sent, signal);
    told.push(...went.told, ...became);
    isSent = true;
    left = went.left;
    if (at !== null) at += went.sent.length;
    const ended = signal.aborted ? STOPPED : became.some(({ outcome }) => outcome === "WAITS") ? POOL_FULL : null;
    if (ended === null) continue;
    told.push(...unsent(left, ended).told);
    break;
  }
  return told;
}

/** What became of those that were to be handed over; left: the pool has no room for them. */
type Round = { readonly told: ModeSet[]; readonly sent: readonly Sent[]; readonly left: readonly Weighed[] };

const STOPPED = "it was stopped before this was sent";
const POOL_FULL = "the node's pool holds no more of this key, and no block has what it took: ask again";

function refusal(marketId: number, detail: string): ModeSet {
  return { marketId, outcome: "REFUSED", hash: null, detail };
}

function unsent(calls: readonly Weighed[], why: unknown): Round {
  const detail = errorText(why).slice(0, 300);
  const told = calls.map(({ call }): ModeSet => ({ marketId: call.marketId, outcome: "UNSENT", hash: null, detail }));
  return { told, sent: [], left: [] };
}

/** Hands over one after the other until the pool is full. @throws what `closeMarkets` does, with nothing sent */
async function handOverAll(
  parts: ClosingParts,
  calls: readonly Weighed[],
  nonce: number | null,
  signal: AbortSignal,
): Promise<Round> {
  const { first, offer, raise } = await nonceAndFees(parts, nonce);
  const most = calls.reduce((sum, { gas }) => sum + gas, 0n) * offer.maxFeePerGas;
  await assertEther(parts, most);
  const [told, sent]: [ModeSet[], Sent[]] = [[], []];
  for (const [i, one] of calls.entries()) {
    const { marketId } = one.call;
    if (sent.length === 0) signal.throwIfAborted();
    const rest = calls.slice(i);
    if (signal.aborted) return { told: [...told, ...unsent(rest, STOPPED).told], sent, left: [] };
    try {
      const handed = await handOver(parts, one, { nonce: first + sent.length, offer, raise });
      if (!("refused" in handed)) sent.push({ marketId, ...handed });
      else if (handed.isFull === true && sent.length > 0) return { told, sent, left: rest };
      else told.push({ ...refusal(marketId, handed.refused), byNode: true });
    } catch (error) {
      if (sent.length === 0) throw error;
      return { told: [...told, ...unsent(rest, error).told], sent, left: [] };
    }
  }
  return { told, sent, left: [] };
}

/** The first nonce and what is offered; `raise` is what takes another's place offers after that, null at the cap. */
async function nonceAndFees({ broadcaster, account, fees }: ClosingParts, nonce: number | null) {
  const [first, { baseFee, limits }] = await Promise.all([
    nonce ?? broadcaster.nonce(account.address, "pending"),
    marketNow({ broadcaster, fees }),
  ]);
  const usual = chooseFees(baseFee, limits);
  if (nonce === null) return { first, offer: usual, raise: () => null };
  const raise: Raise = (last) =>
    raiseFees(last, baseFee, { ...limits, maxFeePerGas: fees.maxFeePerGas }, OVER_OWN_PERCENT);
  return { first, offer: raise(usual) ?? usual, raise };
}

async function outcomes(
  { broadcaster, receiptTimeoutSeconds, clock }: ClosingParts,
  sent: readonly Sent[],
  signal: AbortSignal,
): Promise<readonly ModeSet[]> {
  const seen = new Map<Hex, ModeSet>();
  const until = clock.now() + receiptTimeoutSeconds * 1_000;
  const ask = async ({ marketId, hash }: Sent): Promise<void> => {
    const receipt = await broadcaster.receipt(hash).catch(() => null);
    if (receipt === null) return;
    const detail = receipt.success ? null : "a block has it, and it reverted: another call came before it; ask again";
    seen.set(hash, { marketId, hash, outcome: receipt.success ? "SET" : "REFUSED", detail });
  };
  for (;;) {
    await Promise.all(sent.filter(({ hash }) => !seen.has(hash)).map(ask));
    if (seen.size === sent.length || signal.aborted || clock.now() >= until) break;
    await clock.sleep(POLL_MS, signal);
  }
  const why = signal.aborted ? "stopped before a block had it" : `no block had it within ${receiptTimeoutSeconds} s`;
  return sent.map(({ marketId, nonce, hash }) => {
    return seen.get(hash) ?? { marketId, hash, outcome: "WAITS", detail: why, nonce };
  });
}
