import type { Waterfall } from "../../dashboard/status.ts";
import { bpsPercent, signedBps } from "../../domain/format.ts";
import { bar, left, type Paint, right, type Style, WIDTH, wrap } from "./layout.ts";

const LABEL = 44;
const AMOUNT = 11;
const BAR = WIDTH - 2 - LABEL - AMOUNT - 2;

/** Lines of one waterfall: every step with its basis points, a bar that starts where the last one ended, its origin. */
export function waterfallLines(waterfall: Waterfall, style: Style, paint: Paint): string[] {
  const lines: string[] = [];
  const full = Math.max(waterfall.totalBps, ...sums(waterfall));
  let from = 0;
  for (const { label, bps, origin } of waterfall.steps) {
    const drawn = bar(from, from + bps, full, BAR);
    const head = `  ${left(label, LABEL)}${right(signedBps(bps), AMOUNT)}`;
    lines.push(drawn === "" ? head : `${head}  ${paint(style, drawn)}`);
    lines.push(...wrap(origin, WIDTH, 6).map((line) => paint("quiet", line)));
    from += bps;
  }
  const total = `${right(`${waterfall.totalBps.toLocaleString("en-US")} bp`, AMOUNT)}`;
  const figure = `  ${bpsPercent(waterfall.totalBps)}`;
  lines.push(`  ${" ".repeat(LABEL)}${"-".repeat(AMOUNT)}`);
  lines.push(paint("heading", `  ${left("sum", LABEL)}${total}${figure}`));
  return lines;
}

function sums(waterfall: Waterfall): number[] {
  let sum = 0;
  return waterfall.steps.map(({ bps }) => (sum += bps));
}
