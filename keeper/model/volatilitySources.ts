import { requireRange } from "./numerics/requireRange.ts";

/** Volatility by source, annualised fractions; null where a source had nothing to say. */
export type VolatilitySources = {
  /** Options surface of the collateral at the horizon. */
  readonly implied: number | null;
  /** Volatility that reproduces the risk-neutral tail of that surface. */
  readonly riskNeutral: number | null;
  /** Published index (DVOL). */
  readonly index: number | null;
  /** Options-implied and realised (30 days) volatility of the listed underlying that stands in for this collateral. */
  readonly transferImplied: number | null;
  readonly transferRealised: number | null;
  readonly har: number | null;
  readonly ewma: number | null;
  readonly longRun: number | null;
  /** Last 30 days. */
  readonly realised: number | null;
  readonly range: number | null;
};

/** No source says anything. */
export const NO_SOURCES: VolatilitySources = {
  implied: null,
  riskNeutral: null,
  index: null,
  transferImplied: null,
  transferRealised: null,
  har: null,
  ewma: null,
  longRun: null,
  realised: null,
  range: null,
};

/** Names of all sources, in the order of `NO_SOURCES`. */
export const SOURCE_NAMES = Object.keys(NO_SOURCES) as readonly (keyof VolatilitySources)[];

/**
 * The same sources with zero turned into null (no data is not zero risk) and every number checked to be an annualised
 * fraction in [0, 10]. @throws OUT_OF_RANGE naming the source
 */
export function checkedSources(sources: VolatilitySources): VolatilitySources {
  const checked: { -readonly [K in keyof VolatilitySources]: number | null } = { ...NO_SOURCES };
  for (const name of SOURCE_NAMES) {
    const value = sources[name];
    checked[name] = value === null || value === 0 ? null : requireRange(name, value, 0, 10);
  }
  return checked;
}

/** Names of the sources that are missing now and held, and so may be filled in. */
export function heldNames(
  sources: VolatilitySources,
  held: Partial<VolatilitySources>,
): readonly (keyof VolatilitySources)[] {
  return SOURCE_NAMES.filter((name) => sources[name] === null && (held[name] ?? null) !== null);
}

/** `sources` with the named ones taken from `held`. */
export function filledWith(
  sources: VolatilitySources,
  held: Partial<VolatilitySources>,
  names: readonly (keyof VolatilitySources)[],
): VolatilitySources {
  return { ...sources, ...Object.fromEntries(names.map((name) => [name, held[name] ?? null])) };
}
