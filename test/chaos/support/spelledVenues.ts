import { parseInstrument } from "../../../keeper/venues/parse.ts";
import { blackPrice } from "../../../scripts/lab/blackPrice.ts";
import { type Loopback, loopback } from "../../support/loopback.ts";

/** One record of Deribit's board as the replay venue sends it. */
type Sent = {
  readonly instrument_name: string;
  readonly bid_price: number | null;
  readonly ask_price: number | null;
  readonly mark_price: number;
  readonly mark_iv: number;
  readonly underlying_price: number;
  readonly estimated_delivery_price: number;
  readonly creation_timestamp: number;
};

type Quote = {
  /** ETH-27FEB26-3000-C. */
  readonly name: string;
  readonly bid: number | null;
  readonly ask: number | null;
  readonly mark: number;
  readonly iv: number;
  readonly forward: number;
  readonly index: number;
};

/** OKX and Bybit on loopback, showing the board of the replayed Deribit each in its own spelling. */
export type SpelledVenues = {
  readonly urls: Readonly<Record<"okx" | "bybit", string>>;
  /** By what a venue multiplies every volatility, prices made anew to fit; 1 is honest. */
  factor: Record<"okx" | "bybit", number>;
  close(): Promise<void>;
};

const YEAR_MS = 365 * 86_400_000;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/** @param deribitUrl address of the replay venue, or of a proxy before it */
export async function spelledVenues(deribitUrl: string): Promise<SpelledVenues> {
  let asked = 0;
  const board = async (currency: string, venue: "okx" | "bybit"): Promise<readonly [number, readonly Quote[]]> => {
    const method = `public/get_book_summary_by_currency?currency=${currency}&kind=option`;
    const { result } = (await (await fetch(`${deribitUrl}/${method}`)).json()) as { readonly result: readonly Sent[] };
    asked += 1;
    // Venues differ by a little, and a live one moves from second to second.
    const wiggle = (venue === "okx" ? 1.002 : 0.998) + (asked % 7) * 1e-4;
    const timeMs = result[0]?.creation_timestamp ?? 0;
    return [timeMs, result.flatMap((row) => quoteOf(row, venues.factor[venue] * wiggle, timeMs) ?? [])];
  };
  const server = await loopback(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    const currency = (
      searchParams.get("baseCoin") ??
      searchParams.get("instFamily") ??
      searchParams.get("instId") ??
      ""
    ).split("-")[0];
    try {
      const venue = pathname.startsWith("/bybit") ? "bybit" : "okx";
      const [timeMs, quotes] = await board(currency ?? "", venue);
      const body =
        venue === "bybit" ? bybitBody(quotes, timeMs) : okxBody(pathname.split("/").at(-1) ?? "", quotes, timeMs);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    } catch {
      response.writeHead(502).end();
    }
  });
  const venues: SpelledVenues = {
    urls: { okx: `${server.url}/okx`, bybit: `${server.url}/bybit` },
    factor: { okx: 1, bybit: 1 },
    close: closing(server),
  };
  return venues;
}

function closing(server: Loopback): () => Promise<void> {
  return () => server.close();
}

/** One quote with its volatility multiplied and its prices moved by as much as the model's; null where nothing is left. */
function quoteOf(row: Sent, factor: number, timeMs: number): Quote | null {
  const instrument = parseInstrument(row.instrument_name);
  if (instrument === null) return null;
  const { underlying_price: forward, estimated_delivery_price: index } = row;
  const years = (instrument.expiry * 1_000 - timeMs) / YEAR_MS;
  const price = (volatility: number) =>
    blackPrice({ kind: instrument.kind, forward: 1, strike: instrument.strike / forward, years, volatility });
  const iv = (row.mark_iv / 100) * factor;
  if (!(years > 0 && iv > 0)) return null;
  const shift = price(iv) - price(row.mark_iv / 100);
  const mark = row.mark_price + shift;
  const moved = (value: number | null) => (value !== null && value + shift > 1e-6 ? value + shift : null);
  if (mark < 1e-6) return null;
  return { name: row.instrument_name, bid: moved(row.bid_price), ask: moved(row.ask_price), mark, iv, forward, index };
}

const text = (value: number | null, none: string) => (value === null ? none : value.toFixed(8));

function bybitBody(quotes: readonly Quote[], time: number) {
  const dollars = (coin: number | null, forward: number) => (coin === null ? null : coin * forward);
  const list = quotes.map(({ name, bid, ask, mark, iv, forward, index }) => ({
    symbol: name,
    bid1Price: text(dollars(bid, forward), "0"),
    ask1Price: text(dollars(ask, forward), "0"),
    markPrice: text(mark * forward, "0"),
    markIv: text(iv, "0"),
    underlyingPrice: text(forward, "0"),
    indexPrice: text(index, "0"),
    openInterest: "6.3",
  }));
  return { retCode: 0, retMsg: "OK", result: { category: "option", list }, retExtInfo: {}, time };
}

function okxBody(method: string, quotes: readonly Quote[], timeMs: number) {
  const ts = String(timeMs);
  const rows = (row: (quote: Quote) => object) =>
    quotes.map((quote) => ({ instId: okxName(quote.name), ts, ...row(quote) }));
  const data = {
    "opt-summary": () => rows(({ iv, forward }) => ({ markVol: text(iv, ""), fwdPx: text(forward, "") })),
    "mark-price": () => rows(({ mark }) => ({ instType: "OPTION", markPx: text(mark, "") })),
    tickers: () => rows(({ bid, ask }) => ({ bidPx: text(bid, ""), askPx: text(ask, "") })),
    "index-tickers": () => {
      const currency = quotes[0]?.name.split("-")[0] ?? "";
      return [{ instId: `${currency}-USD`, idxPx: text(quotes[0]?.index ?? 0, ""), ts }];
    },
  }[method];
  return { code: "0", msg: "", data: data?.() ?? [] };
}

/** @example okxName("ETH-27FEB26-3000-C") // "ETH-USD-260227-3000-C" */
function okxName(name: string): string {
  const [currency = "", date = "", ...rest] = name.split("-");
  const [, day = "", month = "", year = ""] = /^(\d{1,2})([A-Z]{3})(\d{2})$/.exec(date) ?? [];
  const digits = `${year}${String(MONTHS.indexOf(month) + 1).padStart(2, "0")}${day.padStart(2, "0")}`;
  return [currency, "USD", digits, ...rest].join("-");
}
