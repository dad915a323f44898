import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import { escaped } from "./format.ts";
import { niceTicks } from "./niceTicks.ts";

/** Names of the page's colours (CSS variables). */
export type Colour = "ours" | "chain" | "plain" | "static" | "other" | "fall" | "ink" | "quiet";

type Line = {
  readonly name: string;
  readonly colour: Colour;
  readonly values: readonly number[];
  readonly dashed?: boolean;
};

const MARGIN = { left: 46, right: 12, top: 12, bottom: 26 } as const;

/** Lines over time, values as percent, with bars from zero behind them. `time` in Unix seconds. */
export function timeChart(
  width: number,
  time: readonly number[],
  lines: readonly Line[],
  bars: { readonly name: string; readonly values: readonly number[] } | null,
  top?: number,
): string {
  const height = width < 500 ? 240 : 320;
  const highest = top ?? Math.max(0.1, ...lines.flatMap((line) => line.values), ...(bars?.values ?? []));
  const [from, to] = [time[0] ?? 0, time.at(-1) ?? 1];
  const x = (at: number) => MARGIN.left + ((at - from) / Math.max(1, to - from)) * (width - MARGIN.left - MARGIN.right);
  const y = (value: number) =>
    height - MARGIN.bottom - (Math.min(value, highest) / highest) * (height - MARGIN.top - MARGIN.bottom);
  const drawn = lines.map(({ values, colour, dashed }) => {
    const dash = dashed === true ? ' stroke-dasharray="5 4"' : "";
    return `<path d="${pathOf(time, values, x, y)}" class="line ${colour}"${dash}/>`;
  });
  const sticks = (bars?.values ?? []).map((value, n) => {
    const at = x(time[n] ?? 0).toFixed(1);
    return value > 0 ? `M${at} ${y(0).toFixed(1)}V${y(value).toFixed(1)}` : "";
  });
  const years = yearTicks(from, to, width).map(({ at, label }) => {
    return text(x(at), height - 8, label, x(at) > width - 30 ? "end" : "middle");
  });
  const body = [
    ...gridLines(highest, y, width),
    `<path d="${sticks.join("")}" class="bars"/>`,
    ...drawn,
    ...years,
  ].join("");
  const legend = legendOf([...lines, ...(bars === null ? [] : [{ name: bars.name, colour: "fall" as Colour }])]);
  return `${legend}${svg(width, height, body, `${lines.map(({ name }) => name).join(", ")} over time`)}`;
}

/** Rows with a point, its interval and an optional second point; a vertical line marks the promise. Values as percent. */
export function intervalChart(
  width: number,
  rows: readonly {
    readonly name: string;
    readonly value: number;
    readonly low: number;
    readonly high: number;
    readonly other?: number;
  }[],
  mark: number,
  format: (value: number) => string,
): string {
  const left = width < 500 ? 84 : 150;
  const height = 24 * rows.length + 40;
  const finite = rows.flatMap(({ value, high, other = 0 }) => [value, high, other]).filter(Number.isFinite);
  const most = Math.max(mark * 1.5, ...finite) * 1.05;
  const x = (value: number) => left + (Math.min(value, most) / most) * (width - left - 16);
  const body = rows.map(({ name, value, low, high, other }, n) => {
    const y = 22 + 24 * n;
    const second = other === undefined ? "" : `<circle cx="${x(other).toFixed(1)}" cy="${y}" r="4" class="dot other"/>`;
    return (
      `${text(left - 8, y + 4, name, "end")}<path d="M${x(low).toFixed(1)} ${y}H${x(high).toFixed(1)}" class="line ours"/>` +
      `${second}<circle cx="${x(value).toFixed(1)}" cy="${y}" r="4.5" class="dot ours"><title>${escaped(`${name}: ${format(value)}`)}</title></circle>`
    );
  });
  const line = `<path d="M${x(mark).toFixed(1)} 6V${height - 24}" class="line static" stroke-dasharray="5 4"/>`;
  const ticks = niceTicks(most).map((tick) => text(x(tick), height - 6, format(tick), "middle"));
  return svg(width, height, line + body.join("") + ticks.join(""), rows.map(({ name }) => name).join(", "));
}

/** Points with names: cost to the right, damage upwards on a root scale so that small and large can be kept apart. */
export function frontierChart(
  width: number,
  dots: readonly { readonly name: string; readonly colour: Colour; readonly x: number; readonly y: number }[],
  labels: { readonly x: string; readonly y: string },
  format: { readonly x: (value: number) => string; readonly y: (value: number) => string },
): string {
  const height = width < 500 ? 300 : 360;
  const mostX = Math.max(...dots.map((dot) => dot.x)) * 1.12;
  const mostY = Math.max(1e-9, ...dots.map((dot) => dot.y)) * 1.1;
  const x = (value: number) => 60 + (value / mostX) * (width - 60 - 20);
  const y = (value: number) => height - 44 - Math.sqrt(value / mostY) * (height - 44 - 16);
  const marks = placed(
    dots.map((dot) => ({ ...dot, px: x(dot.x), py: y(dot.y) })),
    { right: width, bottom: height - 48 },
  ).map(({ name, colour, px, py, label }) => {
    const at = label.right ? px + 9 : px - 9;
    const far = Math.abs(label.y - py) > 14;
    const leader = `<path d="M${px.toFixed(1)} ${py.toFixed(1)}L${at.toFixed(1)} ${label.y.toFixed(1)}" class="grid"/>`;
    return (
      `${far ? leader : ""}<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="5" class="dot ${colour}"/>` +
      text(at, label.y + 4, name, label.right ? "start" : "end")
    );
  });
  const ticksX = niceTicks(mostX).map((tick) => text(x(tick), height - 26, format.x(tick), "middle"));
  const ticksY = [0, mostY / 16, mostY / 4, mostY / 1.1].map(
    (tick) =>
      `<path d="M60 ${y(tick).toFixed(1)}H${width - 8}" class="grid"/>${text(54, y(tick) + 4, format.y(tick), "end")}`,
  );
  const names = text(width / 2, height - 6, labels.x, "middle") + text(4, 11, labels.y, "start");
  return svg(
    width,
    height,
    ticksY.join("") + ticksX.join("") + marks.join("") + names,
    `${labels.y} against ${labels.x}`,
  );
}

type Label = { readonly right: boolean; readonly y: number };

/** A label beside each point, on the nearest height and side where it covers no other label, no point and no axis. */
function placed<T extends { readonly px: number; readonly py: number; readonly name: string }>(
  dots: readonly T[],
  edge: { readonly right: number; readonly bottom: number },
): (T & { readonly label: Label })[] {
  const taken: { left: number; right: number; y: number }[] = dots.map(({ px, py }) => ({
    left: px - 6,
    right: px + 6,
    y: py,
  }));
  return dots.map((dot) => {
    const length = 7.4 * dot.name.length;
    const boxOf = ({ right, y }: Label) => ({
      left: right ? dot.px + 9 : dot.px - 9 - length,
      right: right ? dot.px + 9 + length : dot.px - 9,
      y,
    });
    const free = (label: Label) => {
      const box = boxOf(label);
      if (box.left < 60 || box.right > edge.right || box.y < 24 || box.y > edge.bottom) return false;
      return taken.every((other) => Math.abs(other.y - box.y) > 13 || other.left > box.right || other.right < box.left);
    };
    const tries = Array.from({ length: 41 }, (_, n) => (n % 2 === 0 ? -7 : 7) * Math.ceil(n / 2)).flatMap((shift) =>
      [true, false].map((right) => ({ right, y: dot.py + shift })),
    );
    const label = tries.find(free) ?? { right: dot.px < edge.right / 2, y: dot.py };
    taken.push(boxOf(label));
    return { ...dot, label };
  });
}

function pathOf(
  time: readonly number[],
  values: readonly number[],
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  let path = "";
  let pen = "M";
  for (const [n, value] of values.entries()) {
    // A span without data is a gap in the line.
    if (n > 0 && (time[n] ?? 0) - (time[n - 1] ?? 0) > 15 * DAY_SECONDS) pen = "M";
    path += `${pen}${x(time[n] ?? 0).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  }
  return path;
}

function gridLines(highest: number, y: (value: number) => number, width: number): string[] {
  return niceTicks(highest).map((tick) => {
    const at = y(tick).toFixed(1);
    const label = `${Number((100 * tick).toPrecision(3))} %`;
    return `<path d="M${MARGIN.left} ${at}H${width - MARGIN.right}" class="grid"/>${text(MARGIN.left - 6, y(tick) + 4, label, "end")}`;
  });
}

function yearTicks(from: number, to: number, width: number): { at: number; label: string }[] {
  const [first, last] = [new Date(from * 1000), new Date(to * 1000)];
  const months = (last.getUTCFullYear() - first.getUTCFullYear()) * 12 + last.getUTCMonth() - first.getUTCMonth();
  const days = (to - from) / DAY_SECONDS;
  const room = width < 500 ? 4 : 10;
  if (days < 40) {
    const every = Math.max(1, Math.ceil(days / room)) * DAY_SECONDS;
    const start = Math.ceil(from / DAY_SECONDS) * DAY_SECONDS;
    return Array.from({ length: Math.floor((to - start) / every) + 1 }, (_, n) => start + n * every).map((at) => ({
      at,
      label: new Date(at * 1000).toISOString().slice(5, 10),
    }));
  }
  const step = [1, 2, 3, 6, 12, 24, 36].find((candidate) => months / candidate <= room) ?? 48;
  const ticks: { at: number; label: string }[] = [];
  for (let month = 0; month <= months; month++) {
    const date = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + month, 1));
    const index = date.getUTCFullYear() * 12 + date.getUTCMonth();
    const at = date.getTime() / 1000;
    if (index % step === 0 && at >= from && at <= to)
      ticks.push({ at, label: date.toISOString().slice(0, step >= 12 ? 4 : 7) });
  }
  return ticks;
}

function legendOf(items: readonly { readonly name: string; readonly colour: Colour }[]): string {
  const entries = items.map(({ name, colour }) => `<li><span class="swatch ${colour}"></span>${escaped(name)}</li>`);
  return `<ul class="legend">${entries.join("")}</ul>`;
}

function text(x: number, y: number, words: string, anchor: "start" | "middle" | "end"): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

function svg(width: number, height: number, body: string, label: string): string {
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(label)}">${body}</svg>`;
}
