import { together } from "../scenario.ts";
import { depthVanishes } from "./depthVanishes.ts";
import { feedLate } from "./feedLate.ts";
import { priceFalls } from "./priceFalls.ts";
import { volatilityDoubles } from "./volatilityDoubles.ts";

/** A crash as they come: price, volatility, depth and feed at once. */
export const everythingAtOnce = together(
  "price -30 %, twice the volatility, depth -90 % and a late feed at once",
  priceFalls,
  volatilityDoubles,
  depthVanishes,
  feedLate,
);
