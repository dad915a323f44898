import type { HaircutBreakdown, Target } from "../../domain/decision.ts";
import { shortPercent } from "../../domain/format.ts";
import { haircutToBpsUp } from "../../domain/numbers.ts";
import type { ModelParameters } from "../../domain/parameters.ts";

/** One additive part of a haircut. */
export type WaterfallStep = {
  readonly label: string;
  /** Whole basis points it adds. */
  readonly bps: number;
  /** Where it comes from, with numbers and units. */
  readonly detail: string;
};

/** Names of the steps, in the order in which they are always given; a step that adds nothing is there with 0. */
const WATERFALL_LABELS = [
  "price loss over the horizon",
  "oracle error",
  "idiosyncratic risk",
  "liquidation bonus",
  "solvency line",
  "minimum gap",
  "rise of the price",
  "rounding up",
] as const;

/**
 * One side of a target as parts that sum exactly to its haircut in whole basis points, rounded up. The factors of LT are
 * multiplied in the order of the labels, each part being what it takes off what is left; running sums are rounded to
 * whole basis points, so a part is exact to one basis point and the sum has no remainder but the last step (0 or 1).
 * @example waterfall(target(calmEth, DEFAULT_MODEL), "maintenance", DEFAULT_MODEL)[0].bps // 1095
 */
export function waterfall(
  target: Target,
  side: "maintenance" | "initial",
  parameters: ModelParameters,
): readonly WaterfallStep[] {
  const terms = side === "maintenance" ? target.maintenanceTerms : target.initialTerms;
  const total = target[side];
  let left = 1;
  const after = (factor: number) => {
    left *= factor;
    return 1 - left;
  };
  const sums = [
    after(1 - terms.loss),
    after(1 - terms.oracleError),
    after(1 - terms.idiosyncratic),
    after(1 / (1 + terms.bonus)),
    terms.haircut,
    side === "maintenance" ? total : Math.max(terms.haircut, Math.min(1, target.maintenance + parameters.minimumGap)),
    total,
  ];
  const details = [
    lossDetail(terms),
    `deviation and latency of the price feed at this volatility: ${shortPercent(terms.oracleError)} of value`,
    `governance: ${shortPercent(terms.idiosyncratic)} for what no market datum shows`,
    `the liquidator is paid ${shortPercent(terms.bonus)}; what that pays for in slippage sets the exposure limit, not the haircut`,
    "keeps (1 - maintenance)(1 + bonus) one basis point below 1, where a liquidation still helps the account",
    gapDetail(target, side, parameters),
    riseDetail(target, side),
    "whole basis points, against the borrower",
  ];
  const whole = [...sums.map((sum) => Math.round(sum * 10_000)), haircutToBpsUp(Math.min(1, Math.max(0, total)))];
  return WATERFALL_LABELS.map((label, i) => ({
    label,
    bps: (whole[i] ?? 0) - (i === 0 ? 0 : (whole[i - 1] ?? 0)),
    detail: details[i] ?? "",
  }));
}

function lossDetail(b: HaircutBreakdown): string {
  const horizon = `${round(b.horizonHours, 1)} h`;
  if (b.lossBinding === "historical")
    return `worst days of this asset's own history at a volatility of ${shortPercent(b.volatility)}, ${horizon}`;
  if (b.lossBinding === "riskNeutral") return `tail that the options market prices, ${horizon}`;
  return `expected shortfall ${round(b.tailMultiple, 3)} x volatility ${shortPercent(b.volatility)} a year x root of ${horizon}`;
}

function gapDetail(target: Target, side: "maintenance" | "initial", parameters: ModelParameters): string {
  const gap = shortPercent(parameters.minimumGap);
  if (side === "maintenance") return "applies to the initial haircut only";
  return `initial is at least maintenance ${shortPercent(target.maintenance)} + ${gap}`;
}

function riseDetail({ rise }: Target, side: "maintenance" | "initial"): string {
  if (side === "maintenance") return "applies to the initial haircut only";
  if (rise === undefined) return "the price has risen no faster than new loans may count it";
  return `of a price of ${round(rise.priceUsd, 2)} USD new loans count ${round(rise.believedUsd, 2)} USD`;
}

/** At most `digits` decimals, no trailing zeros, the same in every locale. */
function round(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
