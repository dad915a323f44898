import type { Observed, OptionBoard, PriceHistory, VolatilityIndex } from "../domain/observation.ts";
import type { RateLimit } from "../io/rateLimit.ts";
import type { SeriesMemory } from "./seriesMemory.ts";

/** How to reach a venue; everything has a default. */
export type VenueSettings = {
  /** The API's address without a trailing slash; a replay venue's address here plays a recording. */
  readonly baseUrl?: string;
  /** For one request, milliseconds. */
  readonly timeoutMs?: number;
  /** Largest body, bytes. */
  readonly maxBytes?: number;
  /** Default: the venue's documented limit, and practically none on loopback. */
  readonly rateLimit?: RateLimit;
  /** Where series outlive the process; absent: nowhere. */
  readonly memory?: SeriesMemory;
};

/**
 * An open connection to a venue that lists options. Reads never throw for what the venue does: every answer is an
 * observation, or null with named faults.
 */
export type BoardSource = {
  /** Every option of one currency, e.g. "ETH", prices in coin. */
  readOptionBoard(currency: string, signal?: AbortSignal): Promise<Observed<OptionBoard>>;
};

/**
 * A venue that publishes a volatility index and candles too. Series are remembered, so that each read asks only for what
 * is new. `now` is Unix seconds by the keeper's clock; `days` is how far back a series reaches.
 */
export type OptionsSource = BoardSource & {
  /** Hourly closes of the venue's volatility index. Default 30 days. */
  readVolatilityIndex(
    currency: string,
    now: number,
    days?: number,
    signal?: AbortSignal,
  ): Promise<Observed<VolatilityIndex>>;
  /** Hourly candles of one instrument, e.g. "ETH-PERPETUAL". Default 400 days. */
  readPriceHistory(
    instrument: string,
    now: number,
    days?: number,
    signal?: AbortSignal,
  ): Promise<Observed<PriceHistory>>;
};

/** One venue: its name, where it lives, and how to open it. */
export type OptionsVenue<Source extends BoardSource = BoardSource> = {
  readonly id: string;
  readonly baseUrl: string;
  /** Opens nothing yet: the first read does. Each connection has its own memory and rate limit. */
  connect(settings?: VenueSettings): Source;
};
