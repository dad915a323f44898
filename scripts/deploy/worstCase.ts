import { DAY_MINUTES, WINDOWS_TOUCHED } from "../../keeper/domain/calendar.ts";

const WINDOW_HOURS = 8;

/** Budget windows that a span of hours can touch at worst. @example windowsIn(24) // 4 */
export function windowsIn(hours: number): number {
  return Math.floor(hours / WINDOW_HOURS) + (hours % WINDOW_HOURS === 0 ? 1 : 2);
}

/** The most one market loosens in a span, bps; a step of 0 lets nothing loosen. @example mostLoosened(1, 200, 80) // 100 */
export function mostLoosened(hours: number, budgetBpsPerDay: number, stepBps: number): number {
  return stepBps === 0 ? 0 : (windowsIn(hours) * budgetBpsPerDay) / WINDOWS_TOUCHED;
}

/** The most maintenance moves in a span, bps: whole ticks, one of them under way. @example mostMoved(1, 150) // 7 */
export function mostMoved(hours: number, speedBpsPerDay: number): number {
  return Math.ceil((speedBpsPerDay * hours * 60) / DAY_MINUTES);
}
