import { HOUR_SECONDS, YEAR_HOURS } from "../domain/calendar.ts";
import type { PastPromise } from "../domain/journal.ts";
import type { ModelParameters } from "../domain/parameters.ts";
import { studentTCdf, studentTQuantile } from "./numerics/distributions.ts";

type Law = Pick<ModelParameters, "tailLevel" | "degreesOfFreedom">;

/** How one haircut's promise was kept. */
type Calibration = {
  /** Horizons that are over, none of which overlaps another. */
  readonly windows: number;
  /** Those in which the price fell by more than was promised, and the share that was promised. */
  readonly exceeded: number;
  readonly promised: number;
  /** Evidence against the promise, over what breaks it: from 1 on it is broken. */
  readonly evidence: number;
};

type Calibrations = { readonly initial: Calibration; readonly maintenance: Calibration };

/** Losses below this quantile of the law tell nothing apart; those beyond it are weighed one by one. */
const TAIL_FROM = 0.9;
/** The volatility that the test is made to find, over the one it should have been. */
const TOO_LOW = 0.7;
/** A price stands for a moment for this long after it was seen. */
const LATEST_SECONDS = 2 * HOUR_SECONDS;

/**
 * The loss over a horizon that is exceeded with probability `1 - tailLevel`, in standard deviations of the log price: the promise
 * behind both haircuts, as live calibration and `lab validate` count it.
 * @example lossQuantile({ tailLevel: 0.99, degreesOfFreedom: 4 }) // 2.6495
 */
export function lossQuantile({ tailLevel, degreesOfFreedom: nu }: Law): number {
  return studentTQuantile(tailLevel, nu) * Math.sqrt((nu - 2) / nu);
}

/**
 * Watches one promise, horizon by horizon, for the moment from which it is no longer kept: Shiryaev-Roberts, `M = (M + 1) x` the
 * likelihood of the loss if the volatility in use were 0.7 of the true one, over its likelihood as promised. The ratio rises
 * with the loss, so that under any law with losses no larger than promised, whatever came before, M grows by one a horizon at
 * most: the mean time to a false alarm at M = A is A horizons or more, with no assumption on how days depend on one another.
 * Alarm at a year of horizons. Sources: Shiryaev 1963; Roberts 1966; Shin, Ramdas, Rinaldo, E-detectors (2023), theorem 2.4.
 */
export class PromiseWatch {
  readonly #nu: number;
  readonly #tail: number;
  readonly #calm: number;
  readonly #deviation: number;
  readonly #alarm: number;
  #statistic = 0;

  /** @param hours of the horizon */
  constructor({ degreesOfFreedom }: Law, hours: number) {
    this.#nu = degreesOfFreedom;
    this.#tail = studentTQuantile(TAIL_FROM, degreesOfFreedom);
    this.#calm = studentTCdf(this.#tail * TOO_LOW, degreesOfFreedom) / TAIL_FROM;
    this.#deviation = Math.sqrt(hours / YEAR_HOURS) * Math.sqrt((degreesOfFreedom - 2) / degreesOfFreedom);
    this.#alarm = YEAR_HOURS / hours;
  }

  /**
   * Takes the log loss of one horizon (negative: a gain) and the annualised volatility promised before it; returns the evidence
   * over what breaks the promise. Horizons must not overlap.
   */
  see(loss: number, volatility: number): number {
    this.#statistic = (this.#statistic + 1) * this.#ratio(loss / (volatility * this.#deviation));
    return this.#statistic / this.#alarm;
  }

  /** Of Student densities at a scale of 1 / 0.7 and of 1. */
  #ratio(t: number): number {
    if (t <= this.#tail) return this.#calm;
    const power = (this.#nu + 1) / 2;
    return TOO_LOW * ((this.#nu + t * t) / (this.#nu + (t * TOO_LOW) ** 2)) ** power;
  }
}

/**
 * How both haircuts' promises were kept: over horizons that follow one another without overlap (they start at whole multiples of
 * the horizon since 1970, so at midnight UTC for 24 h), the log fall of the price against `lossQuantile` standard deviations
 * at the volatility that stood behind each haircut. Horizons without a price at both ends, at most two hours old, do not count.
 * @param promises in order of time
 */
export function calibrationsOf(
  promises: readonly PastPromise[],
  model: Pick<ModelParameters, "tailLevel" | "degreesOfFreedom" | "minimumHorizonHours">,
): Calibrations {
  const { minimumHorizonHours: hours, tailLevel } = model;
  const starts = new Map<number, PastPromise>();
  for (const promise of promises) {
    const next = Math.ceil(promise.time / (hours * HOUR_SECONDS));
    if (next * hours * HOUR_SECONDS - promise.time < LATEST_SECONDS) starts.set(next, promise);
  }
  const deviations = lossQuantile(model) * Math.sqrt(hours / YEAR_HOURS);
  const kept = (volatilityOf: (promise: PastPromise) => number): Calibration => {
    const watch = new PromiseWatch(model, hours);
    let [windows, exceeded, evidence] = [0, 0, 0];
    for (const [index, from] of starts) {
      const to = starts.get(index + 1);
      const volatility = volatilityOf(from);
      if (to === undefined || from.horizonHours !== hours || !(volatility > 0)) continue;
      const loss = Math.log(from.priceUsd / to.priceUsd);
      windows += 1;
      if (loss > deviations * volatility) exceeded += 1;
      evidence = watch.see(loss, volatility);
    }
    return { windows, exceeded, promised: 1 - tailLevel, evidence };
  };
  return {
    initial: kept(({ initialVolatility }) => initialVolatility),
    maintenance: kept(({ maintenanceVolatility }) => maintenanceVolatility),
  };
}
