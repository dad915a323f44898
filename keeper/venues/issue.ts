import { z } from "zod";

/** Where and how a value departs from its schema. */
type Issue = { readonly code: "SCHEMA" | "NOT_FINITE"; readonly field: string; readonly problem: string };

/**
 * The first issue of a failed parse. NOT_FINITE where the field holds something that stands for a number but is none:
 * an overflow such as 1e999, "NaN", or null in the place of a number (how many JSON writers spell NaN); else SCHEMA.
 */
export function firstIssue(value: unknown, error: z.ZodError): Issue {
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

const DECIMAL = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d{1,3})?$/i;

/**
 * A finite number sent as decimal text, as OKX, Bybit and Binance do. Their APIs never send it as a JSON number, so that
 * is SCHEMA like any other text; what stands for no number ("NaN", null, an overflow) is NOT_FINITE in `firstIssue`.
 * @example decimal.parse("0.0545") // 0.0545
 */
export const decimal = z.unknown().transform((sent, context) => {
  const value = typeof sent === "string" && DECIMAL.test(sent) ? Number(sent) : Number.NaN;
  if (Number.isFinite(value)) return value;
  const message = sent === undefined ? "missing" : "expected a finite number as decimal text";
  context.addIssue({ code: "custom", message, params: { expected: "number" } });
  return z.NEVER;
});

/** A decimal, or null where the venue sends empty text for "none". A missing field is SCHEMA all the same. */
export const decimalOrNone = z.unknown().transform((sent, context) => {
  if (sent === "") return null;
  const parsed = decimal.safeParse(sent);
  if (parsed.success) return parsed.data;
  context.addIssue({ code: "custom", message: parsed.error.issues[0]?.message ?? "", params: { expected: "number" } });
  return z.NEVER;
});

function isNumberWord(value: unknown): boolean {
  if (typeof value !== "string") return false;
  return /^\s*[+-]?(nan|inf|infinity)\s*$/i.test(value) || (DECIMAL.test(value) && !Number.isFinite(Number(value)));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
