import { DAY_SECONDS } from "../domain/calendar.ts";
import type { Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import {
  CHALLENGE_ABI,
  type ChallengeView,
  type MarketProofs,
  PROOFS,
  type Proof,
  readChallenge,
} from "../protocols/challenge.ts";
import type { Deployment } from "../protocols/deployment.ts";
import { wallClock } from "../runtime/clock.ts";
import type { Config } from "../runtime/config.ts";
import { assertEther, type DirectCall } from "../submission/directCall.ts";
import { chooseFees, marketNow } from "../submission/fees.ts";
import { type ClosingParts, closeMarkets, type ModeSet } from "../submission/setModes.ts";
import type { openChain } from "./openChain.ts";
import { OLDEST_HEAD } from "./readiness.ts";

/** Of the contract: a market is closed by a challenge once in so long. */
const COOL_DOWN_SECONDS = DAY_SECONDS;
/** What the contract refused, or a block has without effect, is not tried again for so long: it costs, and others may try it too. */
const REST_MS = 600_000;
/** Gas of one challenge, ample: for less ether than that at present fees the watcher could not do its work. */
const CHALLENGE_GAS = 400_000n;

/** A market whose proof holds, and what became of it. */
export type Challenged = {
  /** Its name in the record, or # and its id. */
  readonly market: string;
  readonly proof: Proof;
  /** What the chain measures, and what it must exceed: seconds for STALE, basis points else. */
  readonly given: number;
  readonly allowed: number;
  /** As of `ModeSet`; CLOSED: it is closed already; COOLING: a challenge closed it within 24 h; RESTS: it was refused within ten minutes; BEHIND: others of this key go first. */
  readonly outcome: ModeSet["outcome"] | "CLOSED" | "COOLING" | "RESTS" | "BEHIND";
  readonly hash: string | null;
  readonly detail: string | null;
};

/** One look at all markets of the contract. */
export type ChallengeLook = {
  readonly blockNumber: number;
  /** Age of that block by this machine's clock, seconds; below 0 while that is behind. */
  readonly headAgeSeconds: number;
  /** Proofs that were measured. */
  readonly measured: number;
  /** Markets whose feeds governance does not compare, nor follows where MOVED is measured: they can be proven stale alone. */
  readonly staleOnly: readonly string[];
  readonly balanceEth: number;
  /** Challenges that the balance pays for, each at twice the present base fee. */
  readonly affordable: number;
  /** Proofs that hold. */
  readonly challenged: readonly Challenged[];
};

type Parts = {
  readonly deployment: Pick<Deployment, "gateways" | "markets" | "timelock">;
  readonly parts: ClosingParts;
  readonly rpc: ReturnType<typeof openChain>["rpc"];
  /** Whether MOVED is measured, too. */
  readonly moved: boolean;
};

/**
 * Returns a look at every market that challenges what holds, with a key that has no power and can therefore close, and nothing
 * else. It keeps nothing: what is sent twice is refused by the contract, and what waits for a block is known to the nodes and
 * replaced at twice the fee once it waited too long.
 * @throws TonsorError of a look: BAD_CONFIG for a key that may do more, TRANSACTION_REVERTED where the contract would take no challenge, and what reading and paying say
 */
export function openWatcher({ deployment, parts, rpc, moved }: Parts): (signal: AbortSignal) => Promise<ChallengeLook> {
  const { contract, account } = parts;
  const gateway = deployment.gateways.challenge.address as Hex;
  const nameOf = (id: number) => deployment.markets.find((market) => market.id === id)?.name ?? `#${id}`;
  const send = createSender({ ...parts, contract: gateway }, nameOf);
  return async (signal) => {
    const view = await readChallenge({ rpc, contract, gateway, signal }, account.address, moved);
    refusePowers(view, deployment, account.address);
    if (view.gatewayPower !== "CHALLENGER") throw notAdmitted(gateway, view.gatewayPower);
    const { baseFee, limits } = await marketNow(parts);
    const each = CHALLENGE_GAS * chooseFees(baseFee, limits).maxFeePerGas;
    const balance = await assertEther(parts, each);
    const affordable = Number(balance / each);
    return {
      ...{ blockNumber: view.blockNumber, headAgeSeconds: wallClock() - view.blockTime },
      measured: view.markets.reduce((sum, { proofs }) => sum + proofs.length, 0),
      staleOnly: view.markets.flatMap(({ marketId, proofs }) => (proofs.length > 1 ? [] : [nameOf(marketId)])),
      ...{ balanceEth: Number(balance) / 1e18, affordable },
      challenged: await send(view, affordable, signal),
    };
  };
}

/** Whether what is stale now would be seen: a node whose head stands still shows no time passing. */
export function ableTo(
  { headAgeSeconds, affordable }: ChallengeLook,
  clock: Config["clock"],
): { readonly ok: boolean; readonly reason: string } {
  if (clock === "wall" && Math.abs(headAgeSeconds) > OLDEST_HEAD)
    return { ok: false, reason: `the head is ${headAgeSeconds} s old, limit ${OLDEST_HEAD} s` };
  return { ok: true, reason: `could close what the chain proves, ${affordable} times` };
}

/** Before governance admitted it, or after it took it off. */
function notAdmitted(gateway: Hex, power: string): TonsorError {
  return new TonsorError(
    "TRANSACTION_REVERTED",
    "the contract takes no challenge: governance has not admitted its Challenge",
    {
      field: "gateways.challenge",
      given: `${gateway}: ${power}`,
      expected: "CHALLENGER (`npm run check-deployment`)",
    },
  );
}

/** A stolen key of the watcher must be able to close with proof, and nothing else. @throws TonsorError BAD_CONFIG */
function refusePowers({ power, isOwner }: ChallengeView, { timelock, gateways }: Parts["deployment"], key: Hex): void {
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
function createSender(parts: ClosingParts, nameOf: (marketId: number) => string) {
  const rests = new Map<string, number>();
  const place = createPlace(parts);
  return async (view: ChallengeView, affordable: number, signal: AbortSignal): Promise<readonly Challenged[]> => {
    const now = parts.clock.now();
    const holding = view.markets.flatMap((one) => {
      // Stale markets alone must not use up what diverging prices need: each proof has a daily limit of its own.
      const proofs = one.proofs.filter(({ given, allowed }) => given > allowed).toReversed();
      const first = proofs.find(({ proof }) => (rests.get(`${one.marketId} ${proof}`) ?? 0) <= now) ?? proofs[0];
      return first === undefined ? [] : [{ ...first, one, key: `${one.marketId} ${first.proof}` }];
    });
    const told = holding.map(({ one, key, round, ...rest }) => {
      const outcome = held(one, view.blockTime) ?? ((rests.get(key) ?? 0) > now ? ("RESTS" as const) : null);
      const row = { market: nameOf(one.marketId), ...rest, hash: null, detail: null };
      return { one, key, round, row, outcome };
    });
    const due = told.filter(({ outcome }) => outcome === null);
    const to = due.length === 0 ? null : await place.next();
    const going = to === null ? [] : chosen(due, view, to.nonce === null ? affordable : affordable / 2);
    const sent = to === null ? [] : await closeMarkets(parts, { calls: going.map(callOf), ...to }, signal);
    if (to !== null && to.nonce === null && sent.some(({ outcome }) => outcome === "WAITS")) place.waits(now);
    return told.map(({ one, key, row, outcome }) => {
      if (outcome !== null) return { ...row, outcome };
      const became = sent.find(({ marketId }) => marketId === one.marketId);
      if (became === undefined) return { ...row, outcome: "BEHIND" };
      if (became.outcome === "REFUSED" && became.byNode !== true) rests.set(key, parts.clock.now() + REST_MS);
      return { ...row, outcome: became.outcome, hash: became.hash, detail: became.detail };
    });
  };
}

/** Where the next transaction of the key goes: behind nothing, or in place of what waited too long. */
function createPlace({ broadcaster, account: { address }, clock, receiptTimeoutSeconds }: ClosingParts) {
  let waitsSince: number | null = null;
  return {
    waits(since: number): void {
      waitsSince = since;
    },
    /** `nonce` null: behind nothing; null: something waits and has time yet. */
    async next(): Promise<{ readonly nonce: number | null } | null> {
      const [mined, pending] = await Promise.all([
        broadcaster.nonce(address, "latest"),
        broadcaster.nonce(address, "pending"),
      ]);
      if (pending <= mined) waitsSince = null;
      else waitsSince ??= clock.now();
      if (waitsSince === null) return { nonce: null };
      return clock.now() - waitsSince < receiptTimeoutSeconds * 1_000 ? null : { nonce: mined };
    },
  };
}

type Due = { readonly row: { readonly proof: Proof } };

/**
 * Those of what is due that are sent now, one or more: as many as the ether pays for, and of each proof no more than the day's
 * closings leave, for what goes beyond them is mined, refused and paid for. Which proof a closing was by the chain
 * does not say, so each counts against both, and where none seems left one asks.
 */
function chosen<Row extends Due>(due: readonly Row[], view: ChallengeView, affordable: number): readonly Row[] {
  const today = view.markets.filter(({ closedAt }) => closedAt > view.blockTime - DAY_SECONDS).length;
  const room = Math.max(1, view.dailyLimit - today);
  const within = PROOFS.toReversed().flatMap((proof) => due.filter(({ row }) => row.proof === proof).slice(0, room));
  return within.slice(0, Math.max(1, Math.floor(affordable)));
}

function held({ mode, closedAt }: MarketProofs, blockTime: number): "CLOSED" | "COOLING" | null {
  if (mode !== "NORMAL") return "CLOSED";
  return closedAt > 0 && blockTime < closedAt + COOL_DOWN_SECONDS ? "COOLING" : null;
}

function callOf({ one, row, round }: Due & { readonly one: MarketProofs; readonly round: bigint }): DirectCall {
  const args = [one.marketId, PROOFS.indexOf(row.proof), round];
  return { marketId: one.marketId, abi: CHALLENGE_ABI, functionName: "challenge", args };
}
