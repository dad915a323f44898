import { DAY_SECONDS, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { type Assessment, HELD_SOURCES, type MarketHistory } from "../../../keeper/domain/decision.ts";
import type { Candle, Observation, Observed } from "../../../keeper/domain/observation.ts";
import type { MarketParameters } from "../../../keeper/domain/parameters.ts";
import { sourceName } from "../../../keeper/domain/sourceNames.ts";
import { DEFAULT_QUALITY } from "../../../keeper/markets/defaults.ts";
import { assess } from "../../../keeper/pipeline.ts";
import { OneMarket } from "../contractModel/oneMarket.ts";
import type { World } from "../validation/backtest/world.ts";
import { sizedModel } from "../validation/sizedModel.ts";
import type { Terms } from "./collateralMarket.ts";
import { standingPool } from "./observedPool.ts";
import { bpsOf, termsOf } from "./parameterContract.ts";
import type { ContractRules, Rule, RuleView } from "./rules.ts";

/** Candles that the keeper asks a venue for, and days for which it remembers depth. */
const [CANDLES, DEPTH_DAYS] = [400 * 24, 28];
/** Options were not recorded hour by hour: a market that lists none, so that their absence blocks nothing (ladder L4). */
const SOURCES: MarketParameters["sources"] = {
  ...{ options: null, transferFrom: null, history: "ETH-PERPETUAL", transferHistory: null },
  ...{ route: [["USDC/WETH-0.05%"]], priceFeed: "WETH" },
};
const ASSETS = { name: "WETH", collateral: { symbol: "WETH", decimals: 18 }, debt: { symbol: "USD" } };

/** What the live reasoning is asked about. */
type LiveSettings = {
  readonly world: Pick<World, "series" | "model" | "policy" | "limits">;
  /** What the market is listed at, the nearest that its limits allow. */
  readonly opening: Terms;
  /**
   * Collateral that the lender takes, whole tokens: the exposure limit that the market opens at and governance's bound on it;
   * the sizes of the model are those of it at the price of the moment.
   */
  readonly cap: number;
  readonly bonus: number;
};

/**
 * The live reasoning itself (`assess`) with the contract's rules, for one run over hours: what it observes is the market it
 * moves. Candles and feed have the price with the run's own sales in it, the pool is where they left it, the keeper's
 * memory is of what it saw here; every transaction is mined at once. It costs some milliseconds an hour of the market.
 */
export function liveRule({ world, opening, cap, bonus }: LiveSettings): { rule: Rule; contract: ContractRules } {
  const memory = new KeeperMemory();
  const candles = new CandleFeed(world.series);
  let chain: OneMarket | null = null;
  const rule: Rule = {
    name: "live",
    target(view) {
      if (chain === null) return opening;
      const market = parametersOf(world, bonus, cap * view.price);
      const observed = observedAt(view, candles.upTo(view.time, view.price), bonus);
      const onChain = chain.read(view.time);
      const assessment = assess({ now: view.time, market, observed, history: memory.at(view.time), onChain });
      memory.remember(view.time, assessment);
      if (assessment.decision.action === "submit") chain.write(view.time, assessment.decision);
      return opening;
    },
  };
  const contract: ContractRules = {
    open(terms, time) {
      const market = new OneMarket(world.limits, time, bpsOf(terms), cap, cap);
      chain = market;
      let now = time;
      return {
        follow(_target, seconds) {
          now += seconds;
          return termsOf(market, now, market.limitTokens(now));
        },
      };
    },
  };
  return { rule, contract };
}

/** Parameters of a market of this size. */
function parametersOf({ model, policy }: LiveSettings["world"], bonus: number, capUsd: number): MarketParameters {
  const sized = { ...sizedModel(model, capUsd), liquidationBonus: bonus };
  return { ...ASSETS, model: sized, quality: DEFAULT_QUALITY, policy, sources: SOURCES };
}

function observedAt(view: RuleView, candles: readonly Candle[], bonus: number): readonly Observed[] {
  const { time, oraclePrice } = view;
  const history: Observation = {
    ...{ kind: "priceHistory", source: sourceName.history(SOURCES.history), instrument: SOURCES.history },
    ...{ intervalSeconds: HOUR_SECONDS, eventTime: time, candles },
  };
  const feed: Observation = {
    ...{ kind: "priceFeed", source: sourceName.feed(SOURCES.priceFeed), feed: "0x", blockNumber: 1n },
    ...{ eventTime: time, priceUsd: oraclePrice },
  };
  const pool = standingPool(view, bonus, SOURCES.route[0]?.[0] ?? "");
  return [history, pool, feed].map((observation) => ({ source: observation.source, observation, faults: [] }));
}

/** Recorded candles, those of the run at the price that its own sales left. */
class CandleFeed {
  readonly #series: World["series"];
  readonly #candles: Candle[] = [];
  #next = 0;

  constructor(series: World["series"]) {
    this.#series = series;
  }

  /** The last 400 days up to a candle that closes at `time` at `price`; one that closed before is as it was shown. */
  upTo(time: number, price: number): readonly Candle[] {
    const { closeTimes, candles } = this.#series;
    for (; this.#next < candles.length && (closeTimes[this.#next] as number) <= time; this.#next += 1) {
      const [start, open, high, low, close, volume] = candles[this.#next] as Candle;
      const scale = closeTimes[this.#next] === time ? price / close : 1;
      this.#candles.push([start, open * scale, high * scale, low * scale, close * scale, volume]);
    }
    return this.#candles.slice(-CANDLES);
  }
}

/** What the keeper's journal would hold of one market. */
class KeeperMemory {
  #depth: (readonly [number, number])[] = [];
  #shocked: (readonly [number, number])[] = [];
  #initials: (readonly [number, number])[] = [];
  readonly #volatility = new Map<(typeof HELD_SOURCES)[number], readonly [number, number]>();
  #lastBreaker: number | null = null;
  #lastLoosening: number | null = null;

  at(now: number): MarketHistory {
    const since = (seconds: number) => (one: readonly [number, number]) => one[0] > now - seconds;
    this.#depth = this.#depth.filter(since(DEPTH_DAYS * DAY_SECONDS));
    this.#shocked = this.#shocked.filter(since(HOUR_SECONDS));
    this.#initials = this.#initials.filter(since(DAY_SECONDS));
    const last = this.#depth.at(-1);
    return {
      ...{ depth: this.#depth, initials: this.#initials, lastImplied: null },
      lastVolatility: [...this.#volatility].map(([source, [time, vol]]) => [source, time, vol] as const),
      lastDepth: last === undefined ? null : { time: last[0], usd: last[1] },
      ...{ lastBreaker: this.#lastBreaker, lastLoosening: this.#lastLoosening },
      ...(this.#shocked.length === 0 ? {} : { shockedDepth: this.#shocked }),
    };
  }

  remember(now: number, { risk, decision }: Assessment): void {
    const { nowUsd, shockedUsd, shockedNowUsd } = risk.depth;
    this.#depth = [...this.#depth, [now, nowUsd]];
    const left = shockedNowUsd ?? shockedUsd;
    if (left !== null) this.#shocked = [...this.#shocked, [now, left]];
    for (const source of HELD_SOURCES) {
      const vol = risk.volatility[source];
      if (vol !== null && Number.isFinite(vol)) this.#volatility.set(source, [now, vol]);
    }
    if (decision.action !== "submit") return;
    if (decision.breaker) this.#lastBreaker = now;
    if (decision.reasons.includes("LOOSEN")) this.#lastLoosening = now;
    this.#initials = [...this.#initials, [now, decision.initialBps]];
  }
}
