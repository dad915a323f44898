import { constantProduct } from "../../keeper/model/depth/combinedSellCurve.ts";
import { type SellCurve, sellCurve } from "../../keeper/model/depth/sellCurve.ts";

/** Sell curve of a constant-product pool (x y = k), whole tokens: the simplest curve there is, in one piece. */
export function xykSellCurve(id: string, baseReserve: number, quoteReserve: number, fee: number): SellCurve {
  if (!(baseReserve > 0 && quoteReserve > 0)) return sellCurve([id.toLowerCase()], 0, []);
  const mid = quoteReserve / baseReserve;
  const liquidity = Math.sqrt(baseReserve) * Math.sqrt(quoteReserve);
  return sellCurve([id.toLowerCase()], mid, [constantProduct(liquidity / Math.sqrt(1 - fee), mid * (1 - fee), 0)]);
}
