import { bybit } from "../../keeper/venues/bybit/bybit.ts";
import { parseBybitBoard } from "../../keeper/venues/bybit/parse.ts";
import { bybitAnswer, bybitList, type Row } from "../venues/bybit/sample.ts";
import { TAKEN } from "../venues/sampleSmile.ts";
import { type Bodies, behavesLikeOptionsVenue } from "./behavesLikeOptionsVenue.ts";

const PATH = "market/tickers";
const bodyOf = (list: unknown, time = TAKEN): Bodies => ({ [PATH]: bybitAnswer(list, time) });
/** The first ticker changed. */
const spoil = (changes: Row) => bodyOf(bybitList().map((row, at) => (at === 0 ? { ...row, ...changes } : row)));
const everyIv = (factor: number) =>
  bodyOf(bybitList().map((row) => ({ ...row, markIv: String(Number(row["markIv"]) * factor) })));
const [first] = bybitList();

behavesLikeOptionsVenue(bybit, {
  now: TAKEN,
  currency: "ETH",
  board: (time) => bodyOf(bybitList(), time),
  spoiledBoard: {
    nanMark: spoil({ markPrice: "NaN" }),
    zeroMark: spoil({ markPrice: "0" }),
    negativeBid: spoil({ bid1Price: "-1" }),
    crossed: spoil({ bid1Price: "900", ask1Price: "300" }),
    impossible: spoil({ markPrice: "3600" }),
    belowIntrinsic: spoil({ markPrice: "300" }),
    duplicated: bodyOf([...bybitList(), ...bybitList()]),
    contradicted: bodyOf([...bybitList(), { ...first, markPrice: "650" }]),
    unitOfVolatility: everyIv(100),
    volatilityAbove1000: spoil({ markIv: "12" }),
    zeroVolatility: spoil({ markIv: "0" }),
    unitOfTime: { [PATH]: bybitAnswer(bybitList()).replace(/"time":\d+/, `"time":${TAKEN}`) },
    expired: spoil({ symbol: "ETH-26DEC25-3000-C" }),
    notAnOption: spoil({ symbol: "ETHPERP" }),
    missingField: spoil({ underlyingPrice: undefined }),
    empty: bodyOf([]),
    refusal: { [PATH]: '{"retCode":10001,"retMsg":"params error","result":{},"retExtInfo":{},"time":1769572847000}' },
    otherShape: { [PATH]: '{"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[]},"time":1769572847000}' },
  },
  zeroBid: { bodies: spoil({ bid1Price: "0", bid1Size: "0", bid1Iv: "0" }), isSaid: false },
  scaledVolatility: everyIv,
  parse: (bodies) => parseBybitBoard(bodies[PATH] ?? "", "bybit:ETH:options", "ETH"),
  tooMany: [
    { status: 200, body: '{"retCode":10006,"retMsg":"Too many visits!","result":{},"time":1769572847000}' },
    { status: 403, body: "access too frequent" },
    { status: 429, body: "" },
  ],
});
