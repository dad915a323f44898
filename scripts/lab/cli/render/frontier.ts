import type { Frontier } from "../../frontier/frontier.ts";
import { middleLtv } from "../../frontier/judgeAsset.ts";

/** The frontier in short: each comparison at the middle LTV, the rules from best to worst. */
export function renderFrontier({ rows, reproduction, files }: Frontier): string {
  const groups = new Map<string, string[]>();
  for (const row of rows.toSorted((a, b) => a.badDebtBps - b.badDebtBps)) {
    if (row.targetLtv !== middleLtv(row.class)) continue;
    const key = `${row.asset.padEnd(6)}${row.span.padEnd(19)}${row.depth.padEnd(10)}${(row.targetLtv * 100).toFixed(0)} %`;
    groups.set(key, [...(groups.get(key) ?? []), `${row.rule} ${row.badDebtBps.toFixed(1)}`]);
  }
  const lines = [...groups].map(([key, rules]) => `${key}  ${rules.join("  ")}`);
  const again =
    reproduction.length === 0 ? [] : ["Published figures made again:", "", ...reproduction.map(reproducedLine), ""];
  return [...again, "Bad debt, bp of the mean debt a year, at equal mean LTV:", "", ...lines, "", ...files].join("\n");
}

/** One published figure beside ours, as a line of fixed width. */
export function reproducedLine({
  asset,
  what,
  figure,
  published,
  ours,
  isWithinTwo,
}: Frontier["reproduction"][0]): string {
  const digits = figure === "caused" ? 2 : 1;
  const numbers = [published, ours].map((one) => one.toFixed(digits).padStart(7)).join("");
  return `${asset.padEnd(5)}${what.padEnd(56)}${figure.padEnd(9)}${numbers}  ${isWithinTwo ? "" : "beyond a factor of two"}`.trimEnd();
}
