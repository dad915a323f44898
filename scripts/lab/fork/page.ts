import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import { count, day, escaped } from "../page/format.ts";
import { type Cell, details, figure, list, paragraph, section, table } from "../page/html.ts";
import { niceTicks } from "../page/niceTicks.ts";
import { STYLE } from "../page/style.ts";
import { type Arrival, arrivalSums } from "./arrivals.ts";
import type { ForkReport, LenderOutcome, LiquidationRow, RunReport } from "./report.ts";

/** The simulation as one page that needs nothing else: outcome, pictures, checks, every liquidation, what was assumed. */
export function forkPage(report: ForkReport, files: readonly string[]): string {
  const body = [
    section("outcome", "What came of it", list(verdicts(report)), outcomeTable(report)),
    section(
      "time",
      "Over time",
      figure("Price as a share of its start, and what Aave lends against WETH", (width) => limitsChart(width, report)),
      figure("Debt repaid by liquidations so far, million $", (width) => repaidChart(width, report)),
    ),
    section("arrivals", "From the decision to the lender", ...arrivalParts(report)),
    section("liquidators", "Liquidators", liquidatorTable(report)),
    section("checks", "Checks on the chain", checkTables(report)),
    section(
      "liquidations",
      "Every liquidation",
      details(`Without Tonsor: ${report.without.liquidations.length}`, liquidationTable(report.without.liquidations)),
      details(`With Tonsor: ${report.with.liquidations.length}`, liquidationTable(report.with.liquidations)),
    ),
    section("transactions", "Transactions", transactionTable(report), paragraph(`Each one: transactions.csv.`)),
    section(
      "assumed",
      "What was assumed",
      table(
        ["assumption", "value"],
        Object.entries(report.assumptions).map(([name, value]) => [
          name,
          Number.isInteger(value) ? count(Number(value)) : String(value),
        ]),
      ),
      list(report.origins),
      paragraph(`Files: ${files.join(", ")}. Hash of the report: ${report.hash.match(/.{16}/g)?.join(" ")}.`),
    ),
  ];
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Fork simulation</title><style>${STYLE}</style></head><body><header><h1>A crash with and without Tonsor, on real lenders</h1>${paragraph(WHAT)}</header><main>${body.join("\n")}</main></body></html>\n`;
}

const WHAT =
  "The same borrowers, prices, pools and liquidators, from one snapshot of one chain. Without: the lenders' parameters stay as listed. " +
  "With: the keeper reads its venue and the pools, writes to the contract, and Aave follows; at Morpho Blue nothing moves. Money in dollars, at the path's prices.";

const money = (usd: number): string => `${usd < 0 ? "-" : ""}${count(Math.round(Math.abs(usd)))}`;
const total = (run: RunReport, field: NumberField): number => run.lenders.reduce((sum, one) => sum + one[field], 0);

type NumberField = {
  [Name in keyof LenderOutcome]: LenderOutcome[Name] extends number ? Name : never;
}[keyof LenderOutcome];

/** Sentences in the order of what matters, ours' losses first. */
function verdicts(report: ForkReport): readonly string[] {
  const { without, with: ours } = report;
  const said = (field: NumberField, what: string): string | null => {
    const [a, b] = [total(without, field), total(ours, field)];
    if (Math.round(a) === Math.round(b)) return null;
    const fewer = field === "liquidations" ? "Fewer" : "Less";
    return `${b > a ? "More" : fewer} ${what} with Tonsor: ${money(b)} against ${money(a)}.`;
  };
  const compared: readonly (readonly [NumberField, string, boolean])[] = [
    ["writtenOffUsd", "$ of bad debt in the lenders' books", true],
    ["underWaterUsd", "$ of debt above collateral at the end", true],
    ["borrowersLostUsd", "$ lost by borrowers in liquidations", true],
    ["liquidations", "liquidations", true],
    ["borrowedUsd", "$ borrowed", false],
  ];
  const worse = compared.filter(([field, , bad]) => bad === total(ours, field) > total(without, field));
  const better = compared.filter((one) => !worse.includes(one));
  const sentences = [...worse, ...better].flatMap(([field, what]) => said(field, what) ?? []);
  const early = total(ours, "broughtForward");
  return [
    ...(early > 0
      ? [
          `${early} of ${total(ours, "liquidations")} liquidations with Tonsor came earlier than the listed thresholds would have let them.`,
        ]
      : []),
    ...(ours.crossed > 0
      ? [`Accounts that an update or a sync made liquidatable, no price having moved: ${count(ours.crossed)}.`]
      : []),
    ...(ours.failures.length > 0 ? [`${ours.failures.length} decisions of the keeper failed.`] : []),
    ...sentences,
    ...(sentences.length === 0 ? ["Both runs came out alike."] : []),
  ];
}

const FIELDS: readonly (readonly [NumberField, string])[] = [
  ["loans", "loans opened"],
  ["refused", "loans refused"],
  ["borrowedUsd", "borrowed, $"],
  ["accountsLiquidated", "accounts liquidated"],
  ["liquidations", "liquidations"],
  ["broughtForward", "of them brought forward"],
  ["repaidUsd", "repaid by liquidators, $"],
  ["borrowersLostUsd", "lost by borrowers, $"],
  ["writtenOffUsd", "bad debt written off, $"],
  ["underWaterUsd", "under water at the end, $"],
  ["debtAtEndUsd", "debt at the end, $"],
];

function outcomeTable({ without, with: ours }: ForkReport): string {
  const names = without.lenders.map(({ lender }) => lender);
  const rows = FIELDS.map(([field, label]): readonly Cell[] => [
    label,
    ...without.lenders.flatMap((one, i) => [money(one[field]), money(ours.lenders[i]?.[field] ?? 0)]),
  ]);
  return table(["", ...names.flatMap((name) => [`${name}, without`, `${name}, with`])], rows);
}

function liquidatorTable({ without, with: ours }: ForkReport): string {
  const rows = without.liquidators.map(({ liquidator, earnedUsd }, i) => [
    ...[liquidator, money(earnedUsd), money(ours.liquidators[i]?.earnedUsd ?? 0)],
  ]);
  return table(
    ["", "earned without, $", "earned with, $"],
    rows,
    "In turns; sold at once through the pools; before gas",
  );
}

const NEVER =
  "never: a market's LLTV and oracle are for ever; who reads the contract itself has it in the batch's block";

/** Each batch, from the block that it was decided on to the one in which the lenders have its numbers. */
function arrivalParts({ with: ours }: ForkReport): readonly string[] {
  const rows = arrivalSums(ours).map((one): readonly Cell[] => [
    ...[one.lender, count(one.batches), count(one.withinOneTick)],
    one.mostBlocks === null ? NEVER : `${one.mostTicks} ticks, ${one.mostBlocks} blocks, ${one.mostSeconds} s`,
  ]);
  const blocks = (to: number | null, { decidedBlock }: Arrival) => (to === null ? "" : count(to - decidedBlock));
  const each = ours.arrivals.map((one): readonly Cell[] => [
    ...[new Date(one.time * 1000).toISOString().slice(5, 16).replace("T", " "), count(one.sequence), one.lender],
    ...[blocks(one.batchBlock, one), blocks(one.inForceBlock, one), one.ticks === null ? "" : count(one.ticks)],
    one.seconds === null ? "" : count(one.seconds),
  ]);
  const headers = ["decided", "batch", "lender", "blocks to the batch", "blocks to the lender", "ticks", "seconds"];
  const held = ours.held.length === 0 ? "None was held." : "Held:";
  return [
    table(["lender", "batches", "in force within one tick", "at most"], rows, TICK),
    details(`Every batch: ${ours.updates}`, table(headers, each)),
    paragraph(`The impact gate reads both lenders' books on the chain: every raise of maintenance is weighed. ${held}`),
    ...(ours.held.length === 0 ? [] : [list(ours.held)]),
  ];
}

const TICK =
  "A tick is a cycle of the keeper, the deciding one counted. A block here is a second: on a chain of twelve, twelve times the seconds";

function checkTables({ before, without, with: ours }: ForkReport): string {
  const parts = [
    ["before", before],
    ["without Tonsor, at the end", without.checks],
    ["with Tonsor, at the end", ours.checks],
  ] as const;
  return parts
    .map(([name, checks]) => {
      const failed = checks.filter(({ holds }) => !holds).length;
      const rows = checks.map(({ what, left, right, holds }): readonly Cell[] => [
        ...[what, left, right],
        { text: holds ? "equal" : "NOT EQUAL", mark: holds ? "good" : "bad" },
      ]);
      const title = `${name}: ${failed === 0 ? `all ${checks.length} equal to the last unit` : `${failed} of ${checks.length} fail`}`;
      return details(title, table(["equation", "left", "right", ""], rows));
    })
    .join("");
}

function liquidationTable(rows: readonly LiquidationRow[]): string {
  const headers = [
    "time",
    "lender",
    "collateral",
    "borrower",
    "liquidator",
    "repaid, $",
    "seized, $",
    "bad debt, $",
    "brought forward",
  ];
  return table(
    headers,
    rows.map((row) => [
      ...[new Date(row.time * 1000).toISOString().slice(5, 16).replace("T", " "), row.lender, row.collateral],
      ...[String(row.borrower), row.liquidator, money(row.repaidUsd), money(row.seizedUsd), money(row.badDebtUsd)],
      row.broughtForward ? "yes" : "",
    ]),
  );
}

function transactionTable({ without, with: ours }: ForkReport): string {
  const counted = (run: RunReport) => {
    const found = new Map<string, { sent: number; gas: number }>();
    for (const { from, call, gasUsed } of run.transactions) {
      const key = `${from.replace(/ \d+$/, "")}: ${call}`;
      const { sent, gas } = found.get(key) ?? { sent: 0, gas: 0 };
      found.set(key, { sent: sent + 1, gas: gas + gasUsed });
    }
    return found;
  };
  const [a, b] = [counted(without), counted(ours)];
  const keys = [...new Set([...a.keys(), ...b.keys()])].sort();
  const cells = (found: ReturnType<typeof counted>, key: string) => [
    count(found.get(key)?.sent ?? 0),
    count(found.get(key)?.gas ?? 0),
  ];
  return table(
    ["who: what", "without", "gas without", "with", "gas with"],
    keys.map((key) => [key, ...cells(a, key), ...cells(b, key)]),
  );
}

type Line = { readonly name: string; readonly colour: string; readonly values: readonly number[] };

function limitsChart(width: number, { without, with: ours }: ForkReport): string {
  const { timeline } = ours;
  const start = timeline[0]?.price.WETH ?? 1;
  const bps = (run: RunReport, field: "thresholdBps" | "ltvBps") =>
    run.timeline.map((row) => (row[field]["aave WETH"] ?? 0) / 100);
  const lines = [
    { name: "price", colour: "other", values: timeline.map(({ price }) => (100 * price.WETH) / start) },
    { name: "threshold, with", colour: "ours", values: bps(ours, "thresholdBps") },
    { name: "LTV, with", colour: "chain", values: bps(ours, "ltvBps") },
    { name: "threshold, without", colour: "static", values: bps(without, "thresholdBps") },
  ];
  const times = timeline.map(({ time }) => time);
  return chart(width, times, Math.max(100, ...lines.flatMap(({ values }) => values)), "%", lines);
}

function repaidChart(width: number, { without, with: ours }: ForkReport): string {
  const times = ours.timeline.map(({ time }) => time);
  const cumulative = ({ liquidations }: RunReport) => {
    let [next, sum] = [0, 0];
    return times.map((time) => {
      for (; (liquidations[next]?.time ?? Number.POSITIVE_INFINITY) <= time; next++)
        sum += liquidations[next]?.repaidUsd ?? 0;
      return sum / 1e6;
    });
  };
  const lines = [
    { name: "with", colour: "ours", values: cumulative(ours) },
    { name: "without", colour: "static", values: cumulative(without) },
  ];
  return chart(width, times, Math.max(0.1, ...lines.flatMap(({ values }) => values)), "M", lines);
}

/** Lines over days, from zero to `most`. */
function chart(width: number, times: readonly number[], most: number, unit: string, lines: readonly Line[]): string {
  const [height, left, right, bottom] = [width < 500 ? 230 : 300, 52, 10, 26];
  const [from, to] = [times[0] ?? 0, times.at(-1) ?? 1];
  const x = (time: number) => left + ((time - from) / Math.max(1, to - from)) * (width - left - right);
  const y = (value: number) => height - bottom - (value / most) * (height - bottom - 10);
  const paths = lines.map(({ colour, values }) => {
    // Steps: what is drawn between two moments is what held then.
    const points = values.map((value, i) => {
      const [right, up] = [x(times[i] ?? 0).toFixed(1), y(value).toFixed(1)];
      return i === 0 ? `M${right} ${up}` : `H${right}V${up}`;
    });
    return `<path d="${points.join("")}" class="line ${colour}"/>`;
  });
  const grid = niceTicks(most).map((tick) => {
    const at = y(tick).toFixed(1);
    const label = `${Number(tick.toPrecision(3))} ${unit}`;
    return `<path d="M${left} ${at}H${width - right}" class="grid"/><text x="${left - 6}" y="${at}" dy="4" text-anchor="end">${label}</text>`;
  });
  const days = Math.max(1, Math.ceil((to - from) / DAY_SECONDS / (width < 500 ? 3 : 8)));
  const first = Math.ceil(from / DAY_SECONDS) * DAY_SECONDS;
  const ticks = Array.from({ length: Math.max(0, Math.floor((to - first) / (days * DAY_SECONDS)) + 1) }, (_, i) => {
    const at = first + i * days * DAY_SECONDS;
    const anchor = x(at) > width - 30 ? "end" : "middle";
    return `<text x="${x(at).toFixed(1)}" y="${height - 6}" text-anchor="${anchor}">${day(at).slice(5)}</text>`;
  });
  const legend = lines
    .map(({ name, colour }) => `<li><span class="swatch ${colour}"></span>${escaped(name)}</li>`)
    .join("");
  const label = escaped(lines.map(({ name }) => name).join(", "));
  return `<ul class="legend">${legend}</ul><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${[...grid, ...ticks, ...paths].join("")}</svg>`;
}
