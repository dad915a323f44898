import { type PieceShape, pieceAfter, quoteInPiece, type SellCurve, sellCurve } from "./sellCurve.ts";

/**
 * Sell curve of a route: what the first hop returns is sold in the second, and so on. The composition of two pieces
 * `a x / (1 + c x)` is again one, with a = a1 a2 and c = c1 + c2 a1, so the route is exact too. It ends where either hop
 * can take no more.
 *
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
