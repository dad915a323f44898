/** @import { TimelineEvent } from "../status.ts" */

/** A horizontal line: what governance lets a number reach. @typedef {{ value: number, colour: string, label: string }} Bound */

/**
 * A uPlot plugin: events as vertical lines, bounds as horizontal ones, where they are in view.
 * @param {() => readonly TimelineEvent[]} events @param {() => readonly Bound[]} bounds
 * @param {(name: string) => string} colour of a custom property
 * @returns {uPlot.Plugin}
 */
export function annotations(events, bounds, colour) {
  return { hooks: { drawClear: (/** @type {uPlot} */ chart) => paint(chart, events(), bounds(), colour) } };
}

/** @type {Record<TimelineEvent["tone"], string>} */
const COLOURS = { plain: "--line", good: "--good", warning: "--warning", bad: "--bad" };

/** @param {uPlot} chart @param {readonly TimelineEvent[]} events @param {readonly Bound[]} bounds @param {(name: string) => string} colour */
function paint(chart, events, bounds, colour) {
  const { ctx, bbox, scales } = chart;
  const [low = 0, high = 0] = [scales["x"]?.min, scales["x"]?.max];
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  for (const { time, tone } of events) {
    if (time < low || time > high) continue;
    const x = Math.round(chart.valToPos(time, "x", true));
    ctx.setLineDash(tone === "plain" ? [] : [5, 3]);
    ctx.strokeStyle = colour(COLOURS[tone]);
    line(ctx, x, bbox.top, x, bbox.top + bbox.height);
  }
  [ctx.textAlign, ctx.textBaseline] = ["left", "alphabetic"];
  ctx.font = `${11 * devicePixelRatio}px sans-serif`;
  let written = Number.POSITIVE_INFINITY;
  for (const { value, colour: name, label } of bounds) {
    if (value < (scales["y"]?.min ?? 0) || value > (scales["y"]?.max ?? 0)) continue;
    const y = Math.round(chart.valToPos(value, "y", true));
    ctx.setLineDash([2, 5]);
    ctx.strokeStyle = colour(name);
    line(ctx, bbox.left, y, bbox.left + bbox.width, y);
    ctx.fillStyle = colour(name);
    // Of lines too near each other the first is named.
    if (Math.abs(y - written) < 14 * devicePixelRatio) continue;
    written = y;
    ctx.fillText(label, bbox.left + 4, y - 4);
  }
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 */
function line(ctx, x0, y0, x1, y1) {
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
}
