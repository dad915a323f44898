import { YEAR_SECONDS } from "./calendar.ts";
import { TonsorError } from "./errors.ts";

/**
 * Checked units. Each type is a plain number with a compile-time brand, made only by its constructor, which refuses a
 * value outside the range the name promises. The error names field, value and range.
 */
declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** Basis points, a whole number in [0, 10000]; 10000 = 100 %. */
type Bps = Unit<"Bps">;
/** Annualised volatility as a fraction in [0, 10]; 0.6 = 60 % a year. Never percent. */
type Vol = Unit<"Vol">;
/** A time span in years of 365 days (ACT/365), in [0, 100]. */
type Years = Unit<"Years">;
/** An amount in US dollars, finite and >= 0. */
type Usd = Unit<"Usd">;
/** A fraction in [0, 1]. */
type Fraction = Unit<"Fraction">;
/** Whole seconds since 1970-01-01T00:00:00Z, in [0, 2^40). */
type UnixSeconds = Unit<"UnixSeconds">;

/** Basis points in one. */
export const BPS_ONE = 10_000;

/** @example bps(1660) // 16.6 % */
export function bps(value: number, field = "bps"): Bps {
  if (!Number.isInteger(value) || value < 0 || value > BPS_ONE) refuse(field, value, "a whole number in [0, 10000]");
  return value as Bps;
}

/** @example vol(0.6) // 60 % a year; vol(60) is refused as percent taken for a fraction */
export function vol(value: number, field = "volatility"): Vol {
  if (!(value >= 0 && value <= 10)) refuse(field, value, "a fraction a year in [0, 10] (0.6 means 60 %)");
  return value as Vol;
}

/** @example years(1 / 365) // one day */
export function years(value: number, field = "years"): Years {
  if (!(value >= 0 && value <= 100)) refuse(field, value, "years in [0, 100]");
  return value as Years;
}

/** @example usd(2_000_000) */
export function usd(value: number, field = "usd"): Usd {
  if (!(value >= 0 && Number.isFinite(value))) refuse(field, value, "a finite amount in US dollars >= 0");
  return value as Usd;
}

/** @example fraction(0.05) // 5 % */
export function fraction(value: number, field = "fraction"): Fraction {
  if (!(value >= 0 && value <= 1)) refuse(field, value, "a fraction in [0, 1]");
  return value as Fraction;
}

/** @example unixSeconds(1769572847) // 2026-01-28T04:00:47Z */
export function unixSeconds(value: number, field = "time"): UnixSeconds {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 40) refuse(field, value, "whole seconds in [0, 2^40)");
  return value as UnixSeconds;
}

/** Seconds as ACT/365 years. @example yearsFromSeconds(86400) // 0.0027397... */
export function yearsFromSeconds(seconds: number): Years {
  return years(seconds / YEAR_SECONDS, "seconds as years");
}

/**
 * A haircut fraction as basis points, rounded *up*, against the borrower. Values within 1e-9 bp of a whole number are
 * taken as that number, so that 0.15 gives 1500 and not 1501.
 * @example haircutToBpsUp(0.16601) // 1661
 */
export function haircutToBpsUp(haircut: number, field = "haircut"): Bps {
  if (!(haircut >= 0 && haircut <= 1)) refuse(field, haircut, "a fraction in [0, 1]");
  // The maximum makes the negative zero of a haircut of nothing a plain one.
  return bps(Math.max(0, Math.ceil(haircut * BPS_ONE - 1e-9)), field);
}

function refuse(field: string, value: number, expected: string): never {
  throw new TonsorError("OUT_OF_RANGE", `${field} is out of range`, { field, given: value, expected });
}
