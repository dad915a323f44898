import { DAY_SECONDS } from "../domain/calendar.ts";
import type { Hex } from "../domain/contract.ts";
import { ownError, TonsorError } from "../domain/errors.ts";
import { openNodes } from "../io/nodes.ts";
import { openRpc } from "../io/rpc.ts";
import {
  CHALLENGE_ABI,
  type ChallengeView,
  type MarketProofs,
  PROOFS,
  type Proof,
  readChallenge,
} from "../protocols/challenge.ts";
import { chainClient } from "../protocols/client.ts";
import type { Deployment } from "../protocols/deployment.ts";
import { monotonicClock, wallClock } from "../runtime/clock.ts";
import { openBroadcaster } from "../submission/broadcaster.ts";
import { assertEther, type DirectCall } from "../submission/directCall.ts";
import { chooseFees, feeLimits, marketNow } from "../submission/fees.ts";
import { type ClosingParts, closeMarkets, type ModeSet } from "../submission/setModes.ts";
import type { Context } from "./context.ts";
import { deadmanPing } from "./watchers.ts";

/** Of the contract: a market is closed by a challenge once in so long. */
const COOL_DOWN_SECONDS = DAY_SECONDS;
/** What was refused, or a block has without effect, is not tried again for so long: it costs, and others may try it too. */
const REST_MS = 600_000;
/** Gas of one challenge, ample: for less ether than that at present fees the watcher could not do its work. */
const CHALLENGE_GAS = 400_000n;

/** A market whose proof holds, and what became of it. */
export type Challenged = {
  readonly market: string;
  readonly proof: Proof;
  /** What the chain measures, and what it must exceed: seconds for STALE, basis points for DIVERGED. */
  readonly given: number;
  readonly allowed: number;
  /** As of `ModeSet`; CLOSED: it is closed already; COOLING: a challenge closed it within 24 h; RESTS: it was refused within ten minutes; BEHIND: another transaction of this key waits. */
  readonly outcome: ModeSet["outcome"] | "CLOSED" | "COOLING" | "RESTS" | "BEHIND";
  readonly hash: string | null;
  readonly detail: string | null;
};

/** One look at all markets of the deployment. */
export type ChallengeLook = {
  readonly blockNumber: number;
  /** Proofs that were measured. */
  readonly measured: number;
  /** Those that hold. */
  readonly challenged: readonly Challenged[];
};

export type ChallengeOptions = {
  readonly once: boolean;
  readonly signal: AbortSignal;
  /** A look, or why there was none; the next one follows a tick later. */
  onLook(look: ChallengeLook | TonsorError): void;
};

/**
 * Watches every market and challenges what the chain proves stale or diverged, each tick until the signal aborts, with a key
 * that holds no power and can therefore close, and nothing else. It keeps nothing: what is sent twice is refused by the
 * contract, and what waits for a block is known to the nodes and replaced at twice the fee once it waited too long.
 * @throws TonsorError BAD_CONFIG for a key that is missing or may do more; with `once` also what hindered the look
 */
export async function challengeMarkets(context: Context, { once, signal, onLook }: ChallengeOptions): Promise<void> {
  const watcher = await openWatcher(context, signal);
  const { deadmanUrl, tickSeconds } = await context.config();
  const ping = deadmanPing(deadmanUrl, monotonicClock.now, () => undefined);
  while (!signal.aborted) {
    try {
      onLook(await watcher.look());
      ping();
    } catch (error) {
      const own = ownError(error);
      if (once || own === null || own.code === "BAD_CONFIG" || signal.aborted) throw error;
      onLook(own);
    }
    if (once) return;
    await monotonicClock.sleep(tickSeconds * 1_000, signal);
  }
}

async function openWatcher(context: Context, signal: AbortSignal) {
  const config = await context.config();
  const deployment = await context.deployment();
  const account = await context.account();
  if (account === null) {
    const expected = "a key of its own without any power: KEYSTORE_FILE or REMOTE_SIGNER_URL (--env challenger.env)";
    throw new TonsorError("BAD_CONFIG", "no key to sign with", { field: "KEYSTORE_FILE", given: "nothing", expected });
  }
  const nodes = openNodes(config, wallClock);
  const client = chainClient({ chainId: config.chainId, rpc: nodes });
  const { gasMarginPercent, receiptTimeoutSeconds } = config.transactions;
  const gateway = deployment.gateways.challenge.address as Hex;
  const parts: ClosingParts = {
    ...{ client, contract: gateway, account, gasMarginPercent, receiptTimeoutSeconds, clock: monotonicClock },
    ...{ broadcaster: openBroadcaster(client), fees: feeLimits(config.fees) },
  };
  const rpc = openRpc({ url: nodes, chainId: config.chainId });
  const at = { rpc, contract: deployment.contract.address as Hex, gateway, signal };
  const send = createSender(parts, deployment, signal);
  return {
    async look(): Promise<ChallengeLook> {
      const view = await readChallenge(at, deployment.markets, account.address);
      refusePowers(view, deployment, account.address);
      const { baseFee, limits } = await marketNow(parts);
      await assertEther(parts, CHALLENGE_GAS * chooseFees(baseFee, limits).maxFeePerGas);
      const measured = view.markets.reduce((sum, { proofs }) => sum + proofs.length, 0);
      return { blockNumber: view.blockNumber, measured, challenged: await send(view) };
    },
  };
}

/** A stolen key of the watcher must be able to close with proof, and nothing else. @throws TonsorError BAD_CONFIG */
function refusePowers({ power, isOwner }: ChallengeView, { timelock, gateways }: Deployment, key: Hex): void {
  const holds = (all: readonly string[] = []) => all.some((one) => one.toLowerCase() === key.toLowerCase());
  const found = [
    ...(power === "NONE" ? [] : [power]),
    ...(isOwner ? ["owner"] : []),
    ...(holds(timelock.proposers) ? ["proposer"] : []),
    ...(holds(timelock.executors) ? ["executor"] : []),
    ...(holds(gateways.quorum?.signers) ? ["signer of the quorum"] : []),
  ];
  if (found.length === 0) return;
  const expected = "an account without any power: it pays for gas, and needs nothing else";
  throw new TonsorError("BAD_CONFIG", "the watcher's key may do more than close", {
    ...{ field: "key", given: `${key}: ${found.join(", ")}`, expected },
  });
}

/** What holds at one look is sent, but for what is closed, cools down or rests; remembers what was refused, and since when the key waits. */
function createSender(parts: ClosingParts, { markets }: Pick<Deployment, "markets">, signal: AbortSignal) {
  const rests = new Map<string, number>();
  let waitsSince: number | null = null;
  const nameOf = (marketId: number) => markets.find(({ id }) => id === marketId)?.name ?? String(marketId);
  /** Where the next transaction goes: `nonce` null, behind nothing; null, something waits and has time yet. */
  const place = async (): Promise<{ readonly nonce: number | null } | null> => {
    const { address } = parts.account;
    const [mined, pending] = await Promise.all([
      parts.broadcaster.nonce(address, "latest"),
      parts.broadcaster.nonce(address, "pending"),
    ]);
    if (pending <= mined) waitsSince = null;
    else waitsSince ??= parts.clock.now();
    if (waitsSince === null) return { nonce: null };
    return parts.clock.now() - waitsSince < parts.receiptTimeoutSeconds * 1_000 ? null : { nonce: mined };
  };
  return async (view: ChallengeView): Promise<readonly Challenged[]> => {
    const now = parts.clock.now();
    const holding = view.markets.flatMap((one) => {
      // Stale markets alone must not use up what diverging prices need: each proof has a daily limit of its own.
      const proofs = one.proofs.filter(({ given, allowed }) => given > allowed).toReversed();
      const first = proofs.find(({ proof }) => (rests.get(`${one.marketId} ${proof}`) ?? 0) <= now) ?? proofs[0];
      return first === undefined ? [] : [{ ...first, one, key: `${one.marketId} ${first.proof}` }];
    });
    const told = holding.map(({ one, key, ...rest }) => {
      const outcome = held(one, view.blockTime) ?? ((rests.get(key) ?? 0) > now ? ("RESTS" as const) : null);
      return { one, key, row: { market: nameOf(one.marketId), ...rest, hash: null, detail: null }, outcome };
    });
    const due = told.filter(({ outcome }) => outcome === null);
    const to = due.length === 0 ? null : await place();
    const sent = to === null ? [] : await closeMarkets(parts, { calls: due.map(callOf), ...to }, signal);
    if (to !== null && to.nonce === null && sent.some(({ outcome }) => outcome === "WAITS")) waitsSince = now;
    return told.map(({ one, key, row, outcome }) => {
      if (outcome !== null) return { ...row, outcome };
      const became = sent.find(({ marketId }) => marketId === one.marketId);
      if (became === undefined) return { ...row, outcome: "BEHIND" };
      if (became.outcome === "REFUSED") rests.set(key, parts.clock.now() + REST_MS);
      return { ...row, outcome: became.outcome, hash: became.hash, detail: became.detail };
    });
  };
}

function held({ mode, closedAt }: MarketProofs, blockTime: number): "CLOSED" | "COOLING" | null {
  if (mode !== "NORMAL") return "CLOSED";
  return closedAt > 0 && blockTime < closedAt + COOL_DOWN_SECONDS ? "COOLING" : null;
}

function callOf({ one, row }: { readonly one: MarketProofs; readonly row: { readonly proof: Proof } }): DirectCall {
  const args = [one.marketId, PROOFS.indexOf(row.proof), 0n];
  return { marketId: one.marketId, abi: CHALLENGE_ABI, functionName: "challenge", args };
}
