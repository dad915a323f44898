import { basename } from "node:path";
import { DAY_SECONDS, isoTime } from "../../../keeper/domain/calendar.ts";
import { type AssessInput, type MarketHistory, NO_HISTORY } from "../../../keeper/domain/decision.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { Observation, OptionBoard, PoolState } from "../../../keeper/domain/observation.ts";
import type { MarketParameters, MarketSources } from "../../../keeper/domain/parameters.ts";
import { sourceName } from "../../../keeper/domain/sourceNames.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY, DEFAULT_QUALITY } from "../../../keeper/markets/defaults.ts";
import { RISK_CLASSES } from "../../../keeper/markets/limits.ts";
import type { MarketFile } from "../../../keeper/markets/marketFiles.ts";
import { explanationOf } from "../../../keeper/operations/summary.ts";
import { assess } from "../../../keeper/pipeline.ts";
import { configuredMarkets } from "../../markets.ts";
import { listedAlone } from "../contractModel/oneMarket.ts";
import { readChainFile, selectBoards } from "../files/chainFile.ts";
import { readPoolFile } from "../files/poolFile.ts";
import { inputName } from "../files/readText.ts";
import { readDepthFile, readPriceFile, type Series } from "../files/seriesFile.ts";
import { historyUntil, type PriceSeries } from "../validation/backtest/priceSeries.ts";
import { parseChanges } from "../validation/parameters.ts";
import { changedModel } from "../validation/sizedModel.ts";
import { soldSide } from "./depthReport.ts";

/** What is to be assessed; files as their readers describe them, null where there is none. */
type AssessRequest = {
  /** A configured market, or any name; null: the collateral of the pool, or that of the prices. */
  readonly name: string | null;
  readonly prices: string;
  readonly board: string | null;
  /** On the way from the collateral to dollars, hop by hop. */
  readonly pools: readonly string[];
  readonly depth: string | null;
  readonly feedUsd: number | null;
  readonly currency: string | undefined;
  /** Unix seconds; null: the newest board's, else the last price's. */
  readonly at: number | null;
  readonly gaps: boolean;
  /** "name=value" each. */
  readonly changes: readonly string[];
  /** Both haircuts on chain now, basis points; null: those of the market's listing, else the least of its class. */
  readonly onChain: readonly [initialBps: number, maintenanceBps: number] | null;
};

/** How old each input is at the moment of the assessment, seconds: what the files do not say is taken as present. */
type InputAges = {
  readonly prices: number;
  readonly board: number | null;
  readonly pools: readonly (number | null)[];
  readonly depth: number | null;
};

/**
 * Decides about one market from files alone, by the function that the live keeper calls. Board and prices count at their own
 * times; a pool, a depth and a feed are taken as of that moment, whenever they were recorded (`ages` says). What no file
 * gives is missing, as it would be live, and costs confidence.
 * @throws TonsorError BAD_FILE or BAD_ARGUMENT naming what cannot be used
 */
export async function assessFiles(request: AssessRequest) {
  const isNamed = ({ parameters }: MarketFile) => parameters.name.toLowerCase() === request.name?.toLowerCase();
  const file = configuredMarkets().find(isNamed) ?? null;
  const known = file?.parameters ?? null;
  const board = request.board === null ? null : await boardOf(request.board, request);
  const pools = request.pools.map((path) => readPoolFile(path));
  const depth = request.depth === null ? null : readDepthFile(request.depth);
  if (pools.length === 0 && depth === null) {
    const facts = { field: "--pool", given: "nothing", expected: "a pool to sell into, or --depth <file>" };
    throw new TonsorError("BAD_ARGUMENT", "without any depth nothing can be lent", facts);
  }
  const [first] = pools;
  const sold = first === undefined ? null : [first.pool.token0, first.pool.token1][soldSide(first.pool, known?.name)];
  const name = known?.name ?? request.name ?? sold?.symbol ?? basename(inputName(request.prices));
  const series = readPriceFile(request.prices, name, request.gaps);
  const now = board?.eventTime ?? request.at ?? (series.closeTimes.at(-1) as number);
  const last = lastBefore(series, now, inputName(request.prices));
  const market = marketOf(
    known,
    name,
    { symbol: sold?.symbol ?? name, decimals: sold?.decimals ?? 18 },
    board,
    request,
  );
  const route = pools.map(({ name: pool }, hop) => `${hop + 1}-${pool.replaceAll(":", " ")}`);
  const sources = { ...market.sources, route: route.length === 0 ? [["no pool"]] : route.map((pool) => [pool]) };
  const observations: Observation[] = [
    ...(board === null ? [] : [{ ...board, source: sourceName.board(board.currency) }]),
    candlesOf(series, last, now),
    ...pools.map(({ pool }, hop): PoolState => {
      return { ...pool, source: sourceName.pool(route[hop] ?? ""), eventTime: now };
    }),
    ...(request.feedUsd === null ? [] : [feedOf(request.feedUsd, now)]),
  ];
  const observed = observations.map((observation) => ({ source: observation.source, observation, faults: [] }));
  const input: AssessInput = {
    ...{ now, market: { ...market, sources }, observed },
    history: depth === null ? NO_HISTORY : remembered(depth, now, inputName(request.depth ?? "")),
    onChain: onChainOf(file, request, now),
  };
  const ages: InputAges = {
    prices: now - (series.closeTimes[last] as number),
    board: board === null ? null : 0,
    pools: pools.map(({ pool }) => (pool.eventTime === 0 ? null : now - pool.eventTime)),
    depth: depth === null ? null : now - (depth.times[depth.times.findLastIndex((time) => time <= now)] as number),
  };
  return { explanation: explanationOf({ input, assessment: assess(input) }), ages };
}

/** Days of candles that the live keeper asks for. */
const HISTORY_DAYS = 550;
const FROM_FILE = "file";
const FEED = "file";

async function boardOf(path: string, { currency, at }: AssessRequest): Promise<OptionBoard> {
  const boards = selectBoards(await readChainFile(path), { currency, at: at ?? undefined });
  const [board] = boards;
  if (board !== undefined && boards.length === 1) return board;
  const expected = `one of ${boards.map((one) => one.currency).join(", ")}`;
  const facts = { field: "--currency", given: "nothing", expected };
  throw new TonsorError("BAD_ARGUMENT", `${inputName(path)} has options of several currencies`, facts);
}

/** Index of the last candle known at `now`, which must be as fresh as the live keeper wants it. */
function lastBefore({ closeTimes }: PriceSeries, now: number, file: string): number {
  const last = closeTimes.findLastIndex((time) => time <= now);
  const limit = DEFAULT_QUALITY.maxAgeSeconds.history;
  if (last >= 0 && now - (closeTimes[last] as number) <= limit) return last;
  throw new TonsorError("BAD_FILE", `${file} has no price of that moment`, {
    field: "times",
    given: `${isoTime(closeTimes[0] as number)} to ${isoTime(closeTimes.at(-1) as number)}`,
    expected: `a price within ${limit / 3_600} h before ${isoTime(now)}`,
  });
}

function candlesOf(series: PriceSeries, last: number, now: number): Observation {
  const { candles, ...history } = historyUntil(series, last);
  const young = candles.filter(([time]) => time >= now - HISTORY_DAYS * DAY_SECONDS);
  return { ...history, source: sourceName.history(FROM_FILE), candles: young };
}

/** The configured market, or one with every default; asked only for what files can give. */
function marketOf(
  known: MarketParameters | null,
  name: string,
  collateral: MarketParameters["collateral"],
  board: OptionBoard | null,
  { changes }: AssessRequest,
): MarketParameters {
  const unknown = { name, collateral, debt: { symbol: "USD" }, model: DEFAULT_MODEL };
  const base = known ?? { ...unknown, quality: DEFAULT_QUALITY, policy: DEFAULT_POLICY };
  const currency = board?.currency ?? null;
  const isTransferred = currency !== null && known?.sources.options === null && known.sources.transferFrom === currency;
  const sources: MarketSources = {
    ...{ options: isTransferred ? null : currency, transferFrom: isTransferred ? currency : null },
    ...{ history: FROM_FILE, transferHistory: isTransferred ? FROM_FILE : null, route: [], priceFeed: FEED },
  };
  const model = changedModel(base.model, parseChanges(changes, base.model));
  const { name: its, collateral: sold, debt, quality, policy } = base;
  return { name: its, collateral: sold, debt, model, quality, policy, sources };
}

function feedOf(priceUsd: number, now: number): Observation {
  return { kind: "priceFeed", source: sourceName.feed(FEED), feed: FEED, blockNumber: 0n, eventTime: now, priceUsd };
}

/** What a keeper would remember that had seen this depth for 28 days, the last of it until now. */
function remembered({ times, values }: Series, now: number, file: string): MarketHistory {
  const past = Array.from(times, (time, i) => [time, values[i] as number] as const).filter(([time]) => time <= now);
  const last = past.at(-1);
  if (last === undefined) {
    const facts = { field: "first time", given: isoTime(times[0] as number), expected: `${isoTime(now)} or before` };
    throw new TonsorError("BAD_FILE", `${file} begins too late`, facts);
  }
  const depth = past.filter(([time]) => time > now - 28 * DAY_SECONDS);
  return { ...NO_HISTORY, depth, lastDepth: { time: now, usd: last[1] } };
}

function onChainOf(known: MarketFile | null, { onChain }: AssessRequest, now: number): AssessInput["onChain"] {
  const listing = known?.listing ?? null;
  const { limits } = RISK_CLASSES[listing?.riskClass ?? "major"];
  const least = Math.max(limits.minInitialBps, limits.minMaintenanceBps + limits.minGapBps);
  const initialBps = onChain?.[0] ?? listing?.initialBps ?? least;
  const maintenanceBps = onChain?.[1] ?? listing?.maintenanceBps ?? limits.minMaintenanceBps;
  return listedAlone(limits, { initialBps, maintenanceBps }, now);
}
