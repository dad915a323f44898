import { z } from "zod";
import { type Fault, fault, faultLog } from "../../../keeper/domain/fault.ts";
import type { Observed, OptionBoard } from "../../../keeper/domain/observation.ts";
import type { BoardDialect } from "../../../keeper/domain/quoteRules.ts";
import { judgeBoard } from "../../../keeper/venues/judge.ts";
import { parseInstrument, parseJson, parseShape, readRows, refused } from "../../../keeper/venues/parse.ts";

const Envelope = z.object({ ok: z.boolean(), why: z.string().optional(), data: z.unknown().optional() });

/** The `data` of an answer, or the fault that cost it: of `parseJson`, SCHEMA, VENUE_ERROR where it is not `ok`. */
export function openToy(body: string, source: string): { readonly data: unknown } | { readonly fault: Fault } {
  const json = parseJson(body, source);
  if ("fault" in json) return json;
  const parsed = parseShape(json.value, Envelope, source);
  if ("fault" in parsed) return parsed;
  const { ok, why, data } = parsed.data;
  return ok ? { data } : { fault: fault("VENUE_ERROR", source, `refused: ${why ?? ""}`.slice(0, 200)) };
}

const Board = z.object({ time: z.number(), index: z.number(), options: z.array(z.unknown()) });
/** Prices in coin, `iv` a fraction. */
const Option = z.object({
  name: z.string(),
  bid: z.number().nullable(),
  ask: z.number().nullable(),
  mark: z.number(),
  iv: z.number(),
  forward: z.number(),
});
const DIALECT: BoardDialect = {
  ivDivisor: 1,
  zeroMeansNone: false,
  fields: {
    name: "name",
    time: "time",
    bid: "bid",
    ask: "ask",
    mark: "mark",
    iv: "iv",
    forward: "forward",
    index: "index",
    interest: "interest",
  },
};

/** The options board in the body of `options`. */
export function parseToyBoard(body: string, source: string, currency: string): Observed<OptionBoard> {
  const opened = openToy(body, source);
  if ("fault" in opened) return refused(opened.fault);
  const parsed = parseShape(opened.data, Board, source);
  if ("fault" in parsed) return refused(parsed.fault);
  const { time: timeMs, index: indexUsd, options } = parsed.data;
  const log = faultLog(source);
  const sent = readRows(options, Option, "option", log).map((one) => ({
    name: one.name,
    instrument: parseInstrument(one.name),
    ...{ timeMs, indexUsd, forwardUsd: one.forward, openInterest: 0 },
    ...{ bidCoin: one.bid, askCoin: one.ask, markCoin: one.mark, markIv: one.iv },
  }));
  return judgeBoard(sent, { source, currency }, DIALECT, log);
}
