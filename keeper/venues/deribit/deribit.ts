import { HOUR_SECONDS } from "../../domain/calendar.ts";
import type { Candle } from "../../domain/observation.ts";
import { frozenWatches } from "../frozenWatch.ts";
import type { OptionsSource, OptionsVenue } from "../optionsVenue.ts";
import { parseBookSummary } from "./bookSummary.ts";
import { isSoundBar } from "./candles.ts";
import { askDeribit } from "./connection.ts";
import { type LastingSeries, lastingSeries, type PointShape } from "./lastingSeries.ts";
import { type IndexPoint, readCandles, readIndex } from "./readSeries.ts";

const CANDLES: PointShape = { width: 6, interval: HOUR_SECONDS, isSound: isSoundBar };
const INDEX: PointShape = { width: 2, interval: HOUR_SECONDS, isSound: ([vol = 0]) => vol > 0 };
const BASE_URL = "https://www.deribit.com/api/v2";

/**
 * Deribit's public API: inverse options on BTC and ETH, their volatility index DVOL, and hourly candles.
 * Prices of options are in coin, `mark_iv` and DVOL in percent; observations carry fractions. The parsers in `deribit/`
 * are pure; this file only joins them to HTTP.
 * @example await deribit.connect({ baseUrl: "http://127.0.0.1:8400/api/v2" }).readOptionBoard("ETH")
 */
export const deribit: OptionsVenue<OptionsSource> = {
  id: "deribit",
  baseUrl: BASE_URL,
  connect(settings = {}) {
    const ask = askDeribit((settings.baseUrl ?? BASE_URL).replace(/\/+$/, ""), settings);
    const watch = frozenWatches();
    const indices = new Map<string, LastingSeries<IndexPoint>>();
    const histories = new Map<string, LastingSeries<Candle>>();
    const index = (name: string) => lastingSeries<IndexPoint>(settings.memory, name, INDEX);
    const history = (name: string) => lastingSeries<Candle>(settings.memory, name, CANDLES);
    return {
      async readOptionBoard(currency, signal) {
        const source = `deribit:${currency}:options`;
        const answer = await ask("get_book_summary_by_currency", { currency, kind: "option" }, source, signal);
        if ("fault" in answer) return { source, observation: null, faults: [answer.fault] };
        return watch(parseBookSummary(answer.body, source, currency));
      },
      async readVolatilityIndex(currency, now, days = 30, signal) {
        const source = `deribit:${currency}:index`;
        const known = remembered(indices, `${source} ${days}`, index);
        return { source, ...(await readIndex({ ask, source, now, days, known, signal }, currency)) };
      },
      async readPriceHistory(instrument, now, days = 400, signal) {
        const source = `deribit:${instrument}:history`;
        const known = remembered(histories, `${source} ${days}`, history);
        return { source, ...(await readCandles({ ask, source, now, days, known, signal }, instrument)) };
      },
    };
  },
};

function remembered<Point extends readonly [number, ...number[]]>(
  memory: Map<string, LastingSeries<Point>>,
  key: string,
  open: (key: string) => LastingSeries<Point>,
): LastingSeries<Point> {
  const known = memory.get(key) ?? open(key);
  memory.set(key, known);
  return known;
}
