import { clock, day } from "./format.js";
import { tooltip } from "./tooltip.js";

const DAY = 86_400;

/**
 * One line of a chart. `colour` names a CSS custom property; `style` is how it is drawn.
 * @typedef {{ label: string, colour: string, style: "line" | "step" | "dashed", format: (value: number) => string }} Line
 */

/**
 * Options of one chart of the stack: shared time axis and cursor, one value axis with its unit.
 * @param {{ width: number, height: number, lines: readonly Line[], unit: (value: number) => string, from: number | null, to: number | null }} chart
 * @returns {uPlot.Options}
 */
export function chartOptions({ width, height, lines, unit, from, to }) {
  const style = getComputedStyle(document.documentElement);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const font = `12px ${style.getPropertyValue("--font").trim()}`;
  const step = uPlot.paths.stepped?.({ align: 1 });
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
    cursor: { sync: { key: "tonsor" }, drag: { x: false, y: false, setScale: false }, points: { size: 7 }, y: false },
    tzDate: (time) => uPlot.tzDate(new Date(time * 1000), "Etc/UTC"),
    scales: {
      x: { time: true, range: (_, low, high) => [Math.min(low, from ?? low), Math.max(high, to ?? high, low + 3600)] },
      y: { range: (_, low, high) => padded(low, high) },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 30, space: 64, values: (_, times) => dates(times) },
      { ...axis, size: 64, space: 26, values: (_, values) => values.map(unit) },
    ],
    series: [
      { label: "time" },
      ...lines.map((line) => ({
        label: line.label,
        class: line.colour.slice(2),
        stroke: colour(line.colour),
        width: line.style === "dashed" ? 1.5 : 2.25,
        ...(line.style === "dashed" ? { dash: [4, 4] } : {}),
        ...(line.style === "step" && step !== undefined ? { paths: step } : {}),
        points: { show: (/** @type {uPlot} */ chart) => chart.data[0].length < 3, size: 6 },
      })),
    ],
    plugins: [tooltip(lines.map(({ format }) => format))],
  };
}

/** @param {number | null} low @param {number | null} high @returns {[number, number]} */
function padded(low, high) {
  if (low === null || high === null || !Number.isFinite(low)) return [0, 1];
  const margin = Math.max((high - low) * 0.08, Math.abs(high) * 0.01);
  return [Math.max(0, low - margin), high + margin];
}

/** Days, or hours with the day where it changes. @param {number[]} times */
function dates(times) {
  const [first = 0, second = first + DAY] = times;
  if (second - first >= DAY) return times.map(day);
  return times.map((time, index) => (index === 0 || time % DAY === 0 ? day(time) : clock(time)));
}
