/** @import { Waterfall } from "../status.ts" */
import { element } from "./dom.js";
import { bpsPercent } from "./format.js";

/**
 * One haircut as a list of steps: words, basis points, a bar that starts where the last one ended, and the origin.
 * @param {string} title
 * @param {"initial" | "maintenance"} side
 * @param {Waterfall} waterfall
 */
export function waterfallFigure(title, side, waterfall) {
  let from = 0;
  const spans = waterfall.steps.map((step) => {
    const start = from;
    from += step.bps;
    return { step, low: Math.min(start, from), high: Math.max(start, from) };
  });
  const full = Math.max(1, waterfall.totalBps, ...spans.map(({ high }) => high));
  const items = spans
    .filter(({ step }) => step.bps !== 0)
    .map(({ step, low, high }) =>
      element(
        "li",
        {},
        element("span", { class: "label" }, step.label),
        barOf(low / full, (high - low) / full, side),
        element("span", { class: "amount" }, signed(step.bps)),
        element("small", {}, step.origin),
      ),
    );
  const sum = element(
    "li",
    { class: "sum" },
    element("span", { class: "label" }, "Sum"),
    barOf(0, waterfall.totalBps / full, side),
    element("span", { class: "amount" }, `${waterfall.totalBps.toLocaleString("en-US")} bp`),
  );
  const caption = element(
    "figcaption",
    {},
    element("h3", {}, title),
    element("strong", {}, bpsPercent(waterfall.totalBps)),
  );
  const list = element("ol", {}, ...items, sum);
  return element("figure", { class: "waterfall" }, caption, list, ...folded(waterfall.steps));
}

/** What adds nothing now, with why. @param {Waterfall["steps"]} steps */
function folded(steps) {
  const nothing = steps.filter(({ bps }) => bps === 0);
  if (nothing.length === 0) return [];
  const rows = nothing.map(({ label, origin }) => element("li", {}, label, element("small", {}, origin)));
  const count = nothing.length === 1 ? "1 part adds nothing" : `${nothing.length} parts add nothing`;
  return [element("details", {}, element("summary", {}, `${count} now`), element("ul", {}, ...rows))];
}

/** @param {number} start @param {number} length fractions of the width @param {string} side */
function barOf(start, length, side) {
  const bar = element("span", { class: `span ${side}` });
  bar.style.marginLeft = `${(start * 100).toFixed(2)}%`;
  bar.style.width = `${(length * 100).toFixed(2)}%`;
  return element("span", { class: "track", "aria-hidden": "true" }, bar);
}

/** @param {number} bps */
function signed(bps) {
  return `${bps < 0 ? "−" : "+"}${Math.abs(bps).toLocaleString("en-US")} bp`;
}
