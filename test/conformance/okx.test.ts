import { okx } from "../../keeper/venues/okx/okx.ts";
import { parseOkxBoard } from "../../keeper/venues/okx/parse.ts";
import { type Lists, okxAnswer, okxLists, type Row } from "../venues/okx/sample.ts";
import { TAKEN } from "../venues/sampleSmile.ts";
import { type Bodies, behavesLikeOptionsVenue } from "./behavesLikeOptionsVenue.ts";

const PATHS = {
  summary: "public/opt-summary",
  marks: "public/mark-price",
  tickers: "market/tickers",
  index: "market/index-tickers",
} as const;

const bodiesOf = (lists: Partial<Lists>): Bodies =>
  Object.fromEntries(Object.entries(lists).map(([name, rows]) => [PATHS[name as keyof Lists], okxAnswer(rows)]));
/** The first row of one list changed. */
const spoil = (name: keyof Lists, changes: Row) =>
  bodiesOf({ [name]: okxLists()[name].map((row, at) => (at === 0 ? { ...row, ...changes } : row)) });
const everyRow = (name: keyof Lists, change: (row: Row) => Row) => ({ [name]: okxLists()[name].map(change) });
/** The first option under another name, in all lists. */
const renamed = (instId: string) => {
  const { summary, marks, tickers } = okxLists();
  const first = (rows: Row[]) => rows.map((row, at) => (at === 0 ? { ...row, instId } : row));
  return bodiesOf({ summary: first(summary), marks: first(marks), tickers: first(tickers) });
};
const [firstMark] = okxLists().marks;

behavesLikeOptionsVenue(okx, {
  now: TAKEN,
  currency: "ETH",
  board: (time) => bodiesOf(okxLists(time)),
  spoiledBoard: {
    nanMark: spoil("marks", { markPx: "NaN" }),
    zeroMark: spoil("marks", { markPx: "0" }),
    negativeBid: spoil("tickers", { bidPx: "-0.001" }),
    crossed: spoil("tickers", { bidPx: "0.4", askPx: "0.1" }),
    impossible: spoil("marks", { markPx: "1.2" }),
    belowIntrinsic: spoil("marks", { markPx: "0.1" }),
    duplicated: bodiesOf({ summary: [...okxLists().summary, ...okxLists().summary] }),
    contradicted: bodiesOf({ marks: [...okxLists().marks, { ...firstMark, markPx: "0.21" }] }),
    unitOfVolatility: bodiesOf(
      everyRow("summary", (row) => ({ ...row, markVol: String(Number(row["markVol"]) * 100) })),
    ),
    volatilityAbove1000: spoil("summary", { markVol: "12" }),
    zeroVolatility: spoil("summary", { markVol: "0" }),
    unitOfTime: bodiesOf(everyRow("index", (row) => ({ ...row, ts: String(TAKEN) }))),
    expired: renamed("ETH-USD-251226-3000-C"),
    notAnOption: renamed("ETH-USD-SWAP"),
    missingField: bodiesOf({
      summary: okxLists().summary.map(({ fwdPx: _, ...row }, at) => (at === 0 ? row : { ...row, fwdPx: _ })),
    }),
    empty: bodiesOf({ summary: [] }),
    refusal: { [PATHS.summary]: '{"code":"51000","msg":"Parameter instFamily error","data":[]}' },
    otherShape: { [PATHS.summary]: '{"rows":[]}' },
  },
  zeroBid: { bodies: spoil("tickers", { bidPx: "0" }), isSaid: true },
  scaledVolatility: (factor) =>
    bodiesOf(everyRow("summary", (row) => ({ ...row, markVol: String(Number(row["markVol"]) * factor) }))),
  parse: (bodies) => {
    const body = (name: keyof Lists) => bodies[PATHS[name]] ?? "";
    const all = { summary: body("summary"), marks: body("marks"), tickers: body("tickers"), index: body("index") };
    return parseOkxBoard(all, "okx:ETH:options", "ETH");
  },
  tooMany: [
    { status: 200, body: '{"code":"50011","msg":"Too Many Requests","data":[]}' },
    { status: 429, body: "" },
  ],
});
