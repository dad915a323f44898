import { DAY_SECONDS, EPOCH } from "../../keeper/domain/calendar.ts";
import { maintenanceAfter } from "../../keeper/domain/follow.ts";
import { RISK_CLASSES } from "../../keeper/markets/limits.ts";
import { quote } from "../lab/cli/quoteReport.ts";
import { escaped } from "./render.ts";

type Point = readonly [x: number, y: number];

const LIMITS = RISK_CLASSES.major.limits;
/** Hours between two points of a course. */
const STEP = 4;
/** Both by light and dark, as the page around. */
const STYLE = `
  text { font: 13px ui-sans-serif, system-ui, sans-serif; fill: #1f2937; } .quiet { fill: #6b7280; }
  path { fill: none; stroke-width: 2.5; } .grid { stroke: #d1d5db; stroke-width: 1; } .arrow { stroke: #6b7280; stroke-width: 1.5; }
  .initial { stroke: #c2410c; } .maintenance { stroke: #1d4ed8; } .limit { stroke: #15803d; } .dashed { stroke-dasharray: 6 5; }
  rect { fill: #f3f4f6; stroke: #9ca3af; } .ground { fill: #ffffff; stroke: none; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e5e7eb; } .quiet { fill: #9ca3af; } .grid { stroke: #374151; } rect { fill: #1f2937; stroke: #6b7280; } .ground { fill: #14171a; }
    .initial { stroke: #fb923c; } .maintenance { stroke: #93c5fd; } .limit { stroke: #4ade80; } .arrow { stroke: #9ca3af; }
  }`;

/** The pictures of CONCEPTS.md, by their file beside this one; the numbers are the model's and the contract's own. */
export function pictures(): ReadonlyMap<string, string> {
  return new Map([
    ["crash.svg", crash()],
    ["notice.svg", notice()],
    ["parts.svg", parts()],
  ]);
}

/** Three numbers of a major over a crash on the second day: volatility from 60 to 160 % within 12 hours, two thirds of the depth gone. */
function crash(): string {
  const course = Array.from({ length: (12 * 24) / STEP + 1 }, (_, i) => i * STEP);
  let [initial, limit] = [0, Number.POSITIVE_INFINITY];
  const start = EPOCH;
  const rows = course.map((hour) => {
    const shock = hour < 48 ? 0 : hour < 60 ? (hour - 48) / 12 : 0.5 ** ((hour - 60) / 36);
    const risk = {
      volatility: 0.6 + shock,
      longRunVolatility: 0.6 + (hour < 48 ? 0 : 0.04),
      depthUsd: 60e6 * (1 - 0.67 * shock),
    };
    const found = quote({ ...risk, largestBorrowerUsd: 20e6 });
    // Tightening at once; loosening within the hot key's budget of a third of a day.
    initial = Math.max(
      Math.min(found.initialHaircutBps, LIMITS.maxInitialBps),
      initial - (LIMITS.hotBudgetBps * STEP) / 8,
    );
    limit = Math.min(found.limit.usd, limit * 2 ** ((LIMITS.hotRaiseBudget * STEP) / 8 / 1024));
    return { day: hour / 24, initial, target: found.maintenanceHaircutBps, limit };
  });
  const calm = rows[0] as (typeof rows)[number];
  const crisis = rows.find(({ day }) => day >= 2) as (typeof rows)[number];
  const moved = (day: number) =>
    day < 2 ? calm.target : after(calm.target, crisis.target, (day - 2) * DAY_SECONDS + start, start);
  const top = (values: readonly Point[]) => values.map(([x, y]): Point => [60 + x * 48, haircutY(y)]);
  const low = (values: readonly Point[]) => values.map(([x, y]): Point => [60 + x * 48, 340 - (y / calm.limit) * 90]);
  const haircutY = (bps: number) => 190 - ((bps - 1_400) / 1_000) * 160;
  const grid = [1_400, 1_600, 1_800, 2_000, 2_200, 2_400].map((bps) => rule(haircutY(bps), `${bps / 100} %`));
  return svg(720, 390, "Three numbers over a crash", [
    ...grid,
    rule(340, "0"),
    rule(250, `$${(calm.limit / 1e9).toFixed(1)} bn`),
    ...[0, 2, 4, 6, 8, 10, 12].map((day) => text(60 + day * 48, 362, `day ${day}`, "quiet", "middle")),
    line(top(rows.map(({ day, initial: y }) => [day, y])), "initial"),
    line(top(rows.map(({ day }) => [day, moved(day)])), "maintenance"),
    line(low(rows.map(({ day, limit: y }) => [day, y])), "limit"),
    text(250, 50, "initial haircut: up at once, down by 1.5 points a day at most", ""),
    text(250, 184, "maintenance haircut: a tenth of a point a day at most", ""),
    text(250, 334, "exposure limit: back by 16 % a day at most", ""),
    text(
      60,
      384,
      "Volatility from 60 to 160 % on day 2, two thirds of depth gone, both halfway back in 36 hours.",
      "quiet",
    ),
  ]);
}

/** A position opened at the limit of its day, and maintenance on its way to the highest target that the gap allows. */
function notice(): string {
  const [initial, maintenance] = [2_200, 1_900];
  const course = Array.from({ length: 41 }, (_, day) => day);
  const at = (day: number) =>
    day < 2 ? maintenance : after(maintenance, 2_500, EPOCH + (day - 2) * DAY_SECONDS, EPOCH);
  const place = ([day, bps]: Point): Point => [60 + day * 15, 200 - ((bps - 1_800) / 600) * 160];
  const bps = (value: number) => rule(place([0, value])[1], `${value / 100} %`);
  return svg(720, 250, "Thirty days' notice", [
    ...[1_900, 2_200].map(bps),
    ...[2, 12, 22, 32].map((day) =>
      text(place([day, 0])[0], 226, day === 2 ? "opened" : `+${day - 2} days`, "quiet", "middle"),
    ),
    line([place([2, initial]), place([40, initial])], "initial dashed"),
    line(
      course.map((day) => place([day, at(day)])),
      "maintenance",
    ),
    text(110, 84, "debt of a position opened at the limit, at an unmoved price", ""),
    text(300, 176, "maintenance haircut, as fast as is legal", ""),
    text(540, 62, "liquidatable from here on", "", "middle"),
    text(60, 246, "The gap between both haircuts (here 3 points) is what maintenance may move in 30 days.", "quiet"),
  ]);
}

/** Who reads and writes what. */
function parts(): string {
  const box = (x: number, y: number, name: string, ...says: readonly string[]) =>
    `<rect x="${x}" y="${y}" width="200" height="76" rx="8"/>${text(x + 100, y + 24, name, "", "middle", ' font-weight="600"')}${says.map((one, i) => text(x + 100, y + 44 + i * 18, one, "quiet", "middle")).join("")}`;
  const arrow = (from: Point, to: Point, says: string, [x, y]: Point) =>
    `<path class="arrow" marker-end="url(#tip)" d="M${from}L${to}"/>${text(x, y, says, "quiet", "middle")}`;
  return svg(720, 310, "Who reads and writes what", [
    `<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="arrow" d="M0 0L7 4L0 8"/></marker></defs>`,
    box(20, 20, "venues, pools, feeds", "options, candles,", "depth, prices"),
    box(260, 20, "keeper", "decides,", "with a key that is bounded"),
    box(500, 20, "evidence", "inputs of every update,", "named by their hash"),
    box(20, 200, "governance, guardians", "limits, behind a timelock;", "close, halt"),
    box(260, 200, "parameter contract", "three numbers a market,", "inside their limits"),
    box(500, 200, "lenders, and anybody", "borrow limit, liquidation;", "recompute any update"),
    arrow([260, 58], [222, 58], "reads", [241, 116]),
    arrow([460, 58], [498, 58], "stores first", [479, 116]),
    arrow([360, 96], [360, 198], "writes, with the hash", [290, 152]),
    arrow([220, 238], [258, 238], "bound", [239, 296]),
    arrow([500, 238], [462, 238], "read", [479, 296]),
    arrow([600, 198], [600, 98], "verify", [630, 152]),
  ]);
}

/** Maintenance of a major on its way to a target, bps. */
function after(maintenanceBps: number, maintenanceTargetBps: number, time: number, since: number): number {
  const { tightenSpeedBpsPer30Days, loosenSpeedBpsPer30Days } = LIMITS;
  const speeds = { tightenSpeedBpsPer30Days, loosenSpeedBpsPer30Days };
  return maintenanceAfter(
    { maintenanceBps, maintenanceTargetBps, mode: "NORMAL", modeUntil: 0, ...speeds },
    since,
    time,
  );
}

function rule(y: number, says: string): string {
  return `<path class="grid" d="M60 ${y.toFixed(1)}H660"/>${text(54, y + 4, says, "quiet", "end")}`;
}

function line(points: readonly Point[], kind: string): string {
  return `<path class="${kind}" d="M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}"/>`;
}

function text(x: number, y: number, says: string, kind: string, anchor = "start", more = ""): string {
  return `<text x="${x}" y="${y}" class="${kind}" text-anchor="${anchor}"${more}>${escaped(says)}</text>`;
}

function svg(width: number, height: number, title: string, body: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${title}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    ...body,
    "</svg>\n",
  ].join("\n");
}
