import type { Recomputation, RecomputedEntry } from "../../audit/recompute.ts";
import { tokensOf } from "../../domain/contract.ts";
import { bpsPercent, limitTokens, moment, shortHash, signedBps } from "../../domain/format.ts";
import type { ChainValues, RecomputeCause, RecomputedDecision } from "../../evidence/recompute.ts";
import { left, painter, right, WIDTH, wrap } from "./layout.ts";
import { CAUSES } from "./words.ts";

/** Rows shown of a long list. */
const SHOWN = 50;

/** What recompute found, as text: counts by market, then each decision that comes out otherwise. */
export function renderRecompute(found: Recomputation, all: boolean, colour = false): string {
  const paint = painter(colour);
  const { entries, unreadable, batches } = found;
  const bad = entries.filter(({ cause }) => cause === "unexplained").length;
  const listed = entries.filter(({ cause }) => all || cause !== "same");
  const head = `${entries.length} decisions of ${batches} batches decided again by model version ${found.modelVersion}`;
  const verdict =
    bad + unreadable.length > 0
      ? paint("bad", `NOT as recorded: ${bad} differ unexplained, ${unreadable.length} files cannot be read`)
      : paint("good", "every difference is explained");
  const none = entries.every(({ cause }) => cause === "same") && unreadable.length === 0;
  return [
    head,
    none ? paint("good", "all as recorded, value for value") : verdict,
    "",
    row("market", "same", "version", "parameters", "unexplained", "initial", "maintenance"),
    ...summaryOf(entries).map((one) =>
      row(
        one.market,
        ...(["same", "version", "parameters", "unexplained"] as const).map((cause) => String(one[cause])),
        signedBps(one.largestInitialChangeBps),
        signedBps(one.largestMaintenanceChangeBps),
      ),
    ),
    ...(listed.length === 0 ? [] : ["", ...listed.slice(0, SHOWN).flatMap(decisionLines)]),
    ...(listed.length > SHOWN ? [`... and ${listed.length - SHOWN} more; --json lists them all`] : []),
    ...unreadable.flatMap(({ evidence, problem }) => ["", ...wrap(`${shortHash(evidence)}: ${problem}`, WIDTH, 0)]),
  ].join("\n");
}

function row(market: string, ...cells: readonly string[]): string {
  return `${left(market, 12)}${cells.map((cell) => right(cell, 13)).join(" ")}`.trimEnd();
}

function decisionLines(entry: RecomputedEntry): readonly string[] {
  const now = valueNow(entry);
  const side = (from: number, to: number) =>
    from === to ? bpsPercent(from) : `${bpsPercent(from)} -> ${bpsPercent(to)} (${signedBps(to - from)})`;
  const { recorded } = entry;
  const values = `initial ${side(recorded.initialBps, now.initialBps)}, maintenance ${side(recorded.maintenanceTargetBps, now.maintenanceTargetBps)}`;
  const tokens = (limit: number, unit?: string) => limitTokens(Number(tokensOf(limit)), unit);
  const was = recorded.limit === now.limit ? "" : `${tokens(recorded.limit)} -> `;
  const exposure = `exposure limit ${was}${tokens(now.limit, " tokens")}`;
  const rest = (["asOf", "confidence", "sources"] as const)
    .filter((field) => recorded[field] !== now[field])
    .map((field) => `${field} ${recorded[field]} -> ${now[field]}`);
  const held = now.action === "hold" ? [`now held: ${now.reasons.join(", ")}`] : [];
  const gone = entry.now === null ? ["not a market of this version"] : [];
  const about = [...rest, ...held, ...gone, ...entry.parameters].join("; ");
  return [
    `${moment(entry.time)}  ${left(entry.market, 8)}${CAUSES[entry.cause]}`,
    ...wrap(`${values}, ${exposure}`, WIDTH, 4),
    ...(about === "" ? [] : wrap(about, WIDTH, 4)),
  ];
}

/** What is shown beside the record: with present parameters, or by the code alone where there are none or it differs. */
function valueNow({ cause, byCode, now }: RecomputedDecision) {
  return cause === "unexplained" || now === null ? byCode : now;
}

function summaryOf(entries: readonly RecomputedEntry[]) {
  return [...Map.groupBy(entries, ({ market }) => market)].map(([market, own]) => {
    const count = (cause: RecomputeCause) => own.filter((one) => one.cause === cause).length;
    const largest = (side: "initialBps" | "maintenanceTargetBps") =>
      own
        .map((one) => valueNow(one)[side] - one.recorded[side])
        .reduce((most, change) => (Math.abs(change) > Math.abs(most) ? change : most), 0);
    return {
      market,
      decisions: own.length,
      same: count("same"),
      version: count("version"),
      parameters: count("parameters"),
      unexplained: count("unexplained"),
      largestInitialChangeBps: largest("initialBps"),
      largestMaintenanceChangeBps: largest("maintenanceTargetBps"),
    };
  });
}

/** What recompute found, as JSON; fields in JSON.md. */
export function recomputeJson(found: Recomputation, all: boolean) {
  const { entries, unreadable, folder, modelVersion, batches } = found;
  const iso = (time: number | null) => (time === null ? null : new Date(time * 1_000).toISOString());
  const values = ({ initialBps, maintenanceTargetBps, limit, asOf, confidence, sources }: ChainValues) => {
    const exposureLimitTokens = Number(tokensOf(limit));
    return { initialBps, maintenanceTargetBps, exposureLimitTokens, asOf, confidence, sources };
  };
  return {
    ok: unreadable.length === 0 && entries.every(({ cause }) => cause !== "unexplained"),
    folder,
    modelVersion,
    from: iso(found.from),
    to: iso(found.to),
    batches,
    decisions: entries.length,
    markets: summaryOf(entries),
    differences: entries
      .filter(({ cause }) => all || cause !== "same")
      .map((entry) => {
        const now = valueNow(entry);
        const { evidence, time, sequence, market, cause, recorded, parameters } = entry;
        return {
          ...{ evidence, time, sequence, market, modelVersion: entry.modelVersion, cause },
          recorded: values(recorded),
          now: { action: now.action, reasons: now.reasons, ...values(now) },
          initialChangeBps: now.initialBps - recorded.initialBps,
          maintenanceChangeBps: now.maintenanceTargetBps - recorded.maintenanceTargetBps,
          listed: entry.now !== null,
          parameters,
        };
      }),
    unreadable,
  };
}
