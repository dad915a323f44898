/** @import { TimelineEvent } from "../status.ts" */
/** @import { Bound } from "./annotations.js" */
import { annotations } from "./annotations.js";
import { clock, day } from "./format.js";
import { tooltip } from "./tooltip.js";

const DAY = 86_400;

/**
 * One line of a chart. `colour` names a CSS custom property; `style` is how it is drawn.
 * @typedef {{ label: string, colour: string, style: "line" | "step" | "dashed", format: (value: number) => string }} Line
 */

/**
 * What every chart of the stack shows now; read anew at each drawing.
 * @typedef {{ axis(): readonly [from: number, to: number], events(): readonly TimelineEvent[], bounds(): readonly Bound[], drag(from: number, to: number): void }} View
 */

/**
 * Options of one chart of the stack: shared time axis and cursor, one value axis with its unit.
 * @param {{ width: number, height: number, lines: readonly Line[], unit: (value: number) => string }} chart
 * @param {View} view
 * @returns {uPlot.Options}
 */
export function chartOptions({ width, height, lines, unit }, view) {
  const style = getComputedStyle(document.documentElement);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const font = `12px ${style.getPropertyValue("--font").trim()}`;
  const axis = {
    stroke: colour("--quiet"),
    font,
    ticks: { show: false },
    grid: { stroke: colour("--grid"), width: 1 },
  };
  return {
    width,
    height,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: "tonsor" }, drag: { x: true, y: false, setScale: false }, points: { size: 7 }, y: false },
    tzDate: (time) => uPlot.tzDate(new Date(time * 1000), "Etc/UTC"),
    scales: {
      x: { time: true, range: () => [...view.axis()] },
      y: { range: (_, low, high) => padded(low, high, view.bounds()) },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 30, space: 64, values: (_, times) => dates(times) },
      { ...axis, size: 64, space: 26, values: (_, values) => values.map(unit) },
    ],
    series: [{ label: "time" }, ...lines.map((line) => seriesOf(line, colour))],
    hooks: { setSelect: [(chart) => dragged(chart, view)] },
    plugins: [
      tooltip(
        lines.map(({ format }) => format),
        view.events,
      ),
      annotations(view.events, view.bounds, colour),
    ],
  };
}

/** @param {Line} line @param {(name: string) => string} colour @returns {uPlot.Series} */
function seriesOf(line, colour) {
  const step = uPlot.paths.stepped?.({ align: 1 });
  return {
    label: line.label,
    class: line.colour.slice(2),
    stroke: colour(line.colour),
    width: line.style === "dashed" ? 1.5 : 2.25,
    ...(line.style === "dashed" ? { dash: [4, 4] } : {}),
    ...(line.style === "step" && step !== undefined ? { paths: step } : {}),
    points: { show: (/** @type {uPlot} */ chart) => chart.data[0].length < 3, size: 6 },
  };
}

/** Shows what was dragged over, once, in all charts. @param {uPlot} chart @param {View} view */
function dragged(chart, view) {
  const { left, width } = chart.select;
  if (width < 4) return;
  const [from, to] = [chart.posToVal(left, "x"), chart.posToVal(left + width, "x")];
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  view.drag(from, to);
}

/**
 * Ends of the value axis: the data with a margin, and a bound that is near it.
 * @param {number | null} low @param {number | null} high @param {readonly Bound[]} bounds @returns {[number, number]}
 */
function padded(low, high, bounds) {
  if (low === null || high === null || !Number.isFinite(low)) return [0, 1];
  const near = Math.max((high - low) * 0.5, Math.abs(high) * 0.02);
  const close = bounds.map(({ value }) => value).filter((value) => value >= low - near && value <= high + near);
  const [least, most] = [Math.min(low, ...close), Math.max(high, ...close)];
  const margin = Math.max((most - least) * 0.08, Math.abs(most) * 0.01);
  return [Math.max(0, least - margin), most + margin];
}

/** Days, or hours with the day where it changes. @param {number[]} times */
function dates(times) {
  const [first = 0, second = first + DAY] = times;
  if (second - first >= DAY) return times.map(day);
  return times.map((time, index) => (index === 0 || time % DAY === 0 ? day(time) : clock(time)));
}
