/** @import { MarketStatus, SeriesPoint, TimelineEvent } from "../status.ts" */
/** @import { Chart } from "./chartLines.js" */
/** @import { Zoom } from "./zoom.js" */
import { CHARTS } from "./chartLines.js";
import { chartOptions } from "./chartOptions.js";
import { element } from "./dom.js";
import { axis } from "./zoom.js";

/**
 * What the charts show of one market.
 * @typedef {{ points: readonly SeriesPoint[], events: readonly TimelineEvent[], onChain: MarketStatus["onChain"], replay: { readonly from: number, readonly to: number } | null, zoom: Zoom }} Shown
 */

/**
 * The stack of charts in `parent`, drawn anew by `draw`.
 * @param {HTMLElement} parent
 * @param {(zoom: Zoom) => void} onZoom called where a part was dragged over, or all is asked for by a double click
 */
export function createCharts(parent, onZoom) {
  const figures = CHARTS.map((chart) => figureOf(chart, parent));
  /** @type {Shown} */
  let last = { points: [], events: [], onChain: null, replay: null, zoom: null };
  const view = {
    axis: () => axis(last.zoom, last.points, last.replay),
    events: () => last.events,
    drag: (/** @type {number} */ from, /** @type {number} */ to) => onZoom([from, to]),
  };

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
      const bounds = () => (last.onChain === null ? [] : (chart.bounds?.(last.onChain.bounds) ?? []));
      figure.plot = new uPlot(chartOptions({ ...chart, width }, { ...view, bounds }), data, canvas);
    }
  };
  parent.addEventListener("dblclick", () => onZoom(null));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw(true));
  new ResizeObserver(() => {
    for (const { plot, canvas, chart } of figures) plot?.setSize({ width: canvas.clientWidth, height: chart.height });
  }).observe(parent);
  return {
    /** @param {Shown} shown */
    draw(shown) {
      last = shown;
      redraw(false);
    },
  };
}

/** @param {Chart} chart @param {HTMLElement} parent */
function figureOf(chart, parent) {
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
