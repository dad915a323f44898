import { HOUR_SECONDS } from "../domain/calendar.ts";
import type { Hex } from "../domain/contract.ts";
import { tokensOf } from "../domain/contract.ts";
import type { OnChainMarket } from "../domain/decision.ts";
import { LENDER_STATES, type LenderNumbers, type LenderReading, type LenderState } from "../domain/lender.ts";
import type { AgentCall } from "../protocols/agentCalls.ts";

/** What is to be called at an agent for one market. */
export type LenderCall = AgentCall & { readonly tightens: boolean };

/** What tightens comes first, and last what has had its notice of 30 days. */
export function byUrgency(a: LenderCall, b: LenderCall): number {
  const rank = ({ tightens, functionName }: LenderCall) => (tightens ? 0 : functionName === "lower" ? 2 : 1);
  return rank(a) - rank(b);
}

/** One market of one lender, what is known of it, and what is due there now. */
export type AssessedLender = {
  readonly agent: Hex;
  readonly state: LenderState;
  /** The contract's numbers, as a text to be compared. */
  readonly numbers: string;
  /** What the agent would set; null: it does not say. */
  readonly ltvBps: number | null;
  readonly calls: readonly LenderCall[];
};

/** At unmoved numbers of the contract a reserve is brought up once in so long: data that age and supply that leaves drift. */
const REST_SECONDS = HOUR_SECONDS;
/** An LTV that fell by so much since does not wait for that. */
const URGENT_BPS = 50;
const BPS_ONE = 10_000;

/**
 * Returns how a lender stands to a market's numbers, and what is due there: whatever the agent says it would change, at once
 * after the contract's numbers moved, else once an hour, or when the LTV is to be half a percent lower than it was set then.
 * What was refused at the same numbers rests for that hour too, and so does what somebody else undid.
 * @param patienceSeconds what differs for less is left to keeper instances of lower rank
 * @example assessLender(reading, onChain, undefined, { now, blockTime, patienceSeconds: 0 }).calls // [{ functionName: "sync", ... }]
 */
export function assessLender(
  reading: LenderReading,
  onChain: OnChainMarket,
  earlier: LenderState | undefined,
  at: { readonly now: number; readonly blockTime: number; readonly patienceSeconds: number },
): AssessedLender {
  const { lender, market, agent, has } = reading;
  const { now, blockTime, patienceSeconds } = at;
  const numbers = numbersOf(onChain);
  const tried = earlier?.tried ?? null;
  const changes = callsOf(reading);
  const until = changes.length === 0 ? null : restUntil(reading, tried?.numbers === numbers ? tried : null, now);
  const said = standing(reading, onChain, {
    due: changes.length > 0,
    until,
    blockTime,
    refused: tried?.refused ?? null,
  });
  const since = LENDER_STATES[said.state].differs ? (earlier?.since ?? now) : null;
  const patient = since !== null && now - since >= patienceSeconds;
  return {
    agent,
    numbers,
    ltvBps: reading.collateral?.ltvBps ?? null,
    calls: until === null && patient ? changes : [],
    state: {
      ...{ lender, market, ...said, since, tried },
      has: has && { ltvBps: has.ltvBps, thresholdBps: has.thresholdBps, supplyCap: has.supplyCap },
      says: saysOf(onChain),
    },
  };
}

/** What moves only by a batch or by governance; what ages is not among it. */
function numbersOf({ storedInitialBps, maintenanceTargetBps, limit, mode }: OnChainMarket): string {
  return `${storedInitialBps}/${maintenanceTargetBps}/${limit}/${mode}`;
}

function saysOf({ initialBps, maintenanceBps, limit }: OnChainMarket): LenderNumbers {
  return {
    ltvBps: BPS_ONE - initialBps,
    thresholdBps: BPS_ONE - maintenanceBps,
    supplyCap: Number(tokensOf(limit)),
  };
}

/** Tightening first, and last of all older configurations. */
function callsOf({ asset, has, collateral, cap, due }: LenderReading): readonly LenderCall[] {
  const calls: LenderCall[] = [];
  if (has === null) return calls;
  if (collateral?.changes === true) {
    calls.push({ functionName: "sync", asset, tightens: collateral.ltvBps < has.ltvBps });
  }
  if (cap?.changes === true) {
    const tightens = has.supplyCap === null || cap.supplyCap < has.supplyCap;
    calls.push({ functionName: "syncSupplyCap", asset, tightens });
  }
  for (const key of due) calls.push({ functionName: "lower", asset, key, tightens: false });
  return calls.toSorted(byUrgency);
}

/** Until when nothing is tried again at unmoved numbers; null: it may be now. */
function restUntil(
  { has, collateral, stepSeconds }: LenderReading,
  tried: LenderState["tried"],
  now: number,
): number | null {
  if (tried === null) return null;
  const until = tried.at + (tried.refused === null ? Math.min(REST_SECONDS, stepSeconds) : REST_SECONDS);
  if (until <= now) return null;
  if (tried.refused !== null || collateral?.changes !== true || has === null) return until;
  const set = Math.min(has.ltvBps, tried.ltvBps ?? BPS_ONE);
  return set - collateral.ltvBps >= URGENT_BPS ? null : until;
}

type Standing = Pick<LenderState, "state" | "nextAt" | "detail">;

function standing(
  { has, fault, stepFrom }: LenderReading,
  { maintenanceBps }: OnChainMarket,
  known: {
    readonly due: boolean;
    readonly until: number | null;
    readonly blockTime: number;
    readonly refused: string | null;
  },
): Standing {
  const { due, until, blockTime, refused } = known;
  if (fault !== null) return { ...fault, nextAt: null };
  if (due && until === null) return { state: "DUE", nextAt: null, detail: null };
  if (due) return { state: refused === null ? "WAITS" : "REFUSED", nextAt: until, detail: refused };
  if (has?.frozen === true) return { state: "FROZEN", nextAt: null, detail: null };
  // LT x bonus stays at most 100 %.
  const goal =
    has === null ? 0 : Math.min(BPS_ONE - maintenanceBps, Math.floor(BPS_ONE ** 2 / Math.max(has.bonusBps, 1)));
  const steps = has !== null && has.thresholdBps !== goal && stepFrom > blockTime;
  return steps
    ? { state: "STEPPING", nextAt: stepFrom, detail: null }
    : { state: "AGREES", nextAt: null, detail: null };
}
