import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { Series } from "../files/seriesFile.ts";
import type { LiquidationTerms } from "./liquidation.ts";
import { constantProduct, type DepthCurve, fixedRoom } from "./pool.ts";
import { type ContractRules, type Rule, staticRule, unguarded } from "./rules.ts";
import type { RunSettings } from "./run.ts";

/** One collateral played alone, as an analyst asks for it. What nobody gives takes `PLAY_DEFAULTS`. */
export type PlaySettings = {
  readonly name: string;
  readonly prices: Series;
  /** USD that sell at the slippage that the bonus pays, over time; null: `hoursToSell` alone says. */
  readonly depth: Series | null;
  /** A recorded pool to sell into instead, which is bought back as fast; null: none. */
  readonly pool: DepthCurve | null;
  readonly ltv: number;
  readonly threshold: number;
  readonly bonus: number;
  /** Collateral that borrowers would deposit, whole tokens. */
  readonly cap: number;
  /** Hours that selling the whole cap takes where depth is as it is on average. */
  readonly hoursToSell: number;
  readonly impactShare: number;
  readonly oracleDeviation: number;
  /** Half of the loans are repaid within so many days. */
  readonly repaymentDays: number;
  readonly topUpShare: number;
  /** Half of those who top up have done so within so many hours; 0: all at once. */
  readonly topUpHours: number;
  readonly seed: number;
  /** How loans, sales and liquidations are made; absent: `USUAL_FORM`. */
  readonly form?: MarketForm;
};

/** What a market is made of, beside its numbers. */
export type MarketForm = {
  /** Shares of the LTV that new loans use. */
  readonly usage: readonly number[];
  /** One of them a step in turn, so that a long play has fewer accounts. */
  readonly inTurn: boolean;
  /** Days after which each loan is repaid, the same share of the cap lent each step; null: half-lives. */
  readonly termDays: number | null;
  /** Sales into depth that gives way and refills, or so much a step at the full price and no more. */
  readonly sales: "curve" | "fixed";
  /** Share of the debt that one call may repay; its gas, USD; the fee on what is borrowed for it. */
  readonly closeFactor: number;
  readonly gasUsd: number;
  readonly flashFee: number;
};

/** What is assumed where nothing is said; each is an option of `lab market`. */
export const PLAY_DEFAULTS = {
  ...{ ltv: 0.8, threshold: 0.83, bonus: 0.05, cap: 100_000, hoursToSell: 20, impactShare: 0.3 },
  ...{ oracleDeviation: 0.005, repaymentDays: 60, topUpShare: 0.3, topUpHours: 0, seed: 1 },
} as const;

/** Fee of the pool, its half-life in hours, and how borrowers use the LTV they are offered. */
const [POOL_FEE, REFILL_HOURS] = [0.0005, 0.5];
export const USUAL_FORM: MarketForm = {
  usage: [0.5, 0.7, 0.85, 0.95, 1],
  ...{ inTurn: false, termDays: null, sales: "curve", closeFactor: 0.5, gasUsd: 5, flashFee: 0.0005 },
};
/** Half of what is missing to the cap is deposited within so long. */
const ARRIVAL_HOURS = 7 * 24;
/** Half-life of a sale that is gone by the next step, steps. */
const AT_ONCE = 1e-3;

/** What a lender like Aave v3 allows a liquidator, gas of 5 USD a call and a flash loan's fee of 0.05 %. */
export function lenderTerms(bonus: number): LiquidationTerms {
  const closing = { closeFactor: 0.5, fullCloseBelowHealth: 0.95, fullCloseBelowUsd: 2_000 };
  return { bonus, ...closing, gasUsd: 5, flashFee: 0.0005 };
}

/** One collateral to be played, and what moves its terms. */
type PlayPart = {
  readonly settings: PlaySettings;
  readonly rule?: Rule | undefined;
  readonly contract: ContractRules;
};

/** What several collaterals of one lender share. */
export type PlayShared = {
  /** Liquidators' money, USD, and the hours until the proceeds of a sale can be used again. */
  readonly capitalUsd: number;
  readonly settlementHours: number;
  /** Share of each cap that is brought by borrowers who hold all of the collaterals against one debt. */
  readonly severalShare: number;
  /** Names of those that are sold into the pool of the first of them, at their price against it at the start. */
  readonly samePool: readonly string[];
};

/** What is shared where nothing is said. */
const SHARED_DEFAULTS = { capitalUsd: Number.POSITIVE_INFINITY, settlementHours: 0, severalShare: 0.2 } as const;

/**
 * A run of one collateral: constant-product depth of which so much sells at a profit that the cap takes `hoursToSell`, larger
 * and smaller as the depth series is against its mean.
 * @param rule absent: the static one of the settings
 * @throws TonsorError OUT_OF_RANGE, or BAD_FILE when the depth begins after the prices
 */
export function playSettings(settings: PlaySettings, rule?: Rule, contract: ContractRules = unguarded): RunSettings {
  return playTogether([{ settings, rule, contract }], { ...SHARED_DEFAULTS, samePool: [] });
}

/**
 * A run of one or more collaterals of one lender, each as in `playSettings`, over prices of the same steps: they share
 * liquidators' money, borrowers who hold all of them, and pools as `shared` says.
 * @throws TonsorError OUT_OF_RANGE, or BAD_FILE when a depth begins after its prices
 */
export function playTogether(parts: readonly PlayPart[], shared: PlayShared): RunSettings {
  const [{ settings: first }] = parts as [PlayPart];
  const stepSeconds = first.prices.stepSeconds ?? HOUR_SECONDS;
  const steps = (hours: number) => (hours * HOUR_SECONDS) / stepSeconds;
  const share = parts.length === 1 ? 0 : shared.severalShare;
  const main = parts.findIndex(({ settings }) => shared.samePool.includes(settings.name));
  const price = (at: number) => parts[at]?.settings.prices.values[0] as number;
  return {
    collaterals: parts.map(({ settings, rule, contract }, i) => {
      const { form = USUAL_FORM } = settings;
      const { closeFactor, gasUsd, flashFee } = form;
      const shares = shared.samePool.includes(settings.name);
      const terms = { ltv: settings.ltv, threshold: settings.threshold, limit: Number.POSITIVE_INFINITY };
      return {
        settings: {
          name: settings.name,
          ...{ pool: shares ? main : i, poolTokens: shares ? price(i) / price(main) : 1 },
          impactShare: settings.impactShare,
          oracle: { deviation: settings.oracleDeviation, heartbeatSteps: Math.max(1, steps(1)), latencySteps: 0 },
          liquidation: { ...lenderTerms(settings.bonus), closeFactor, gasUsd, flashFee },
        },
        prices: settings.prices.values,
        borrowers: {
          ...{ appetite: settings.cap * (1 - share), usage: form.usage, inTurn: form.inTurn, seed: settings.seed + i },
          termSteps: form.termDays === null ? null : steps(form.termDays * 24),
          ...{ arrivalSteps: steps(ARRIVAL_HOURS), repaymentSteps: steps(settings.repaymentDays * 24) },
          topUp: { share: settings.topUpShare, band: 0.05, to: 0.85, halfLifeSteps: steps(settings.topUpHours) },
        },
        ...{ rule: rule ?? staticRule(terms), contract },
      };
    }),
    pools: parts.map(({ settings }) => poolOf(settings, steps)),
    liquidators: { capitalUsd: shared.capitalUsd, settlementSteps: Math.round(steps(shared.settlementHours)) },
    several:
      share === 0
        ? undefined
        : {
            ...{ appetite: parts.map(({ settings }) => settings.cap * share), seed: first.seed },
            ...{ everySteps: Math.max(1, Math.round(steps(24))), arrivalSteps: steps(ARRIVAL_HOURS) },
            ...{ usage: (first.form ?? USUAL_FORM).usage, repaymentSteps: steps(first.repaymentDays * 24) },
          },
    ...{ stepSeconds, startTime: first.prices.times[0] as number, ruleSteps: 1 },
  };
}

/** Share of the cap that a full pool takes where selling the cap takes so many hours. @example depthOverCap(20, 3_600) // 0.0667 */
export function depthOverCap(hoursToSell: number, stepSeconds: number): number {
  const steps = HOUR_SECONDS / stepSeconds;
  return shareAtOnce(hoursToSell * steps, REFILL_HOURS * steps);
}

/** What comes back in a step can be sold again: a full pool's worth of it is one step's sale. */
function shareAtOnce(stepsToSell: number, refillSteps: number): number {
  return 1 / stepsToSell / (1 - 2 ** (-1 / refillSteps));
}

/** A pool of the size that `hoursToSell` says, or the recorded one. */
function poolOf(settings: PlaySettings, steps: (hours: number) => number): RunSettings["pools"][0] {
  const { prices, bonus, cap, hoursToSell, pool, depth, form = USUAL_FORM } = settings;
  const refillSteps = form.sales === "fixed" ? AT_ONCE : steps(REFILL_HOURS);
  const perStep = cap * shareAtOnce(steps(hoursToSell), refillSteps);
  const made =
    form.sales === "fixed"
      ? fixedRoom(perStep)
      : constantProduct(perStep / (Math.sqrt((1 - POOL_FEE) * (1 + bonus)) - 1), POOL_FEE);
  return { curve: pool ?? made, refillSteps, scale: depth === null ? null : scaleOf(depth, prices) };
}

/** Depth in tokens at each price over its mean: the last reading at or before it. */
function scaleOf(depth: Series, { times, values }: Series): Float64Array {
  if ((depth.times[0] as number) > (times[0] as number)) {
    const iso = (time: number) => new Date(time * 1_000).toISOString();
    throw new TonsorError("BAD_FILE", "the depth begins after the prices", {
      field: "first time of the depth",
      given: iso(depth.times[0] as number),
      expected: `${iso(times[0] as number)} or before; cut the prices with --from`,
    });
  }
  let [at, sum] = [0, 0];
  const tokens = Float64Array.from(times, (time, i) => {
    while (at + 1 < depth.times.length && (depth.times[at + 1] as number) <= time) at += 1;
    const here = (depth.values[at] as number) / (values[i] as number);
    sum += here;
    return here;
  });
  return tokens.map((one) => (one * tokens.length) / sum);
}
