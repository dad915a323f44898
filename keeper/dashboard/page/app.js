/** @import { MarketStatus, SeriesPoint, StatusSnapshot } from "../status.ts" */
import { fetchSeries, fetchStatus } from "./api.js";
import { createCharts } from "./charts.js";
import { byId, element } from "./dom.js";
import { moment } from "./format.js";
import { dataBanner, headline, overviewTiles, stateLine } from "./overview.js";
import { calibrationTable, mark, pointsTable, sourcesTable, transactionsTable } from "./tables.js";
import { waterfallFigure } from "./waterfall.js";

const REFRESH_MS = 1500;

const charts = createCharts(byId("charts"));
/** @type {SeriesPoint[]} */
let points = [];
/** @type {string | null} */
let selected = null;
/** Points belong to this market. @type {string | null} */
let loaded = null;
/** @type {number | null} */
let lastRead = null;

/** @param {StatusSnapshot} snapshot */
async function show(snapshot) {
  byId("state").replaceChildren(...stateLine(snapshot));
  byId("data").replaceChildren(...dataBanner(snapshot));
  byId("data").hidden = false;
  byId("headline").replaceChildren(headline(snapshot));
  byId("chain").textContent =
    snapshot.chain === null ? "" : `Contract ${snapshot.chain.contract} on chain ${snapshot.chain.chainId}`;
  const market = snapshot.markets.find((entry) => entry.market === selected) ?? snapshot.markets[0];
  byId("empty").hidden = market !== undefined;
  byId("filled").hidden = market === undefined;
  if (market === undefined) byId("empty-message").textContent = "This page fills by itself.";
  else await showMarket(market, snapshot);
}

/** @param {MarketStatus} market @param {StatusSnapshot} snapshot */
async function showMarket(market, snapshot) {
  showMarkets(snapshot.markets, market.market);
  byId("overview").replaceChildren(...overviewTiles(market, snapshot.time));
  byId("waterfalls").replaceChildren(
    waterfallFigure("Initial haircut", "initial", market.waterfalls.initial),
    waterfallFigure("Maintenance haircut", "maintenance", market.waterfalls.maintenance),
  );
  byId("sources").replaceChildren(sourcesTable(market.sources));
  byId("calibration").replaceChildren(calibrationTable(snapshot.calibration));
  byId("transactions").replaceChildren(transactionsTable(snapshot.transactions));
  await loadPoints(market);
  charts.draw(points, snapshot.replay?.from ?? null, snapshot.replay?.to ?? null);
  const details = byId("points");
  if (details.hasAttribute("open")) details.querySelector(".scroll")?.replaceChildren(pointsTable(points));
}

/** Adds the points that are new; starts over on another market or when a replay began anew. @param {MarketStatus} market */
async function loadPoints({ market, time }) {
  const last = points.at(-1);
  const restart = loaded !== market || last === undefined || time < last.time;
  if (!restart && time === last.time) return;
  const fresh = await fetchSeries(market, restart ? null : last.time);
  points = restart ? fresh : [...points, ...fresh];
  loaded = market;
}

/** @param {readonly MarketStatus[]} markets @param {string} current */
function showMarkets(markets, current) {
  const nav = byId("markets");
  nav.hidden = markets.length < 2;
  if (nav.dataset["key"] === `${markets.map(({ market }) => market)}:${current}`) return;
  nav.dataset["key"] = `${markets.map(({ market }) => market)}:${current}`;
  nav.replaceChildren(
    ...markets.map(({ market }) => {
      const button = element("button", { type: "button", "aria-pressed": String(market === current) }, market);
      button.addEventListener("click", () => {
        selected = market;
        void refresh();
      });
      return button;
    }),
  );
}

let busy = false;
async function refresh() {
  if (busy) return;
  busy = true;
  try {
    const snapshot = await fetchStatus();
    lastRead = snapshot.time;
    await show(snapshot);
  } catch {
    const since = lastRead === null ? "" : ` The figures below were read at ${moment(lastRead)} UTC.`;
    const words = `The keeper does not answer. Trying again every ${REFRESH_MS / 1000} s.${since}`;
    byId("headline").replaceChildren(mark(words, "bad"));
    byId("state").replaceChildren(mark("no answer", "bad"));
  } finally {
    busy = false;
  }
}

byId("points").addEventListener("toggle", () => void refresh());
document.addEventListener("visibilitychange", () => void (document.hidden || refresh()));
setInterval(() => void (document.hidden || refresh()), REFRESH_MS);
void refresh();
