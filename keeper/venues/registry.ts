import { binance } from "./binance/binance.ts";
import { bybit } from "./bybit/bybit.ts";
import { deribit } from "./deribit/deribit.ts";
import { okx } from "./okx/okx.ts";
import type { OptionsVenue } from "./optionsVenue.ts";

/** Every options venue. Adding one is one file and one line here; the names are the keys. */
export const OPTIONS_VENUES = { deribit, okx, bybit, binance } as const satisfies Record<string, OptionsVenue>;

/** Name of an options venue in `OPTIONS_VENUES`. */
export type OptionsVenueName = keyof typeof OPTIONS_VENUES;
