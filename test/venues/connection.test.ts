import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, it, test } from "node:test";
import { fault } from "../../keeper/domain/fault.ts";
import type { Observed, OptionBoard, OrderBook } from "../../keeper/domain/observation.ts";
import { connect } from "../../keeper/venues/connection.ts";
import { uniswapV3 } from "../../keeper/venues/uniswapV3/uniswapV3.ts";
import type { Api, Ask, ReadBoard, ReadBook, VenueSettings } from "../../keeper/venues/venue.ts";
import { loopback } from "../support/loopback.ts";
import { smileBoard } from "../support/smileBoard.ts";

const POLITE: Api = {
  url: "http://127.0.0.1:9",
  rateLimit: { perSecond: 1, burst: 1 },
  restMs: (status, head) => (status === 429 || head.startsWith("slow down") ? 60_000 : 0),
  open: (body, source) => (body.startsWith("no:") ? { fault: fault("VENUE_ERROR", source, body) } : {}),
};

/** What a venue of this API asks with. */
function askVenue(url: string, settings: VenueSettings, api: Api): Ask {
  const asks: Ask[] = [];
  const board = (ask: Ask): ReadBoard => {
    asks.push(ask);
    return assert.fail;
  };
  connect({ id: "x", api, board }, { ...settings, baseUrl: url });
  return asks[0] ?? assert.fail("not opened");
}

async function against<T>(
  serve: (response: ServerResponse, url: string) => void,
  use: (url: string, requests: readonly string[]) => Promise<T>,
): Promise<T> {
  const server = await loopback((request, response) => serve(response, request.url ?? ""));
  try {
    return await use(server.url, server.requests);
  } finally {
    await server.close();
  }
}

test("a method is asked below the base address, with its parameters escaped, and its body comes back", async () => {
  await against(
    (response) => response.end("body"),
    async (url, requests) => {
      const ask = askVenue(`${url}/v5//`, {}, POLITE);
      assert.deepEqual(await ask("market/x", { a: "b c", n: 1 }, "s", undefined), { body: "body" });
      assert.deepEqual(await ask("plain", {}, "s", undefined), { body: "body" });
      assert.deepEqual(requests, ["/v5/market/x?a=b+c&n=1", "/v5/plain"]);
    },
  );
});

test("the bucket of the settings is kept: the second request waits, and one who will not wait is let go", async () => {
  await against(
    (response) => response.end("ok"),
    async (url, requests) => {
      const ask = askVenue(url, { rateLimit: { perSecond: 0.01, burst: 1 } }, POLITE);
      assert.deepEqual(await ask("a", {}, "s", undefined), { body: "ok" });
      const second = await ask("b", {}, "s", AbortSignal.timeout(30));
      assert.deepEqual(second, { fault: fault("UNREACHABLE", "s", "aborted by the caller") });
      assert.equal(requests.length, 1);
    },
  );
});

test("a refusal with the venue's own error object is VENUE_ERROR, any other status HTTP_STATUS", async () => {
  await against(
    (response, url) => {
      response.statusCode = 400;
      response.end(url.includes("own") ? "no: wrong pair" : "<html>");
    },
    async (url) => {
      const ask = askVenue(url, {}, POLITE);
      const code = async (path: string) => {
        const answer = await ask(path, {}, "s", undefined);
        return "fault" in answer ? answer.fault.code : null;
      };
      assert.equal(await code("own"), "VENUE_ERROR");
      assert.equal(await code("other"), "HTTP_STATUS");
    },
  );
});

test("a body of status 200 that says slow down is handed on, and the venue left alone", async () => {
  await against(
    (response) => response.end("slow down please"),
    async (url, requests) => {
      const ask = askVenue(url, {}, POLITE);
      assert.deepEqual(await ask("a", {}, "s", undefined), { body: "slow down please" });
      assert.ok("fault" in (await ask("a", {}, "s", AbortSignal.timeout(30))));
      assert.equal(requests.length, 1);
    },
  );
});

test("Retry-After goes before the venue's usual rest", async () => {
  await against(
    (response) => {
      response.writeHead(429, { "retry-after": "0" });
      response.end();
    },
    async (url, requests) => {
      const ask = askVenue(url, {}, POLITE);
      await ask("a", {}, "s", undefined);
      await ask("a", {}, "s", AbortSignal.timeout(1_000));
      assert.equal(requests.length, 2);
    },
  );
});

for (const [status, seconds] of [
  [503, 1],
  [429, 600],
  [503, 86_400],
] as const) {
  test(`a venue that asks by ${status} for a rest of ${seconds} s holds nobody: it is UNREACHABLE at once`, async () => {
    await against(
      (response) => response.writeHead(status, { "retry-after": String(seconds) }).end(),
      async (url, requests) => {
        const ask = askVenue(url, {}, { ...POLITE, restMs: () => 1 });
        await ask("a", {}, "s", undefined);
        const began = performance.now();
        const again = await Promise.all(["b", "c"].map((path) => ask(path, {}, "s", undefined)));
        assert.deepEqual(again[0], { fault: fault("UNREACHABLE", "s", "left alone, as the venue asked") });
        assert.deepEqual(again[1], again[0]);
        assert.ok(performance.now() - began < 500);
        assert.equal(requests.length, 1);
      },
    );
  });
}

test("only this machine is asked without the venue's limit", async () => {
  await against(
    (response) => response.end("ok"),
    async (url) => {
      const { port } = new URL(url);
      const secondOf = async (baseUrl: string) => {
        const ask = askVenue(baseUrl, { timeoutMs: 1_000 }, { ...POLITE, rateLimit: { perSecond: 0.01, burst: 1 } });
        await ask("a", {}, "s", AbortSignal.timeout(1));
        const second = await ask("b", {}, "s", AbortSignal.timeout(300));
        return "fault" in second ? second.fault.detail : second.body;
      };
      for (const here of [url, `http://localhost:${port}`]) assert.equal(await secondOf(here), "ok", here);
      const waits = "aborted by the caller";
      for (const there of ["http://127.0.0.2:9", "http://127.0.0.12:9"])
        assert.equal(await secondOf(there), waits, there);
    },
  );
});

test("a venue without an HTTP API is a wrong argument", () => {
  assert.throws(() => connect(uniswapV3), { code: "BAD_ARGUMENT", message: /uniswapV3/ });
});

test("each connection of a book is opened at the address of books where there is one", async () => {
  const books = {
    id: "x",
    book:
      (ask: Ask): ReadBook =>
      async (_, signal) =>
        refusedBy(await ask("b", {}, "s", signal)),
  };
  const options = await loopback((_, response) => response.end("options"));
  const spot = await loopback((_, response) => response.end("spot"));
  const api = { ...POLITE, url: options.url };
  await connect({ ...books, api }).book("m");
  await connect({ ...books, api: { ...api, spotUrl: spot.url } }).book("m");
  await connect({ ...books, api: { ...api, spotUrl: spot.url } }, { baseUrl: "http://127.0.0.1:9" }).book("m");
  await connect({ ...books, api: { ...api, spotUrl: "http://127.0.0.1:9" } }, { spotUrl: spot.url }).book("m");
  await options.close();
  await spot.close();
  assert.deepEqual([options.requests.length, spot.requests.length], [1, 3]);
});

describe("boards of a connection", () => {
  const board = smileBoard();
  const at = (seconds: number, change: Partial<OptionBoard> = {}): Observed<OptionBoard> => ({
    source: board.source,
    observation: { ...board, eventTime: board.eventTime + seconds, ...change },
    faults: [],
  });
  const codes = (observed: Observed<OptionBoard>) => observed.faults.map((one) => one.code);
  /** A connection whose venue answers what it is given, for any currency. */
  const watch = () => {
    let next = at(0);
    const { board: read } = connect({ id: "x", api: POLITE, board: (): ReadBoard => async () => next });
    return (answer: Observed<OptionBoard>, currency = "ETH") => {
      next = answer;
      return read(currency);
    };
  };

  it("are live for a minute of the venue's clock with the same quotes, and frozen after it", async () => {
    const read = watch();
    for (const seconds of [0, 1, 59, 60]) assert.deepEqual(codes(await read(at(seconds))), []);
    const frozen = await read(at(61));
    assert.deepEqual(codes(frozen), ["FROZEN"]);
    assert.equal(frozen.observation, null);
    assert.match(frozen.faults[0]?.detail ?? "", /61 s/);
  });

  it("start the minute anew with one quote or the index that moves", async () => {
    const read = watch();
    await read(at(0));
    assert.deepEqual(codes(await read(at(50, { indexUsd: board.indexUsd + 0.01 }))), []);
    const [first, ...rest] = board.quotes;
    const moved = first === undefined ? [] : [{ ...first, markCoin: first.markCoin * 1.0001 }, ...rest];
    assert.deepEqual(codes(await read(at(100, { quotes: moved }))), []);
    assert.deepEqual(codes(await read(at(160, { quotes: moved }))), []);
    assert.deepEqual(codes(await read(at(161, { quotes: moved }))), ["FROZEN"]);
  });

  it("are live again with the first new number", async () => {
    const read = watch();
    await read(at(0));
    assert.deepEqual(codes(await read(at(3600))), ["FROZEN"]);
    assert.deepEqual(codes(await read(at(3601, { indexUsd: 1 }))), []);
  });

  it("pass as they are when the answer failed, which changes nothing", async () => {
    const read = watch();
    await read(at(0));
    const failed: Observed<OptionBoard> = { source: board.source, observation: null, faults: [] };
    assert.equal(await read(failed), failed);
    assert.deepEqual(codes(await read(at(61))), ["FROZEN"]);
  });

  it("are no fault here when the clock stands still with its numbers: such a board grows old by itself", async () => {
    const read = watch();
    for (let i = 0; i < 10; i += 1) assert.deepEqual(codes(await read(at(0))), []);
  });

  it("are watched for each currency apart", async () => {
    const read = watch();
    await read(at(0));
    assert.deepEqual(codes(await read(at(61), "BTC")), []);
  });
});

function refusedBy(answer: Awaited<ReturnType<Ask>>): Observed<OrderBook> {
  return { source: "s", observation: null, faults: "fault" in answer ? [answer.fault] : [] };
}
