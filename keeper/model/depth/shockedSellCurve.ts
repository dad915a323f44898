import { TonsorError } from "../../domain/errors.ts";
import { piecesBelow, type SellCurve, sellCurve } from "./sellCurve.ts";

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
  const start = (curve.pieceAt(0)?.price ?? 0) * (1 - loss);
  return sellCurve(curve.ids, curve.priceQuote * (1 - loss), piecesBelow(curve, start));
}
