import { binance } from "../../keeper/venues/binance/binance.ts";
import { parseBinanceBoard, parseContracts } from "../../keeper/venues/binance/parse.ts";
import { binanceInfo, binanceLists, type Row } from "../venues/binance/sample.ts";
import { TAKEN } from "../venues/sampleSmile.ts";
import { type Bodies, behavesLikeOptionsVenue } from "./behavesLikeOptionsVenue.ts";

const MARK = "eapi/v1/mark";
const TICKER = "eapi/v1/ticker";
const INDEX = "eapi/v1/index";
const INFO = "eapi/v1/exchangeInfo";

const healthy = (time = TAKEN): Bodies => {
  const { marks, tickers, index, contracts } = binanceLists(time);
  return {
    [MARK]: JSON.stringify(marks),
    [TICKER]: JSON.stringify(tickers),
    [INDEX]: JSON.stringify(index),
    [INFO]: binanceInfo(contracts),
  };
};
const firstOf = (rows: readonly Row[], changes: Row) =>
  JSON.stringify(rows.map((row, at) => (at === 0 ? { ...row, ...changes } : row)));
const mark = (changes: Row) => ({ [MARK]: firstOf(binanceLists().marks, changes) });
const ticker = (changes: Row) => ({ [TICKER]: firstOf(binanceLists().tickers, changes) });
const everyIv = (factor: number) => ({
  [MARK]: JSON.stringify(
    binanceLists().marks.map((row) => ({ ...row, markIV: String(Number(row["markIV"]) * factor) })),
  ),
});
const [first] = binanceLists().marks;
/** An option of last December, listed and marked. */
const expired: Bodies = {
  [MARK]: firstOf(binanceLists().marks, { symbol: "ETH-251226-2400-C" }).replace(
    "]",
    `,${JSON.stringify({ ...first, symbol: "ETH-251226-2400-P", markPrice: "1" })}]`,
  ),
  [INFO]: binanceInfo([
    ...binanceLists().contracts,
    ...["CALL", "PUT"].map((side) => ({
      ...binanceLists().contracts[0],
      symbol: `ETH-251226-2400-${side[0]}`,
      side,
      expiryDate: Date.UTC(2025, 11, 26, 8),
    })),
  ]),
};

behavesLikeOptionsVenue(binance, {
  now: TAKEN,
  currency: "ETH",
  board: healthy,
  spoiledBoard: {
    nanMark: mark({ markPrice: "NaN" }),
    zeroMark: mark({ markPrice: "0.000" }),
    negativeBid: ticker({ bidPrice: "-1" }),
    crossed: ticker({ bidPrice: "900", askPrice: "300" }),
    impossible: mark({ markPrice: "3600" }),
    belowIntrinsic: mark({ markPrice: "300" }),
    duplicated: { [MARK]: JSON.stringify([...binanceLists().marks, ...binanceLists().marks]) },
    contradicted: { [MARK]: JSON.stringify([...binanceLists().marks, { ...first, markPrice: "650" }]) },
    unitOfVolatility: everyIv(100),
    volatilityAbove1000: mark({ markIV: "12" }),
    zeroVolatility: mark({ markIV: "0" }),
    unitOfTime: { [INDEX]: JSON.stringify({ time: TAKEN, indexPrice: "3005.1" }) },
    expired,
    notAnOption: mark({ symbol: "ETHUSDT" }),
    missingField: mark({ markIV: undefined }),
    empty: { [MARK]: "[]" },
    refusal: { [MARK]: '{"code":-1121,"msg":"Invalid symbol."}' },
    otherShape: { [INDEX]: '{"rows":[]}' },
  },
  zeroBid: { bodies: ticker({ bidPrice: "0.000" }), isSaid: false },
  scaledVolatility: everyIv,
  parse: (bodies) => {
    const source = "binance:ETH:options";
    const { contracts, faults } = parseContracts(bodies[INFO] ?? "", source);
    if (contracts === null) return { source, observation: null, faults };
    const sent = { marks: bodies[MARK] ?? "", tickers: bodies[TICKER] ?? "", index: bodies[INDEX] ?? "" };
    return parseBinanceBoard(sent, contracts, source, "ETH");
  },
  tooMany: [
    { status: 418, body: '{"code":-1003,"msg":"Way too many requests; IP banned."}' },
    { status: 429, body: '{"code":-1003,"msg":"Too many requests."}' },
    { status: 403, body: "<html>" },
  ],
});
