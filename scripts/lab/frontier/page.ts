import { percent } from "../../../keeper/domain/format.ts";
import { escaped } from "../page/format.ts";
import { type Cell, details, figure, paragraph, section, table } from "../page/html.ts";
import { STYLE } from "../page/style.ts";
import { assumedInWords } from "./assumptions.ts";
import { DEPLOYED } from "./deployed.ts";
import { DEPTH_FAMILIES } from "./depthFamilies.ts";
import type { Frontier } from "./frontier.ts";
import { type FrontierRow, middleLtv, tells } from "./judgeAsset.ts";
import { frontierPicture, nameOf } from "./picture.ts";
import { REGIMES } from "./regimes.ts";
import { FRONTIER_RULES, RULE_NAMES } from "./rules.ts";
import { spansOf } from "./spans.ts";

/** The frontier as one page that needs nothing else: where Tonsor loses first, then pictures and tables by asset. */
export function frontierPage(found: Omit<Frontier, "files">): string {
  const { rows, choices, reproduction } = found;
  const groups = groupsOf(rows);
  const assets = [...new Set(rows.map(({ asset }) => asset))];
  const chosen = choices.map(({ asset, depth, rule, targetLtv, badDebtBps }) => [
    ...[asset, depth, rule, percent(targetLtv, 0), badDebtBps.toFixed(2)],
  ]);
  const parts: readonly (readonly [id: string, title: string, html: string])[] = [
    [
      "losses",
      "Tonsor on chain against its peers, losses first",
      paragraph(headline(groups)) + paragraph(WHAT) + peers(groups),
    ],
    ...(reproduction.length === 0 ? [] : [["again", "Published figures made again", again(reproduction)] as const]),
    ...assets.map(
      (asset) => [`asset-${asset}`, asset, assetBody(groups.filter((one) => one.asset === asset))] as const,
    ),
    [
      "chosen",
      "Chosen before later data was read",
      paragraph(
        `On data ${spansOf(found.cut).choosing.name} alone, the rule with the least bad debt at the middle LTV:`,
      ) +
        table(["asset", "depth", "rule", "mean LTV", "bad debt, bp a year"], chosen) +
        withoutChoice(found),
    ],
    ["assumed", "What was assumed", assumed(found)],
  ];
  const nav = parts.map(([id, title]) => `<a href="#${id}">${escaped(title)}</a>`).join("");
  const body = parts.map(([id, title, html]) => section(id, title, html)).join("\n");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Frontier</title><style>${STYLE}</style></head><body><header><h1>Bad debt against borrowing power</h1><nav>${nav}</nav></header><main>${body}</main></body></html>\n`;
}

/** What is judged although nothing could be chosen for it, and why. */
function withoutChoice({ rows, choices, cut }: Omit<Frontier, "files">): string {
  const { choosing, reporting } = spansOf(cut);
  const pairs = (of: readonly { readonly asset: string; readonly depth: string }[]) =>
    new Set(of.map(({ asset, depth }) => `${asset} ${depth}`));
  const [chosen, early] = [pairs(choices), pairs(rows.filter(({ span }) => span === choosing.name))];
  const without = [...pairs(rows.filter(({ span }) => span === reporting.name))].filter((pair) => !chosen.has(pair));
  const said = (why: string, which: readonly string[]) =>
    which.length === 0 ? "" : paragraph(`Judged without a choice, because ${why}: ${which.join(", ")}.`);
  return (
    said(
      "their prices or recorded books begin after the cut",
      without.filter((pair) => !early.has(pair)),
    ) +
    said(
      "no rule offers the middle LTV before it",
      without.filter((pair) => early.has(pair)),
    )
  );
}

const WHAT =
  "Each rule's haircuts are multiplied until it offers the same mean LTV; bad debt is in basis points (bp) of the mean debt a " +
  "year, less is better. The interval is 95 % for Tonsor on chain less static, from three-month blocks of the same history: one " +
  "that holds or touches 0 is no difference and has no colour. The best peer is the rule with the least bad debt that knows the past alone. Due unmoved: " +
  "the share of hours whose loans Tonsor itself makes liquidatable within 30 days at an unmoved price. What each rule and " +
  "each depth is, is under What was assumed.";

type Group = {
  readonly asset: string;
  readonly span: string;
  readonly depth: string;
  /** At the middle LTV, at the class's LTVs, and at the mean LTV that the asset's lender really had. */
  readonly middle: readonly FrontierRow[];
  readonly targets: readonly FrontierRow[];
  readonly asDeployed: readonly FrontierRow[];
};

function groupsOf(rows: readonly FrontierRow[]): readonly Group[] {
  const by = Map.groupBy(rows, ({ asset, span, depth }) => [asset, span, depth].join("\n"));
  return [...by.values()].map((own) => {
    const { asset, span, depth, class: kind } = own[0] as FrontierRow;
    const lent = own.find(({ rule }) => rule === "deployed")?.targetLtv;
    return {
      ...{ asset, span, depth, middle: own.filter(({ targetLtv }) => targetLtv === middleLtv(kind)) },
      targets: own.filter(({ targetLtv }) => targetLtv !== lent),
      asDeployed: own.filter(({ targetLtv }) => targetLtv === lent),
    };
  });
}

type Peers = Group & { readonly ours: FrontierRow; readonly fixed: FrontierRow; readonly best: FrontierRow };

function withPeers(groups: readonly Group[]): readonly Peers[] {
  return groups.flatMap((group) => {
    const [ours, fixed] = ["onChain", "static"].map((name) => group.middle.find(({ rule }) => rule === name));
    const [best] = group.middle
      .filter(({ rule }) => rule !== "foresight" && rule !== "onChain")
      .toSorted((a, b) => a.badDebtBps - b.badDebtBps);
    return ours === undefined || fixed === undefined || best === undefined ? [] : [{ ...group, ours, fixed, best }];
  });
}

function headline(groups: readonly Group[]): string {
  const all = withPeers(groups);
  const count = (test: (one: Peers) => boolean) => all.filter(test).length;
  const lost = count(({ ours, fixed }) => ours.badDebtBps > fixed.badDebtBps);
  const surely = count(({ ours }) => (ours.againstStatic?.low ?? 0) > 0);
  const won = count(({ ours }) => (ours.againstStatic?.high ?? 0) < 0);
  const beaten = count(({ ours, best }) => best.badDebtBps < ours.badDebtBps);
  const own = all.flatMap(({ middle }) => middle.filter(({ rule }) => rule === "onChainLimit"));
  const limited = own.flatMap(({ badDebtBps, fixedLimitBps: fixed }) => (fixed === null ? [] : badDebtBps - fixed));
  const [limitLost, limitWon] = [1, -1].map((side) => limited.filter((one) => one * side > 0).length);
  const lossless = (span: string) => count((one) => one.span.startsWith(span) && !tells(one.middle));
  return (
    `At equal mean LTV Tonsor on chain, without its limit, has more bad debt than the best static parameter in ${lost} of ${all.length} comparisons ` +
    `(beyond the interval in ${surely}), less beyond the interval in ${won}, and some rule has less than it in ${beaten}. ` +
    `With its limit it has more than static haircuts with a constant limit that lets as much be lent in ${limitLost} of ${limited.length}, less in ${limitWon}. ` +
    `In ${lossless("")} of them no rule loses as much as 0.05 bp, so that they tell nothing of any: ${lossless("from")} of the ` +
    `${count(({ span }) => span.startsWith("from"))} on data that chose nothing.`
  );
}

const PEER_HEADS =
  "asset, data, depth|mean LTV|Tonsor on chain, bp|static, bp|difference, 95 %|best peer, bp|perfect foresight, bp|Tonsor: due unmoved";

function peers(groups: readonly Group[]): string {
  const all = withPeers(groups).toSorted(
    (a, b) => b.ours.badDebtBps - b.fixed.badDebtBps - (a.ours.badDebtBps - a.fixed.badDebtBps),
  );
  const rows = (told: boolean) => all.filter(({ middle }) => tells(middle) === told).map(peerRow);
  const quiet = rows(false);
  const heads = PEER_HEADS.split("|");
  const rest = details(`${quiet.length} in which no rule loses as much as 0.05 bp`, table(heads, quiet));
  return table(heads, rows(true)) + (quiet.length === 0 ? "" : rest);
}

function peerRow({ asset, span, depth, ours, fixed, best, middle }: Peers): Cell[] {
  const foresight = bps(middle.find(({ rule }) => rule === "foresight"));
  const found = [judged(ours), bps(fixed), interval(ours), `${best.rule} ${bps(best)}`, foresight];
  return [`${asset}, ${span}, ${depth}`, percent(ours.targetLtv, 0), ...found, percent(ours.unmoved30, 1)];
}

function again(rows: Frontier["reproduction"]): string {
  const cells = rows.map(({ asset, what, figure: kind, published, ours, isWithinTwo }): Cell[] => [
    `${asset}: ${what}`,
    kind === "caused" ? percent(published, 0) : published.toFixed(1),
    { text: kind === "caused" ? percent(ours, 0) : ours.toFixed(1), mark: isWithinTwo ? "good" : "bad" },
    published === 0 ? "" : (ours / published).toFixed(2),
    kind === "caused" ? "loans due within 60 d at an unmoved price" : "bad debt, bp of debt a year",
  ]);
  const what =
    "What the first judge published (MODEL.md of model version 3), beside what this judge says under the assumptions named firstJudge. Good: within a " +
    "factor of two. Why the others are not is in keeper/DECISIONS.md, beside D144.";
  return paragraph(what) + table(["figure", "published", "here", "ratio", "what it counts"], cells);
}

function assetBody(own: readonly Group[]): string {
  return [...new Set(own.map(({ span }) => span))]
    .map((span) => {
      const groups = own.filter((one) => one.span === span);
      return `<h3>${escaped(span)}</h3>${sideBySide(groups)}${groups.map(groupDetails).join("")}`;
    })
    .join("\n");
}

/** Bad debt of every rule on every family of depth, at the middle LTV. */
function sideBySide(groups: readonly Group[]): string {
  const target = groups[0]?.middle[0]?.targetLtv ?? null;
  const rows = RULE_NAMES.filter((rule) => rule !== "deployed").map((rule): Cell[] => [
    nameOf(rule),
    ...groups.map(({ middle }): Cell => {
      const own = middle.find((row) => row.rule === rule);
      return own === undefined ? "" : judged(own);
    }),
  ]);
  const caption =
    `Bad debt, bp of debt a year, at a mean LTV of ${percent(target, 0)}, by how depth moves; in colour where the ` +
    "difference from static is beyond its interval";
  return paragraph(`${caption}.`) + table(["rule", ...groups.map(({ depth }) => depth)], rows);
}

function groupDetails(group: Group): string {
  const title = `${group.asset}, ${group.span}, depth ${group.depth}`;
  const picture = figure(
    `Bad debt, bp of debt a year, on a root scale, against the mean LTV offered: ${title}`,
    (width) => frontierPicture(width, group.targets),
  );
  const lent = group.asDeployed.map((row) => [
    row.rule,
    bps(row),
    percent(row.targetLtv, 1),
    percent(row.meanThreshold, 1),
  ]);
  return details(
    `depth ${group.depth}: picture, movement, regimes, the parameters of a real lender`,
    picture +
      ruleTable(group.middle) +
      regimeTable(group.middle) +
      table(
        ["rule", "bad debt, bp", "mean LTV", "mean threshold"],
        lent,
        "At the mean LTV that the asset's lender really had",
      ),
  );
}

function ruleTable(rows: readonly FrontierRow[]): string {
  const cells = rows.map((row): Cell[] => [
    ...[nameOf(row.rule), bps(row), row.year99Bps.toFixed(1), row.worst30DaysBps.toFixed(1), interval(row)],
    row.badDebtAtEqualDebtBps === null ? "" : row.badDebtAtEqualDebtBps.toFixed(1),
    row.fixedLimitBps === null ? "" : row.fixedLimitBps.toFixed(1),
    ...[(row.meanDebtUsd / 1e6).toFixed(1), percent(row.meanThreshold, 1), percent(row.caused, 0)],
    ...[percent(row.unmoved30, 1), percent(row.initialRise[0] ?? 0, 1), percent(row.maintenanceRise[2] ?? 0, 1)],
    ...[row.updates.toFixed(0), row.falseTrips.toFixed(1)],
  ]);
  const heads = [
    "rule",
    "bad debt, bp",
    "99 % year, bp",
    "worst 30 d, bp",
    "less static, 95 %",
    "at static's debt, bp",
    "static, constant limit, at its debt",
  ];
  const what =
    "At the middle mean LTV. Caused: debt that the rule's own moves make liquidatable at the price of that moment, share of " +
    "the mean debt.";
  const all = [
    ...[...heads, "mean debt, USD m", "threshold", "caused a year", "due in 30 d, unmoved"],
    ...["initial, most in 1 d", "maintenance, most in 30 d", "updates a year", "false trips a year"],
  ];
  return paragraph(what) + table(all, cells);
}

function regimeTable(rows: readonly FrontierRow[]): string {
  const cells = rows.map((row): Cell[] => [
    nameOf(row.rule),
    ...REGIMES.flatMap((name) => {
      const { badDebtBps, liquidatedBps, meanLtv } = row.regimes[name];
      return [badDebtBps.toFixed(1), percent(liquidatedBps / 10_000, 0), percent(meanLtv, 1)];
    }),
  ]);
  const shares = REGIMES.map((name) => `${name} ${percent(rows[0]?.regimes[name].share ?? 0, 0)}`).join(", ");
  const caption =
    `By what kind of hour it was, as seen afterwards (${shares} of hours): bad debt in bp and liquidations in percent of the ` +
    "mean debt a year of the whole span, and the mean LTV offered.";
  const heads = REGIMES.flatMap((name) => [`${name}: bad debt`, `${name}: liquidated`, `${name}: LTV`]);
  return paragraph(caption) + table(["rule", ...heads], cells);
}

function assumed({ assumptions }: Pick<Frontier, "assumptions">): string {
  const lenders = Object.entries(DEPLOYED).flatMap(([asset, rows]) =>
    rows.map(({ from, ltv, threshold, source }) => [
      from === null ? `${asset}, first` : `${asset} from ${from}`,
      percent(ltv, 1),
      percent(threshold, 1),
      source,
    ]),
  );
  return (
    table(["assumption", "value"], assumedInWords(assumptions)) +
    table(
      ["depth", "is"],
      DEPTH_FAMILIES.map(({ name, what }) => [name, what]),
    ) +
    table(["rule", "is"], Object.entries(FRONTIER_RULES)) +
    details(
      "Parameters of real lenders",
      paragraph(
        "Days are those of the proposals; they come into force some ten days later. The first row of an asset also stands for " +
          "the time before it.",
      ) + table(["asset", "LTV", "threshold", "source"], lenders),
    )
  );
}

function bps(row: FrontierRow | undefined): string {
  return row === undefined ? "" : row.badDebtBps.toFixed(1);
}

/** Bad debt, in colour where the difference from static is beyond its interval. */
function judged(row: FrontierRow): Cell {
  if ((row.againstStatic?.low ?? 0) > 0) return { text: bps(row), mark: "bad" };
  return (row.againstStatic?.high ?? 0) < 0 ? { text: bps(row), mark: "good" } : bps(row);
}

function interval({ againstStatic }: FrontierRow): string {
  return againstStatic === null ? "" : `${againstStatic.low.toFixed(1)} to ${againstStatic.high.toFixed(1)}`;
}
