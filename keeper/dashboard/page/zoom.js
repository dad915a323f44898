/** @import { SeriesPoint } from "../status.ts" */
import { byId, element } from "./dom.js";

const HOUR = 3600;

/** @type {readonly (readonly [name: string, seconds: number | null])[]} */
const SPANS = [
  ["1 h", HOUR],
  ["1 day", 24 * HOUR],
  ["1 week", 168 * HOUR],
  ["All", null],
];

/**
 * What of time the charts show: so many seconds up to the newest point, all (null), or a part that was dragged over.
 * @typedef {number | null | readonly [from: number, to: number]} Zoom
 */

/**
 * The ends of the time axis, Unix seconds: never less than an hour, however few points there are.
 * @param {Zoom} zoom @param {readonly SeriesPoint[]} points
 * @param {{ readonly from: number, readonly to: number } | null} replay whose whole span is shown with all
 * @returns {readonly [from: number, to: number]}
 * @example axis(null, [{ time: 7200 }], null) // [7200, 10800]
 */
export function axis(zoom, points, replay) {
  if (Array.isArray(zoom)) return [zoom[0], zoom[1]];
  const first = points[0]?.time ?? replay?.from ?? 0;
  const last = points.at(-1)?.time ?? first;
  if (zoom === null) return [Math.min(first, replay?.from ?? first), Math.max(last, replay?.to ?? last, first + HOUR)];
  const from = Math.max(first, last - /** @type {number} */ (zoom));
  return [from, Math.max(last, from + HOUR)];
}

/** The buttons of `#spans`. @param {Zoom} zoom @param {(zoom: Zoom) => void} choose */
export function showSpans(zoom, choose) {
  const parent = byId("spans");
  if (parent.childElementCount === 0) {
    for (const [name, seconds] of SPANS) {
      const button = element("button", { type: "button", "data-seconds": String(seconds) }, name);
      button.addEventListener("click", () => choose(seconds));
      parent.append(button);
    }
  }
  for (const button of parent.children) {
    button.setAttribute("aria-pressed", String(button.getAttribute("data-seconds") === String(zoom)));
  }
}
