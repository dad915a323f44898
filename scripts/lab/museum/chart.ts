import { DAY_SECONDS, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import type { Colour } from "../page/charts.ts";
import { escaped } from "../page/format.ts";
import { ticksBetween } from "../page/niceTicks.ts";

/** One line over the steps of an incident. */
type Line = {
  readonly name: string;
  readonly colour: Colour;
  readonly values: ArrayLike<number>;
  readonly dashed?: true;
};

/** What is drawn above one another: lines on one scale, marks at moments. */
type Panel = {
  readonly times: Float64Array;
  readonly lines: readonly Line[];
  /** Moments, Unix seconds, numbered from 1 as in the list beside the chart. */
  readonly marks: readonly number[];
  readonly format: (value: number) => string;
  /** The scale begins here; null: at the lowest value. */
  readonly lowest: number | null;
};

const MARGIN = { left: 58, right: 10, top: 20, bottom: 24 } as const;
/** Points that a line is drawn through, two for each stretch of steps: its lowest and its highest. */
const STRETCHES = 300;
const STEPS = [1, 3, 6, 12, 24, 48, 120, 240].map((hours) => hours * HOUR_SECONDS);

/** Lines over the time of an incident, with numbered moments; dashes tell lines of one colour apart. */
export function incidentChart(width: number, { times, lines, marks, format, lowest }: Panel): string {
  const height = width < 500 ? 210 : 250;
  const [from, to] = [times[0] as number, times.at(-1) as number];
  const all = lines.flatMap(({ values }) => Array.from(values).filter(Number.isFinite));
  const [low, high] = [lowest ?? Math.min(...all), Math.max(...all)];
  const room = Math.max(1e-12, (high - low) * 0.04);
  const [bottom, top] = [lowest ?? low - room, high + room];
  const x = (at: number) => MARGIN.left + ((at - from) / (to - from)) * (width - MARGIN.left - MARGIN.right);
  const y = (value: number) =>
    height - MARGIN.bottom - ((value - bottom) / (top - bottom)) * (height - MARGIN.top - MARGIN.bottom);
  const drawn = lines.map(({ colour, values, dashed }) => {
    const dash = dashed ? ' stroke-dasharray="5 4"' : "";
    return `<path d="${pathOf(times, values, x, y)}" class="line ${colour}"${dash}/>`;
  });
  const grid = ticksBetween(bottom, top).map((value) => {
    const at = y(value).toFixed(1);
    return `<path d="M${MARGIN.left} ${at}H${width - MARGIN.right}" class="grid"/>${text(MARGIN.left - 6, y(value) + 4, format(value), "end")}`;
  });
  const ticks = timeTicks(from, to, width < 500 ? 3 : 8).map(({ at, label }) =>
    text(Math.min(width - 30, x(at)), height - 6, label, "middle"),
  );
  const body = [...grid, ...markLines(marks, x, width, height), ...drawn, ...ticks].join("");
  const label = escaped(`${lines.map(({ name }) => name).join(", ")} over time`);
  const legend = lines.map(({ name, colour, dashed }) => {
    return `<li><span class="swatch ${colour}"></span>${escaped(dashed ? `${name} (dashed)` : name)}</li>`;
  });
  return `<ul class="legend">${legend.join("")}</ul><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${body}</svg>`;
}

/** Moments as lines; those that lie beside one another share a label. */
function markLines(marks: readonly number[], x: (at: number) => number, width: number, height: number): string[] {
  const groups: { at: number; names: number[] }[] = [];
  marks.forEach((mark, n) => {
    const at = Math.min(width - MARGIN.right, Math.max(MARGIN.left, x(mark)));
    const last = groups.at(-1);
    if (last !== undefined && at - last.at < 22) last.names.push(n + 1);
    else groups.push({ at, names: [n + 1] });
  });
  return groups.map(({ at, names }) => {
    const label = names.length > 2 ? `${names[0]}-${names.at(-1)}` : names.join(",");
    return `<path d="M${at.toFixed(1)} ${MARGIN.top - 4}V${height - MARGIN.bottom}" class="bars"/>${text(at, 12, label, "middle")}`;
  });
}

/** A path through the lowest and the highest value of each stretch, in their order; nothing where there is no value. */
function pathOf(
  times: Float64Array,
  values: ArrayLike<number>,
  x: (at: number) => number,
  y: (value: number) => number,
) {
  const size = Math.max(1, Math.ceil(times.length / STRETCHES));
  let [path, pen] = ["", "M"];
  for (let start = 0; start < times.length; start += size) {
    const inside = Array.from({ length: Math.min(size, times.length - start) }, (_, i) => start + i).filter((i) => {
      return Number.isFinite(values[i]);
    });
    if (inside.length === 0) pen = "M";
    const sorted = inside.toSorted((a, b) => (values[a] as number) - (values[b] as number));
    const chosen = new Set([sorted[0], sorted.at(-1)].filter((i) => i !== undefined));
    for (const i of [...chosen].sort((a, b) => a - b)) {
      path += `${pen}${x(times[i] as number).toFixed(1)} ${y(values[i] as number).toFixed(1)}`;
      pen = "L";
    }
  }
  return path;
}

function timeTicks(from: number, to: number, most: number): { at: number; label: string }[] {
  const step = STEPS.find((one) => (to - from) / one <= most) ?? 480 * HOUR_SECONDS;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, n) => first + n * step).map((at) => {
    const iso = new Date(at * 1_000).toISOString();
    return { at, label: step < DAY_SECONDS ? iso.slice(5, 16).replace("T", " ") : iso.slice(5, 10) };
  });
}

function text(x: number, y: number, words: string, anchor: "middle" | "end"): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escaped(words)}</text>`;
}
