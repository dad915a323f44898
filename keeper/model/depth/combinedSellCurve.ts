import { type PieceShape, pieceAfter, piecesBelow, quoteInPiece, type SellCurve, sellCurve } from "./sellCurve.ts";

/**
 * Piece of constant liquidity between two marginal prices: base = A (1/sqrt p - 1/sqrt p0) and quote = A (sqrt p0 - sqrt p).
 * A fee f on the input turns liquidity L at pool price P into fee-less A = L / sqrt(1 - f) at p = P (1 - f), so pools of any
 * fee add up.
 * @param liquidity A > 0, in sqrt(base quote) of whole tokens  @param price marginal price after fees at its beginning
 * @param endPrice at its end, in [0, price]; 0 is never reached and takes an infinite amount
 */
export function constantProduct(liquidity: number, price: number, endPrice: number): PieceShape {
  const width = endPrice > 0 ? liquidity * (1 / Math.sqrt(endPrice) - 1 / Math.sqrt(price)) : Number.POSITIVE_INFINITY;
  return { price, endPrice, curvature: Math.sqrt(price) / liquidity, width };
}

/** Liquidity A of a piece; Infinity for a flat one. */
function liquidityOf(piece: PieceShape): number {
  return Math.sqrt(piece.price) / piece.curvature;
}

/** Fall of the marginal price at which a venue's weight in the reference price is measured. */
const WEIGHT_FALL = 0.01;

/**
 * Sell curve of several venues used together so that their marginal prices after fees stay equal, which is the best
 * split of any sale. At equal marginal price the amounts add up, and with them the liquidity A of every piece (see
 * `constantProduct`), so the sum is exact and of the same form. A venue that shares an id with an earlier one is left out.
 * So is what a venue would pay above the reference price, fees deducted: arbitrage takes it before a liquidator can, and a
 * mispriced or manipulated pool must not add depth.
 * @param curves in any order
 * @param priceQuote reference the slippage is measured from; left out, the median of the venues' mid prices weighted
 * by the quote that moves each by 1 %, which a small venue cannot shift. Against a fixed reference one more venue
 * never lowers the capacity.
 */
export function mergedSellCurve(curves: readonly SellCurve[], priceQuote?: number): SellCurve {
  const distinct = withoutRepeats(curves);
  const [only] = distinct;
  if (only !== undefined && distinct.length === 1 && priceQuote === undefined) return only;
  const ids = distinct.flatMap((curve) => curve.ids).toSorted();
  const reference = priceQuote ?? weightedMedianPrice(distinct);
  const venues = distinct.map((curve) => [...piecesBelow(curve, reference)]);
  return sellCurve(ids, reference, mergePieces(venues));
}

/** Pieces of the sum: swept from the highest price down, between one change of liquidity and the next. */
function mergePieces(venues: readonly (readonly PieceShape[])[]): PieceShape[] {
  const prices = new Set(venues.flatMap((pieces) => pieces.flatMap((piece) => [piece.price, piece.endPrice])));
  const steps = [...prices].toSorted((a, b) => b - a);
  const cursors = venues.map((pieces) => ({ pieces, at: 0 }));
  const merged: PieceShape[] = [];
  for (const [index, price] of steps.entries()) {
    const endPrice = steps[index + 1];
    const curved: number[] = [];
    for (const cursor of cursors) {
      let piece = cursor.pieces[cursor.at];
      for (; piece !== undefined && piece.endPrice >= price; piece = cursor.pieces[++cursor.at]) {
        if (piece.curvature === 0) merged.push(piece);
      }
      if (piece !== undefined && piece.curvature > 0 && piece.price >= price) curved.push(liquidityOf(piece));
    }
    if (endPrice !== undefined && curved.length > 0) merged.push(constantProduct(sum(curved), price, endPrice));
  }
  return merged;
}

/** Median of the mid prices, weighted by depth; of two halves of equal weight the higher, so never the looser. */
function weightedMedianPrice(curves: readonly SellCurve[]): number {
  const weighted = curves
    .map((curve) => ({ price: curve.priceQuote, weight: quoteDownTo(curve, curve.priceQuote * (1 - WEIGHT_FALL)) }))
    .filter(({ price, weight }) => price > 0 && weight > 0)
    .toSorted((a, b) => b.price - a.price);
  const half = sum(weighted.map(({ weight }) => weight)) / 2;
  let passed = 0;
  for (const { price, weight } of weighted) {
    passed += weight;
    if (passed >= half) return price;
  }
  return 0;
}

/** Quote received until the marginal price has fallen to `price`. */
function quoteDownTo(curve: SellCurve, price: number): number {
  const fee = (curve.pieces[0]?.price ?? 0) / curve.priceQuote;
  const target = price * fee;
  let quote = 0;
  for (const piece of curve.pieces) {
    if (piece.price <= target) break;
    const end = Math.max(piece.endPrice, target);
    quote +=
      piece.curvature === 0
        ? piece.price * piece.width
        : liquidityOf(piece) * (Math.sqrt(piece.price) - Math.sqrt(end));
  }
  return quote;
}

function withoutRepeats(curves: readonly SellCurve[]): SellCurve[] {
  const seen = new Set<string>();
  return curves.filter((curve) => {
    if (curve.ids.some((id) => seen.has(id))) return false;
    for (const id of curve.ids) seen.add(id);
    return true;
  });
}

/** Sum in a fixed order, so that permuting the venues changes nothing. */
function sum(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b).reduce((total, value) => total + value, 0);
}

/**
 * Sell curve of a route: what the first hop returns is sold in the second, and so on. The composition of two pieces
 * `a x / (1 + c x)` is again one, with a = a1 a2 and c = c1 + c2 a1, so the route is exact too. It ends where either hop
 * can take no more.
 * @param hops at least one, in order of sale; the quote of each is the base of the next
 */
export function routedSellCurve(hops: readonly SellCurve[]): SellCurve {
  const [first, ...rest] = hops;
  if (first === undefined) return sellCurve([], 0, []);
  return rest.reduce(
    (route, hop) => sellCurve([...route.ids, ...hop.ids], route.priceQuote * hop.priceQuote, composePieces(route, hop)),
    first,
  );
}

function* composePieces(first: SellCurve, second: SellCurve): Generator<PieceShape> {
  let i = 0;
  let j = 0;
  let a: PieceShape | undefined = first.pieceAt(0);
  let b: PieceShape | undefined = second.pieceAt(0);
  while (a !== undefined && b !== undefined) {
    const output = quoteInPiece(a, a.width);
    if (output <= b.width) {
      yield compose(a, b, a.width, output);
      b = output < b.width ? pieceAfter(b, output) : second.pieceAt(++j);
      a = first.pieceAt(++i);
    } else {
      const width = b.width / (a.price - a.curvature * b.width);
      yield compose(a, b, width, b.width);
      a = width < a.width ? pieceAfter(a, width) : first.pieceAt(++i);
      b = second.pieceAt(++j);
    }
  }
}

/** Piece that takes `width` base through `a` and the `output` of it through `b`. */
function compose(a: PieceShape, b: PieceShape, width: number, output: number): PieceShape {
  const endOfA = width === a.width ? a.endPrice : pieceAfter(a, width).price;
  const endOfB = output === b.width ? b.endPrice : pieceAfter(b, output).price;
  return { price: a.price * b.price, endPrice: endOfA * endOfB, curvature: a.curvature + b.curvature * a.price, width };
}
