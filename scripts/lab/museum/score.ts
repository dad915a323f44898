import type { Exhibit } from "./museum.ts";
import type { Outcome, Side } from "./play.ts";

/** What incidents are judged by: lower is better, shares of the rule's own mean debt so that a smaller book wins nothing. */
export const METRICS = {
  wrongful: {
    what: "wrongful liquidations",
    title: "wrongful liquidations, of mean debt",
    of: (one: Outcome) => overDebt(one, one.wrongfulByPrintUsd + one.wrongfulByRuleUsd),
  },
  badDebt: { what: "bad debt", title: "bad debt, of mean debt", of: (one: Outcome) => overDebt(one, one.badDebtUsd) },
  power: { what: "mean LTV", title: "borrowing power, mean", of: (one: Outcome) => 1 - one.meanLtv },
  falseTrips: { what: "false trips", title: "false trips", of: (one: Outcome) => one.falseTrips },
  closed: { what: "hours closed", title: "hours closed", of: (one: Outcome) => one.hoursClosed },
} as const;
export type Metric = keyof typeof METRICS;
/** In the order in which losses are reported. */
export const METRIC_NAMES = Object.keys(METRICS) as readonly Metric[];

/** Less than this apart is alike: a ten-thousandth of the debt, a hundredth of a point of LTV. */
const ALIKE = 1e-4;

export type Comparison = {
  readonly metric: Metric;
  readonly static: number;
  readonly onChain: number;
  readonly better: Side | "alike";
};

/** Both sides by every metric. */
export function compare(outcomes: Readonly<Record<Side, Outcome>>): readonly Comparison[] {
  return METRIC_NAMES.map((metric) => {
    const { of } = METRICS[metric];
    const [fixed, ours] = [of(outcomes.static), of(outcomes.onChain)];
    const better = Math.abs(fixed - ours) <= ALIKE ? "alike" : fixed < ours ? "static" : "onChain";
    return { metric, static: fixed, onChain: ours, better };
  });
}

/** Share of the mean debt; 0 where nobody borrowed. */
function overDebt({ meanDebtUsd }: Outcome, usd: number): number {
  return meanDebtUsd === 0 ? 0 : usd / meanDebtUsd;
}

const COLUMNS = [
  ...["incident", "inputs", "lender", "rule", "wrongful_by_print_usd", "wrongful_by_rule_usd", "liquidated_usd"],
  ...["bad_debt_usd", "mean_debt_usd", "mean_ltv", "mean_threshold", "lowest_ltv", "most_unsold_usd", "hours_closed"],
  ...["trips", "false_trips", "digest"],
];

/** One row for each incident and rule; money in USD, shares as fractions. */
export function scoreboardCsv(exhibits: readonly Exhibit[]): string {
  const rows = exhibits.flatMap(({ name, inputs, lender, outcomes, digest }) =>
    (["static", "onChain"] as const).map((side) => {
      const one = outcomes[side];
      return [
        ...[
          name,
          inputs,
          JSON.stringify(lender),
          side,
          one.wrongfulByPrintUsd,
          one.wrongfulByRuleUsd,
          one.liquidatedUsd,
        ],
        ...[one.badDebtUsd, one.meanDebtUsd, one.meanLtv, one.meanThreshold, one.lowestLtv, one.mostUnsoldUsd],
        ...[one.hoursClosed, one.trips.length, one.falseTrips, digest],
      ].join(",");
    }),
  );
  return `${[COLUMNS.join(","), ...rows].join("\n")}\n`;
}
