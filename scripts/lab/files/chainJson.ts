import { z } from "zod";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { OptionBoard, OptionQuote } from "../../../keeper/domain/observation.ts";
import { sourceName } from "../../../keeper/domain/sourceNames.ts";
import { parseInstrument } from "../../../keeper/venues/optionNames.ts";

const price = z.number().nonnegative().nullish();
const summary = z.object({
  instrument_name: z.string(),
  bid_price: price,
  ask_price: price,
  mark_price: z.number().nonnegative(),
  /** Percent. */
  mark_iv: price,
  underlying_price: z.number().positive(),
  estimated_delivery_price: z.number().positive(),
  open_interest: price,
  /** Milliseconds. */
  creation_timestamp: z.number().positive(),
});
const answer = z.object({ result: z.array(summary) });

/**
 * The boards of one answer of `public/get_book_summary_by_currency`, one for each currency in it; its time is that of
 * the oldest record. Futures in the answer are left out. `file` is only for messages.
 * @throws TonsorError BAD_FILE naming the field, its value and what was expected.
 */
export function parseChainJson(text: string, file: string): readonly OptionBoard[] {
  const body = parseJson(text, file);
  const parsed = answer.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = issue?.path ?? [];
    throw new TonsorError("BAD_FILE", `${file} is not an answer of public/get_book_summary_by_currency`, {
      field: path.length === 0 ? "(whole file)" : path.join("."),
      given: valueAt(body, path),
      expected:
        issue?.message.replace(/^Invalid input: expected (\w+).*$/, "a value of type $1") ?? "the documented shape",
    });
  }
  const options = parsed.data.result.flatMap((record) => {
    const instrument = parseInstrument(record.instrument_name);
    return instrument === null ? [] : [{ record, instrument }];
  });
  const groups = Map.groupBy(options, ({ instrument }) => instrument.currency);
  return [...groups.keys()].sort().map((currency) => {
    const members = groups.get(currency) ?? [];
    const oldest = members.reduce((least, { record }) => Math.min(least, record.creation_timestamp), Number.MAX_VALUE);
    return {
      kind: "optionBoard",
      source: sourceName.board(currency, "file"),
      currency,
      eventTime: Math.floor(oldest / 1000),
      indexUsd: members[0]?.record.estimated_delivery_price ?? 0,
      quotes: members.map(({ record, instrument }): OptionQuote => {
        const { currency: _, ...option } = instrument;
        return {
          instrument: record.instrument_name,
          ...option,
          bidCoin: record.bid_price ?? null,
          askCoin: record.ask_price ?? null,
          markCoin: record.mark_price,
          markIv: record.mark_iv == null ? null : record.mark_iv / 100,
          forwardUsd: record.underlying_price,
          openInterest: record.open_interest ?? 0,
        };
      }),
    };
  });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `${file} is not JSON`, { given: text.slice(0, 40), expected: "JSON" }, cause);
  }
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = body;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  return value;
}
