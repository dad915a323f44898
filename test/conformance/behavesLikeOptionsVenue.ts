import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import type { FaultCode } from "../../keeper/domain/fault.ts";
import type { Observation, Observed, OptionBoard } from "../../keeper/domain/observation.ts";
import { freshnessFault } from "../../keeper/quality/freshness.ts";
import type { OptionsSource, OptionsVenue } from "../../keeper/venues/optionsVenue.ts";
import { loopback } from "../support/loopback.ts";

/** What every options venue must survive in its own records; a new venue says how it would send each. */
export const MISBEHAVIOURS = {
  nanMark: { code: "NOT_FINITE", sentence: "a mark that is not a number" },
  zeroMark: { code: "NOT_POSITIVE", sentence: "a mark of zero" },
  zeroBid: { code: "NOT_POSITIVE", sentence: "a bid of zero" },
  crossed: { code: "CROSSED", sentence: "a bid above the ask" },
  duplicated: { code: "DUPLICATE", sentence: "an instrument sent twice" },
  unitOfVolatility: { code: "UNIT_SUSPECT", sentence: "volatility in the other unit (percent for fraction)" },
  expired: { code: "INCONSISTENT", sentence: "an option already expired" },
  notAnOption: { code: "SCHEMA", sentence: "an instrument that is no option" },
  missingField: { code: "SCHEMA", sentence: "a record without a field that is needed" },
  empty: { code: "EMPTY", sentence: "a list without records" },
  refusal: { code: "VENUE_ERROR", sentence: "the venue's own error object" },
  otherShape: { code: "SCHEMA", sentence: "JSON of another shape" },
} as const satisfies Record<string, { code: FaultCode; sentence: string }>;
export type Misbehaviour = keyof typeof MISBEHAVIOURS;

/** One healthy answer of each kind, and each misbehaviour as this venue would send it. */
export type VenueRecording = {
  /** When it was taken, Unix seconds. */
  readonly now: number;
  readonly currency: string;
  readonly instrument: string;
  /** Which read a request belongs to. */
  readonly kindOf: (path: string) => "board" | "index" | "history";
  /** Bodies; `board` takes the event time, Unix seconds. */
  readonly board: (eventTime: number) => string;
  readonly index: string;
  readonly history: string;
  readonly spoiledBoard: Readonly<Record<Misbehaviour, string>>;
};

type Serve = (response: ServerResponse) => void;
type Read = (source: OptionsSource, signal?: AbortSignal) => Promise<Observed<Observation>>;

/** The whole test of an options venue: its adapter against a loopback server that misbehaves in every known way. */
export function behavesLikeOptionsVenue(venue: OptionsVenue, recording: VenueRecording): void {
  const { now, currency, instrument } = recording;
  const reads: Readonly<Record<"board" | "index" | "history", Read>> = {
    board: (source, signal) => source.readOptionBoard(currency, signal),
    index: (source, signal) => source.readVolatilityIndex(currency, now, 2, signal),
    history: (source, signal) => source.readPriceHistory(instrument, now, 2, signal),
  };
  /** One read against a server that answers every request with `serve`. */
  const observe = async (read: Read, serve: Serve, signal?: AbortSignal): Promise<Observed<Observation>> => {
    const server = await loopback((_, response) => serve(response));
    try {
      const source = venue.connect({ baseUrl: server.url, timeoutMs: 150, maxBytes: 2_000_000 });
      return await read(source, signal);
    } finally {
      await server.close();
    }
  };
  const says = (body: string, status = 200): Serve => {
    return (response) => {
      response.statusCode = status;
      response.end(body);
    };
  };
  const healthy = { board: recording.board(now), index: recording.index, history: recording.history };
  const boardOf = (observed: Observed<Observation>): OptionBoard => {
    assert.equal(observed.observation?.kind, "optionBoard");
    return observed.observation as OptionBoard;
  };
  const first = (observed: Observed<Observation>) => observed.faults[0]?.code;

  test(`${venue.id}: healthy answers come through in fractions and USD, without faults`, async () => {
    const server = await loopback((request, response) => response.end(healthy[recording.kindOf(request.url ?? "")]));
    const source = venue.connect({ baseUrl: server.url });
    const all = [await reads.board(source), await reads.index(source), await reads.history(source)];
    await server.close();
    for (const one of all) {
      assert.deepEqual(one.faults, []);
      assert.equal(one.source, one.observation?.source);
      assert.ok(one.source.startsWith(`${venue.id}:`));
      assertSound(one.observation);
    }
  });

  for (const [name, { code, sentence }] of Object.entries(MISBEHAVIOURS)) {
    test(`${venue.id}: ${sentence} is ${code}`, async () => {
      const observed = await observe(reads.board, says(recording.spoiledBoard[name as Misbehaviour]));
      assert.ok(
        observed.faults.some((one) => one.code === code),
        JSON.stringify(observed.faults),
      );
      assertSound(observed.observation);
    });
  }

  for (const kind of ["board", "index", "history"] as const) {
    const read = reads[kind];
    test(`${venue.id}: ${kind}: a web page instead of JSON is NOT_JSON`, async () => {
      assert.equal(first(await observe(read, says("<html><h1>Just a moment...</h1></html>"))), "NOT_JSON");
    });
    test(`${venue.id}: ${kind}: an answer cut short is TRUNCATED`, async () => {
      const body = healthy[kind].slice(0, Math.floor(healthy[kind].length * 0.7));
      assert.equal(first(await observe(read, says(body))), "TRUNCATED");
    });
    test(`${venue.id}: ${kind}: status 502 is HTTP_STATUS`, async () => {
      assert.equal(first(await observe(read, says("<html>Bad Gateway</html>", 502))), "HTTP_STATUS");
    });
    test(`${venue.id}: ${kind}: an empty body is EMPTY`, async () => {
      assert.equal(first(await observe(read, says(""))), "EMPTY");
    });
    test(`${venue.id}: ${kind}: a socket that hangs is UNREACHABLE`, async () => {
      assert.equal(first(await observe(read, () => undefined)), "UNREACHABLE");
    });
    test(`${venue.id}: ${kind}: a caller who gives up is not held`, async () => {
      assert.equal(first(await observe(read, () => undefined, AbortSignal.abort())), "UNREACHABLE");
    });
    test(`${venue.id}: ${kind}: a 50 MB body is TOO_LARGE and never held`, async () => {
      const chunk = Buffer.alloc(1_000_000, 0x20);
      let sent = 0;
      const observed = await observe(read, (response) => {
        const push = (): void => {
          while (sent < 50e6 && !response.destroyed) {
            sent += chunk.length;
            if (!response.write(chunk)) return void response.once("drain", push);
          }
          response.end();
        };
        push();
      });
      assert.equal(first(observed), "TOO_LARGE");
      assert.ok(sent < 25e6, `took ${sent} bytes of a body capped at 2 MB`);
    });
  }

  test(`${venue.id}: a stale board carries its own time, so that its age is seen`, async () => {
    const board = boardOf(await observe(reads.board, says(recording.board(now - 3600))));
    assert.equal(freshnessFault(board, now, { maxAgeSeconds: 60, maxFutureSeconds: 5 })?.code, "STALE");
  });

  test(`${venue.id}: a board from the future carries its own time, so that the skew is seen`, async () => {
    const board = boardOf(await observe(reads.board, says(recording.board(now + 600))));
    assert.equal(freshnessFault(board, now, { maxAgeSeconds: 60, maxFutureSeconds: 5 })?.code, "FUTURE");
  });

  test(`${venue.id}: a frozen payload parses to the same board every time, and so grows old`, async () => {
    const server = await loopback((_, response) => response.end(healthy.board));
    const source = venue.connect({ baseUrl: server.url });
    const boards = [await reads.board(source), await reads.board(source)].map(boardOf);
    await server.close();
    assert.deepEqual(boards[0], boards[1]);
    const limits = { maxAgeSeconds: 60, maxFutureSeconds: 5 };
    assert.equal(freshnessFault(boards[1] as OptionBoard, now + 61, limits)?.code, "STALE");
  });
}

/** Every number of an observation is finite and every volatility a fraction in (0, 10]. */
export function assertSound(observation: Observation | null): void {
  if (observation === null) return;
  const finite = (...values: readonly (number | null)[]) => {
    for (const value of values)
      assert.ok(value === null || Number.isFinite(value), `${value} in ${observation.source}`);
  };
  const volatility = (value: number | null) => {
    assert.ok(value === null || (value > 0 && value <= 10), `volatility ${value} in ${observation.source}`);
  };
  finite(observation.eventTime);
  if (observation.kind === "optionBoard") {
    finite(observation.indexUsd);
    assert.equal(new Set(observation.quotes.map((quote) => quote.instrument)).size, observation.quotes.length);
    for (const quote of observation.quotes) {
      finite(quote.bidCoin, quote.askCoin, quote.markCoin, quote.forwardUsd, quote.openInterest, quote.strike);
      volatility(quote.markIv);
      assert.ok(quote.markCoin > 0 && quote.forwardUsd > 0 && quote.openInterest >= 0);
      assert.ok((quote.bidCoin ?? 0) <= (quote.askCoin ?? Number.POSITIVE_INFINITY));
    }
  } else if (observation.kind === "volatilityIndex") {
    for (const [time, vol] of observation.closes) {
      finite(time);
      volatility(vol);
    }
    assertAscending(observation.closes.map(([time]) => time));
  } else if (observation.kind === "priceHistory") {
    for (const candle of observation.candles) {
      finite(...candle);
      assert.ok(Math.min(candle[1], candle[2], candle[3], candle[4]) > 0 && candle[5] >= 0);
      assert.ok(candle[3] <= candle[1] && candle[1] <= candle[2] && candle[3] <= candle[4] && candle[4] <= candle[2]);
    }
    assertAscending(observation.candles.map(([time]) => time));
  }
}

function assertAscending(times: readonly number[]): void {
  for (let at = 1; at < times.length; at += 1)
    assert.ok((times[at - 1] ?? 0) < (times[at] ?? 0), "times not ascending");
}
