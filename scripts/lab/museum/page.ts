import { escaped } from "../page/format.ts";
import { type Cell, details, figure, list, paragraph, section, table } from "../page/html.ts";
import { STYLE } from "../page/style.ts";
import { incidentChart } from "./chart.ts";
import { ASSUMED, type Incident } from "./incident.ts";
import type { Museum, Shown } from "./museum.ts";
import { BUILD_DAYS, type Side, staticTerms } from "./play.ts";
import { type Comparison, METRIC_NAMES, METRICS, type Metric } from "./score.ts";

/** The museum as one page that needs nothing else: where static wins, the scoreboard, then each incident with its inputs. */
export function museumPage(shown: readonly Shown[], missing: Museum["missing"], slower: number): string {
  const nav = [
    ["lost", "Where static wins"],
    ["board", "Scoreboard"],
    ...shown.map(({ name }) => [name, name]),
    ["how", "How it is played"],
  ]
    .map(([id = "", title = ""]) => `<a href="#${id}">${escaped(title)}</a>`)
    .join("");
  const body = [
    lossSection(shown),
    boardSection(shown),
    ...(missing.length === 0
      ? []
      : [section("missing", "Not played", list(missing.map(({ name, why }) => `${name}: ${why}`)))]),
    ...shown.map(incidentSection),
    howSection(),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Tonsor: museum of incidents</title><style>${STYLE}details li{overflow-wrap:anywhere}</style></head><body>
<header><h1>Museum of incidents</h1>
<p>${shown.length} ${shown.length === 1 ? "incident" : "incidents"}, each played twice: under the static parameters of the day and under the keeper as it is on chain, by the same borrowers and liquidators over the same prices.${slower === 1 ? "" : ` Selling takes ${slower} times as long as each incident's file says.`}</p>
<nav>${nav}</nav></header><main>${body.join("\n")}</main></body></html>
`;
}

const SIDES = { static: "static", onChain: "ours, on chain" } as const satisfies Record<Side, string>;
const percent = (share: number, digits = 1) => `${(100 * share).toFixed(digits)} %`;
const usd = (value: number) => `$${Math.round(value).toLocaleString("en-US")}`;
const minute = (time: number) => new Date(time * 1_000).toISOString().slice(0, 16).replace("T", " ");

/** A metric's value for reading; borrowing power as the mean LTV that was offered. */
function shownValue(metric: Metric, value: number): string {
  if (metric === "power") return `${percent(1 - value)} LTV`;
  if (metric === "falseTrips") return value.toFixed(0);
  return metric === "closed" ? `${value.toFixed(0)} h` : percent(value, value !== 0 && value < 0.001 ? 3 : 2);
}

function lossSection(shown: readonly Shown[]): string {
  const all = shown.flatMap(({ name, comparisons }) => comparisons.map((one) => ({ name, ...one })));
  const count = (better: Comparison["better"]) => all.filter((one) => one.better === better).length;
  const lost = METRIC_NAMES.flatMap((metric) => all.filter((one) => one.metric === metric && one.better === "static"));
  const rows = lost.map((one): readonly Cell[] => [
    ...[`${METRICS[one.metric].what}, ${one.name}`, shownValue(one.metric, one.static)],
    { text: shownValue(one.metric, one.onChain), mark: "bad" },
  ]);
  return section(
    "lost",
    "Where static wins",
    paragraph(
      `Of ${all.length} comparisons static is better in ${count("static")}, ours in ${count("onChain")}; ${count("alike")} are alike. Money is set against each side's own mean debt, so that lending less wins nothing by itself.`,
    ),
    table(["", "static", "ours"], rows),
  );
}

function boardSection(shown: readonly Shown[]): string {
  const rows = shown.flatMap((one) =>
    (["static", "onChain"] as const).map((side): readonly Cell[] => {
      const cells = one.comparisons.map((comparison): Cell => {
        const text = shownValue(comparison.metric, comparison[side]);
        if (comparison.better === "alike") return { text, mark: "quiet" };
        return { text, mark: comparison.better === side ? "good" : "bad" };
      });
      return [{ text: one.name, mark: side === "static" ? "strong" : "quiet" }, SIDES[side], one.inputs, ...cells];
    }),
  );
  const titles = METRIC_NAMES.map((metric) => METRICS[metric].title);
  return section(
    "board",
    "Scoreboard",
    paragraph("Green is the better of the two, red the worse; grey where less than 0.01 % lies between them."),
    table(["incident", "rule", "inputs", ...titles], rows),
  );
}

function incidentSection(one: Shown): string {
  const { incident, paths, offered } = one;
  const marks = incident.events.map(({ at }) => at);
  const scale = paths.market[0] as number;
  const relative = (values: Float64Array) => values.map((value) => value / scale);
  const haircut = (values: Float64Array) => values.map((value) => 1 - value);
  const lender = paths.said.some(Number.isFinite)
    ? [{ name: "what its oracle said instead", colour: "fall" as const, values: relative(paths.said) }]
    : [];
  const label = incident.inputs === "recorded" ? "recorded prices" : "reconstructed from published figures";
  return section(
    one.name,
    incident.title,
    paragraph(`${minute(one.from)} to ${minute(one.to)} UTC, ${label}. ${incident.story}`),
    figure("Price of the collateral in units of its debt, the first step of the window = 100 %.", (width) =>
      incidentChart(width, {
        ...{
          times: paths.times,
          marks,
          lowest: null,
          format: axisPercent,
        },
        lines: [{ name: "market", colour: "other", values: relative(paths.market) }, ...lender],
      }),
    ),
    figure("Haircuts: initial (1 - LTV) for new loans, maintenance (1 - threshold) for open ones.", (width) =>
      incidentChart(width, {
        ...{ times: paths.times, marks, lowest: 0, format: axisPercent },
        lines: [
          { name: "static initial", colour: "static", values: haircut(offered.static.ltv), dashed: true },
          { name: "static maintenance", colour: "static", values: haircut(offered.static.threshold) },
          { name: "ours initial", colour: "ours", values: haircut(offered.onChain.ltv), dashed: true },
          { name: "ours maintenance", colour: "ours", values: haircut(offered.onChain.threshold) },
        ],
      }),
    ),
    incident.events.length === 0
      ? ""
      : `<ol>${incident.events.map(({ at, what, source }) => `<li>${escaped(minute(at))} ${escaped(what)}${cited(incident, source)}</li>`).join("")}</ol>`,
    outcomeTable(one),
    publishedPart(one),
    details("Inputs and sources", inputsPart(one)),
  );
}

/** A tick as it is: never rounded to what it is not. */
function axisPercent(share: number): string {
  return `${Number((100 * share).toPrecision(6))} %`;
}

function outcomeTable({ outcomes }: Shown): string {
  const rows = (["static", "onChain"] as const).map((side) => {
    const one = outcomes[side];
    return [
      ...[
        SIDES[side],
        usd(one.wrongfulByPrintUsd),
        usd(one.wrongfulByRuleUsd),
        usd(one.badDebtUsd),
        usd(one.liquidatedUsd),
      ],
      ...[usd(one.meanDebtUsd), percent(one.meanLtv), percent(one.lowestLtv, 0), percent(one.meanThreshold)],
      ...[`${one.trips.length}`, `${one.falseTrips}`, one.hoursClosed.toFixed(0), usd(one.mostUnsoldUsd)],
    ];
  });
  return table(
    [
      ...["rule", "seized at a wrong price", "due by its own move", "bad debt", "liquidated", "mean debt", "mean LTV"],
      ...["lowest LTV", "mean threshold", "trips", "false trips", "hours closed", "due and unsold, most"],
    ],
    rows,
  );
}

function publishedPart({ incident, outcomes }: Shown): string {
  const amounts = incident.published.flatMap(({ badDebtUsd }) => badDebtUsd ?? []);
  const [reported, played] = [amounts[0] ?? 0, outcomes.static.badDebtUsd];
  const differs = amounts.length > 0 && Math.abs(reported - played) > 0.1 * Math.max(reported, played);
  const beside = `Reported bad debt was ${usd(reported)}, the play's under static is ${usd(played)}: book, depth and liquidators are not those of the day, so the two rules can be held against one another, not against the report.`;
  const items = incident.published.map(({ what, value, source }) => {
    return `<li>${escaped(`${what}: ${value}`)}${cited(incident, source)}</li>`;
  });
  return items.length === 0
    ? ""
    : `<h3>What was reported</h3><ul>${items.join("")}</ul>${differs ? paragraph(beside) : ""}`;
}

function inputsPart({ incident, digest }: Shown): string {
  const { static: fixed, feed, book, depth, loans, price, lenderSays } = incident;
  const terms = staticTerms(incident);
  const rows = [
    ["collateral and debt", `${incident.collateral} against ${incident.debt}`, ""],
    [
      "static of the day",
      `${fixed.lender}: LTV ${percent(terms.ltv)}, threshold ${percent(fixed.threshold)}`,
      fixed.source,
    ],
    ["as of", minute(fixed.asOf), fixed.source],
    ["liquidation bonus", percent(fixed.bonus), fixed.bonusSource],
    ["book", `${book.tokens.toLocaleString("en-US")} tokens`, book.source],
    [
      "selling the whole book takes",
      `${depth.hoursToSell} h${depth.recorded === undefined ? "" : `, moving with ${depth.recorded}`}`,
      depth.source,
    ],
    [
      "feed",
      `reports ${percent(feed.deviation, 2)} or after ${feed.heartbeatMinutes} min, ${feed.latencyMinutes} min late`,
      feed.source,
    ],
    ["recorded price", price.recorded === undefined ? "none" : recordingText(price.recorded), ""],
    [
      "keeper's history",
      incident.history === undefined ? "the price itself" : recordingText(incident.history.recorded),
      "",
    ],
    ["keeper's venue shows", incident.keeperReads === "market" ? "the market" : "what the lender's oracle said", ""],
    ...(price.anchors ?? []).map((one) => [`price ${minute(one.at)}`, `times ${one.price}`, one.source]),
    ...(price.per ?? []).map((one) => [`price ${minute(one.at)}`, `divided by ${one.price}`, one.source]),
    ...lenderSays.map((one) => [`lender ${minute(one.at)}`, oracleText(one), one.source]),
    ...loans.map((one) => [
      `loan ${minute(one.at)}`,
      `${one.tokens.toLocaleString("en-US")} tokens, ${one.accounts} accounts`,
      one.source,
    ]),
    ...fixed.closed.map((one) => [`no new loans ${minute(one.from)}`, `to ${minute(one.to)}`, one.source]),
    ["digest", digest.slice(0, 16), ""],
  ];
  const inputs = rows.map(([label = "", value = "", source = ""]) => {
    const from = source === ASSUMED ? " (assumed)" : cited(incident, source);
    return `<li>${escaped(`${label}: ${value}`)}${from}</li>`;
  });
  const sources = Object.entries(incident.sources).map(([key, { title, url, date }]) => {
    return `<li>${escaped(key)}: <a href="${escaped(url)}">${escaped(title)}</a>${date === undefined ? "" : escaped(` (${date})`)}</li>`;
  });
  return [
    `<ul>${inputs.join("")}</ul>`,
    incident.notFound.length === 0 ? "" : `<h3>Not found, and what is assumed instead</h3>${list(incident.notFound)}`,
    `<h3>Sources</h3><ul>${sources.join("")}</ul>`,
  ].join("");
}

function recordingText(one: NonNullable<Incident["price"]["recorded"]>): string {
  if ("file" in one) return one.file;
  return "pool" in one ? `pool ${one.pool}` : `composite of venues, ${one.composite} over ${one.over}`;
}

function oracleText(one: Incident["lenderSays"][number]): string {
  if ("market" in one) return "follows the market again";
  return "price" in one ? `says ${one.price}` : `says the market times ${one.factor}`;
}

function cited(incident: Incident, key: string): string {
  const found = incident.sources[key];
  return key === ASSUMED || found === undefined ? "" : ` <a href="${escaped(found.url)}">[${escaped(key)}]</a>`;
}

function howSection(): string {
  return section(
    "how",
    "How it is played",
    list([
      "Recorded prices are read from the data folder at run time. Reconstructed ones rest on the anchors listed with each incident: between two anchors the price moves in a straight line, after the last it stays. What the oracle says holds until it says otherwise.",
      `The book is built for ${BUILD_DAYS} days at the window's first price and terms; borrowers use 50 to 100 % of the LTV they are offered, half of the loans are repaid within 60 days. Liquidators act when it pays and sell into finite depth; a third of the depth they take shows in the price.`,
      "Ours is the keeper's model, policy and the contract's rules, hour by hour, on what its venue showed until then; the parameters are those of a major market, of the long tail or of a claim on the debt, none is fitted to an incident, and nobody acts by hand. Incidents that name no claim play as before there was one: at most an LTV of 90 %.",
      "Wrongful: collateral seized from accounts that were healthy at the market's price (further than the feed may deviate), and debt made liquidatable by the rule's own move at an unmoved price. A trip is the policy's daily-rise limit, or a market closed by people; it is false when the market's price did not fall by static's room between the day before and three days after, unless people closed a market whose oracle said a wrong price.",
      "A lender with one number for both gets an LTV three points below it. Where debt is not in dollars, one unit of it counts as many dollars as at the start.",
    ]),
  );
}
