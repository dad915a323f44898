import { HOUR_SECONDS, YEAR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../../keeper/markets/defaults.ts";
import { historicalTail } from "../../../keeper/model/history/historicalTail.ts";
import { historyVolatility } from "../../../keeper/model/history/historyVolatility.ts";
import { CALM_LIMITS } from "../../../test/support/onChain.ts";
import { ASSETS } from "../../lab/validation/backtest/assets.ts";
import { type Estimates, estimatesOf } from "../../lab/validation/backtest/estimates.ts";
import { loadSeries } from "../../lab/validation/backtest/loadSeries.ts";
import { between, historyUntil, type PriceSeries } from "../../lab/validation/backtest/priceSeries.ts";
import { walkForward } from "../../lab/validation/backtest/walkForward.ts";
import { Worlds } from "../../lab/validation/backtest/worlds.ts";
import { type Bench, best, type Figure } from "./figure.ts";

const TAIL_LEVEL = 0.99;
const ASSET_COUNT = 10;
const AIM_MS = 10_000;
/** Depth and volume in proportion to the supply cap: what they are changes no time. */
const PROPORTIONS = { changes: {}, depthOverCap: 0.13, volumeOverCap: 10 } as const;
/** Hours at which the live functions are timed, evenly over the series; their time is scaled up. */
const SAMPLE = 24;

/** Every estimator of the price history at every hour, point in time, against the live functions called anew each hour. */
export const history: Bench = {
  title: "Backtest: every estimator of the price history at every hour, nothing later in sight",
  async run({ data, runs }) {
    if (data === null) return "no recorded data";
    const assets = ASSETS.filter((asset) => asset.stepSeconds === HOUR_SECONDS).slice(0, ASSET_COUNT);
    const all = assets.map(({ name, file, stepSeconds }) => loadSeries(data, name, file, stepSeconds));
    const [eth] = all;
    if (eth === undefined) return "no recorded asset";
    const first = eth.closeTimes[0] ?? 0;
    const years = Math.floor(((eth.closeTimes.at(-1) ?? 0) - first) / YEAR_SECONDS);
    const figures: Figure[] = [];
    for (const span of [1, 2, 4, years]) {
      const series = between(eth, first, first + span * YEAR_SECONDS);
      figures.push({
        what: `${span} year${span === 1 ? "" : "s"} of ${eth.name}, ${series.candles.length} hours`,
        ms: await best(Math.min(runs, 2), () => estimatesOf(series, TAIL_LEVEL)),
        peer: { name: "live functions each hour", ms: liveMs(series) },
      });
    }
    const hours = all.reduce((sum, { candles }) => sum + candles.length, 0);
    const recorded = await best(1, () => all.map((series) => estimatesOf(series, TAIL_LEVEL)));
    const eight = between(eth, first, first + 8 * YEAR_SECONDS);
    const ten = await best(1, () => {
      for (let i = 0; i < ASSET_COUNT; i++) estimatesOf(eight, TAIL_LEVEL);
    });
    const settings = {
      model: DEFAULT_MODEL,
      policy: DEFAULT_POLICY,
      limits: CALM_LIMITS,
      ...PROPORTIONS,
    };
    const worlds = new Worlds(data, settings);
    const opened = assets.map((asset) => ({ world: worlds.open(asset), transfer: asset.transferFrom }));
    const walked = await best(1, () => {
      // The two listed assets stand in for the others; their estimates are worked out once, as the report does.
      const listed: Record<string, Estimates> = {};
      for (const { world, transfer } of opened) {
        const own = estimatesOf(world.series, TAIL_LEVEL);
        listed[world.series.name] = own;
        const stand = transfer === null ? undefined : listed[transfer];
        walkForward(world, stand === undefined ? { own } : { own, transfer: stand });
      }
    });
    return [
      ...figures,
      { what: `all years of ${all.length} recorded assets, ${hours} hours`, ms: recorded },
      {
        what: `the same, with ladder, target, policy and rivals`,
        ms: walked,
        note: `walkForward over all years of ${all.length} recorded assets: every rung and every rule at every hour`,
        aim: { text: "< 10 s", met: walked < AIM_MS },
      },
      {
        what: `8 years of ${ASSET_COUNT} assets, ${ASSET_COUNT * eight.candles.length} hours`,
        ms: ten,
        note: `${((1000 * ten) / (ASSET_COUNT * eight.candles.length)).toFixed(2)} us an hour of history`,
        aim: { text: "< 10 s", met: ten < AIM_MS },
      },
    ];
  },
};

function liveMs(series: PriceSeries): number {
  const size = series.candles.length;
  const start = performance.now();
  for (let i = 1; i <= SAMPLE; i++) {
    const last = Math.floor((i * size) / SAMPLE) - 1;
    const past = historyUntil(series, last);
    const now = series.closeTimes[last] ?? 0;
    const { ewma, shocks } = historyVolatility(past, now);
    historicalTail(shocks, ewma ?? 0.5, 24, TAIL_LEVEL);
  }
  return ((performance.now() - start) * size) / SAMPLE;
}
