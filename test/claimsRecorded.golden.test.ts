import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { limitOf } from "../keeper/domain/contract.ts";
import type { Candle, Observed } from "../keeper/domain/observation.ts";
import type { MarketParameters } from "../keeper/domain/parameters.ts";
import { RISK_CLASSES } from "../keeper/markets/limits.ts";
import { assess } from "../keeper/pipeline.ts";
import { poolSeries } from "../scripts/lab/validation/studies/peggedSeries.ts";
import { claimHistory, pairPool, USDC } from "./support/claims.ts";
import { dataFolder } from "./support/data.ts";
import { calmFeed, seen } from "./support/observations.ts";
import { calmMarket } from "./support/onChain.ts";

/**
 * USDC in March 2023 as a deep pool had it, hour by hour, through the live reasoning: candles of the hours before, the pool of
 * the moment, and a feed that follows the market or, as some lenders count a dollar, one that does not.
 */
const HOUR = 3_600;
const data = dataFolder();
const skip = data === null && "no recorded data";
const [FROM, TO] = ["2023-03-10T00:00:00Z", "2023-03-14T00:00:00Z"].map((text) => Date.parse(text) / 1_000) as [
  number,
  number,
];
const LIMITS = RISK_CLASSES.pegged.limits;
const [LOWEST, HIGHEST] = [limitOf(1_000_000), limitOf(50_000_000)];

type Cycle = {
  readonly time: number;
  readonly price: number;
  readonly initial: number;
  readonly maintenance: number;
  readonly limit: number;
};

/** Every hour's decision, each mined at once and none taken back: what is asked is how soon. */
function cyclesOf(market: MarketParameters, feed: (price: number) => number): readonly Cycle[] {
  const { series, liquidity } = poolSeries(data ?? "");
  const source = "binance:USDCUSDT:history";
  const cycles: Cycle[] = [];
  let [initialBps, maintenanceBps, limit] = [700, 400, HIGHEST];
  for (const [i, time] of series.closeTimes.entries()) {
    if (time < FROM || time > TO) continue;
    const price = series.closes[i] as number;
    const candles = series.candles
      .slice(Math.max(0, i + 1 - 550 * 24), i + 1)
      .map(([at, ...prices]): Candle => [at, prices[0], prices[1], prices[2], prices[3], 1e6]);
    const pool = {
      ...pairPool(time, "USDC/USDT-0.01%", price, [6, 6]),
      liquidity: BigInt(Math.round(liquidity.get(time) ?? 1)),
    };
    const past = {
      kind: "priceHistory",
      source,
      instrument: "USDCUSDT",
      intervalSeconds: HOUR,
      eventTime: time,
      candles,
    } as const;
    const observed: readonly Observed[] = [seen(past), seen(pool), seen(calmFeed(time, feed(price), "USDC"))];
    const at = {
      initialBps,
      storedInitialBps: initialBps,
      maintenanceBps,
      maintenanceTargetBps: maintenanceBps,
      limit,
    };
    const onChain = calmMarket(time, { ...at, lowestLimit: LOWEST, highestLimit: HIGHEST, limits: LIMITS });
    const { decision } = assess({ now: time, market, observed, history: claimHistory(time), onChain });
    if (decision.action === "submit") {
      initialBps = Math.max(initialBps, decision.initialBps);
      limit = Math.min(limit, decision.limit);
      maintenanceBps = decision.maintenanceTargetBps;
    }
    cycles.push({ time, price, initial: initialBps, maintenance: decision.maintenanceTargetBps, limit });
  }
  return cycles;
}

for (const [bonus, cost] of [
  [0.045, 0.005],
  [0.01, 0.002],
] as const) {
  for (const [what, feed] of [
    ["that follows the market", (price: number) => price],
    ["that says a dollar", () => 1],
  ] as const) {
    describe(`USDC in March 2023, a bonus of ${bonus}, a feed ${what}`, { skip }, () => {
      const market: MarketParameters = {
        ...USDC,
        model: { ...USDC.model, liquidationBonus: bonus, liquidationCost: cost },
      };
      let cycles: readonly Cycle[] = [];
      before(() => {
        cycles = cyclesOf(market, feed);
      });

      it("is open the day before, and closed to new risk within two cycles of leaving what the bonus bridges", () => {
        const first = cycles.findIndex(({ price }) => 1 - price > bonus / (1 + bonus) - cost);
        assert.ok(first > 24, new Date((cycles[first]?.time ?? 0) * 1_000).toISOString());
        assert.ok(
          cycles.slice(0, first - 3).every(({ initial }) => initial <= 1_200),
          `${cycles[first - 4]?.initial}`,
        );
        const closed = cycles.findIndex(({ initial, limit }) => initial === LIMITS.maxInitialBps && limit === LOWEST);
        assert.ok(closed >= 0 && closed - first <= 2, `hour ${first}, closed at ${closed}`);
      });

      it("moves no maintenance: its target of before the fall stands", () => {
        const targets = cycles.map(({ maintenance }) => maintenance);
        assert.ok(Math.max(...targets) - (targets[0] ?? 0) <= 60, `${targets[0]} to ${Math.max(...targets)}`);
      });
    });
  }
}
