import { CascadeMarket } from "../../lab/market/cascadeMarket.ts";
import type { CollateralMarket, CollateralSettings } from "../../lab/market/collateralMarket.ts";
import { unitPrice } from "../../lab/market/liquidation.ts";
import { PLAY_DEFAULTS, playSettings } from "../../lab/market/play.ts";
import { constantProduct, Pool } from "../../lab/market/pool.ts";
import { runMarket } from "../../lab/market/run.ts";
import { uniforms } from "../../lab/validation/statistics/random.ts";
import type { Bench, Figure } from "./figure.ts";

const ACCOUNTS = 1_000_000;
const STEPS = 1_000;
const TERMS = { ltv: 0.8, threshold: 0.83, limit: Number.POSITIVE_INFINITY };
const SETTINGS: CollateralSettings = {
  name: "ETH",
  ...{ pool: 0, poolTokens: 1, impactShare: 0.3, capacity: ACCOUNTS },
  oracle: { deviation: 0, heartbeatSteps: 0, latencySteps: 0 },
  liquidation: {
    ...{ bonus: 0.05, closeFactor: 0.5, fullCloseBelowHealth: 0.95, fullCloseBelowUsd: 0, gasUsd: 0, flashFee: 0 },
  },
};

/** The cascade market: what a step costs beside a loop over all accounts, how cost grows, and a run of eight years. */
export const market: Bench = {
  title: "Cascade market",
  async run() {
    const [calm, falling] = [pathTo(0.95), pathTo(0.8)];
    const few = played(calm);
    const many = played(falling);
    const loop = looped(falling);
    const years = eightYears();
    const perAccount = (one: Played) => (one.ms * 1e6) / Math.max(1, one.touched);
    const million: Figure = {
      what: "1 000 000 accounts x 1 000 steps, price -20 %",
      ms: many.ms,
      peer: { name: "loop over all accounts", ms: loop.objects },
      note: `${many.touched.toLocaleString("en-US")} accounts touched, ${many.calls.toLocaleString("en-US")} calls, resident ${Math.round(process.memoryUsage.rss() / 1e6)} MB`,
      aim: { text: "<= 60 s, <= 1.5 GB", met: many.ms <= 60_000 && process.memoryUsage.rss() <= 1.5e9 },
    };
    const quiet: Figure = {
      what: "the same, price -5 %",
      ms: few.ms,
      peer: { name: "loop over all accounts", ms: loop.objects },
      note: `${few.touched.toLocaleString("en-US")} touched: ${perAccount(few).toFixed(0)} ns each, ${perAccount(many).toFixed(0)} ns each at -20 %; a loop over bare columns: ${(loop.columns / few.ms).toFixed(0)} x`,
      aim: { text: ">= 100 x", met: loop.objects / few.ms >= 100 },
    };
    const long: Figure = {
      what: "eight years hourly, one rule",
      ms: years,
      aim: { text: "<= 2 s", met: years <= 2_000 },
    };
    return [million, quiet, long];
  },
};

type Played = { readonly ms: number; readonly touched: number; readonly calls: number };

/** A price that walks from 1 000 to `end` of it. */
function pathTo(end: number): Float64Array {
  const uniform = uniforms(1);
  const drift = Math.log(end) / STEPS;
  let noise = 0;
  return Float64Array.from({ length: STEPS }, (_, step) => {
    noise = 0.95 * noise + (uniform() - 0.5) * 0.002;
    return 1_000 * Math.exp(drift * (step + 1) + noise);
  });
}

/** Collateral and debt of each account: 0.1 to 10 tokens, 10 % to 80 % of their value. */
function* book(): Generator<readonly [number, number]> {
  const uniform = uniforms(2);
  for (let i = 0; i < ACCOUNTS; i += 1) {
    const collateral = Math.floor(1e5 + 9.9e6 * uniform());
    yield [collateral, Math.floor(collateral * unitPrice(1_000) * (0.1 + 0.7 * uniform()))];
  }
}

function played(prices: Float64Array): Played {
  const pools = [new Pool(constantProduct(1e7, 0), 1)];
  const money = { capitalUsd: Number.POSITIVE_INFINITY, settlementSteps: 0 };
  const lender = new CascadeMarket([SETTINGS], pools, [1_000], [TERMS], money);
  const only = lender.markets[0] as CollateralMarket;
  for (const [collateral, debt] of book()) lender.open(only, collateral, debt);
  const before = only.accounts.touched;
  const started = performance.now();
  for (const price of prices) {
    lender.advance([price]);
    lender.liquidate();
  }
  return { ms: performance.now() - started, touched: only.accounts.touched - before, calls: only.ledger.calls };
}

/**
 * What checking the health of each account in each step costs, without liquidating any: accounts as objects, as a plain
 * simulation has them, and as bare columns of numbers, the least that a loop can do.
 */
function looped(prices: Float64Array): { readonly objects: number; readonly columns: number } {
  const accounts = Array.from(book(), ([collateral, debt]) => ({ collateral, debt }));
  const collateral = Float64Array.from(accounts, (one) => one.collateral);
  const debt = Float64Array.from(accounts, (one) => one.debt);
  const timed = (step: (border: number) => number): number => {
    let due = 0;
    const started = performance.now();
    for (const price of prices) due += step(unitPrice(price) * TERMS.threshold);
    return due >= 0 ? performance.now() - started : Number.NaN;
  };
  const objects = timed((border) => {
    let due = 0;
    for (const account of accounts) if ((account.collateral * border) / account.debt < 1) due += 1;
    return due;
  });
  const columns = timed((border) => {
    let due = 0;
    for (let id = 0; id < ACCOUNTS; id += 1) {
      if ((debt[id] as number) > (collateral[id] as number) * border) due += 1;
    }
    return due;
  });
  return { objects, columns };
}

function eightYears(): number {
  const uniform = uniforms(3);
  let price = 1_000;
  const values = Float64Array.from({ length: 8 * 365 * 24 }, () => {
    price *= Math.exp((uniform() + uniform() + uniform() - 1.5) * 0.012);
    return price;
  });
  const prices = { times: Float64Array.from(values, (_, i) => i * 3_600), values, stepSeconds: 3_600 };
  const settings = playSettings({ ...PLAY_DEFAULTS, name: "made", prices, depth: null, pool: null });
  const started = performance.now();
  runMarket(settings);
  return performance.now() - started;
}
