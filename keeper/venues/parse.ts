import { z } from "zod";
import { type Fault, type FaultLog, fault } from "../domain/fault.ts";
import type { Observed } from "../domain/observation.ts";
import type { Instrument } from "../domain/quoteRules.ts";

/** Nothing observed, for the reason given; its source is the fault's. */
export function refused(why: Fault, more: readonly Fault[] = []) {
  return { source: why.source, observation: null, faults: [why, ...more] } satisfies Observed;
}

/**
 * The value in a body that should be JSON, not checked any further. EMPTY for no body, TRUNCATED for one that ends inside a
 * value, NOT_FINITE for a bare NaN or Infinity (which is not JSON), NOT_JSON for anything else that does not parse.
 * @example parseJson('{"code":"0"}', "okx:ETH:options") // { value: { code: "0" } }
 */
export function parseJson(body: string, source: string): { readonly value: unknown } | { readonly fault: Fault } {
  if (body.trim() === "") return { fault: fault("EMPTY", source, "the body is empty") };
  try {
    return { value: JSON.parse(body) };
  } catch {
    return { fault: unparsed(body, source) };
  }
}

/**
 * A value of the documented shape, or the fault of the first field that departs from it: SCHEMA or NOT_FINITE.
 * @param where what the fields belong to, e.g. "field result."
 */
export function parseShape<Shape extends z.ZodType>(
  value: unknown,
  shape: Shape,
  source: string,
  where = "field ",
): { readonly data: z.output<Shape> } | { readonly fault: Fault } {
  const parsed = shape.safeParse(value);
  if (parsed.success) return { data: parsed.data };
  const { code, field, problem } = firstIssue(value, parsed.error);
  return { fault: fault(code, source, `${where}${field}: ${problem}`) };
}

/** Saying what is wrong with a row takes ten microseconds: a body of two hundred thousand such rows held the keeper for seconds. */
const MOST_BAD_ROWS = 1_000;

/**
 * The rows of a list that are of the documented shape; the others are counted as SCHEMA or NOT_FINITE with their field.
 * Behind a thousand of those the list is not read any further, and what is left of it counts as SCHEMA.
 * @param what name of one row in the details of faults, e.g. "ticker"  @param where what the fields belong to
 */
export function readRows<Shape extends z.ZodType>(
  values: readonly unknown[],
  shape: Shape,
  what: string,
  log: FaultLog,
  where = `${what} field `,
): readonly z.output<Shape>[] {
  const rows: z.output<Shape>[] = [];
  let bad = 0;
  for (const [index, value] of values.entries()) {
    const parsed = shape.safeParse(value);
    if (parsed.success) {
      rows.push(parsed.data);
      continue;
    }
    const { code, field, problem } = firstIssue(value, parsed.error);
    log.add(code, `${where}${field}: ${problem}`, `${what} ${index}`);
    bad += 1;
    if (bad < MOST_BAD_ROWS) continue;
    const left = values.length - index - 1;
    if (left > 0) log.add("SCHEMA", `not read, behind ${bad} bad ones`, `${what} ${index + 1}`, left);
    break;
  }
  return rows;
}

/**
 * One row per instrument, in the order first seen. Equal copies keep the first; where copies differ nothing says which is
 * right, so none is kept. Both are counted as DUPLICATE.
 * @param of the instrument's name, and the text by which two rows are the same
 */
export function withoutRepeats<Row>(
  rows: readonly Row[],
  of: (row: Row) => { readonly key: string; readonly text: string },
  log: FaultLog,
): readonly Row[] {
  const byKey = new Map<string, { row: Row; text: string; differs: boolean }>();
  for (const row of rows) {
    const { key, text } = of(row);
    const known = byKey.get(key);
    if (known === undefined) {
      byKey.set(key, { row, text, differs: false });
      continue;
    }
    known.differs ||= known.text !== text;
    log.add("DUPLICATE", known.differs ? "the same instrument twice, unequal" : "the same instrument twice", key);
  }
  return [...byKey.values()].filter((entry) => !entry.differs).map((entry) => entry.row);
}

const DECIMAL = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d{1,3})?$/i;

function decimalOf(sent: unknown, context: z.RefinementCtx): number {
  const value = typeof sent === "string" && DECIMAL.test(sent) ? Number(sent) : Number.NaN;
  if (Number.isFinite(value)) return value;
  const message = sent === undefined ? "missing" : "expected a finite number as decimal text";
  context.addIssue({ code: "custom", message, params: { expected: "number" } });
  return z.NEVER;
}

/**
 * A finite number sent as decimal text, as OKX, Bybit and Binance do. Their APIs never send it as a JSON number, so that
 * is SCHEMA like any other text; what is in the place of a number but none ("NaN", null, an overflow) is NOT_FINITE.
 * @example decimal.parse("0.0545") // 0.0545
 */
export const decimal = z.unknown().transform(decimalOf);

/** A decimal, or null where the venue sends empty text for "none". A missing field is SCHEMA all the same. */
export const decimalOrNone = z.unknown().transform((sent, context) => (sent === "" ? null : decimalOf(sent, context)));

/** Where and how a value departs from its schema. */
type Issue = { readonly code: "SCHEMA" | "NOT_FINITE"; readonly field: string; readonly problem: string };

/**
 * The first issue of a failed parse. NOT_FINITE where the field holds something in place of a number that is none:
 * an overflow such as 1e999, "NaN", or null in the place of a number (how many JSON writers spell NaN); else SCHEMA.
 */
function firstIssue(value: unknown, error: z.ZodError): Issue {
  const issue = error.issues[0];
  const path = issue?.path ?? [];
  const field = path.length === 0 ? "(whole)" : path.map(String).join(".");
  const found = path.reduce<unknown>((at, key) => (isObject(at) ? at[String(key)] : undefined), value);
  const wantsNumber =
    (issue?.code === "invalid_type" && issue.expected === "number") ||
    (issue?.code === "custom" && issue.params?.["expected"] === "number");
  if (wantsNumber && (found === null || typeof found === "number" || isNumberWord(found))) {
    return { code: "NOT_FINITE", field, problem: "not a finite number" };
  }
  return { code: "SCHEMA", field, problem: (issue?.message ?? "not of the documented shape").slice(0, 120) };
}

function isNumberWord(value: unknown): boolean {
  if (typeof value !== "string") return false;
  return /^\s*[+-]?(nan|inf|infinity)\s*$/i.test(value) || (DECIMAL.test(value) && !Number.isFinite(Number(value)));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function unparsed(body: string, source: string): Fault {
  if (/[:[,]\s*-?(?:NaN|Infinity)\s*[,}\]]/.test(body)) {
    return fault("NOT_FINITE", source, "a bare NaN or Infinity in the body");
  }
  const first = body.trimStart().charAt(0);
  if ((first === "{" || first === "[") && endsInsideValue(body)) {
    return fault("TRUNCATED", source, `ends inside a value after ${body.length} characters`);
  }
  const start = body.trimStart().slice(0, 40).replaceAll(/\s+/g, " ");
  return fault("NOT_JSON", source, `starts with ${JSON.stringify(start)}`);
}

/** True when a bracket or a string is still open at the end. */
function endsInsideValue(body: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < body.length; at += 1) {
    const char = body.charCodeAt(at);
    if (inString) {
      if (char === 0x5c) at += 1;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x7b || char === 0x5b) depth += 1;
    else if (char === 0x7d || char === 0x5d) depth -= 1;
  }
  return inString || depth > 0;
}

/** "d" is the point of a strike below one. */
const DERIBIT =
  /^(?<currency>[A-Z0-9]+(?:_[A-Z0-9]+)?)-(?<date>\d{1,2}[A-Z]{3}\d{2})-(?<strike>\d+(?:d\d+)?)-(?<side>[CP])$/;
const OKX = /^(?<currency>[A-Z0-9]+)-USD-(?<date>\d{6})-(?<strike>\d+(?:\.\d+)?)-(?<side>[CP])$/;
const BINANCE = /^(?<currency>[A-Z0-9]+)-(?<date>\d{6})-(?<strike>\d+(?:\.\d+)?)-(?<side>[CP])$/;
const BYBIT = /^(?<currency>[A-Z0-9]+)-(?<date>\d{1,2}[A-Z]{3}\d{2})-(?<strike>\d+(?:\.\d+)?)-(?<side>[CP])(-USDT)?$/;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/** All four venues' options expire at 08:00 UTC. */
const EXPIRY_HOUR = 8;

/**
 * Parts of a Deribit option name, or null where the text is not one (futures, perpetuals, impossible dates, strike 0). A leading
 * zero of the date is accepted. Strikes below one are written with "d" for the point.
 * @example parseInstrument("ETH-27FEB26-3000-C")
 * // { currency: "ETH", expiry: 1772179200, strike: 3000, kind: "call" }: 2026-02-27T08:00:00Z
 */
export function parseInstrument(name: string): Instrument | null {
  return optionOf(DERIBIT, name);
}

/**
 * Parts of the name of an inverse (coin-settled) OKX option, or null where the text is not one: futures, swaps, linear
 * options ("BTC-USD_UM-..."), impossible dates, strike 0.
 * @example okxOption("ETH-USD-260227-3000-C") // { currency: "ETH", expiry: 1772179200, strike: 3000, kind: "call" }
 */
export function okxOption(name: string): Instrument | null {
  return optionOf(OKX, name);
}

/** The same of a Binance option. @example binanceOption("ETH-260227-3000-C") // as above */
export function binanceOption(name: string): Instrument | null {
  return optionOf(BINANCE, name);
}

/** An option of Bybit: what its name says, and the dollar it is settled in. */
export type BybitOption = Instrument & { readonly settledIn: "USDC" | "USDT" };

/**
 * The same of a Bybit option. Options settled in USDC have no suffix, those in USDT end in "-USDT"; nothing else may follow.
 * @example bybitOption("ETH-27FEB26-3000-C-USDT") // as above, settledIn: "USDT"
 */
export function bybitOption(name: string): BybitOption | null {
  const option = optionOf(BYBIT, name);
  return option === null ? null : { ...option, settledIn: name.endsWith("-USDT") ? "USDT" : "USDC" };
}

function optionOf(pattern: RegExp, name: string): Instrument | null {
  const { currency = "", date = "", strike: strikeText = "", side } = pattern.exec(name)?.groups ?? {};
  const expiry = expiryOf(date);
  const strike = Number(strikeText.replace("d", "."));
  if (expiry === null || !(strike > 0)) return null;
  return { currency, expiry, strike, kind: side === "C" ? "call" : "put" };
}

/** Expiry in Unix seconds of "260227" or "27FEB26" (a leading zero is accepted), or null where there is no such day. */
function expiryOf(date: string): number | null {
  const [, year = "", month = "", day = ""] = /^(\d\d)(\d\d)(\d\d)$/.exec(date) ?? [];
  if (year !== "") return expiryAt(Number(year), Number(month) - 1, Number(day));
  const [, dayOf = "", name = "", yearOf = ""] = /^(\d{1,2})([A-Z]{3})(\d{2})$/.exec(date) ?? [];
  return MONTHS.includes(name) ? expiryAt(Number(yearOf), MONTHS.indexOf(name), Number(dayOf)) : null;
}

function expiryAt(year: number, month: number, day: number): number | null {
  const date = new Date(Date.UTC(2000 + year, month, day, EXPIRY_HOUR));
  const same = date.getUTCFullYear() === 2000 + year && date.getUTCMonth() === month && date.getUTCDate() === day;
  return same ? date.getTime() / 1000 : null;
}
