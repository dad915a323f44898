import { frozenWatches } from "../frozenWatch.ts";
import type { OptionsVenue } from "../optionsVenue.ts";
import { parseBybitBoard } from "./board.ts";
import { askBybit } from "./connection.ts";

const BASE_URL = "https://api.bybit.com/v5";

/**
 * Bybit's public API: options on BTC, ETH and SOL settled in dollars, volatilities as fractions. The parser in `bybit/`
 * turns premiums into coin and is pure; this file joins it to HTTP and watches that the numbers move.
 * @example await bybit.connect().readOptionBoard("ETH")
 */
export const bybit: OptionsVenue = {
  id: "bybit",
  baseUrl: BASE_URL,
  connect(settings = {}) {
    const ask = askBybit(settings.baseUrl ?? BASE_URL, settings);
    const watch = frozenWatches();
    return {
      async readOptionBoard(currency, signal) {
        const source = `bybit:${currency}:options`;
        const answer = await ask("market/tickers", { category: "option", baseCoin: currency }, source, signal);
        if ("fault" in answer) return { source, observation: null, faults: [answer.fault] };
        return watch(parseBybitBoard(answer.body, source, currency));
      },
    };
  },
};
