import { element } from "./dom.js";
import { moment } from "./format.js";

/**
 * A uPlot plugin: a box beside the cursor with the time and the value of every series there.
 * @param {readonly ((value: number) => string)[]} formats one per series, time excluded
 * @returns {uPlot.Plugin}
 */
export function tooltip(formats) {
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
        const rows = chart.series.slice(1).flatMap((series, index) => {
          const value = chart.data[index + 1]?.[idx];
          if (value == null) return [];
          const swatch = element("i", { class: `swatch ${series.class ?? ""}` });
          return [
            element("div", {}, swatch, `${series.label} `, element("b", {}, formats[index]?.(value) ?? String(value))),
          ];
        });
        box.replaceChildren(element("div", { class: "when" }, moment(time)), ...rows);
        const width = box.offsetWidth;
        const space = chart.over.clientWidth;
        const beside = left + 14 + width > space ? left - 14 - width : left + 14;
        box.style.transform = `translate(${Math.max(0, Math.min(beside, space - width))}px, 6px)`;
      },
    },
  };
}
