import { requireRange } from "../../domain/errors.ts";
import { countWhile } from "../../domain/numbers.ts";
import type { OrderBook } from "../../domain/observation.ts";

/**
 * What selling base for quote returns, in whole tokens. Every curve here is a list of pieces of one form, so that each
 * question has a closed answer: pools, order books, several venues together and routes of several hops alike.
 */
export type SellCurve = {
  /** Names what the curve was made from (pool addresses), so that nothing is counted twice. */
  readonly ids: readonly string[];
  /** Mid price before fees, quote per base; 0 when nothing can be sold. */
  readonly priceQuote: number;
  readonly pieces: readonly Piece[];
  /** Piece number `index` in order of sale, from 0; undefined beyond the last. Works out no more pieces than that. */
  pieceAt(index: number): Piece | undefined;
  /** Quote received after fees for `base` (>= 0). What the market cannot take returns nothing. */
  sell(base: number): number;
  /**
   * Largest base amount whose average price falls short of the mid price by no more than `maxSlippage`, fees included:
   * 1 - sell(q) / (q priceQuote) <= maxSlippage. 0 when the fee alone exceeds it, never more than the market can take.
   */
  capacity(maxSlippage: number): number;
  /** Quote per base of the next unit after `base` was sold, after fees; 0 when the market can take no more. */
  marginal(base: number): number;
};

/**
 * A stretch of the curve: x more base returns `price x / (1 + curvature x)`, and the marginal price falls to
 * `price / (1 + curvature x)^2`. Constant liquidity A in a pool is curvature sqrt(price) / A; a book level is 0.
 */
type Piece = {
  /** Base sold and quote received where the piece begins. */
  readonly base: number;
  readonly quote: number;
  /** Marginal price after fees where the piece begins and where it ends. */
  readonly price: number;
  readonly endPrice: number;
  readonly curvature: number;
  /** Base it takes; may be Infinity in the last piece. */
  readonly width: number;
};

/** A piece before its place on the curve is known. */
export type PieceShape = Pick<Piece, "price" | "endPrice" | "curvature" | "width">;

/** Quote returned by the first `x` base of a piece, x in [0, width]. */
export function quoteInPiece(piece: PieceShape, x: number): number {
  if (x === Number.POSITIVE_INFINITY) return piece.price / piece.curvature;
  return (piece.price * x) / (1 + piece.curvature * x);
}

/** What is left of a piece after its first `x` base: the same form, begun later. */
export function pieceAfter(piece: PieceShape, x: number): PieceShape {
  const growth = 1 + piece.curvature * x;
  return {
    price: Math.max(piece.endPrice, piece.price / (growth * growth)),
    endPrice: piece.endPrice,
    curvature: piece.curvature / growth,
    width: piece.width - x,
  };
}

/** The part of a curve at marginal prices up to `price`; what lies above it is left out, as if already sold into. */
export function* piecesBelow(curve: SellCurve, price: number): Generator<PieceShape> {
  let index = 0;
  let piece = curve.pieceAt(index);
  // A piece without curvature ends at the price it begins with, so one at exactly `price` stays whole.
  while (piece !== undefined && piece.price > price && piece.endPrice >= price) piece = curve.pieceAt(++index);
  if (piece !== undefined && piece.price > price) {
    const passed = (Math.sqrt(piece.price / price) - 1) / piece.curvature;
    yield { ...pieceAfter(piece, passed), price };
    piece = curve.pieceAt(++index);
  }
  for (; piece !== undefined; piece = curve.pieceAt(++index)) yield piece;
}

/**
 * A curve from its pieces, whose prices must not rise from one to the next. Pieces are taken only as far as a question
 * reaches: what a liquidation can sell lies in the first few of a thousand.
 * @param priceQuote mid price, quote per base
 * @param shapes pieces in order of sale, read once; empty ones are dropped
 */
export function sellCurve(ids: readonly string[], priceQuote: number, shapes: Iterable<PieceShape>): SellCurve {
  const source = shapes[Symbol.iterator]();
  const pieces: Piece[] = [];
  let baseTotal = 0;
  let quoteTotal = 0;
  /** Takes the next piece; false when there is none. */
  const grow = (): boolean => {
    for (let next = source.next(); next.done !== true; next = source.next()) {
      const { price, endPrice, curvature, width } = next.value;
      if (!(width > 0) || !(price > 0)) continue;
      pieces.push({ base: baseTotal, quote: quoteTotal, price, endPrice, curvature, width });
      quoteTotal += quoteInPiece(next.value, width);
      baseTotal += width;
      return true;
    }
    return false;
  };
  /** Last piece for which the test holds; the test must hold for a prefix of the pieces. */
  const lastPiece = (holds: (piece: Piece) => boolean): Piece | undefined => {
    for (let last = pieces.at(-1); last === undefined || holds(last); last = pieces.at(-1)) if (!grow()) break;
    return pieces[countWhile(pieces, holds) - 1];
  };
  const reach = (base: number): Piece | undefined => {
    requireRange("base", base, 0, Number.POSITIVE_INFINITY);
    const piece = lastPiece((p) => p.base <= base);
    return piece === undefined || base >= piece.base + piece.width ? undefined : piece;
  };

  return {
    ids,
    priceQuote,
    get pieces() {
      while (grow());
      return pieces;
    },
    pieceAt(index) {
      while (index >= pieces.length && grow());
      return pieces[index];
    },
    sell(base) {
      const piece = reach(base);
      return piece === undefined ? quoteTotal : piece.quote + quoteInPiece(piece, base - piece.base);
    },
    capacity(maxSlippage) {
      requireRange("maxSlippage", maxSlippage, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
      if (maxSlippage >= 1) {
        while (grow());
        return baseTotal;
      }
      const floor = priceQuote * (1 - maxSlippage);
      const piece = lastPiece((p) => p.quote >= floor * p.base);
      return piece === undefined ? 0 : piece.base + Math.min(piece.width, widthAtAverage(piece, floor));
    },
    marginal(base) {
      const piece = reach(base);
      return piece === undefined ? 0 : pieceAfter(piece, base - piece.base).price;
    },
  };
}

/**
 * Base into a piece at which the average price of the whole sale has fallen to `floor`: the positive root x of
 * quote + price x / (1 + c x) = floor (base + x), in the form that does not cancel.
 */
function widthAtAverage(piece: Piece, floor: number): number {
  const surplus = Math.max(0, piece.quote - floor * piece.base);
  const square = floor * piece.curvature;
  const half = surplus * piece.curvature + piece.price - floor;
  const root = Math.sqrt(half * half + 4 * square * surplus);
  if (half >= 0) return square === 0 ? Number.POSITIVE_INFINITY : (half + root) / (2 * square);
  return (2 * surplus) / (root - half);
}

/**
 * Sell curve of one venue after its price has fallen by `loss`, with liquidity providers where they were: the part of
 * the curve below p0 (1 - loss), measured against that price. Shock each pool by itself, then merge: venues of different fee
 * reach the shocked price at different marginal prices.
 * @param loss fraction of the price, [0, 1)
 * @example shockedSellCurve(xykSellCurve("pool", 1000, 1000, 0), 0.19).priceQuote // 0.81
 */
export function shockedSellCurve(curve: SellCurve, loss: number): SellCurve {
  requireRange("loss", loss, 0, 1, { openHigh: true });
  const start = (curve.pieceAt(0)?.price ?? 0) * (1 - loss);
  return sellCurve(curve.ids, curve.priceQuote * (1 - loss), piecesBelow(curve, start));
}

/**
 * Sell curve of an observed order book, in quote per whole coin, of which only the share `weight` of every level counts: orders
 * on exchanges are withdrawn when they are needed (10 October 2025: over 90 % left). Levels may come in any order; those
 * without a positive, finite price and size are left out. Empty for a book without both sides.
 * @param takerFee fraction of the proceeds, [0, 1)  @param weight share of each level, (0, 1]
 * @example orderBookSellCurve({ ..., bids: [[99, 2], [98, 2]], asks: [[101, 1]] }, 0, 0.5).sell(2) // 197
 */
export function orderBookSellCurve(book: OrderBook, takerFee: number, weight: number): SellCurve {
  requireRange("takerFee", takerFee, 0, 1, { openHigh: true });
  requireRange("weight", weight, 0, 1, { openLow: true });
  const ids = [book.source.toLowerCase()];
  const [best, ask] = [book.bids[0]?.[0], book.asks[0]?.[0]];
  if (best === undefined || ask === undefined) return sellCurve(ids, 0, []);
  const levels = book.bids.map(([price, size]) => [price, size * weight] as const);
  const usable = levels.filter(([bid, width]) => bid > 0 && width > 0 && Number.isFinite(bid * width));
  const shapes = usable
    .toSorted((a, b) => b[0] - a[0])
    .map(([bid, width]) => {
      const price = bid * (1 - takerFee);
      return { price, endPrice: price, curvature: 0, width };
    });
  return sellCurve(ids, (best + ask) / 2, shapes);
}
