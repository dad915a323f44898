import { escaped } from "../validation/report/format.ts";
import { details, figure, paragraph, section, table } from "../validation/report/html.ts";
import { STYLE } from "../validation/report/style.ts";
import { DEPTH_FAMILIES } from "./depthFamilies.ts";
import type { Frontier } from "./frontier.ts";
import type { FrontierRow } from "./judgeAsset.ts";
import { FRONTIER_RULES, type FrontierRule } from "./rules.ts";

const COLUMNS = [
  ...["asset", "span", "depth", "rule", "target_ltv", "scale", "mean_threshold", "mean_debt_usd", "bad_debt_bps"],
  ...["against_static_low_bps", "against_static_high_bps", "bad_debt_at_equal_debt_bps", "caused", "liquidated_usd"],
  ...["mean_unsold_usd", "initial_rise_1d", "initial_rise_5d", "initial_rise_30d"],
  ...["maintenance_rise_1d", "maintenance_rise_5d", "maintenance_rise_30d"],
];

/** Every row as csv; an empty cell has no value. */
export function frontierCsv(rows: readonly FrontierRow[]): string {
  const lines = rows.map((row) =>
    [
      ...[row.asset, row.span, row.depth, row.rule, row.targetLtv, row.scale, row.meanThreshold, row.meanDebtUsd],
      ...[row.badDebtBps, row.againstStatic?.low ?? "", row.againstStatic?.high ?? "", row.badDebtAtEqualDebtBps ?? ""],
      ...[row.caused, row.liquidatedUsd, row.meanUnsoldUsd, ...row.initialRise, ...row.maintenanceRise],
    ].join(","),
  );
  return `${[COLUMNS.join(","), ...lines].join("\n")}\n`;
}

/** The frontier as one page that needs nothing else: where others win first, then pictures and tables by asset. */
export function frontierPage({ rows, choices, assumptions }: Omit<Frontier, "files">): string {
  const groups = groupsOf(rows);
  const chosen = choices.map(({ asset, depth, rule, targetLtv, badDebtBps }) => [
    ...[asset, depth, rule, percent(targetLtv), badDebtBps.toFixed(2)],
  ]);
  const assets = [...new Set(rows.map(({ asset }) => asset))];
  const body = [
    section("losses", "Where others win", paragraph(WHAT), lossTable(groups)),
    ...assets.map((asset) => assetSection(asset, groups)),
    section(
      "chosen",
      "Chosen before later data was read",
      paragraph("On data before 2023 alone, the rule with the least bad debt at the middle LTV:"),
      table(["asset", "depth", "rule", "mean LTV", "bad debt, bp a year"], chosen),
    ),
    section(
      "assumed",
      "What was assumed",
      table(
        ["assumption", "value"],
        Object.entries(assumptions).map(([name, value]) => [name, String(value)]),
      ),
      table(
        ["depth", "is"],
        DEPTH_FAMILIES.map(({ name, what }) => [name, what]),
      ),
      table(["rule", "is"], Object.entries(FRONTIER_RULES)),
    ),
  ];
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Frontier</title><style>${STYLE}</style></head><body><header><h1>Bad debt against borrowing power</h1></header><main>${body.join("\n")}</main></body></html>\n`;
}

const WHAT =
  "Each rule is scaled until it offers the same mean LTV; bad debt is in basis points of the mean debt a year. onChain is today's " +
  "model through policy and contract. An interval that does not hold 0 is a difference that three-month blocks of the same " +
  "history do not explain.";

type Group = {
  readonly asset: string;
  readonly span: string;
  readonly depth: string;
  readonly rows: readonly FrontierRow[];
};

function groupsOf(rows: readonly FrontierRow[]): readonly Group[] {
  const groups = new Map<string, FrontierRow[]>();
  for (const row of rows) {
    const key = [row.asset, row.span, row.depth].join("\n");
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((own) => {
    const { asset, span, depth } = own[0] as FrontierRow;
    return { asset, span, depth, rows: own };
  });
}

/** Rows at the middle LTV target of a group. */
function middle({ rows }: Group): readonly FrontierRow[] {
  const targets = [...new Set(rows.map(({ targetLtv }) => targetLtv))].sort((a, b) => a - b);
  const target = targets[Math.floor(targets.length / 2)];
  return rows.filter(({ targetLtv }) => targetLtv === target);
}

function lossTable(groups: readonly Group[]): string {
  const lost = groups.flatMap((group) => {
    const rows = middle(group).filter(({ rule }) => rule !== "foresight");
    const ours = rows.find(({ rule }) => rule === "onChain");
    const better = rows.filter((row) => ours !== undefined && row !== ours && row.badDebtBps < ours.badDebtBps);
    if (ours === undefined || better.length === 0) return [];
    const names = better
      .toSorted((a, b) => a.badDebtBps - b.badDebtBps)
      .map(({ rule, badDebtBps }) => `${rule} ${badDebtBps.toFixed(1)}`);
    return [
      [group.asset, group.span, group.depth, percent(ours.targetLtv), ours.badDebtBps.toFixed(1), names.join(", ")],
    ];
  });
  return table(
    ["asset", "data", "depth", "mean LTV", "onChain, bp", "better"],
    lost,
    `${lost.length} of ${groups.length} comparisons lost`,
  );
}

function assetSection(asset: string, groups: readonly Group[]): string {
  const own = groups.filter((group) => group.asset === asset);
  const parts = own.map((group) => {
    const title = `${group.span}, depth ${group.depth}`;
    const rows = middle(group).map((row) => [
      row.rule,
      row.badDebtBps.toFixed(2),
      row.againstStatic === null ? "" : `${row.againstStatic.low.toFixed(1)} to ${row.againstStatic.high.toFixed(1)}`,
      row.badDebtAtEqualDebtBps === null ? "" : row.badDebtAtEqualDebtBps.toFixed(2),
      percent(row.caused),
      percent(row.meanThreshold),
      percent(row.initialRise[0] ?? 0),
      percent(row.maintenanceRise[2] ?? 0),
    ]);
    const headers = ["rule", "bad debt, bp", "less static, 95 %", "at equal debt, bp", "caused a year", "threshold"];
    return details(
      title,
      figure(`Bad debt against mean LTV offered, ${title}`, (width) => lines(width, group.rows)) +
        table([...headers, "initial, most in 1 d", "maintenance, most in 30 d"], rows),
    );
  });
  return section(`asset-${asset}`, asset, ...parts);
}

const HEIGHT = 300;
const MARGIN = { left: 52, right: 96, top: 12, bottom: 30 };
const COLOURS: Partial<Record<FrontierRule, string>> = {
  static: "static",
  onChain: "chain",
  ours: "ours",
  plain: "plain",
  foresight: "fall",
};

/** Lines of bad debt (root scale, so that small and large can be told apart) against mean LTV, named at their ends. */
function lines(width: number, rows: readonly FrontierRow[]): string {
  const most = Math.max(1, ...rows.map(({ badDebtBps }) => badDebtBps));
  const ltvs = rows.map(({ targetLtv }) => targetLtv);
  const [from, to] = [Math.min(...ltvs), Math.max(...ltvs)];
  const x = (ltv: number) =>
    MARGIN.left + ((ltv - from) / Math.max(1e-9, to - from)) * (width - MARGIN.left - MARGIN.right);
  const y = (bps: number) => HEIGHT - MARGIN.bottom - Math.sqrt(bps / most) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const rules = [...new Set(rows.map(({ rule }) => rule))];
  const ends: number[] = [];
  const drawn = rules
    .map((rule) => ({ rule, points: rows.filter((row) => row.rule === rule) }))
    .toSorted((a, b) => (b.points.at(-1)?.badDebtBps ?? 0) - (a.points.at(-1)?.badDebtBps ?? 0))
    .map(({ rule, points }) => {
      const path = points.map(
        ({ targetLtv, badDebtBps }, i) =>
          `${i === 0 ? "M" : "L"}${x(targetLtv).toFixed(1)} ${y(badDebtBps).toFixed(1)}`,
      );
      const last = points.at(-1) as FrontierRow;
      const at = Math.max(y(last.badDebtBps), (ends.at(-1) ?? 0) + 13);
      ends.push(at);
      const label = `<text x="${(x(last.targetLtv) + 6).toFixed(1)}" y="${(at + 4).toFixed(1)}">${escaped(rule)}</text>`;
      return `<path d="${path.join("")}" class="line ${COLOURS[rule] ?? "other"}"/>${label}`;
    });
  const ticks = [0, most / 9, (most * 4) / 9, most].map((bps) => {
    const at = y(bps).toFixed(1);
    return `<path d="M${MARGIN.left} ${at}H${width - MARGIN.right}" class="grid"/><text x="${MARGIN.left - 6}" y="${at}" text-anchor="end">${bps.toFixed(bps < 10 ? 1 : 0)}</text>`;
  });
  const marks = [...new Set(ltvs)].map(
    (ltv) => `<text x="${x(ltv).toFixed(1)}" y="${HEIGHT - 8}" text-anchor="middle">${percent(ltv)}</text>`,
  );
  return `<svg viewBox="0 0 ${width} ${HEIGHT + 60}" role="img" aria-label="bad debt against mean LTV by rule">${[...ticks, ...marks, ...drawn].join("")}</svg>`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
