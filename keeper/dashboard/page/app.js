/** @import { SeriesPoint, StatusSnapshot, TimelineEvent } from "../status.ts" */
/** @import { Market } from "./state.js" */
/** @import { Zoom } from "./zoom.js" */
import { fetchSeries, fetchStatus, seriesCsv } from "./api.js";
import { boundsWords } from "./chartLines.js";
import { createCharts } from "./charts.js";
import { byId, element, explorerLink, mark, refill } from "./dom.js";
import { moment } from "./format.js";
import { marketsTable, whyUnknown } from "./markets.js";
import { banner, dataBanner, overviewTiles, stateLine } from "./overview.js";
import { calibrationTable, lendersTable, pointsTable, sourcesTable, transactionsTable } from "./tables.js";
import { noticeTable, timelineTable } from "./timeline.js";
import { waterfallFigure } from "./waterfall.js";
import { axis, showSpans } from "./zoom.js";

/** A replay moves while one looks; a keeper that runs moves once in a cycle. */
const REFRESH_MS = { replay: 1500, live: 5000 };
const DAY = 86_400;

const charts = createCharts(byId("charts"), (chosen) => look(chosen));
/** @type {SeriesPoint[]} */
let points = [];
/** @type {TimelineEvent[]} */
let events = [];
/** Both belong to this market. @type {string | null} */
let loaded = null;
/** What was read last. @type {StatusSnapshot | null} */
let snapshot = null;
/** @type {Zoom | undefined} */
let zoom;

/** The market that the address names, else the first. @param {StatusSnapshot} read */
function chosen({ markets }) {
  const name = decodeURIComponent(location.hash.slice(1));
  return markets.find(({ market }) => market === name) ?? markets[0];
}

/** @param {StatusSnapshot} read */
async function show(read) {
  refill("state", ...stateLine(read));
  refill("banner", ...banner(read));
  refill("data", ...dataBanner(read));
  byId("data").hidden = false;
  const { chain } = read;
  refill(
    "chain",
    ...(chain === null
      ? []
      : [
          "Contract ",
          explorerLink(chain.explorer, "address", chain.contract, chain.contract),
          ` on chain ${chain.chainId}`,
        ]),
  );
  const market = chosen(read);
  byId("empty").hidden = market !== undefined;
  byId("filled").hidden = market === undefined;
  if (market === undefined) byId("empty-message").textContent = "This page fills by itself.";
  else await showMarket(market, read);
}

/** @param {Market} market @param {StatusSnapshot} read */
async function showMarket(market, read) {
  const { market: name, onChain } = market;
  refill("markets", marketsTable(read.markets, name));
  refill("unknown", ...whyUnknown(read.markets));
  refill("market", element("h2", {}, name));
  refill("overview", ...overviewTiles(market, read.time));
  refill("notice", noticeTable(onChain));
  refill(
    "waterfalls",
    waterfallFigure("Initial haircut", "initial", market.waterfalls.initial),
    waterfallFigure("Maintenance haircut", "maintenance", market.waterfalls.maintenance),
  );
  refill("sources", sourcesTable(market.sources));
  const lenders = read.lenders.filter((row) => row.market === name);
  byId("lenders")
    .closest("details")
    ?.toggleAttribute("hidden", lenders.length === 0);
  refill("lenders", lendersTable(lenders, read.time));
  refill("calibration", calibrationTable(read.calibration.filter((row) => row.market === name)));
  refill("transactions", transactionsTable(read.transactions, read.chain?.explorer));
  refill("bounds", boundsWords(onChain?.bounds ?? null));
  byId("csv").setAttribute("href", seriesCsv(name));
  await loadPoints(market);
  refill("timeline", timelineTable(events, read.chain?.explorer));
  draw(market, read);
}

/** @param {Market} market @param {StatusSnapshot} read */
function draw({ onChain }, { replay }) {
  const span = zoom === undefined ? (replay === null ? DAY : null) : zoom;
  showSpans(span, look);
  charts.draw({ points, events, onChain, replay, zoom: span });
  const details = byId("points");
  const [from, to] = axis(span, points, replay);
  const inView = points.filter(({ time }) => time >= from && time <= to);
  if (details.hasAttribute("open")) details.querySelector(".scroll")?.replaceChildren(pointsTable(inView));
}

/** @param {Zoom} wanted */
function look(wanted) {
  zoom = wanted;
  const market = snapshot === null ? undefined : chosen(snapshot);
  if (snapshot !== null && market !== undefined) draw(market, snapshot);
}

/** Adds the points that are new; starts over on another market or when a replay began anew. @param {Market} market */
async function loadPoints({ market, time }) {
  const last = points.at(-1);
  const restart = loaded !== market || last === undefined || time < last.time;
  if (!restart && time === last.time) return;
  const fresh = await fetchSeries(market, restart ? null : last.time);
  points = restart ? fresh.points : [...points, ...fresh.points];
  events = fresh.events;
  loaded = market;
}

let busy = false;
async function refresh() {
  if (busy) return;
  busy = true;
  try {
    snapshot = await fetchStatus();
    await show(snapshot);
  } catch {
    const since = snapshot === null ? "" : ` The figures below were read at ${moment(snapshot.time)} UTC.`;
    refill("banner", mark(`The keeper does not answer. Trying again.${since}`, "bad"));
    refill("state", "");
  } finally {
    busy = false;
  }
}

async function keepFresh() {
  if (!document.hidden) await refresh();
  setTimeout(keepFresh, snapshot !== null && snapshot.replay === null ? REFRESH_MS.live : REFRESH_MS.replay);
}

// On a phone what explains the figures is folded, so that the figures are near.
if (!matchMedia("(max-width: 640px)").matches) {
  for (const panel of document.querySelectorAll("details.panel")) panel.setAttribute("open", "");
}
byId("points").addEventListener("toggle", () => void refresh());
document.addEventListener("visibilitychange", () => void (document.hidden || refresh()));
addEventListener("hashchange", () => void refresh());
void keepFresh();
