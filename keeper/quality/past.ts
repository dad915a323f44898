import { isoTime } from "../domain/calendar.ts";
import { type Fault, fault } from "../domain/fault.ts";
import type { PriceHistory, PricePast } from "../domain/observation.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import { pastAfter } from "../model/history/pricePast.ts";
import { settledHistory } from "./histories.ts";

/** Another venue whose days are so many times as wild, by variance, is believed against the first. */
const WILDER = 1.5;

/**
 * The past of a price until a midnight, from that until one before it and what venues say of the hours between: the first one's
 * candles without those that stand on its word alone. Where another's days are half as wild again, they count (DISAGREES): of
 * two that contradict each other about years ago, the one that loosens is not believed.
 * @param histories of one price, the preferred first, from four days before to two days after (`pastAfter`); none: nothing is added
 * @returns faults with a count: what is long ago is in nobody's way today
 */
export function pastOfVenues(
  before: PricePast,
  histories: readonly PriceHistory[],
  until: number,
  quality: MarketParameters["quality"],
): { readonly past: PricePast; readonly faults: readonly Fault[] } {
  const settled = histories.map((own) =>
    settledHistory([own, ...histories.filter((other) => other !== own)], own.eventTime, quality),
  );
  const said = settled[0]?.faults ?? [];
  // Of another asset or unit, or in doubt to its end.
  const strangers = said.filter(({ code, count }) => code === "DISAGREES" && count === undefined);
  const trusted = settled.filter(
    ({ history }, i) => i === 0 || !strangers.some((one) => one.source === history.source),
  );
  let past: PricePast = { ...before, until };
  let most = 0;
  const faults: Fault[] = said.map((one) => ({ ...one, count: one.count ?? 1 }));
  for (const { history } of trusted) {
    const found = pastAfter(before, history, until);
    const wild = addedVariance(before, found);
    if (wild <= WILDER * most) continue;
    if (most > 0) {
      const seen = `${(wild / most).toPrecision(3)} times the variance that ${histories[0]?.source} shows`;
      const span = `from ${isoTime(before.until)} to ${isoTime(until)}`;
      faults.push(fault("DISAGREES", history.source, `${seen} ${span}, and counts`, 1));
    }
    [past, most] = [found, wild];
  }
  return { past, faults };
}

/** Mean variance of the days added, not annualised; 0 where none was. */
function addedVariance(before: PricePast, after: PricePast): number {
  const total = ({ days }: PricePast, column: 0 | 1) => days.reduce((sum, day) => sum + day[column], 0);
  const known = total(after, 0) - total(before, 0);
  return known > 0 ? (total(after, 1) - total(before, 1)) / known : 0;
}
