import { TonsorError } from "../../domain/errors.ts";
import { type PieceShape, pieceAfter, type SellCurve, sellCurve } from "./sellCurve.ts";

/**
 * Sell curve of one venue after its price has fallen by `loss`, with liquidity providers where they were: the part of
 * the curve below p0 (1 - loss), measured against that price. Liquidity that lay above is gone.
 *
 * Shock each pool by itself, then merge: venues of different fee reach the shocked price at different marginal prices.
 *
 * @param loss fraction of the price, [0, 1)
 * @example shockedSellCurve(xykSellCurve("pool", 1000, 1000, 0), 0.19).priceQuote // 0.81
 */
export function shockedSellCurve(curve: SellCurve, loss: number): SellCurve {
  if (!(loss >= 0 && loss < 1)) {
    const facts = { field: "loss", given: loss, expected: "a fraction in [0, 1)" };
    throw new TonsorError("OUT_OF_RANGE", "price loss is out of range", facts);
  }
  const start = (curve.pieces[0]?.price ?? 0) * (1 - loss);
  const left: PieceShape[] = [];
  for (const piece of curve.pieces) {
    if (piece.price <= start) left.push(piece);
    else if (piece.endPrice < start) {
      const passed = (Math.sqrt(piece.price / start) - 1) / piece.curvature;
      left.push({ ...pieceAfter(piece, passed), price: start });
    }
  }
  return sellCurve(curve.ids, curve.priceQuote * (1 - loss), left);
}
