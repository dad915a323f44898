import { DAY_SECONDS } from "../../domain/calendar.ts";
import type { ModelParameters } from "../../domain/parameters.ts";
import type { Risk, VolatilityRisk } from "../../domain/risk.ts";
import { scaleLoss } from "../haircut.ts";
import { NO_SOURCES, poolVolatility, type VolatilitySources, WEIGHT_HISTORY_DAYS } from "../volatilityLadder.ts";

/** Where a haircut is examined: what the market says, and governance's numbers. */
export type RiskPoint = { readonly risk: Risk; readonly parameters: ModelParameters };

/** One number that a haircut depends on. */
export type RiskInput = {
  readonly unit: "fraction a year" | "fraction" | "h" | "s" | "number";
  /** Who sets it: the market, or governance. */
  readonly setBy: "market" | "governance";
  /** Its value; null where it is unknown or has no part in the result. */
  read(point: RiskPoint): number | null;
  /** The same point with another value, and with everything that follows from it. */
  write(point: RiskPoint, value: number): RiskPoint;
  /** What it may plausibly become, from `value`: the range of a search. */
  range(value: number): readonly [least: number, most: number];
};

type Range = RiskInput["range"];
/** Volatilities of coins have moved by a factor of four within weeks (ETH, March 2020), and none has been above 500 %. */
const byFour: Range = (value) => [value / 4, Math.max(value, Math.min(5, 4 * value))];
const within =
  (least: number, most: number): Range =>
  (value) => [Math.min(least, value), Math.max(most, value)];

/**
 * Every input of both haircuts, by name, in the order in which they are shown; what moves the exposure limit alone (depth,
 * borrowers, the stress) is none. What follows from an input moves with it: the historical tail scales with the volatility used,
 * the options' tail with implied volatility, and the volatility used is pooled again from its sources.
 */
export const RISK_INPUTS: Readonly<Record<string, RiskInput>> = {
  volatility: market("fraction a year", byFour, {
    read: ({ risk }) => risk.volatility.used,
    write: ({ risk, parameters }, used) => ({ risk: withVolatility(risk, { ...risk.volatility, used }), parameters }),
  }),
  longRunVolatility: market("fraction a year", byFour, {
    read: ({ risk }) => risk.volatility.longRun,
    write: (point, longRun) => {
      const { risk, parameters } = point;
      const pooled = repooled(risk, parameters, { longRun });
      return { risk: withVolatility(risk, pooled ?? { ...risk.volatility, longRun }), parameters };
    },
  }),
  impliedVolatility: market("fraction a year", byFour, {
    read: ({ risk, parameters }) => {
      const value = risk.volatility.implied ?? risk.volatility.transferImplied;
      return value === null || repooled(risk, parameters, {}) === null ? null : value;
    },
    write: ({ risk, parameters }, value) => {
      const { implied, transferImplied, riskNeutral } = risk.volatility;
      const ratio = value / (implied ?? transferImplied ?? value);
      const times = (old: number | null) => (old === null ? null : ratio * old);
      const sources = {
        implied: times(implied),
        transferImplied: times(transferImplied),
        riskNeutral: times(riskNeutral),
      };
      const tail = { ...risk.tail, riskNeutral: scaled(risk.tail.riskNeutral, ratio) };
      const pooled = repooled(risk, parameters, sources) ?? risk.volatility;
      return { risk: withVolatility({ ...risk, tail }, pooled), parameters };
    },
  }),
  forecastVolatility: volatilitySource("har"),
  recentVolatility: volatilitySource("ewma"),
  oracleGap: market("fraction", within(0, 0.1), {
    read: ({ risk }) => risk.oracleDeviation,
    write: ({ risk, parameters }, oracleDeviation) => ({ risk: { ...risk, oracleDeviation }, parameters }),
  }),
  liquidationBonus: governance("fraction", within(0, 0.25), "liquidationBonus"),
  minimumHorizonHours: governance("h", within(24, 168), "minimumHorizonHours"),
  typicalVolatility: {
    ...governance("fraction a year", byFour, "typicalVolatility"),
    read: ({ risk: { volatility }, parameters }) =>
      volatility.longRun === null || volatility.historyDays === undefined
        ? null
        : (parameters.typicalVolatility ?? null),
  },
  oracleDeviation: governance("fraction", within(0, 0.1), "oracleDeviation"),
  oracleLatencySeconds: governance("s", within(0, DAY_SECONDS), "oracleLatencySeconds"),
  degreesOfFreedom: governance("number", within(2.5, 30), "degreesOfFreedom"),
};

function market(unit: RiskInput["unit"], range: Range, access: Pick<RiskInput, "read" | "write">): RiskInput {
  return { unit, setBy: "market", range, ...access };
}

/** One source of the pooled volatility; left out where pooling the sources again does not give the volatility used. */
function volatilitySource(name: "har" | "ewma"): RiskInput {
  return market("fraction a year", byFour, {
    read: ({ risk, parameters }) => (repooled(risk, parameters, {}) === null ? null : risk.volatility[name]),
    write: ({ risk, parameters }, value) => {
      const pooled = repooled(risk, parameters, { [name]: value }) ?? risk.volatility;
      return { risk: withVolatility(risk, pooled), parameters };
    },
  });
}

function governance(unit: RiskInput["unit"], range: Range, name: NumericParameter): RiskInput {
  return {
    unit,
    setBy: "governance",
    range,
    read: ({ parameters }) => parameters[name] ?? null,
    write: ({ risk, parameters }, value) => ({ risk, parameters: { ...parameters, [name]: value } }),
  };
}

/** The risk with another volatility; the asset's own tail is its shape times today's volatility, so it moves along. */
function withVolatility(risk: Risk, volatility: Risk["volatility"]): Risk {
  const ratio = risk.volatility.used === 0 ? 1 : volatility.used / risk.volatility.used;
  return { ...risk, volatility, tail: { ...risk.tail, historical: scaled(risk.tail.historical, ratio) } };
}

function scaled(loss: number | null, ratio: number): number | null {
  return loss === null ? null : scaleLoss(loss, ratio);
}

type NumericParameter = {
  [K in keyof ModelParameters]-?: Required<ModelParameters>[K] extends number ? K : never;
}[keyof ModelParameters];

/** How close the pool has to come to the volatility used before it counts as its origin. */
const SAME = 1e-9;
/** What a `Risk` does not keep and the pool asks for: confidence in the options, and days of history. */
const SETTINGS = [
  { confidence: 1, historyDays: WEIGHT_HISTORY_DAYS },
  { confidence: 0, historyDays: WEIGHT_HISTORY_DAYS },
  { confidence: 1, historyDays: 0 },
  { confidence: 0, historyDays: 0 },
] as const;

/**
 * The volatility of a risk pooled again with some sources changed, or null where the recorded sources do not give the
 * recorded volatility: it was held from an earlier cycle, given as such, or rests on a source that a risk does not keep.
 * @example repooled(risk, parameters, { implied: 0.8 })?.used // what the haircut would use if options said 80 %
 */
function repooled(risk: Risk, parameters: ModelParameters, change: Partial<VolatilitySources>): VolatilityRisk | null {
  const { implied, riskNeutral, index, transferImplied, transferRealised, har, ewma, longRun, realised, used } =
    risk.volatility;
  const known = { implied, riskNeutral, index, transferImplied, transferRealised, har, ewma, longRun, realised };
  const sources = { ...NO_SOURCES, ...known };
  const setting = SETTINGS.find(
    (each) => Math.abs(poolVolatility({ ...sources, ...each }, parameters).used - used) <= SAME * used,
  );
  return setting === undefined ? null : poolVolatility({ ...sources, ...change, ...setting }, parameters);
}
