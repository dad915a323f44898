import { join } from "node:path";
import { DAY_SECONDS, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import type { AssessInput } from "../../../keeper/domain/decision.ts";
import type {
  Observation,
  Observed,
  OptionBoard,
  PoolState,
  PriceHistory,
} from "../../../keeper/domain/observation.ts";
import type { MarketParameters } from "../../../keeper/domain/parameters.ts";
import { sourceName } from "../../../keeper/domain/sourceNames.ts";
import { marketNamed } from "../../../keeper/markets/marketFiles.ts";
import { calmMarket, NO_HISTORY } from "../../../test/support/onChain.ts";
import { readChainFile } from "../../lab/files/chainFile.ts";
import { readPoolFile } from "../../lab/files/poolFile.ts";
import { csvNumbers } from "../../lab/replay/csvNumbers.ts";
import { shippedMarkets } from "../../markets.ts";

const HISTORY_DAYS = 400;
const DEPTH_HOURS = 28 * 24;
/** The moment of the recorded tick maps. */
const UNTIL = Date.parse("2026-01-24T23:00:00Z") / 1000;

type Recording = {
  readonly now: number;
  readonly boards: readonly OptionBoard[];
  readonly candles: Readonly<Record<string, PriceHistory>>;
  readonly usdcWeth: PoolState;
  readonly wbtcWeth: PoolState;
};
const recordings = new Map<string, Promise<Recording>>();

/**
 * Inputs of `count` markets at a recorded moment, ether and wrapped bitcoin by turns, each with its own governance
 * numbers, memory of depth and state on chain. All objects are new in every call. With `distinct` each market has its own
 * candles and pools too, as if there were as many collaterals as markets; the boards stay shared, as two are listed.
 */
export async function recordedMarkets(data: string, count: number, distinct: boolean): Promise<readonly AssessInput[]> {
  const recorded = await (recordings.get(data) ?? remember(data));
  const shared = fresh(recorded);
  const shipped = shippedMarkets();
  const [weth, wbtc] = [marketNamed(shipped, "WETH").parameters, marketNamed(shipped, "WBTC").parameters];
  return Array.from({ length: count }, (_, i) => {
    const base = i % 2 === 0 ? weth : wbtc;
    const source = distinct
      ? { ...fresh(recorded), boards: shared.boards, candles: ownCandles(recorded, base) }
      : shared;
    const market: MarketParameters = {
      ...base,
      name: `${base.name}-${i}`,
      model: { ...base.model, largestBorrowerUsd: base.model.largestBorrowerUsd * (1 + i / 100) },
    };
    const usd = base === weth ? 4e6 : 2e6;
    const { now } = source;
    const depth = Array.from({ length: DEPTH_HOURS }, (_, h) => {
      return [now - (DEPTH_HOURS - h) * HOUR_SECONDS, usd * (1 + 0.05 * Math.sin(h + i))] as const;
    });
    const history = { ...NO_HISTORY, depth };
    return { now, market, observed: observedOf(source, market), history, onChain: calmMarket(now) };
  });
}

function remember(data: string): Promise<Recording> {
  const made = read(data);
  recordings.set(data, made);
  return made;
}

async function read(data: string): Promise<Recording> {
  const all = await readChainFile(join(data, "options/deribit_chain_2026-01.csv.gz"));
  const now = Math.max(...all.filter((board) => board.eventTime <= UNTIL).map((board) => board.eventTime)) + 4;
  const boards = all
    .filter((board) => board.eventTime === now - 4)
    .map((board) => ({ ...board, source: sourceName.board(board.currency) }));
  const candles = (currency: string): PriceHistory => {
    const file = join(data, `ohlcv/binance_usdm_perp_${currency}USDT_1h.csv.gz`);
    const rows = csvNumbers(file, "t,open,high,low,close,volume").filter(
      ([t = 0]) => t + HOUR_SECONDS <= now && t >= now - HISTORY_DAYS * DAY_SECONDS,
    );
    const instrument = `${currency}-PERPETUAL`;
    const eventTime = (rows.at(-1)?.[0] ?? 0) + HOUR_SECONDS;
    const read = rows as unknown as PriceHistory["candles"];
    return {
      ...{ kind: "priceHistory", source: `deribit:${instrument}:history`, instrument },
      ...{ intervalSeconds: HOUR_SECONDS, eventTime, candles: read },
    } as PriceHistory;
  };
  const pool = (file: string, name: string): PoolState => ({
    ...readPoolFile(join(data, "uniswap_v3", file)).pool,
    source: sourceName.pool(name),
    eventTime: now - 2,
  });
  return {
    now,
    boards,
    candles: { ETH: candles("ETH"), BTC: candles("BTC") },
    usdcWeth: pool("pool_USDC_WETH_005_2026-01-24.json.gz", "USDC/WETH-0.05%"),
    wbtcWeth: pool("pool_WBTC_WETH_03_block_24407242.json.gz", "WBTC/WETH-0.3%"),
  };
}

function fresh(recorded: Recording): Recording {
  return {
    now: recorded.now,
    boards: recorded.boards.map((board) => ({ ...board })),
    candles: Object.fromEntries(Object.entries(recorded.candles).map(([name, each]) => [name, { ...each }])),
    usdcWeth: { ...recorded.usdcWeth },
    wbtcWeth: { ...recorded.wbtcWeth },
  };
}

/** What a market's options are of, or stand in for; its candles are of that too. */
function currencyOf({ sources }: MarketParameters): string {
  return sources.options ?? sources.transferFrom ?? "";
}

/** A copy to the last number, as an answer of its own would be: what is read of candles is remembered with them. */
function ownCandles({ candles }: Recording, market: MarketParameters): Recording["candles"] {
  const currency = currencyOf(market);
  const history = candles[currency] as PriceHistory;
  return { [currency]: { ...history, candles: history.candles.map((candle) => [...candle] as const) } };
}

function observedOf(source: Recording, market: MarketParameters): readonly Observed[] {
  const { now, boards, candles, usdcWeth, wbtcWeth } = source;
  const currency = currencyOf(market);
  const history = candles[currency];
  const priceUsd = history?.candles.at(-1)?.[4] ?? 0;
  const feed: Observation = {
    ...{ kind: "priceFeed", source: sourceName.feed(market.sources.priceFeed), feed: usdcWeth.pool },
    ...{ blockNumber: usdcWeth.blockNumber, eventTime: now - 600, priceUsd },
  };
  const pools = market.sources.options === null ? [wbtcWeth, usdcWeth] : [usdcWeth];
  const all: readonly (Observation | undefined)[] = [
    boards.find((board) => board.currency === currency),
    history,
    ...pools,
    feed,
  ];
  return all.flatMap((observation) =>
    observation === undefined ? [] : [{ source: observation.source, observation, faults: [] } as Observed],
  );
}
