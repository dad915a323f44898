import { HOUR_SECONDS } from "../../domain/calendar.ts";
import type { Assessment, HaircutBreakdown } from "../../domain/decision.ts";
import { percent, span, usd } from "../../domain/format.ts";
import type { Risk } from "../../domain/risk.ts";
import { bar, left, type Paint, right, WIDTH, wrap } from "./layout.ts";
import { bindingWords, LADDER_WORDS } from "./words.ts";

const BAR = 36;

/** Volatility by source with bars, the rung of the ladder, and which floor binds. */
export function volatilityLines({ volatility }: Risk, paint: Paint): string[] {
  const { level, multiplier, pooled, used, binding } = volatility;
  const rows: readonly (readonly [string, number | null])[] = [
    ["options surface, at the horizon", volatility.implied],
    ["options, risk-neutral tail", volatility.riskNeutral],
    ["volatility index", volatility.index],
    ...(volatility.transferImplied === null
      ? []
      : [["options of the listed underlying", volatility.transferImplied] as const]),
    ["realised, log-HAR forecast", volatility.har],
    ["realised, EWMA", volatility.ewma],
    ["realised, long run", volatility.longRun],
    ["pooled", pooled],
    ["used by the haircut", used],
  ];
  const full = Math.max(...rows.map(([, value]) => value ?? 0));
  const lines = rows.map(([name, value]) => {
    const drawn = value === null ? "nothing to say" : bar(0, value, full, BAR);
    return `  ${left(name, 36)}${right(percent(value, 1), 9)}  ${value === null ? paint("quiet", drawn) : drawn}`.trimEnd();
  });
  const words = `ladder ${level} (${LADDER_WORDS[level] ?? level}), multiplier ${multiplier.toFixed(2)}; what binds: ${bindingWords(binding)}`;
  return [...lines, ...wrap(words, WIDTH, 4)];
}

/** Depth now and after the manipulation-resistant minimum. */
export function depthLines({ depth, dailyVolumeUsd }: Risk): string[] {
  return [
    `  ${left("sellable now", 36)}${right(usd(depth.nowUsd), 12)}  at an average slippage of ${percent(depth.maxSlippage)} or less`,
    `  ${left("counted, after the minimum over time", 36)}${right(usd(depth.robustUsd), 12)}`,
    ...wrap(`what binds: ${bindingWords(depth.binding)}`, WIDTH, 4),
    `  ${left("history behind it", 36)}${right(span(depth.historyHours * HOUR_SECONDS), 12)}`,
    `  ${left("average daily volume", 36)}${right(usd(dailyVolumeUsd), 12)}`,
  ];
}

/** Liquidation horizon and price loss of both haircuts, with what set them. */
export function horizonLines({ target }: Assessment): string[] {
  const side = (name: string, terms: HaircutBreakdown, binding: string): string[] => {
    const hours = `${terms.horizonHours.toFixed(1)} h, set by ${bindingWords(terms.horizonBinding)}`;
    const slices = `${terms.slices} slice${terms.slices === 1 ? "" : "s"} of ${usd(terms.sliceUsd)} to sell ${usd(terms.sizeUsd)}`;
    const loss = `price loss ${percent(terms.loss)}, from ${bindingWords(terms.lossBinding)}`;
    return wrap(`${name}: ${hours} (${slices}); ${loss}; the target follows ${bindingWords(binding)}`, WIDTH, 2);
  };
  return [
    ...side("maintenance", target.maintenanceTerms.current, target.maintenanceTerms.binding),
    ...side("initial", target.initialTerms.current, target.initialTerms.binding),
  ];
}
