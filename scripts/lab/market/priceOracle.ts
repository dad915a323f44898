import { requireRange } from "../../../keeper/domain/errors.ts";

/** How a price feed follows the market. All zero: it is the market's price at every moment. */
export type OracleSettings = {
  /** Reports when the market is further from the last report than this fraction. */
  readonly deviation: number;
  /** Reports at least once in so many steps; 0: with every step. */
  readonly heartbeatSteps: number;
  /** Steps from a report to the moment at which the lender reads it. */
  readonly latencySteps: number;
};

/** A price feed with deviation threshold, heartbeat and latency. */
export class PriceOracle {
  readonly #settings: OracleSettings;
  /** What its oracle says instead (a wrong print, a price written into the code); null: the feed is right. */
  said: number | null = null;
  #read: number;
  #reported: number;
  #reportedAt = 0;
  #pending: { readonly price: number; readonly at: number }[] = [];

  constructor(settings: OracleSettings, price: number) {
    requireRange("deviation", settings.deviation, 0, 1);
    requireRange("heartbeatSteps", settings.heartbeatSteps, 0, Number.MAX_SAFE_INTEGER);
    requireRange("latencySteps", settings.latencySteps, 0, Number.MAX_SAFE_INTEGER);
    this.#settings = settings;
    this.#read = price;
    this.#reported = price;
  }

  /** What the lender reads. */
  get price(): number {
    return this.said ?? this.#read;
  }

  /** Fraction by which it may stand beside the market without being wrong. */
  get tolerance(): number {
    return this.#settings.deviation;
  }

  /** True when a sale shows in the lender's price within its own step. */
  get isInstant(): boolean {
    return this.#settings.deviation === 0 && this.#settings.latencySteps === 0;
  }

  /** Takes the market's price at a step, once or, when sales move it, several times. */
  observe(market: number, step: number): void {
    const { deviation, heartbeatSteps, latencySteps } = this.#settings;
    const due = Math.abs(market / this.#reported - 1) > deviation || step - this.#reportedAt >= heartbeatSteps;
    if (due) {
      this.#reported = market;
      this.#reportedAt = step;
      if (latencySteps === 0) this.#read = market;
      else this.#pending.push({ price: market, at: step + latencySteps });
    }
    while (this.#pending[0] !== undefined && this.#pending[0].at <= step) {
      this.#read = (this.#pending.shift() as { price: number }).price;
    }
  }
}
