import type { FrontierRow } from "./judgeAsset.ts";
import { REGIMES } from "./regimes.ts";

const HEADS = [
  ...[
    "asset",
    "class",
    "span",
    "depth",
    "rule",
    "target_ltv",
    "scale",
    "mean_threshold",
    "mean_debt_usd",
    "bad_debt_bps",
  ],
  ...[
    "year_99_bps",
    "worst_30d_bps",
    "against_static_low_bps",
    "against_static_high_bps",
    "bad_debt_at_equal_debt_bps",
    "fixed_limit_bps",
  ],
  ...["caused", "unmoved_30d", "unmoved_60d", "liquidated_usd", "mean_unsold_usd", "updates", "false_trips"],
  ...["initial_rise_1d", "initial_rise_5d", "initial_rise_30d"],
  ...["maintenance_rise_1d", "maintenance_rise_5d", "maintenance_rise_30d"],
  ...REGIMES.flatMap((name) =>
    ["share", "bad_debt_bps", "liquidated_bps", "caused_bps", "mean_ltv"].map((what) => `${name}_${what}`),
  ),
];

/** Every row as csv; an empty cell has no value. */
export function frontierCsv(rows: readonly FrontierRow[]): string {
  const lines = rows.map((row) =>
    [
      ...[row.asset, row.class, row.span, row.depth, row.rule, row.targetLtv, row.scale, row.meanThreshold],
      ...[row.meanDebtUsd, row.badDebtBps, row.year99Bps, row.worst30DaysBps],
      ...[
        row.againstStatic?.low ?? "",
        row.againstStatic?.high ?? "",
        row.badDebtAtEqualDebtBps ?? "",
        row.fixedLimitBps ?? "",
      ],
      ...[row.caused, row.unmoved30, row.unmoved60, row.liquidatedUsd, row.meanUnsoldUsd, row.updates, row.falseTrips],
      ...[...row.initialRise, ...row.maintenanceRise],
      ...REGIMES.flatMap((name) => {
        const { share, badDebtBps, liquidatedBps, causedBps, meanLtv } = row.regimes[name];
        return [share, badDebtBps, liquidatedBps, causedBps, meanLtv];
      }),
    ].join(","),
  );
  return `${[HEADS.join(","), ...lines].join("\n")}\n`;
}
