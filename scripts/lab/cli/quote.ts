import { z } from "zod";
import { inputName, readJson } from "../files/readText.ts";
import { quoteInputSchema } from "./quoteInput.ts";
import { type QuoteReport, quote } from "./quoteReport.ts";
import { renderQuote } from "./render/quote.ts";

/**
 * The `quote` command: reads a JSON file of risk inputs, `-` for standard input, and returns the quote as plain data and as text.
 * @throws BAD_FILE when the file cannot be read, is not JSON, or fails the schema
 */
export async function quoteCommand(
  inputPath: string,
  _options: { readonly json?: boolean } = {},
): Promise<{ readonly json: QuoteReport; readonly text: string }> {
  const json = quote(readJson(inputPath, "a JSON file of risk inputs"), inputName(inputPath));
  return { json, text: renderQuote(json) };
}

/** JSON Schema (draft 2020-12) of the input; defaults and units are in it. */
export function quoteSchema(): Record<string, unknown> {
  return z.toJSONSchema(quoteInputSchema, { io: "input" }) as Record<string, unknown>;
}
