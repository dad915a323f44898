/** @import { MarketStatus, TimelineEvent } from "../status.ts" */
import { element, explorerLink, mark, table } from "./dom.js";
import { bpsPercent, moment, shortHash } from "./format.js";

/** Events that are seen before the rest is unfolded. */
const NEWEST = 8;

/** The events of a market, newest first. @param {readonly TimelineEvent[]} events @param {string | null | undefined} explorer */
export function timelineTable(events, explorer) {
  if (events.length === 0) return element("p", { class: "quiet" }, "Nothing has happened yet.");
  const columns = [{ title: "Time" }, { title: "What" }, { title: "Transaction" }];
  const rows = events
    .toReversed()
    .map(({ time, tone, words, hash }) => [
      moment(time),
      tone === "plain" ? words : mark(words, tone),
      hash === null ? "" : explorerLink(explorer, "tx", hash, shortHash(hash)),
    ]);
  const newest = table("Newest events", columns, rows.slice(0, NEWEST));
  if (rows.length <= NEWEST) return newest;
  const older = table("Older events", columns, rows.slice(NEWEST));
  const fold = element("details", {}, element("summary", {}, `${rows.length - NEWEST} older`), older);
  return element("div", {}, newest, fold);
}

/** When maintenance will be where: the notice that borrowers have. @param {MarketStatus["onChain"]} onChain */
export function noticeTable(onChain) {
  const ramp = onChain?.ramp ?? null;
  if (ramp === null) {
    const words =
      onChain === null
        ? "The contract does not list this market."
        : "Nothing is scheduled: maintenance is at its target on chain.";
    return element("p", { class: "quiet" }, words);
  }
  const { fromBps, toBps, bpsPer30Days, steps } = ramp;
  const verb = toBps > fromBps ? "rises" : "falls";
  const words = `Maintenance ${verb} from ${bpsPercent(fromBps)} to ${bpsPercent(toBps)}, by at most ${bpsPercent(bpsPer30Days)} in 30 days.`;
  const columns = [
    { title: "By" },
    { title: "Maintenance", number: true },
    { title: "Liquidation threshold", number: true },
  ];
  const rows = steps.map(({ time, maintenanceBps }) => [
    moment(time),
    bpsPercent(maintenanceBps),
    bpsPercent(10_000 - maintenanceBps),
  ]);
  return element("div", {}, element("p", {}, words), table("Schedule of maintenance", columns, rows));
}
