import type { PieceShape } from "./sellCurve.ts";

/**
 * Piece of constant liquidity between two marginal prices.
 *
 * Along it base = A (1/sqrt p - 1/sqrt p0) and quote = A (sqrt p0 - sqrt p). A fee f on the input turns liquidity L at
 * pool price P into fee-less liquidity A = L / sqrt(1 - f) at p = P (1 - f), so pools of any fee can be added up.
 *
 * @param liquidity A > 0, in sqrt(base quote) of whole tokens
 * @param price marginal price after fees at its beginning
 * @param endPrice at its end, in [0, price]; 0 is never reached and takes an infinite amount
 */
export function constantProduct(liquidity: number, price: number, endPrice: number): PieceShape {
  const width = endPrice > 0 ? liquidity * (1 / Math.sqrt(endPrice) - 1 / Math.sqrt(price)) : Number.POSITIVE_INFINITY;
  return { price, endPrice, curvature: Math.sqrt(price) / liquidity, width };
}

/** Liquidity A of a piece; Infinity for a flat one. */
export function liquidityOf(piece: PieceShape): number {
  return Math.sqrt(piece.price) / piece.curvature;
}
