import { readFile } from "node:fs/promises";
import { z } from "zod";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { quoteInputSchema } from "./quoteInput.ts";
import { type QuoteReport, quote } from "./quoteReport.ts";
import { renderQuote } from "./render/quote.ts";

/**
 * The `quote` command: reads a JSON file of risk inputs and returns the quote as plain data and as text.
 * @throws BAD_FILE when the file cannot be read, is not JSON, or fails the schema
 */
export async function quoteCommand(
  inputPath: string,
  _options: { readonly json?: boolean } = {},
): Promise<{ readonly json: QuoteReport; readonly text: string }> {
  const json = quote(await readJson(inputPath), inputPath);
  return { json, text: renderQuote(json) };
}

/** JSON Schema (draft 2020-12) of the input; defaults and units are in it. */
export function quoteSchema(): Record<string, unknown> {
  return z.toJSONSchema(quoteInputSchema, { io: "input" }) as Record<string, unknown>;
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `cannot read ${path}`, { expected: "a JSON file of risk inputs" }, cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TonsorError("BAD_FILE", `${path} is not JSON: ${why}`, {}, cause);
  }
}
