import { type MarketForm, PLAY_DEFAULTS, USUAL_FORM } from "../market/play.ts";

/** What is the same for all rules. */
export type Assumptions = {
  readonly [Name in Exclude<keyof typeof PLAY_DEFAULTS, "ltv" | "threshold" | "bonus" | "cap">]: number;
} & {
  /** Collateral that borrowers bring, USD at the mean price of the span. */
  readonly capUsd: number;
  readonly form: MarketForm;
};

const { ltv: _ltv, threshold: _threshold, bonus: _bonus, cap: _cap, ...numbers } = PLAY_DEFAULTS;
const SCARCE = { ...numbers, hoursToSell: 100, capUsd: 100_000_000 };

/**
 * Named sets of assumptions. `usual` is a market with borrowers of every kind, prices that follow sales and depth that
 * refills. `firstJudge` is the plainest market that gives the figures of MODEL.md section 7: a hundredth of the cap is sold
 * an hour and no more, at an unmoved price; the whole cap is lent at the LTV offered, in equal parts each hour, for twenty
 * days; a liquidation closes a position.
 */
export const ASSUMPTIONS = {
  usual: { ...SCARCE, form: { ...USUAL_FORM, inTurn: true } },
  firstJudge: {
    ...{ ...SCARCE, impactShare: 0, oracleDeviation: 0, topUpShare: 0 },
    form: { usage: [1], inTurn: false, termDays: 20, sales: "fixed", closeFactor: 1, gasUsd: 0, flashFee: 0 },
  },
} as const satisfies Record<string, Assumptions>;
