import { TonsorError } from "../keeper/domain/errors.ts";

/**
 * The Unix milliseconds of a time in UTC: YYYY-MM-DD, YYYY-MM-DDTHH:MMZ or YYYY-MM-DDTHH:MM:SSZ. A bare date means its
 * start plus `dateMeans` milliseconds.
 *
 * @throws TonsorError BAD_ARGUMENT
 * @example instant("--from", "2026-01-28T04:00:50Z") // 1769572850000
 */
export function instant(field: string, text: string, dateMeans = 0): number {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const time = isDate || /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(time)) return time + (isDate ? dateMeans : 0);
  throw new TonsorError("BAD_ARGUMENT", "not a time", { field, given: text, expected: "YYYY-MM-DD[THH:MM:SSZ]" });
}
