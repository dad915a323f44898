import type { Frontier } from "../../frontier/frontier.ts";
import { LTV_TARGETS, MIDDLE } from "../../frontier/judgeAsset.ts";

/** The frontier in short: each comparison at the middle LTV, the rules from best to worst. */
export function renderFrontier({ rows, files }: Frontier): string {
  const middle: readonly number[] = Object.values(LTV_TARGETS).map((targets) => targets[MIDDLE] as number);
  const groups = new Map<string, string[]>();
  for (const row of rows.toSorted((a, b) => a.badDebtBps - b.badDebtBps)) {
    if (!middle.includes(row.targetLtv)) continue;
    const key = `${row.asset.padEnd(6)}${row.span.padEnd(13)}${row.depth.padEnd(10)}${(row.targetLtv * 100).toFixed(0)} %`;
    groups.set(key, [...(groups.get(key) ?? []), `${row.rule} ${row.badDebtBps.toFixed(1)}`]);
  }
  const lines = [...groups].map(([key, rules]) => `${key}  ${rules.join("  ")}`);
  return ["Bad debt, bp of the mean debt a year, at equal mean LTV:", "", ...lines, "", ...files].join("\n");
}
