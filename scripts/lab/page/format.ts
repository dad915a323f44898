/** A difference of fractions in points. @example points(-0.012) // "-1.20 points" */
export function points(value: number): string {
  return `${value > 0 ? "+" : ""}${(100 * value).toFixed(2)} points`;
}

/** A probability for reading. @example pValue(0.00001) // "<0.001" */
export function pValue(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return value < 0.001 ? "<0.001" : value.toFixed(3);
}

/** Unix seconds as a UTC day. @example day(0) // "1970-01-01" */
export function day(time: number): string {
  return Number.isFinite(time) ? new Date(time * 1000).toISOString().slice(0, 10) : "-";
}

/** Whole numbers in groups that never break across lines. @example count(71122) // "71\u00a0122" */
export function count(value: number): string {
  return value.toLocaleString("en-US").replaceAll(",", "\u00a0");
}

/** Names in a sentence. @example named([]) // "none" */
export function named(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}

/** Text that is safe inside HTML. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
