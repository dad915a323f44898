import type { Frontier } from "../../frontier/frontier.ts";
import { middleLtv, tells } from "../../frontier/judgeAsset.ts";

/** The frontier in short: each comparison at the middle LTV, the rules from best to worst. */
export function renderFrontier({ rows, reproduction, files }: Frontier): string {
  const middle = rows.filter((row) => row.targetLtv === middleLtv(row.class));
  const groups = Map.groupBy(
    middle.toSorted((a, b) => a.badDebtBps - b.badDebtBps),
    ({ asset, span, depth, targetLtv }) =>
      `${asset.padEnd(6)}${span.padEnd(19)}${depth.padEnd(10)}${(targetLtv * 100).toFixed(0)} %`,
  );
  const lines = [...groups].map(([key, own]) => {
    const rules = own.map(({ rule, badDebtBps }) => `${rule} ${badDebtBps.toFixed(1)}`);
    return `${key}  ${tells(own) ? rules.join("  ") : "no rule loses as much as 0.05"}`;
  });
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
