/** A market's totals, and what it takes to bring them to now. */
type MorphoTotals = {
  readonly borrowAssets: bigint;
  readonly borrowShares: bigint;
  /** Rate a second, 1e18 = 1; 0 without a rate model. */
  readonly ratePerSecondWad: bigint;
  /** Since its totals were written, seconds. */
  readonly elapsed: bigint;
};

const WAD = 10n ** 18n;
const PRICE_SCALE = 10n ** 36n;
const [VIRTUAL_ASSETS, VIRTUAL_SHARES] = [1n, 1_000_000n];

/** Total borrowed with interest until now, as Morpho accrues it: the first three terms of e^(rate x time) - 1, each down. */
export function borrowedNow({ borrowAssets, ratePerSecondWad, elapsed }: MorphoTotals): bigint {
  const first = ratePerSecondWad * elapsed;
  const second = (first * first) / (2n * WAD);
  const third = (second * first) / (3n * WAD);
  return borrowAssets + (borrowAssets * (first + second + third)) / WAD;
}

/**
 * Debt and health of a position as Morpho computes them: debt is rounded up, what may be borrowed down, and the position is
 * liquidatable exactly when the health is below 1 (`_isHealthy` of Morpho Blue).
 * @param price of one unit of collateral in units of the loan, x 1e36
 * @param lltvWad 1e18 = 1
 */
export function morphoHealth(
  { borrowShares, collateral }: { readonly borrowShares: bigint; readonly collateral: bigint },
  totals: { readonly borrowed: bigint; readonly borrowShares: bigint },
  price: bigint,
  lltvWad: bigint,
): { readonly debt: bigint; readonly worth: bigint; readonly healthWad: bigint } {
  const shares = totals.borrowShares + VIRTUAL_SHARES;
  const debt = (borrowShares * (totals.borrowed + VIRTUAL_ASSETS) + shares - 1n) / shares;
  const worth = (collateral * price) / PRICE_SCALE;
  const most = (worth * lltvWad) / WAD;
  // Down: 1 and more is what `maxBorrow >= borrowed` says.
  return { debt, worth, healthWad: debt === 0n ? 2n ** 256n - 1n : (most * WAD) / debt };
}
