/** Open, high, low, close of one period; all > 0, low <= open, close <= high. */
type Bar = { readonly open: number; readonly high: number; readonly low: number; readonly close: number };

/** Rogers & Satchell (1991): `mean ln(H/C) ln(H/O) + ln(L/C) ln(L/O)`. Free of drift. */
function rogersSatchell(bars: readonly Bar[]): number | null {
  return mean(
    bars.map(
      ({ open, high, low, close }) =>
        Math.log(high / close) * Math.log(high / open) + Math.log(low / close) * Math.log(low / open),
    ),
  );
}

/**
 * Yang & Zhang (2000): overnight variance + k open-to-close variance + (1 - k) Rogers-Satchell, with
 * `k = 0.34 / (1.34 + (n+1)/(n-1))`. Free of drift, and counts jumps between bars. The first bar only serves as the
 * close before the second one, so n bars of result need n + 1 bars; at least 3.
 * @example annualised(yangZhang(thirtyOneBars)) // volatility of the month
 */
export function yangZhang(bars: readonly Bar[]): number | null {
  const n = bars.length - 1;
  if (n < 2) return null;
  const used = bars.slice(1);
  const overnight = used.map(({ open }, i) => Math.log(open / (bars[i]?.close ?? open)));
  const openToClose = used.map(({ open, close }) => Math.log(close / open));
  const k = 0.34 / (1.34 + (n + 1) / (n - 1));
  return sampleVariance(overnight) + k * sampleVariance(openToClose) + (1 - k) * (rogersSatchell(used) ?? 0);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function sampleVariance(values: readonly number[]): number {
  const centre = mean(values) ?? 0;
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
