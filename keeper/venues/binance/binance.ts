import { HOUR_SECONDS } from "../../domain/calendar.ts";
import { frozenWatches } from "../frozenWatch.ts";
import type { OptionsVenue } from "../optionsVenue.ts";
import { parseBinanceBoard } from "./board.ts";
import { askBinance } from "./connection.ts";
import { type Contracts, parseContracts } from "./contracts.ts";

const BASE_URL = "https://eapi.binance.com";
/** Contracts are listed daily; a mark of one that is not known yet is left out until the list is read again. */
const CONTRACTS_SECONDS = HOUR_SECONDS;

/**
 * Binance's public API of European options, settled in USDT, volatilities as fractions. A board is three answers asked for
 * together; the list of contracts (their sizes) is read once an hour of the board's own time. The parsers in `binance/`
 * turn premiums into coin and are pure.
 * @example await binance.connect().readOptionBoard("ETH")
 */
export const binance: OptionsVenue = {
  id: "binance",
  baseUrl: BASE_URL,
  connect(settings = {}) {
    const ask = askBinance(settings.baseUrl ?? BASE_URL, settings);
    const watch = frozenWatches();
    let listed: { readonly contracts: Contracts; readonly readAt: number | null } | null = null;

    return {
      async readOptionBoard(currency, signal) {
        const source = `binance:${currency}:options`;
        let known = listed;
        if (known === null) {
          const answer = await ask("eapi/v1/exchangeInfo", {}, source, signal);
          if ("fault" in answer) return { source, observation: null, faults: [answer.fault] };
          const { contracts, faults } = parseContracts(answer.body, source);
          if (contracts === null) return { source, observation: null, faults };
          known = { contracts, readAt: null };
        }
        const answers = await Promise.all([
          ask("eapi/v1/mark", {}, source, signal),
          ask("eapi/v1/ticker", {}, source, signal),
          ask("eapi/v1/index", { underlying: `${currency}USDT` }, source, signal),
        ]);
        const faults = answers.flatMap((one) => ("fault" in one ? [one.fault] : []));
        if (faults.length > 0) return { source, observation: null, faults };
        const [marks = "", tickers = "", index = ""] = answers.map((one) => ("body" in one ? one.body : ""));
        const board = parseBinanceBoard({ marks, tickers, index }, known.contracts, source, currency);
        const time = board.observation?.eventTime ?? null;
        const readAt = known.readAt ?? time;
        const due = time !== null && readAt !== null && time - readAt >= CONTRACTS_SECONDS;
        listed = due ? null : { contracts: known.contracts, readAt };
        return watch(board);
      },
    };
  },
};
