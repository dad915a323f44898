import type { parseOkxBoard } from "../../../keeper/venues/okx/parse.ts";
import { FORWARD, INDEX, SMILE, TAKEN } from "../sampleSmile.ts";

/**
 * Small answers in OKX's shape, written by hand from its documentation (read 2026-07):
 * - public/opt-summary: https://www.okx.com/docs-v5/en/#public-data-rest-api-get-option-market-data
 * - public/mark-price: https://www.okx.com/docs-v5/en/#public-data-rest-api-get-mark-price
 * - market/tickers: https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-tickers
 * - market/index-tickers: https://www.okx.com/docs-v5/en/#public-data-rest-api-get-index-tickers
 * All numbers are decimal text, times are milliseconds.
 */
export type Row = Record<string, unknown>;
export type Lists = { summary: Row[]; marks: Row[]; tickers: Row[]; index: Row[] };

export function okxLists(time = TAKEN): Lists {
  const ts = String(time * 1000 + 123);
  const id = (strike: number, side: string) => `ETH-USD-260227-${strike}-${side}`;
  return {
    summary: SMILE.map(({ strike, side, iv }) => ({
      askVol: String(iv + 0.005),
      bidVol: String(iv - 0.005),
      delta: "0.5",
      deltaBS: "0.5",
      fwdPx: String(FORWARD),
      gamma: "-1.1",
      gammaBS: "0.0001",
      instId: id(strike, side),
      instType: "OPTION",
      lever: "0",
      markVol: String(iv),
      realVol: "0",
      volLv: "0.51",
      theta: "-0.0014",
      thetaBS: "-66.03",
      ts,
      uly: "ETH-USD",
      vega: "0.00001",
      vegaBS: "0.7",
    })),
    marks: SMILE.map(({ strike, side, mark }) => ({
      instType: "OPTION",
      instId: id(strike, side),
      markPx: String(mark),
      ts,
    })),
    tickers: SMILE.map(({ strike, side, bid, ask }) => ({
      instType: "OPTION",
      instId: id(strike, side),
      last: "",
      lastSz: "0",
      askPx: String(ask),
      askSz: "11",
      bidPx: String(bid),
      bidSz: "5",
      open24h: "",
      high24h: "",
      low24h: "",
      volCcy24h: "0",
      vol24h: "0",
      ts,
      sodUtc0: "",
      sodUtc8: "",
    })),
    index: [
      {
        instId: "ETH-USD",
        idxPx: String(INDEX),
        high24h: "3100",
        low24h: "2900",
        open24h: "3000",
        sodUtc0: "3001",
        sodUtc8: "3002",
        ts,
      },
    ],
  };
}

export function okxAnswer(data: unknown): string {
  return JSON.stringify({ code: "0", msg: "", data });
}

export function okxBodies(lists: Lists = okxLists()): Parameters<typeof parseOkxBoard>[0] {
  const { summary, marks, tickers, index } = lists;
  return {
    summary: okxAnswer(summary),
    marks: okxAnswer(marks),
    tickers: okxAnswer(tickers),
    index: okxAnswer(index),
  };
}
