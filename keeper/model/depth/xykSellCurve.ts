import { constantProduct } from "./constantProduct.ts";
import { type SellCurve, sellCurve } from "./sellCurve.ts";

/**
 * Sell curve of a constant-product pool (x y = k), whole tokens. Without a fee, selling with average slippage s takes
 * x s / (1 - s) base.
 *
 * @param id address of the pool
 * @param baseReserve, quoteReserve whole tokens; not both positive gives an empty curve
 * @param fee fraction of the input, [0, 1)
 * @example xykSellCurve("pool", 1000, 1000, 0).capacity(0.01) // 10.10101
 */
export function xykSellCurve(id: string, baseReserve: number, quoteReserve: number, fee: number): SellCurve {
  if (!(baseReserve > 0 && quoteReserve > 0)) return sellCurve([id.toLowerCase()], 0, []);
  const mid = quoteReserve / baseReserve;
  const liquidity = Math.sqrt(baseReserve) * Math.sqrt(quoteReserve);
  const shape = constantProduct(liquidity / Math.sqrt(1 - fee), mid * (1 - fee), 0);
  return sellCurve([id.toLowerCase()], mid, [shape]);
}
