import type { ExposureLimit, HaircutBreakdown } from "../../../keeper/domain/decision.ts";
import { haircutToBpsUp } from "../../../keeper/domain/numbers.ts";
import {
  REACH_BPS,
  type Reach,
  type Sensitivity,
  sensitivity,
  whatWouldMove,
} from "../../../keeper/model/explain/sensitivity.ts";
import { type WaterfallStep, waterfall } from "../../../keeper/model/explain/waterfall.ts";
import { maxSlippage } from "../../../keeper/model/haircut.ts";
import { target } from "../../../keeper/model/target.ts";
import { modelInputs, parseQuoteInput, type QuoteSettings } from "./quoteInput.ts";

/** One side of a quote. */
export type QuoteSide = {
  /** Whole basis points, rounded up. */
  readonly haircutBps: number;
  /** Parts that sum exactly to `haircutBps`. */
  readonly waterfall: readonly WaterfallStep[];
  /** Every term, fractions. */
  readonly terms: HaircutBreakdown;
};

/** Both haircuts and the exposure limit of one set of risk inputs; field names carry their units. */
export type QuoteReport = {
  readonly initialHaircutBps: number;
  readonly maintenanceHaircutBps: number;
  /** 1 - initial haircut, after rounding, a fraction. */
  readonly loanToValue: number;
  /** 1 - maintenance haircut, after rounding, a fraction. */
  readonly liquidationThreshold: number;
  /** Average slippage that the bonus can pay: `depthUsd` is to be measured at this. */
  readonly maxSlippage: number;
  readonly maintenance: QuoteSide;
  readonly initial: QuoteSide;
  /** What initial follows: "market" | "gap". */
  readonly initialBinding: string;
  readonly limit: ExposureLimit;
  readonly sensitivities: readonly Sensitivity[];
  /** What would have to happen to each input for a haircut to move by 100 bp. */
  readonly reach: readonly Reach[];
  /** Every input with its default filled in. */
  readonly inputs: QuoteSettings;
};

/**
 * Both haircuts and the exposure limit of explicitly given risk inputs, without any service or market data.
 * @param content the JSON value of the input; `source` names it in errors
 * @throws BAD_FILE listing every problem of the input at once
 * @example quote({ volatility: 0.6, depthUsd: 60e6, largestBorrowerUsd: 20e6 }).initialHaircutBps // 1919
 */
export function quote(content: unknown, source = "the input"): QuoteReport {
  const inputs = parseQuoteInput(source, content);
  const { risk, parameters } = modelInputs(inputs);
  const found = target(risk, parameters);
  const side = (which: "maintenance" | "initial", terms: HaircutBreakdown): QuoteSide => ({
    haircutBps: haircutToBpsUp(found[which]),
    waterfall: waterfall(found, which, parameters),
    terms,
  });
  const [maintenance, initial] = [side("maintenance", found.maintenanceTerms), side("initial", found.initialTerms)];
  return {
    initialHaircutBps: initial.haircutBps,
    maintenanceHaircutBps: maintenance.haircutBps,
    loanToValue: (10_000 - initial.haircutBps) / 10_000,
    liquidationThreshold: (10_000 - maintenance.haircutBps) / 10_000,
    maxSlippage: maxSlippage(inputs.liquidationBonus, inputs.liquidationCost),
    maintenance,
    initial,
    initialBinding: found.initialBinding,
    limit: found.limit,
    sensitivities: sensitivity(risk, parameters),
    reach: whatWouldMove(risk, parameters, REACH_BPS),
    inputs,
  };
}
