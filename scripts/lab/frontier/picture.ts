import { percent } from "../../../keeper/domain/format.ts";
import { escaped } from "../page/format.ts";
import type { FrontierRow } from "./judgeAsset.ts";
import type { FrontierRule } from "./rules.ts";

/** Rules that are drawn, by what a reader knows them as; the others stand in the table. */
const DRAWN: Partial<Record<FrontierRule, readonly [label: string, style: string]>> = {
  static: ["static", "static"],
  onChain: ["Tonsor on chain", "chain"],
  ewmaNormal: ["EWMA", "other"],
  smartLtv: ["SmartLTV", "plain"],
  fastLongSlow: ["fast x long, depth", "ours"],
  limitLowers: ["static, limit", "static dashed"],
  slowLimit: ["slow, limit", "ours dashed"],
  foresight: ["foresight", "fall"],
};

/** A rule's name with what the pictures call it. @example nameOf("onChain") // "onChain (Tonsor on chain)" */
export function nameOf(rule: FrontierRule): string {
  const label = DRAWN[rule]?.[0] ?? rule;
  return label.toLowerCase() === rule.toLowerCase() ? rule : `${rule} (${label})`;
}

const HEIGHT = 320;
const MARGIN = { left: 44, right: 92, top: 14, bottom: 44 };
/** Pixels from one name to the next. */
const LINE = 14;

/**
 * Bad debt against mean LTV as lines, one a rule, named at their ends; on a root scale, so that small and large can be kept
 * apart. Names that would lie on each other are moved and joined to their line.
 * @param width pixels  @param rows of one asset, span and family, at the class's LTVs
 */
export function frontierPicture(width: number, rows: readonly FrontierRow[]): string {
  const lines = Object.entries(DRAWN).flatMap(([rule, [label, style]]) => {
    const points = rows.filter((row) => row.rule === rule).toSorted((a, b) => a.targetLtv - b.targetLtv);
    return points.length === 0 ? [] : [{ label, style, points }];
  });
  const most = Math.max(1, ...lines.flatMap(({ points }) => points.map(({ badDebtBps }) => badDebtBps)));
  const ltvs = [...new Set(rows.map(({ targetLtv }) => targetLtv))].toSorted((a, b) => a - b);
  const [from, to] = [ltvs[0] ?? 0, ltvs.at(-1) ?? 1];
  const right = width - MARGIN.right;
  const x = (ltv: number) => MARGIN.left + ((ltv - from) / Math.max(1e-9, to - from)) * (right - MARGIN.left);
  const y = (bps: number) => HEIGHT - MARGIN.bottom - Math.sqrt(bps / most) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const ends = lines.map(({ points }) => y((points.at(-1) as FrontierRow).badDebtBps));
  const places = apart(ends);
  const drawn = lines.map(({ label, style, points }, i) => {
    const path = points.map(({ targetLtv, badDebtBps }, n) => {
      return `${n === 0 ? "M" : "L"}${x(targetLtv).toFixed(1)} ${y(badDebtBps).toFixed(1)}`;
    });
    const [end, place] = [ends[i] as number, places[i] as number];
    const at = x((points.at(-1) as FrontierRow).targetLtv);
    const dash = style.endsWith("dashed") ? ' stroke-dasharray="5 4"' : "";
    const dots = points.map(({ targetLtv, badDebtBps }) => {
      return `<circle cx="${x(targetLtv).toFixed(1)}" cy="${y(badDebtBps).toFixed(1)}" r="2.5" class="dot ${style}"/>`;
    });
    return (
      `<path d="${path.join("")}" class="line ${style}"${dash}/>${dots.join("")}` +
      `<path d="M${(at + 3).toFixed(1)} ${end.toFixed(1)}L${(right + 8).toFixed(1)} ${place.toFixed(1)}" class="grid"/>` +
      `<text x="${right + 10}" y="${(place + 4).toFixed(1)}">${escaped(label)}</text>`
    );
  });
  const ticks = [0, 1 / 9, 4 / 9, 1].map((share) => {
    const [bps, at] = [most * share, y(most * share)];
    return (
      `<path d="M${MARGIN.left} ${at.toFixed(1)}H${right}" class="grid"/>` +
      `<text x="${MARGIN.left - 6}" y="${(at + 4).toFixed(1)}" text-anchor="end">${bps.toFixed(most < 10 ? 1 : 0)}</text>`
    );
  });
  const marks = ltvs.map((ltv) => {
    return `<text x="${x(ltv).toFixed(1)}" y="${HEIGHT - 26}" text-anchor="middle">${percent(ltv, 0)}</text>`;
  });
  const middle = ((MARGIN.left + right) / 2).toFixed(1);
  const axis = `<text x="${middle}" y="${HEIGHT - 6}" text-anchor="middle">mean LTV offered</text>`;
  return `<svg viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="bad debt against mean LTV by rule">${[...ticks, ...marks, axis, ...drawn].join("")}</svg>`;
}

/** Places for names near their heights, `LINE` apart or more, within the picture. */
function apart(heights: readonly number[]): readonly number[] {
  const order = [...heights.keys()].toSorted((a, b) => (heights[a] as number) - (heights[b] as number));
  const places = [...heights];
  const lowest = HEIGHT - MARGIN.bottom;
  let last = MARGIN.top - LINE;
  for (const i of order) {
    last = Math.max(heights[i] as number, last + LINE);
    places[i] = last;
  }
  let next = lowest + LINE;
  for (const i of order.toReversed()) {
    next = Math.min(places[i] as number, next - LINE);
    places[i] = next;
  }
  return places;
}
