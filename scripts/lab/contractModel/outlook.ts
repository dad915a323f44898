import { HOUR_SECONDS, hourOf, minuteOf } from "../../../keeper/domain/calendar.ts";
import { NEVER_LAPSES } from "../../../keeper/domain/contract.ts";
import type { Decision, OnChainMarket, Reason } from "../../../keeper/domain/decision.ts";
import { readHaircuts } from "./effective.ts";
import { type ContractState, EMPTY_STATE, type Group, type Market } from "./state.ts";

/** Both haircuts as consumers read them, whole basis points. */
type Shown = { readonly initialBps: number; readonly maintenanceBps: number };

/** What the contract shows of one decision. */
export type Outlook = {
  /** As soon as it is written; where it is held, unchanged. */
  readonly now: Shown;
  readonly afterHour: Shown;
  readonly afterDay: Shown;
  /** Where maintenance goes in the end. */
  readonly maintenanceTargetBps: number;
  /** False when the keeper cannot write: the contract's own staleness is what consumers then read. */
  readonly renewed: boolean;
};

/** Holds that last as long as their cause, so that nothing renews the value meanwhile. */
const SILENT: readonly Reason[] = ["NO_DATA", "OVERRIDDEN"];

/**
 * What the contract would show at `now` (Unix seconds), an hour and a day later, if `decision` were written at `now` and
 * the keeper renewed it without changing it: initial in full at once, maintenance at its speed, nothing while frozen.
 * Speed, ttl and decay are computed by the model of the contract.
 * @example outlookOf(calm, { ...submitting, maintenanceTargetBps: 2_200 }, now).afterDay.maintenanceBps // 1900 + 150
 */
export function outlookOf(
  onChain: OnChainMarket,
  decision: Pick<Decision, "action" | "reasons" | "initialBps" | "maintenanceTargetBps">,
  now: number,
): Outlook {
  const at = shownAt(onChain, decision, now);
  return {
    now: at(now),
    afterHour: at(now + HOUR_SECONDS),
    afterDay: at(now + 24 * HOUR_SECONDS),
    maintenanceTargetBps: decision.action === "submit" ? decision.maintenanceTargetBps : onChain.maintenanceTargetBps,
    renewed: isRenewed(decision),
  };
}

/** The same at any time from `now` on, Unix seconds. */
export function shownAt(
  onChain: OnChainMarket,
  decision: Pick<Decision, "action" | "reasons" | "initialBps" | "maintenanceTargetBps">,
  now: number,
): (time: number) => Shown {
  const { initialBps, maintenanceTargetBps } = decision;
  const written = decision.action === "submit" ? { storedInitialBps: initialBps, maintenanceTargetBps } : {};
  const renewed = isRenewed(decision);
  return (time) => {
    const read = readHaircuts(stateOf({ ...onChain, ...written }, renewed ? time : onChain.asOf, now), 1, time);
    return { initialBps: read.initialBps, maintenanceBps: read.maintenanceBps };
  };
}

function isRenewed({ reasons }: Pick<Decision, "reasons">): boolean {
  return !reasons.some((reason) => SILENT.includes(reason));
}

/** A contract that holds this one market as number 1, its maintenance settled at `now`. */
function stateOf(market: OnChainMarket, asOf: number, now: number): ContractState {
  const {
    storedInitialBps: initialBps,
    maintenanceTargetBps,
    maintenanceBps,
    mode,
    modeUntil,
    confidence,
    sources,
  } = market;
  const modeUntilHour = modeUntil >= NEVER_LAPSES ? Number.POSITIVE_INFINITY : hourOf(minuteOf(modeUntil));
  const lane: Market = {
    ...{ collateral: "0x", debt: "0x", initialBps, maintenanceTargetBps, maintenanceBps, ownAsOfMinute: null },
    ...{ mode, modeUntilHour: modeUntil === 0 ? 0 : modeUntilHour, challenged: false, confidence, sources },
  };
  const group: Group = {
    settledMinute: minuteOf(now),
    asOfMinute: minuteOf(asOf),
    spentBps: 0,
    classId: 0,
    markets: [lane],
  };
  return { ...EMPTY_STATE, profiles: [market.profile], groups: [group] };
}
