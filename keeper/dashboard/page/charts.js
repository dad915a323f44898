/** @import { SeriesPoint } from "../status.ts" */
/** @import { Line } from "./chartOptions.js" */
import { chartOptions } from "./chartOptions.js";
import { element } from "./dom.js";
import { price } from "./format.js";

/** @param {number} value */
const percentValue = (value) => `${value.toFixed(2)} %`;
/** @param {number} value */
const percentTick = (value) => `${Number(value.toFixed(2))} %`;
/** @param {number | null} bps */
const inPercent = (bps) => (bps === null ? null : bps / 100);

/** @typedef {{ title: string, height: number, unit: (value: number) => string, lines: readonly (Line & { of: (point: SeriesPoint) => number | null })[] }} Chart */

/** @type {readonly Chart[]} */
const CHARTS = [
  {
    title: "Haircuts, % of value",
    height: 290,
    unit: percentTick,
    lines: [
      {
        label: "Initial, on chain",
        colour: "--initial",
        style: "step",
        format: percentValue,
        of: (point) => inPercent(point.onChainInitialBps),
      },
      {
        label: "Initial, target",
        colour: "--initial",
        style: "dashed",
        format: percentValue,
        of: (point) => inPercent(point.targetInitialBps),
      },
      {
        label: "Maintenance, on chain",
        colour: "--maintenance",
        style: "line",
        format: percentValue,
        of: (point) => inPercent(point.onChainMaintenanceBps),
      },
      {
        label: "Maintenance, target",
        colour: "--maintenance",
        style: "dashed",
        format: percentValue,
        of: (point) => inPercent(point.targetMaintenanceBps),
      },
    ],
  },
  {
    title: "Volatility used, % a year",
    height: 140,
    unit: percentTick,
    lines: [
      {
        label: "Volatility",
        colour: "--volatility",
        style: "line",
        format: (value) => `${value.toFixed(1)} %`,
        of: (point) => point.volatility * 100,
      },
    ],
  },
  {
    title: "Price, USD",
    height: 140,
    unit: price,
    lines: [{ label: "Price", colour: "--price", style: "line", format: price, of: (point) => point.priceUsd }],
  },
];

/**
 * The stack of charts in `parent`. `draw` takes all points and the span of time to show (null: that of the points).
 * @param {HTMLElement} parent
 */
export function createCharts(parent) {
  const figures = CHARTS.map((chart) => {
    const canvas = element("div", { class: "canvas", role: "img" });
    const legend = chart.lines.map((line) =>
      element("li", {}, element("i", { class: `swatch ${line.colour.slice(2)} ${line.style}` }), line.label),
    );
    const caption = element(
      "figcaption",
      {},
      element("h3", {}, chart.title),
      element("ul", { class: "legend" }, ...legend),
    );
    parent.append(element("figure", {}, caption, canvas));
    return { chart, canvas, plot: /** @type {uPlot | null} */ (null) };
  });
  /** @type {{ points: readonly SeriesPoint[], from: number | null, to: number | null }} */
  let last = { points: [], from: null, to: null };

  /** @param {boolean} rebuild */
  const redraw = (rebuild) => {
    const times = last.points.map((point) => point.time);
    for (const figure of figures) {
      const { chart, canvas } = figure;
      const data = /** @type {uPlot.AlignedData} */ ([times, ...chart.lines.map((line) => last.points.map(line.of))]);
      const width = canvas.clientWidth;
      canvas.setAttribute("aria-label", summary(chart, last.points));
      if (width === 0) continue;
      if (figure.plot !== null && !rebuild) {
        figure.plot.setData(data);
        continue;
      }
      figure.plot?.destroy();
      const { height, unit, lines } = chart;
      figure.plot = new uPlot(chartOptions({ width, height, unit, lines, from: last.from, to: last.to }), data, canvas);
    }
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw(true));
  new ResizeObserver(() => {
    for (const { plot, canvas, chart } of figures) plot?.setSize({ width: canvas.clientWidth, height: chart.height });
  }).observe(parent);
  return {
    /** @param {readonly SeriesPoint[]} points @param {number | null} from @param {number | null} to */
    draw(points, from, to) {
      const rebuild = from !== last.from || to !== last.to;
      last = { points, from, to };
      redraw(rebuild);
    },
  };
}

/** @param {Chart} chart @param {readonly SeriesPoint[]} points */
function summary(chart, points) {
  const parts = chart.lines.map((line) => {
    const values = points.map(line.of).filter((value) => value !== null);
    const [first, end] = [values[0], values.at(-1)];
    return first === undefined || end === undefined
      ? `${line.label}: no value`
      : `${line.label}: from ${line.format(first)} to ${line.format(end)}`;
  });
  return `${chart.title}. ${parts.join("; ")}.`;
}
