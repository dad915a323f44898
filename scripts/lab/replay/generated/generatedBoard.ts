import { YEAR_SECONDS } from "../../../../keeper/domain/calendar.ts";
import { blackPrice, coinFromUsd } from "../../blackPrice.ts";
import type { Board, BoardRow } from "../replaySource.ts";
import { expiriesAfter, optionName, strikesAround } from "./listing.ts";
import { randomStream } from "./random.ts";
import { atmTotalVariance, impliedVolatility, type SurfaceState } from "./surface.ts";

/** How far strikes reach, in standard deviations to the expiry. */
const REACH = 2.8;

/** What a board is made of. */
type BoardInputs = {
  readonly seed: number;
  readonly currency: string;
  readonly time: number;
  readonly spot: number;
  readonly basis: number;
  readonly surface: SurfaceState;
  /** Closest distance of two strikes, USD. */
  readonly strikeStep: number;
  /** Open interest of an at-the-money option, coin. */
  readonly openInterest: number;
};

/** Every listed option of one currency at one moment, priced off the surface with Black-76 in coin. */
export function generatedBoard(inputs: BoardInputs): Board {
  const rows = expiriesAfter(inputs.time).flatMap((expiry) => {
    const years = (expiry - inputs.time) / YEAR_SECONDS;
    const forward = Number((inputs.spot * Math.exp(inputs.basis * years)).toFixed(2));
    const deviation = Math.sqrt(atmTotalVariance(inputs.surface, years));
    const strikes = strikesAround(forward, REACH * deviation, inputs.strikeStep);
    return strikes.flatMap((strike) =>
      (["call", "put"] as const).flatMap((kind) =>
        optionRow(inputs, { expiry, years, forward, deviation, strike, kind }),
      ),
    );
  });
  return { time: inputs.time, rows };
}

type Option = {
  readonly expiry: number;
  readonly years: number;
  readonly forward: number;
  readonly deviation: number;
  readonly strike: number;
  readonly kind: "call" | "put";
};

/** One row, or none where the mark rounds to nothing. */
function optionRow(inputs: BoardInputs, option: Option): readonly BoardRow[] {
  const { years, forward, strike, kind } = option;
  const k = Math.log(strike / forward);
  const volatility = impliedVolatility(inputs.surface, k, years);
  const mark = Number(coinFromUsd(blackPrice({ kind, forward, strike, years, volatility }), forward).toFixed(6));
  if (!(mark > 0)) return [];
  const instrument = optionName(inputs.currency, option.expiry, strike, kind);
  const distance = Math.abs(k) / option.deviation;
  // Market makers quote wider far from the money and when volatility is high.
  const stress = Math.max(1, inputs.surface.shortVol / 0.5);
  const half = Math.max(0.0001, mark * (0.008 + 0.02 * distance) * stress, 0.0002 * stress);
  const random = randomStream(inputs.seed, instrument);
  const interest = inputs.openInterest * Math.exp(-0.5 * (distance / 1.3) ** 2 + 0.8 * random.normal());
  return [
    {
      instrument,
      forward,
      index: Number(inputs.spot.toFixed(2)),
      bid: quoted(Math.max(0, mark - half), Math.floor),
      ask: quoted(mark + half, Math.ceil),
      mark,
      iv: Number(volatility.toFixed(4)),
      openInterest: Math.round(interest),
      volume24h: Number((interest * 0.1 * random.uniform()).toFixed(1)),
    },
  ];
}

/** On the venue's price grid: steps of 0.0005 coin, of 0.0001 below 0.005; null at zero. */
function quoted(price: number, round: (value: number) => number): number | null {
  const tick = price < 0.005 ? 0.0001 : 0.0005;
  const value = Number((round(price / tick - (round === Math.ceil ? 1e-9 : -1e-9)) * tick).toFixed(4));
  return value > 0 ? value : null;
}
