import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../../keeper/markets/defaults.ts";
import { RISK_CLASSES } from "../../../keeper/markets/limits.ts";
import { v3SellCurve } from "../../../keeper/model/depth/uniswapV3Curve.ts";
import type { Terms } from "../../../scripts/lab/market/collateralMarket.ts";
import { breakEven } from "../../../scripts/lab/market/liquidation.ts";
import { liveRule } from "../../../scripts/lab/market/liveRule.ts";
import { standingPool } from "../../../scripts/lab/market/observedPool.ts";
import { PLAY_DEFAULTS, playSettings } from "../../../scripts/lab/market/play.ts";
import { constantProduct, Pool, recordedDepth } from "../../../scripts/lab/market/pool.ts";
import { runMarket } from "../../../scripts/lab/market/run.ts";
import { priceSeries } from "../../../scripts/lab/validation/backtest/priceSeries.ts";
import { uniforms } from "../../../scripts/lab/validation/statistics/random.ts";

const HOUR = 3_600;
const START = Date.UTC(2025, 0, 1) / 1_000;
const [BEFORE, PLAYED] = [95 * 24, 8 * 24];

/** Hours of candles with volume: three months, then eight days in the third of which the price falls by a quarter. */
function recorded() {
  const uniform = uniforms(11);
  let price = 1_000;
  const candles = Array.from({ length: BEFORE + PLAYED }, (_, hour) => {
    const open = price;
    const crash = hour >= BEFORE + 60 && hour < BEFORE + 66 ? 0.95 : 1;
    price *= crash * (1 + (uniform() - 0.5) * 0.01);
    return [START + hour * HOUR, open, Math.max(open, price), Math.min(open, price), price, 20_000] as const;
  });
  return priceSeries("made", HOUR, candles);
}

function played(hoursToSell: number) {
  const series = recorded();
  // By its own calm months alone: a typical year beside them would leave a fall of a quarter within the gap.
  const { typicalVolatility: _, ...model } = DEFAULT_MODEL;
  const world = { series, model, policy: DEFAULT_POLICY, limits: RISK_CLASSES.major.limits };
  const opening = { ltv: 0.86, threshold: 0.89, limit: Number.POSITIVE_INFINITY };
  const times = series.closeTimes.slice(BEFORE);
  const prices = { times: Float64Array.from(times), values: series.closes.slice(BEFORE), stepSeconds: HOUR };
  const settings = { ...PLAY_DEFAULTS, name: "ETH", hoursToSell, prices, depth: null, pool: null };
  const { rule, contract } = liveRule({ world, opening, cap: settings.cap, bonus: settings.bonus });
  const terms: Terms[] = [];
  const [outcome] = runMarket(playSettings(settings, rule, contract), ({ markets: [market] }) => {
    if (market !== undefined) terms.push(market.terms);
  });
  return { outcome, terms };
}

test("the live reasoning tightens new loans in a fall, moves maintenance no faster than bytecode, and sees its own depth", () => {
  const [deep, thin] = [played(5), played(200)];
  for (const { terms } of [deep, thin]) {
    const [calm, after] = [terms[50]?.ltv ?? 0, terms[70]?.ltv ?? 1];
    assert.ok(after < calm - 0.01, `LTV from ${calm} to ${after}`);
    for (let hour = 1; hour < terms.length; hour += 1) {
      const fell = ((terms[hour - 1]?.threshold ?? 0) - (terms[hour]?.threshold ?? 0)) * 10_000;
      assert.ok(fell < 7.5 && fell > -5.5, `threshold by ${fell} bp in hour ${hour}`);
    }
  }
  assert.deepEqual(played(200), thin, "the same settings give the same outcome");
  const limits = ({ terms }: typeof thin) => terms.map(({ limit }) => limit);
  // The cap of 100,000 as the contract writes it, rounded down, is governance's bound: no limit is "none".
  assert.deepEqual(new Set(limits(deep)), new Set([99_968]));
  // Whole cap in 200 hours, the half of it counted with no history, 0.3 of that in eight slices over 8.2 %: 15 to 17 thousand.
  assert.ok(
    limits(thin).every((limit) => limit > 14_000 && limit < 18_000),
    `${limits(thin)}`,
  );
  const [many, few] = [deep.outcome?.meanDebtUsd ?? 0, thin.outcome?.meanDebtUsd ?? 0];
  assert.ok(few > 0 && few < many / 3, `the market lends what the limit allows: ${few} of ${many} USD`);
});

test("the pool that the keeper reads takes what the market's own takes, wherever sales have left it", () => {
  for (const sold of [0, 50, 200]) {
    const own = new Pool(constantProduct(10_000, 0.0005), 1);
    own.take(sold);
    const price = breakEven({ bonus: 0.05, flashFee: 0.0005 });
    const view = {
      time: START,
      prices: Float64Array.of(2_000),
      fullDepthTokens: own.fullRoom(price),
      soldTokens: sold,
    };
    const curve = v3SellCurve(standingPool(view, 0.05, "USDC/WETH-0.05%"), false);
    assert.ok(
      Math.abs(curve.priceQuote / (2_000 * (1 - own.drop)) - 1) < 1e-6,
      "its price is the one that sales have left",
    );
    const depth = recordedDepth(curve, 1e6);
    const room = depth.until((price * 2_000) / curve.priceQuote);
    assert.ok(Math.abs(room / own.room(price) - 1) < 2e-3, `${room} ${own.room(price)}`);
  }
});
