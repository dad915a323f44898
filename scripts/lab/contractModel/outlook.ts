import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import type { Decision, OnChainMarket, Reason } from "../../../keeper/domain/decision.ts";
import { minuteStart } from "./follow.ts";
import { readHaircuts } from "./read.ts";
import { type ContractState, EMPTY_STATE, type Market, ZERO } from "./state.ts";

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
const SILENT: readonly Reason[] = ["NO_DATA", "OVERRIDDEN", "HALTED", "DELISTED"];

/**
 * What the contract would show at `now` (Unix seconds), an hour and a day later, if `decision` were written at `now` and
 * the keeper renewed it without changing it: initial in full at once, maintenance at its speed, not down while frozen.
 * Speed, ttl and decay are computed by the model of the contract.
 * @example outlookOf(calm, { ...submitting, maintenanceTargetBps: 2_200 }, now).afterDay.maintenanceBps // 1900 + 10
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
function stateOf(onChain: OnChainMarket, asOf: number, now: number): ContractState {
  const { storedInitialBps: initialBps, limits, classHeldUntil: heldUntil, classId } = onChain;
  const { tightenSpeedBpsPer30Days, loosenSpeedBpsPer30Days, ttlHours } = limits;
  const market: Market = {
    ...onChain,
    ...{ initialBps, tightenSpeedBpsPer30Days, loosenSpeedBpsPer30Days, ttlHours },
    ...{ settled: minuteStart(now), asOf: minuteStart(asOf), raised: 0, unchangedMinutes: 0, challenged: false },
    ...{ collateral: ZERO, debt: ZERO, probe: ZERO, probed: false, cooledAt: 0 },
  };
  return { ...EMPTY_STATE, markets: [market], classes: new Map([[classId, { limits, heldUntil }]]) };
}
