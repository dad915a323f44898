import { type Span, utc } from "./evaluate.ts";

/** Before a cut and from it on; of recorded assets what was before 2019 is left out. */
export function spansOf(cut: number, from = utc(2019, 1, 1)): { readonly choosing: Span; readonly reporting: Span } {
  const day = new Date(cut * 1_000).toISOString().slice(0, 10);
  const name = day.endsWith("-01-01") ? day.slice(0, 4) : day;
  return {
    choosing: { name: `before ${name}`, from, to: cut },
    reporting: { name: `from ${name}`, from: cut, to: utc(2100, 1, 1) },
  };
}
