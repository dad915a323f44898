/** @import { TimelineEvent } from "../status.ts" */
import { element, mark } from "./dom.js";
import { moment } from "./format.js";

/** Events that one box tells of. */
const MOST_EVENTS = 3;

/**
 * A uPlot plugin: a box beside the cursor with the time, the value of every series there, and what happened up to it since the
 * point before.
 * @param {readonly ((value: number) => string)[]} formats one per series, time excluded
 * @param {() => readonly TimelineEvent[]} events
 * @returns {uPlot.Plugin}
 */
export function tooltip(formats, events) {
  const box = element("div", { class: "tooltip", "aria-hidden": "true" });
  return {
    hooks: {
      init: (/** @type {uPlot} */ chart) => {
        box.hidden = true;
        chart.over.append(box);
      },
      setCursor: (/** @type {uPlot} */ chart) => {
        const { idx, left } = chart.cursor;
        const time = idx == null ? undefined : chart.data[0][idx];
        box.hidden = time === undefined || left === undefined || left < 0;
        if (box.hidden || idx == null || time === undefined || left === undefined) return;
        const since = chart.data[0][idx - 1] ?? time - 1;
        const happened = events().filter((event) => event.time > since && event.time <= time);
        const rows = chart.series.slice(1).flatMap((series, index) => {
          const value = chart.data[index + 1]?.[idx];
          if (value == null) return [];
          const swatch = element("i", { class: `swatch ${series.class ?? ""}` });
          const shown = element("b", {}, formats[index]?.(value) ?? String(value));
          return [element("div", {}, swatch, `${series.label} `, shown)];
        });
        const notes = happened.slice(-MOST_EVENTS).map(({ words, tone }) => element("div", {}, mark(words, tone)));
        box.replaceChildren(element("div", { class: "when" }, moment(time)), ...rows, ...notes);
        const width = box.offsetWidth;
        const space = chart.over.clientWidth;
        const beside = left + 14 + width > space ? left - 14 - width : left + 14;
        box.style.transform = `translate(${Math.max(0, Math.min(beside, space - width))}px, 6px)`;
      },
    },
  };
}
