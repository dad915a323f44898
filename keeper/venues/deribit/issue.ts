import type { z } from "zod";

/** Where and how a value departs from its schema. */
export type Issue = { readonly code: "SCHEMA" | "NOT_FINITE"; readonly field: string; readonly problem: string };

/**
 * The first issue of a failed parse. NOT_FINITE where the field holds something that stands for a number but is none:
 * an overflow such as 1e999, "NaN", or null in the place of a number (how many JSON writers spell NaN); else SCHEMA.
 */
export function firstIssue(value: unknown, error: z.ZodError): Issue {
  const issue = error.issues[0];
  const path = issue?.path ?? [];
  const field = path.length === 0 ? "(whole)" : path.map(String).join(".");
  const found = path.reduce<unknown>((at, key) => (isObject(at) ? at[String(key)] : undefined), value);
  const wantsNumber = issue?.code === "invalid_type" && issue.expected === "number";
  if (wantsNumber && (found === null || typeof found === "number" || isNumberWord(found))) {
    return { code: "NOT_FINITE", field, problem: "not a finite number" };
  }
  return { code: "SCHEMA", field, problem: (issue?.message ?? "not of the documented shape").slice(0, 120) };
}

function isNumberWord(value: unknown): boolean {
  return typeof value === "string" && /^\s*[+-]?(nan|inf|infinity)\s*$/i.test(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
