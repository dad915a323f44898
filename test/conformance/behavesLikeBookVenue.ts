import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FAULTS, type FaultCode } from "../../keeper/domain/fault.ts";
import type { Observed, OrderBook } from "../../keeper/domain/observation.ts";
import { implausibility } from "../../keeper/quality/acceptance.ts";
import { connect } from "../../keeper/venues/connection.ts";
import type { Venue } from "../../keeper/venues/venue.ts";
import { loopback } from "../support/loopback.ts";
import { near } from "../support/near.ts";
import { type Bodies, MARKET, type Sides } from "../venues/books/sample.ts";
import { TAKEN } from "../venues/sampleSmile.ts";
import { mutatedBody } from "./mutatedBody.ts";

export type BookRecording = {
  readonly market: string;
  readonly spell: (
    sides: { bids: readonly (readonly unknown[])[]; asks: readonly (readonly unknown[])[] },
    time?: number,
  ) => Bodies;
  readonly parse: (bodies: Bodies) => Observed<OrderBook>;
  /** The venue's own error object. */
  readonly refusal: string;
  /** Names of markets whose sizes the adapter cannot read. */
  readonly foreign: readonly string[];
};

const { bids, asks } = MARKET;
const [best, second, ...rest] = bids;
/** One side changed in one way, and what it must be called; the book is refused unless `kept` levels remain. */
const SPOILED: readonly (readonly [
  sentence: string,
  sides: Parameters<BookRecording["spell"]>[0],
  code: FaultCode,
  kept?: number,
])[] = [
  ["a price of zero", { bids: [[0, 1], ...bids], asks }, "NOT_POSITIVE", 8],
  ["a negative size", { bids: [[2999.9, -1], ...bids], asks }, "NOT_POSITIVE", 8],
  ["a size of null", { bids: [[2999.9, null], ...bids], asks }, "NOT_FINITE", 8],
  ["a level of text", { bids: [["x", "y"], ...bids], asks }, "SCHEMA", 8],
  ["a level of one number", { bids: [[2999.9], ...bids], asks }, "SCHEMA", 8],
  ["a size of ten million coins", { bids: [[2999.9, 1e7], ...bids], asks }, "UNIT_SUSPECT", 8],
  ["bids that rise", { bids: [second ?? [], best ?? [], ...rest], asks }, "OUT_OF_ORDER"],
  ["asks that fall", { bids, asks: asks.toReversed() }, "OUT_OF_ORDER"],
  ["one price twice", { bids: [best ?? [], best ?? [], ...bids.slice(1)], asks }, "DUPLICATE"],
  ["bids above the asks", { bids: asks.toReversed(), asks: bids.toReversed() }, "CROSSED"],
  ["a locked book", { bids: [[3000.5, 1], ...bids], asks }, "CROSSED"],
  ["a spread of 5 %", { bids: bids.map(([price, size]) => [price * 0.95, size]), asks }, "WIDE"],
  ["four bids", { bids: bids.slice(0, 4), asks }, "TOO_FEW"],
  ["no asks", { bids, asks: [] }, "TOO_FEW"],
];

/** The whole test of a venue of order books. */
export function behavesLikeBookVenue(venue: Venue & Required<Pick<Venue, "book">>, recording: BookRecording): void {
  const { market, spell, parse, refusal } = recording;
  const source = `${venue.id}:${market}:book`;
  const healthy = spell(MARKET);
  const code = (observed: Observed<OrderBook>) => observed.faults[0]?.code;
  const bookOf = (url: string) =>
    connect<Venue>(venue, { baseUrl: url, spotUrl: url, timeoutMs: 10_000 }).book ?? assert.fail("no book");
  const observe = async (bodies: Bodies, status = 200, signal?: AbortSignal): Promise<Observed<OrderBook>> => {
    const server = await loopback((request, response) => {
      const path = Object.keys(bodies).find((piece) => request.url?.includes(piece));
      assert.ok(path !== undefined, `nobody documented ${request.url}`);
      response.statusCode = status;
      response.end(bodies[path]);
    });
    try {
      return await bookOf(server.url)(market, signal);
    } finally {
      await server.close();
    }
  };
  const all = (body: string): Bodies => Object.fromEntries(Object.keys(healthy).map((path) => [path, body]));

  test(`${venue.id} books: a healthy book comes through in coin, best first, with the venue's time`, async () => {
    const observed = await observe(healthy);
    assert.deepEqual(observed.faults, []);
    assert.equal(observed.source, source);
    const book = observed.observation ?? assert.fail();
    assert.deepEqual([book.source, book.market, book.eventTime], [source, market, TAKEN]);
    for (const side of ["bids", "asks"] as const) assertLevels(book[side], MARKET[side]);
    assert.equal(implausibility(book), null);
  });

  for (const [sentence, sides, expected, kept] of SPOILED) {
    test(`${venue.id} books: ${sentence} is ${expected}`, () => {
      const observed = parse(spell(sides));
      assert.ok(
        observed.faults.some((one) => one.code === expected),
        JSON.stringify(observed.faults),
      );
      assert.equal(observed.observation?.bids.length, kept);
    });
  }

  test(`${venue.id} books: what is no book is named`, async () => {
    assert.equal(code(await observe(all("<html>"))), "NOT_JSON");
    assert.equal(code(await observe(all(""))), "EMPTY");
    assert.equal(code(await observe(all("{}"))), "SCHEMA");
    assert.equal(code(await observe(all(refusal))), "VENUE_ERROR");
    assert.equal(code(await observe(healthy, 502)), "HTTP_STATUS");
    assert.equal(code(await observe(healthy, 200, AbortSignal.abort())), "UNREACHABLE");
  });

  test(`${venue.id} books: a market in another unit is a wrong argument`, async () => {
    const read = bookOf("http://127.0.0.1:9");
    for (const name of ["", "nonsense!", ...recording.foreign]) {
      await assert.rejects(read(name), { code: "BAD_ARGUMENT" }, name);
    }
  });

  test(`${venue.id} books: 2500 mutated answers never throw, and never give a book that is out of order or too large`, () => {
    const paths = Object.keys(healthy);
    const property = fc.property(
      fc.constantFrom(...paths).chain((path) => mutatedBody(healthy[path] ?? "").map((body) => ({ [path]: body }))),
      (changed) => {
        const { observation, faults } = parse({ ...healthy, ...changed });
        for (const one of faults) assert.ok(one.code in FAULTS && one.source === source && one.detail.length < 400);
        if (observation === null) assert.ok(faults.length > 0, "nothing observed and no fault named");
        else assertSoundBook(observation, faults.length === 0);
      },
    );
    fc.assert(property, { numRuns: 2500, seed: 20_261_121 });
  });
}

function assertLevels(found: OrderBook["bids"], expected: Sides["bids"]): void {
  assert.equal(found.length, expected.length);
  for (const [at, [price, size]] of found.entries()) {
    assert.equal(price, expected[at]?.[0]);
    near(size, expected[at]?.[1] ?? 0, 1e-12);
  }
}

function assertSoundBook(book: OrderBook, faultless: boolean): void {
  for (const [sign, levels] of [[-1, book.bids] as const, [1, book.asks] as const]) {
    assert.ok(levels.length >= 5 && (!faultless || levels.length <= 16));
    for (const [at, [price, size]] of levels.entries()) {
      assert.ok(price > 0 && size > 0 && price * size <= 1e9, `${price} x ${size}`);
      assert.ok(at === 0 || sign * (price - (levels[at - 1]?.[0] ?? Number.NaN)) > 0, "out of order");
    }
  }
  assert.ok((book.bids[0]?.[0] ?? 0) < (book.asks[0]?.[0] ?? 0), "crossed");
  assert.ok(Number.isInteger(book.eventTime) && book.eventTime > 1e9 && book.eventTime < 1e11);
}
