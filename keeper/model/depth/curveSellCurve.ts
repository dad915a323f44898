import { type CurvePool, curveOut, curveProbeFault } from "./curveOut.ts";
import { type PieceShape, type SellCurve, sellCurve } from "./sellCurve.ts";

/** Sizes per decade at which the pool is asked first, and the decades of its own balance they span. */
const PER_DECADE = 8;
const FROM = 1e-6;
const DECADES = 9;
/** A straight piece may fall short of the pool by this share in its middle, and is halved at most so often. */
const TOLERANCE = 2e-5;
const MAX_HALVINGS = 10;
/** Size at which the mid price is measured, as a share of the balance. */
const MID_SHARE = 100_000n;

/**
 * Sell curve of a Curve pool in whole tokens: straight pieces between exact answers of the pool, from a millionth to a
 * thousand times of its balance, halved until each falls short of the pool by less than 2 parts in 10^5. Curve's function
 * is concave, so a straight piece never pays more than the pool. Empty without both coins, or where `curveProbeFault`
 * contradicts.
 * @param i coin sold  @param j coin bought
 */
export function curveSellCurve(pool: CurvePool, i: number, j: number): SellCurve {
  const [from, to] = [pool.coins[i], pool.coins[j]];
  const id = [pool.pool.toLowerCase()];
  if (from === undefined || to === undefined || i === j || curveProbeFault(pool) !== null) return sellCurve(id, 0, []);
  const [baseUnit, quoteUnit] = [10 ** from.decimals, 10 ** to.decimals];
  const mid = midPrice(pool, i, j) * (baseUnit / quoteUnit);
  return mid > 0
    ? sellCurve(id, mid, pieces(points(pool, i, j, from.balance), baseUnit, quoteUnit))
    : sellCurve(id, 0, []);
}

/** Straight pieces between neighbouring points, in whole tokens. */
function* pieces(points: Iterable<Point>, baseUnit: number, quoteUnit: number): Generator<PieceShape> {
  let price = Number.POSITIVE_INFINITY;
  let last: Point = { dx: 0n, dy: 0n };
  for (const point of points) {
    const width = Number(point.dx - last.dx) / baseUnit;
    // Rounding to whole units may lift a piece by a trifle above the one before it; prices must not rise.
    price = Math.min(price, Number(point.dy - last.dy) / quoteUnit / width);
    if (!(price > 0)) return;
    yield { price, endPrice: price, curvature: 0, width };
    last = point;
  }
}

/** Raw units sold and what the pool pays for them. */
type Point = { readonly dx: bigint; readonly dy: bigint };

/** Exact answers of the pool at rising sizes, dense where it bends; up to where it would revert. */
function* points(pool: CurvePool, i: number, j: number, balance: bigint): Generator<Point> {
  const ask = (dx: bigint): Point | null => {
    const dy = curveOut(pool, i, j, dx);
    return dy === null ? null : { dx, dy };
  };
  let last: Point = { dx: 0n, dy: 0n };
  for (const dx of sizes(balance)) {
    const point = ask(dx);
    if (point === null) return;
    yield* between(last, point, MAX_HALVINGS, ask);
    yield point;
    last = point;
  }
}

/** Points between two, as many as the tolerance asks for. */
function* between(a: Point, b: Point, halvings: number, ask: (dx: bigint) => Point | null): Generator<Point> {
  const middle = b.dx - a.dx < 2n || halvings === 0 ? null : ask((a.dx + b.dx) / 2n);
  if (middle === null) return;
  const missing = Number(2n * middle.dy - a.dy - b.dy) / 2;
  if (!(missing > TOLERANCE * Number(middle.dy))) return;
  yield* between(a, middle, halvings - 1, ask);
  yield middle;
  yield* between(middle, b, halvings - 1, ask);
}

/** Raw price of the first unit without the fee, by two small sizes extrapolated to none; 0 where there is none. */
function midPrice(pool: CurvePool, i: number, j: number): number {
  const size = (pool.coins[i]?.balance ?? 0n) / MID_SHARE;
  const average = (dx: bigint) => Number(curveOut(pool, i, j, dx, true) ?? 0n) / Number(dx);
  if (size === 0n) return 0;
  return Math.max(average(size), 2 * average(size) - average(2n * size));
}

/** Rising sizes in raw units, each once. */
function sizes(balance: bigint): readonly bigint[] {
  const first = Number(balance) * FROM;
  const all = Array.from({ length: DECADES * PER_DECADE + 1 }, (_, at) => first * 10 ** (at / PER_DECADE));
  return [...new Set(all.map((size) => BigInt(Math.max(1, Math.round(size)))))];
}
