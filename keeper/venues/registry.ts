import { binance } from "./binance/binance.ts";
import { bybit } from "./bybit/bybit.ts";
import { curve, curveCrypto } from "./curve/curve.ts";
import { deribit } from "./deribit/deribit.ts";
import { okx } from "./okx/okx.ts";
import { uniswapV3 } from "./uniswapV3/uniswapV3.ts";
import { venueRegistry } from "./venueRegistry.ts";

/** The venues a keeper knows: a new one is its folder and one line here, see VENUES.md. */
export const VENUES = venueRegistry([
  // Asked over HTTP.
  deribit,
  okx,
  bybit,
  binance,
  // Read on chain.
  uniswapV3,
  curve,
  curveCrypto,
]);
