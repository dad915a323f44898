import type { ModelParameters } from "../../../../keeper/domain/parameters.ts";
import type { VolatilityRisk } from "../../../../keeper/domain/risk.ts";
import {
  NO_SOURCES,
  poolVolatility,
  usableVolatility,
  type VolatilitySources,
} from "../../../../keeper/model/volatilityLadder.ts";
import type { Estimates } from "./estimates.ts";

/** What is known at one origin; NaN where nothing is. */
export type Known = {
  readonly har: number;
  readonly ewma: number;
  readonly longRun: number;
  readonly realised: number;
  readonly days: number;
  readonly index: number;
  readonly transferIndex: number;
  readonly transferRealised: number;
};

/** What a history says by itself at a candle. As in `measureRisk` a volatility that no asset has ever had counts as missing. */
export function physicalAt(own: Estimates, i: number): Known {
  const usable = (name: "har" | "ewma" | "longRun" | "realised") => {
    const value = own[name][i] ?? Number.NaN;
    return usableVolatility(Number.isNaN(value) ? null : value, name, "recorded", []) ?? Number.NaN;
  };
  return {
    ...{ har: usable("har"), ewma: usable("ewma"), longRun: usable("longRun"), realised: usable("realised") },
    ...{ days: own.days[i] ?? 0, index: Number.NaN, transferIndex: Number.NaN, transferRealised: Number.NaN },
  };
}

/** Rungs validated by themselves. L1 needs boards. */
export const RUNGS = ["L2", "L3", "L4", "L6"] as const;
export type Rung = (typeof RUNGS)[number];

/** The volatility of the live ladder with everything known: the best rung the data reaches. */
export function bestVolatility(known: Known, model: ModelParameters): VolatilityRisk {
  return pooled({ ...history(known), index: orNull(known.index), ...transferOf(known) }, known, model);
}

/** The volatility when the ladder stands on one rung, or NaN where its sources are missing. */
export function rungVolatility(rung: Rung, known: Known, model: ModelParameters): number {
  const base = history(known);
  switch (rung) {
    case "L2":
      return Number.isNaN(known.index) ? Number.NaN : pooled({ ...base, index: known.index }, known, model).used;
    case "L3": {
      if (Number.isNaN(known.transferIndex) || Number.isNaN(known.transferRealised)) return Number.NaN;
      return pooled({ ...base, ...transferOf(known) }, known, model).used;
    }
    case "L4":
      return pooled(base, known, model).used;
    case "L6":
      return pooled(NO_SOURCES, known, model).used;
  }
}

function history(known: Known): VolatilitySources {
  return {
    ...NO_SOURCES,
    har: orNull(known.har),
    ewma: orNull(known.ewma),
    longRun: orNull(known.longRun),
    realised: orNull(known.realised),
  };
}

/** A surface of the listed underlying was not recorded over the years: its 30-day index stands in for it. */
function transferOf(known: Known): Pick<VolatilitySources, "transferImplied" | "transferRealised"> {
  return { transferImplied: orNull(known.transferIndex), transferRealised: orNull(known.transferRealised) };
}

/** Confidence 0: no surface, so its floor rests, as in `measureRisk`. */
function pooled(sources: VolatilitySources, known: Known, model: ModelParameters): VolatilityRisk {
  return poolVolatility({ ...sources, confidence: 0, historyDays: known.days }, model);
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
