import { requireAmount, requireRange } from "../../../keeper/domain/errors.ts";

/** One borrower: USD now, and the debt to collateral value at which it may be liquidated, a fraction. */
export type Position = { readonly collateralUsd: number; readonly debtUsd: number; readonly threshold: number };

/** Fall of the collateral's price at which a position falls due, in [0, 1]; 0 for one that is due already. */
function triggerFall({ collateralUsd, debtUsd, threshold }: Position): number {
  if (debtUsd === 0) return 1;
  const power = collateralUsd * threshold;
  return power <= debtUsd ? 0 : 1 - debtUsd / power;
}

/**
 * Collateral that liquidators sell when the price has fallen by `fall`, USD at the price before it: of each position that is
 * due what repays its debt and the bonus at the fallen price, at most all of it. Debt does not fall with the collateral.
 * @example soldUsd([{ collateralUsd: 150, debtUsd: 100, threshold: 0.8 }], 0.2, 0.05) // 131.25
 */
export function soldUsd(book: readonly Position[], fall: number, liquidationBonus: number): number {
  requireRange("fall", fall, 0, 1);
  return book.reduce((sum, one) => sum + (triggerFall(one) <= fall ? saleOf(one, fall, liquidationBonus) : 0), 0);
}

function saleOf({ collateralUsd, debtUsd }: Position, fall: number, bonus: number): number {
  return debtUsd === 0 ? 0 : Math.min(collateralUsd, (debtUsd * (1 + bonus)) / (1 - fall));
}

/** Falls at which every profile is given; the first is the price's last digit, for what is due already. */
const PROFILE_FALLS = [0.0001, 0.03, 0.06, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 0.95] as const;
/** The largest borrowers, at each of which the profile has a step of its own, so that the line need not rise early. */
const LARGEST = 8;
/** Width of such a step, and the digits of a fall. */
const STEP = 0.0005;
const DIGITS = 4;

/** Falls for the profile of a book, ascending: a fixed grid, and where its largest borrowers fall due with the moment before. */
function profileFalls(book: readonly Position[]): readonly number[] {
  const large = book.toSorted((a, b) => b.debtUsd - a.debtUsd).slice(0, LARGEST);
  const due = large.map((one) => Math.floor(triggerFall(one) * 10 ** DIGITS) / 10 ** DIGITS);
  const steps = due.flatMap((fall) => [fall - STEP, fall]).filter((fall) => fall > PROFILE_FALLS[0] && fall < 0.95);
  return [...new Set([...PROFILE_FALLS, ...steps].map((fall) => Number(fall.toFixed(DIGITS))))].sort((a, b) => a - b);
}

/**
 * The profile of a book for `liquidationProfile` in governance's numbers: straight lines through (0, 0) and the given falls
 * that are nowhere below `soldUsd` from the first fall on, fitted from above point by point from the right. What lies
 * between two falls is a sum of steps, of curves that open upwards, and of ends of them, so it is enough to look at those.
 * Rounded up to whole dollars.
 * @param falls ascending, in (0, 1)
 */
export function profileOf(
  book: readonly Position[],
  liquidationBonus: number,
  falls: readonly number[] = profileFalls(book),
): readonly (readonly [fall: number, usd: number])[] {
  requireAmount("liquidationBonus", liquidationBonus);
  for (const { collateralUsd, debtUsd, threshold } of book) {
    requireAmount("collateralUsd", collateralUsd);
    requireAmount("debtUsd", debtUsd);
    requireRange("threshold", threshold, 0, 1);
  }
  const places = kinksOf(book, liquidationBonus, falls).map((at) => [at, soldUsd(book, at, liquidationBonus)] as const);
  const total = book.reduce((sum, one) => sum + (one.debtUsd === 0 ? 0 : one.collateralUsd), 0);
  const points: (readonly [number, number])[] = [];
  let right: readonly [fall: number, usd: number] = [1, total];
  for (const fall of falls.toReversed()) {
    let least = 0;
    for (const [at, usd] of places) {
      if (at < fall || at >= right[0]) continue;
      const share = (at - fall) / (right[0] - fall);
      least = Math.max(least, (usd - share * right[1]) / (1 - share));
    }
    right = [fall, Math.ceil(least)];
    points.push(right);
  }
  return points.toReversed();
}

/**
 * The steepest sale beyond a fall: the largest of `(sold(fall + x) - sold(fall)) / x` over x >= `step`, USD per unit fall of
 * price. With lambda the fall of price by a dollar sold, `lambda x` this is a loop gain G that no cascade which a further
 * fall of `step` sets off can exceed: it ends at most at `step / (1 - G)`. A slope at one point promises nothing where a few
 * borrowers hold most of a book.
 */
export function steepestSales(book: readonly Position[], liquidationBonus: number, fall: number, step: number): number {
  const before = soldUsd(book, fall, liquidationBonus);
  const places = kinksOf(book, liquidationBonus, [fall + step]).filter((at) => at >= fall + step);
  const secants = [...places, 1].map((at) => (soldUsd(book, at, liquidationBonus) - before) / (at - fall));
  return secants.reduce((most, secant) => Math.max(most, secant), 0);
}

/** Where the amount sold jumps or bends downwards, ascending. */
function kinksOf(book: readonly Position[], bonus: number, falls: readonly number[]): readonly number[] {
  const ends = book
    .filter(({ collateralUsd }) => collateralUsd > 0)
    .map(({ collateralUsd, debtUsd }) => 1 - (debtUsd * (1 + bonus)) / collateralUsd);
  const all = [...falls, ...book.map(triggerFall), ...ends].filter((at) => at >= 0 && at < 1);
  return [...new Set(all)].sort((a, b) => a - b);
}
