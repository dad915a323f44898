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

/**
 * One side of a target as parts that sum exactly to its haircut in whole basis points, rounded up; a step that adds nothing is there
 * with 0, and those of a claim where the market is one. The factors of LT are multiplied in the order of the steps, each part being what it takes off what is left; running sums are rounded to
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
  const { depeg } = terms;
  const isLast = target.initialBinding === "depeg" && side === "initial";
  const gapped =
    side === "maintenance" ? total : Math.max(terms.haircut, Math.min(1, target.maintenance + parameters.minimumGap));
  const steps: readonly (readonly [label: string, sum: number, detail: string])[] = [
    ["price loss over the horizon", after(1 - terms.loss), lossDetail(terms)],
    [
      "oracle error",
      after(1 - terms.oracleError),
      `deviation and latency of the price feed at this volatility: ${shortPercent(terms.oracleError)} of value`,
    ],
    [
      "idiosyncratic risk",
      after(1 - terms.idiosyncratic),
      `governance: ${shortPercent(terms.idiosyncratic)} for what no market datum shows`,
    ],
    ...(depeg === undefined
      ? []
      : [
          [
            "depeg",
            after(1 - depeg),
            `${shortPercent(depeg)} against what it is a claim on: stated, or the tail of its ratio`,
          ] as const,
        ]),
    [
      "liquidation bonus",
      after(1 / (1 + terms.bonus)),
      `the liquidator is paid ${shortPercent(terms.bonus)}; what that pays for in slippage sets the exposure limit, not the haircut`,
    ],
    [
      "solvency line",
      terms.haircut,
      "keeps (1 - maintenance)(1 + bonus) one basis point below 1, where a liquidation still helps the account",
    ],
    ["minimum gap", gapped, gapDetail(target, side, parameters)],
    ["rise of the price", isLast ? gapped : total, riseDetail(target, side)],
    ...(depeg === undefined ? [] : [["below its claim", total, claimDetail(isLast)] as const]),
    [
      "rounding up",
      haircutToBpsUp(Math.min(1, Math.max(0, total))) / 10_000,
      "whole basis points, against the borrower",
    ],
  ];
  const whole = steps.map(([, sum]) => Math.round(sum * 10_000));
  return steps.map(([label, , detail], i) => ({
    label,
    bps: (whole[i] ?? 0) - (i === 0 ? 0 : (whole[i - 1] ?? 0)),
    detail,
  }));
}

function claimDetail(isBinding: boolean): string {
  return isBinding
    ? "the market pays less for it, or counts it at less, than the bonus bridges: nothing new is lent"
    : "new loans alone: the market pays what it is a claim on, within what the bonus bridges";
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
