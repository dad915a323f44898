import { z } from "zod";
import type { OptionBoard, OptionQuote } from "../../../keeper/domain/observation.ts";
import { sourceName } from "../../../keeper/domain/sourceNames.ts";
import { parseInstrument } from "../../../keeper/venues/parse.ts";
import { inShape, parseJson } from "./readText.ts";

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
  const expected = "an options board as csv or JSON, plain or gzip";
  const what = "an answer of public/get_book_summary_by_currency";
  const parsed = inShape(answer, parseJson(text, file, expected), file, what);
  const options = parsed.result.flatMap((record) => {
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
