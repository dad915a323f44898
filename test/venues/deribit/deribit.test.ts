import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "../../../keeper/venues/connection.ts";
import { deribit } from "../../../keeper/venues/deribit/deribit.ts";
import { type Loopback, loopback } from "../../support/loopback.ts";
import { answer, chart, healthyBook, indexRows, TAKEN } from "./sample.ts";

const HOUR = 3600;
const DAY = 86_400;
const END = Math.floor(TAKEN / HOUR) * HOUR;

/** A venue that holds hourly series up to its own clock, and pages as Deribit does. */
async function venue(clock: { now: number }, spoil: (url: URL) => string | null = () => null): Promise<Loopback> {
  return loopback((request, response) => {
    const url = new URL(request.url ?? "/", "http://x");
    const spoiled = spoil(url);
    if (spoiled !== null) {
      if (/^\d+$/.test(spoiled)) response.statusCode = Number(spoiled);
      return response.end(spoiled);
    }
    const from = Number(url.searchParams.get("start_timestamp")) / 1000;
    const to = Math.min(Number(url.searchParams.get("end_timestamp")) / 1000, clock.now);
    const count = Math.floor(to / HOUR) - Math.ceil(from / HOUR) + 1;
    const end = (Math.floor(to / HOUR) + 1) * HOUR;
    if (url.pathname.endsWith("get_book_summary_by_currency")) response.end(answer(healthyBook()));
    else if (url.pathname.endsWith("get_tradingview_chart_data")) response.end(answer(chart(Math.max(0, count), end)));
    else {
      const rows = indexRows(Math.max(0, count), end);
      const page = rows.slice(-1000);
      const more = rows.length > 1000 ? Number(page[0]?.[0]) - HOUR * 1000 : null;
      response.end(answer({ data: page, continuation: more }));
    }
  });
}

test("a board is asked for by currency and kind, under the configured address", async () => {
  const server = await venue({ now: TAKEN });
  const { observation } = await connect(deribit, { baseUrl: `${server.url}/api/v2/` }).board("ETH");
  await server.close();
  assert.deepEqual(server.requests, ["/api/v2/public/get_book_summary_by_currency?currency=ETH&kind=option"]);
  assert.equal(observation?.source, "deribit:ETH:options");
  assert.equal(observation?.quotes.length, 14);
});

test("400 days of hourly candles come in pages of 5000, oldest first", async () => {
  const server = await venue({ now: TAKEN });
  const { observation, faults } = await connect(deribit, { baseUrl: server.url }).history.candles(
    "ETH-PERPETUAL",
    TAKEN,
  );
  await server.close();
  assert.equal(server.requests.length, 2);
  assert.deepEqual(faults, []);
  assert.equal(observation?.candles.length, 400 * 24 - 1);
  assert.equal(observation?.eventTime, END);
  assert.equal(observation?.intervalSeconds, HOUR);
  assert.equal(observation?.source, "deribit:ETH-PERPETUAL:history");
});

test("the next read asks for what is new only, and for nothing within the same hour", async () => {
  const clock = { now: TAKEN };
  const server = await venue(clock);
  const source = connect(deribit, { baseUrl: server.url });
  await source.history.candles("ETH-PERPETUAL", clock.now);
  server.requests.length = 0;
  clock.now += 600;
  await source.history.candles("ETH-PERPETUAL", clock.now);
  assert.deepEqual(server.requests, []);
  clock.now += 2 * HOUR;
  const { observation, faults } = await source.history.candles("ETH-PERPETUAL", clock.now);
  await server.close();
  assert.equal(server.requests.length, 1);
  assert.match(server.requests[0] ?? "", new RegExp(`start_timestamp=${END}000&end_timestamp=${END + HOUR}000`));
  assert.deepEqual(faults, []);
  assert.equal(observation?.eventTime, END + 2 * HOUR);
  assert.ok((observation?.candles[0]?.[0] ?? 0) >= clock.now - 400 * DAY, "older candles than asked for are dropped");
});

test("what was read stays usable when the venue fails, and its age shows", async () => {
  const clock = { now: TAKEN };
  let broken = false;
  const server = await venue(clock, () => (broken ? "502" : null));
  const source = connect(deribit, { baseUrl: server.url });
  await source.history.candles("ETH-PERPETUAL", clock.now);
  broken = true;
  clock.now += 5 * HOUR;
  const { observation, faults } = await source.history.candles("ETH-PERPETUAL", clock.now);
  await server.close();
  assert.deepEqual(
    faults.map((one) => one.code),
    ["HTTP_STATUS"],
  );
  assert.equal(observation?.eventTime, END);
});

test("a first read that fails on its second page goes on there the next time", async () => {
  const clock = { now: TAKEN };
  let calls = 0;
  const server = await venue(clock, () => (++calls === 2 ? "<html>" : null));
  const source = connect(deribit, { baseUrl: server.url });
  const first = await source.history.candles("ETH-PERPETUAL", clock.now);
  assert.deepEqual(
    first.faults.map((one) => one.code),
    ["NOT_JSON"],
  );
  const second = await source.history.candles("ETH-PERPETUAL", clock.now);
  await server.close();
  assert.deepEqual(second.faults, []);
  assert.equal(second.observation?.candles.length, 400 * 24 - 1);
  assert.equal(calls, 3);
});

test("a hole is a GAP with a count, and a bar that came damaged is asked for again", async () => {
  const clock = { now: TAKEN };
  let damaged = true;
  const server = await venue(clock, (url) => {
    if (!damaged || !url.pathname.endsWith("chart_data")) return null;
    const page = chart(72, END);
    page.close[60] = null;
    return answer(page);
  });
  const source = connect(deribit, { baseUrl: server.url });
  const first = await source.history.candles("ETH-PERPETUAL", clock.now, 3);
  assert.deepEqual(
    first.faults.map((one) => [one.code, one.count]),
    [
      ["NOT_FINITE", 1],
      ["GAP", 1],
    ],
  );
  damaged = false;
  const second = await source.history.candles("ETH-PERPETUAL", clock.now, 3);
  await server.close();
  assert.equal(second.observation?.candles.length, 71);
  assert.deepEqual(
    second.faults.filter((one) => one.code === "GAP"),
    [],
  );
});

test("closed bars that come back with other numbers are kept as first read, with a fault", async () => {
  const clock = { now: TAKEN };
  let price = 3000;
  const server = await venue(clock, (url) => {
    if (!url.pathname.endsWith("chart_data")) return null;
    const page = chart(72, END, price);
    for (const column of [page.ticks, page.open, page.high, page.low, page.close, page.volume]) column.splice(60, 1);
    return answer(page);
  });
  const source = connect(deribit, { baseUrl: server.url });
  const first = await source.history.candles("ETH-PERPETUAL", clock.now, 3);
  price = 3500;
  const second = await source.history.candles("ETH-PERPETUAL", clock.now, 3);
  await server.close();
  assert.deepEqual(second.observation?.candles, first.observation?.candles);
  assert.equal(
    second.faults.some((one) => one.code === "INCONSISTENT"),
    true,
  );
});

test("the index is paged back by continuation and remembered", async () => {
  const clock = { now: TAKEN };
  const server = await venue(clock);
  const source = connect(deribit, { baseUrl: server.url });
  const { observation, faults } = await source.history.index("ETH", clock.now, 100);
  assert.deepEqual(faults, []);
  assert.equal(server.requests.length, 3);
  assert.equal(observation?.closes.length, 2399);
  assert.equal(observation?.eventTime, END);
  assert.equal(observation?.closes.at(-1)?.[0], END);
  server.requests.length = 0;
  clock.now += HOUR;
  const next = await source.history.index("ETH", clock.now, 100);
  await server.close();
  assert.equal(server.requests.length, 1);
  assert.equal(next.observation?.eventTime, END + HOUR);
});

test("a venue that pages in circles is left after the first turn", async () => {
  const rows = indexRows(5, END);
  const body = answer({ data: rows, continuation: (END + DAY) * 1000 });
  const server = await venue({ now: TAKEN }, () => body);
  const { faults } = await connect(deribit, { baseUrl: server.url }).history.index("ETH", TAKEN, 100);
  await server.close();
  assert.equal(server.requests.length, 1);
  assert.deepEqual(
    faults.map((one) => one.code),
    ["INCONSISTENT"],
  );
});

test("a series with nothing in it is EMPTY", async () => {
  const server = await venue({ now: 0 });
  const source = connect(deribit, { baseUrl: server.url });
  const history = await source.history.candles("ETH-PERPETUAL", TAKEN);
  const index = await source.history.index("ETH", TAKEN);
  await server.close();
  for (const observed of [history, index]) {
    assert.equal(observed.observation, null);
    assert.deepEqual(
      observed.faults.map((one) => one.code),
      ["EMPTY"],
    );
  }
});

test("the venue's own refusal is VENUE_ERROR, whatever its status", async () => {
  const server = await loopback((_, response) => {
    response.statusCode = 400;
    response.end('{"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params"}}');
  });
  const { faults } = await connect(deribit, { baseUrl: server.url }).board("XYZ");
  await server.close();
  assert.deepEqual(faults, [
    { code: "VENUE_ERROR", source: "deribit:XYZ:options", detail: "code -32602: Invalid params" },
  ]);
});

test("after 429 the venue is left alone as long as it asks, and an impatient caller is not held", async () => {
  const server = await loopback((_, response) => {
    response.writeHead(429, { "retry-after": "600" });
    response.end();
  });
  const source = connect(deribit, { baseUrl: server.url });
  const first = await source.board("ETH");
  const second = await source.board("ETH", AbortSignal.timeout(30));
  await server.close();
  assert.equal(first.faults[0]?.code, "HTTP_STATUS");
  assert.equal(second.faults[0]?.code, "UNREACHABLE");
  assert.equal(server.requests.length, 1);
});

test("connections share nothing", async () => {
  const server = await venue({ now: TAKEN });
  await connect(deribit, { baseUrl: server.url }).history.candles("ETH-PERPETUAL", TAKEN, 3);
  await connect(deribit, { baseUrl: server.url }).history.candles("ETH-PERPETUAL", TAKEN, 3);
  await server.close();
  assert.equal(server.requests.length, 2);
});

test("a connection that finds the venue silent goes by what the one before it kept, and asks for all of it once it answers", async () => {
  let kept: unknown = null;
  const memory = {
    recall: async () => kept,
    keep: async (_: string, points: unknown) => {
      kept = points;
    },
  };
  let silent = false;
  const server = await venue({ now: TAKEN }, () => (silent ? "503" : null));
  const open = () => connect(deribit, { baseUrl: server.url, memory });
  const before = await open().history.candles("ETH-PERPETUAL", TAKEN);
  silent = true;
  const source = open();
  const during = await source.history.candles("ETH-PERPETUAL", TAKEN);
  assert.deepEqual(during.observation, before.observation);
  assert.deepEqual(
    during.faults.map(({ code, count }) => [code, count]),
    [["HTTP_STATUS", undefined]],
  );
  silent = false;
  server.requests.length = 0;
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const after = await source.history.candles("ETH-PERPETUAL", TAKEN);
  await server.close();
  assert.deepEqual(after, before);
  assert.equal(server.requests.length, 2, "both pages");
});
