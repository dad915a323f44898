import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { type Hex, type MarketMode, MODES, NEVER_LAPSES } from "../../../keeper/domain/contract.ts";
import { hourStart, modeAt, settle } from "./follow.ts";
import {
  accountOf,
  type Caller,
  type ContractState,
  definedClass,
  isSame,
  lacks,
  listedMarket,
  type Market,
  type Outcome,
  type Refusal,
  refuse,
  withAccount,
  withClass,
  withMarket,
} from "./state.ts";

/** How long what a guardian does holds, and how long after its lapse it cannot be done again; how long a challenge holds. */
const GUARDIAN_SECONDS = 72 * HOUR_SECONDS;
const COOLDOWN_SECONDS = 24 * HOUR_SECONDS;
const CHALLENGE_SECONDS = 6 * HOUR_SECONDS;

/**
 * The contract's `setMode`. Governance: any mode, until changed, and a guardian's cool-down ends. Guardian: only safer than now, for 72 hours, not within 24
 * hours of its lapse; making its own closing stricter does not make it longer, and what governance closed it leaves alone.
 * Challenger: only NORMAL to NO_NEW_RISK, for 6 hours; a guardian's cool-down goes on as if there were no challenge.
 */
export function setMode(state: ContractState, marketId: number, mode: MarketMode, caller: Caller): Outcome {
  const market = listedMarket(state, marketId);
  if (market === null) return refuse("UnknownMarket", marketId);
  const lapse = lapseOf(state, market, marketId, mode, caller);
  if ("refused" in lapse) return lapse;
  return {
    state: withMarket(state, marketId, { ...settle(market, caller.now), mode, ...lapse }),
    events: [{ name: "ModeChanged", marketId, mode, by: caller.address, until: lapse.modeUntil }],
  };
}

type Lapse = Pick<Market, "modeUntil" | "challenged"> & { readonly cooledAt?: number };

function lapseOf(
  state: ContractState,
  market: Market,
  marketId: number,
  mode: MarketMode,
  caller: Caller,
): Lapse | { readonly refused: Refusal } {
  const { now, address } = caller;
  if (isSame(state.owner, address)) return { modeUntil: NEVER_LAPSES, challenged: false };
  const current = modeAt(market, now);
  const notSafer = () => refuse("ModeNotSafer", marketId, MODES.indexOf(mode), MODES.indexOf(current));
  if (accountOf(state, address).power === "CHALLENGER") {
    if (mode !== "NO_NEW_RISK" || current !== "NORMAL") return notSafer();
    return { modeUntil: hourStart(now) + CHALLENGE_SECONDS, ...challenged(market) };
  }
  const missing = lacks(state, caller, "GUARDIAN");
  if (missing) return missing;
  if (MODES.indexOf(mode) <= MODES.indexOf(current)) return notSafer();
  if (current !== "NORMAL" && !market.challenged) {
    if (market.modeUntil === NEVER_LAPSES) return refuse("HeldByGovernance", marketId, MODES.indexOf(current));
    return { modeUntil: market.modeUntil, challenged: false };
  }
  const modeUntil = guardianUntil(cooledAt(market), now);
  return typeof modeUntil === "number" ? { modeUntil, challenged: false } : modeUntil;
}

/** When a guardian may set a mode again: by its own, or by the one whose place a challenge has taken. */
function cooledAt(market: Market): number {
  if (market.challenged) return market.cooledAt;
  return market.mode === "NORMAL" ? 0 : market.modeUntil + COOLDOWN_SECONDS;
}

/** What a challenge leaves of a guardian's mode: its cool-down, neither ended nor made longer. */
export function challenged(market: Market): Pick<Market, "challenged" | "cooledAt"> {
  return { challenged: true, cooledAt: cooledAt(market) };
}

/** The contract's `haltWriter`: a hot key sends nothing for 72 hours. */
export function haltWriter(state: ContractState, holder: Hex, caller: Caller): Outcome {
  const missing = lacks(state, caller, "GUARDIAN");
  if (missing) return missing;
  const account = accountOf(state, holder);
  if (account.power !== "HOT") return refuse("NotAHotKey", holder);
  const until = guardianUntil(account.haltedUntil + COOLDOWN_SECONDS, caller.now);
  if (typeof until !== "number") return until;
  return {
    state: withAccount(state, holder, { ...account, haltedUntil: until }),
    events: [{ name: "WriterHalted", account: holder, until }],
  };
}

/** The contract's `holdClass`: for 72 hours nobody loosens in it. */
export function holdClass(state: ContractState, classId: number, caller: Caller): Outcome {
  const missing = lacks(state, caller, "GUARDIAN");
  if (missing) return missing;
  const found = definedClass(state, classId);
  if ("refused" in found) return found;
  const heldUntil = guardianUntil(found.heldUntil + COOLDOWN_SECONDS, caller.now);
  if (typeof heldUntil !== "number") return heldUntil;
  return {
    state: withClass(state, classId, { ...found, heldUntil }),
    events: [{ name: "ClassHeld", classId, until: heldUntil }],
  };
}

/** Until when a guardian's act holds, or its refusal before the last one of its kind has cooled down. */
function guardianUntil(cooledAt: number, now: number): number | { readonly refused: Refusal } {
  if (now < cooledAt) return refuse("GuardianCoolingDown", cooledAt);
  return hourStart(now) + GUARDIAN_SECONDS;
}
