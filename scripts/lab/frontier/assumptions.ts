import type { ModelParameters } from "../../../keeper/domain/parameters.ts";
import { type MarketForm, PLAY_DEFAULTS, USUAL_FORM } from "../market/play.ts";
import { count } from "../page/format.ts";

/** What is the same for all rules. */
export type Assumptions = {
  readonly [Name in Exclude<keyof typeof PLAY_DEFAULTS, "ltv" | "threshold" | "bonus" | "cap">]: number;
} & {
  /** Collateral that borrowers bring, USD at the mean price of the span. */
  readonly capUsd: number;
  /** Days of candles that our rules keep, and of older ones what a keeper does; null: all. */
  readonly memoryDays: number | null;
  /** Parameters that differ from those of a market for which nobody says otherwise. */
  readonly changes: Partial<ModelParameters>;
  readonly form: MarketForm;
};

const { ltv: _ltv, threshold: _threshold, bonus: _bonus, cap: _cap, ...numbers } = PLAY_DEFAULTS;
const SCARCE = { ...numbers, hoursToSell: 100, capUsd: 100_000_000, memoryDays: null, changes: {} };

/**
 * Named sets of assumptions. `usual` is a market with borrowers of every kind, prices that follow sales and depth that
 * refills. `firstJudge` is the plainest market that gives the first judge's published figures (`reproduction.ts`): a hundredth of the cap is sold
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

const WORDS: Readonly<Record<Exclude<keyof Assumptions, "form" | "changes"> | keyof MarketForm, string>> = {
  capUsd: "collateral that borrowers bring, $ at the span's mean price",
  memoryDays: "days of candles kept; of older ones what the keeper keeps",
  hoursToSell: "hours that selling all of it takes at mean depth",
  impactShare: "share of the pool's drop that everybody's price follows",
  oracleDeviation: "move that the lender's price feed reports, a fraction",
  repaymentDays: "days in which half of the loans are repaid",
  topUpShare: "share of borrowers who top up",
  topUpHours: "hours in which half of those have done so, 0: all at once",
  seed: "seed of repayments and top-ups",
  usage: "shares of the offered LTV that new loans use",
  inTurn: "one of these shares each step, in turn",
  termDays: "days after which every loan is repaid, none: half-lives as above",
  sales: "sales",
  closeFactor: "share of a debt that one liquidation may repay",
  gasUsd: "gas of one liquidation, $",
  flashFee: "fee on what a liquidator borrows for it, a fraction",
};
const SALES = { curve: "into depth that gives way and refills", fixed: "so much a step at the full price, no more" };

/** What was assumed for a reader: what it is, and its value. */
export function assumedInWords({
  form,
  changes,
  ...numbers
}: Assumptions): readonly (readonly [what: string, value: string])[] {
  const values = { ...numbers, ...form };
  return [
    ...Object.entries(changes).map(([name, value]) => [`parameter ${name}, changed`, String(value)] as const),
    ...(Object.keys(WORDS) as (keyof typeof WORDS)[]).map((name) => [WORDS[name], valueText(values[name])] as const),
  ];
}

function valueText(value: number | boolean | null | readonly number[] | MarketForm["sales"]): string {
  if (typeof value === "number") return value >= 1_000 ? count(value) : String(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value === null) return "none";
  return typeof value === "string" ? SALES[value] : value.join(", ");
}
