import { frozenWatches } from "../frozenWatch.ts";
import type { OptionsVenue } from "../optionsVenue.ts";
import { parseOkxBoard } from "./board.ts";
import { askOkx } from "./connection.ts";

const BASE_URL = "https://www.okx.com/api/v5";

/**
 * OKX's public API: inverse options on BTC and ETH, prices in coin, volatilities as fractions. A board is four answers
 * asked for together; the parser in `okx/` joins them and is pure.
 * @example await okx.connect().readOptionBoard("ETH")
 */
export const okx: OptionsVenue = {
  id: "okx",
  baseUrl: BASE_URL,
  connect(settings = {}) {
    const ask = askOkx(settings.baseUrl ?? BASE_URL, settings);
    const watch = frozenWatches();
    return {
      async readOptionBoard(currency, signal) {
        const source = `okx:${currency}:options`;
        const family = { instFamily: `${currency}-USD` };
        const options = { instType: "OPTION", ...family };
        const answers = await Promise.all([
          ask("public/opt-summary", family, source, signal),
          ask("public/mark-price", options, source, signal),
          ask("market/tickers", options, source, signal),
          ask("market/index-tickers", { instId: `${currency}-USD` }, source, signal),
        ]);
        const faults = answers.flatMap((one) => ("fault" in one ? [one.fault] : []));
        if (faults.length > 0) return { source, observation: null, faults };
        const [summary = "", marks = "", tickers = "", index = ""] = answers.map((one) =>
          "body" in one ? one.body : "",
        );
        return watch(parseOkxBoard({ summary, marks, tickers, index }, source, currency));
      },
    };
  },
};
