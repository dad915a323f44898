import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, it, test } from "node:test";
import { HOUR_SECONDS } from "../../keeper/domain/calendar.ts";
import { connect } from "../../keeper/venues/connection.ts";
import { deribit } from "../../keeper/venues/deribit/deribit.ts";
import { shareVenues } from "../../keeper/venues/sharedReads.ts";
import type { VenueShare } from "../../keeper/venues/venue.ts";
import { loopback } from "../support/loopback.ts";

const RULES = { failed: (value: string) => value.startsWith("no"), signal: undefined, aborted: () => "aborted" };

/** Chains that share, a clock that the test sets, and reads that are counted. */
function chains(...freshMs: readonly number[]) {
  const clock = { ms: 0 };
  const share = shareVenues(() => clock.ms);
  const counted = { reads: 0 };
  const ask = (one: VenueShare, answer = "yes", key = "board") =>
    one.read(key, async () => `${answer} ${++counted.reads}`, RULES);
  return { clock, counted, ask, members: freshMs.map(share) as [VenueShare, VenueShare] };
}

describe("reads that the chains of one process share", () => {
  it("one of two chains reads and both are given it, also while it is on its way", async () => {
    const { ask, counted, members } = chains(30_000, 30_000);
    assert.deepEqual(await Promise.all(members.map((one) => ask(one))), ["yes 1", "yes 1"]);
    assert.equal(counted.reads, 1);
  });

  it("one read a tick is enough for all, at whatever moments of the tick each of them asks", async () => {
    for (const offset of [0, 1, 12_000, 29_999, 30_001, 45_000, 59_999]) {
      const { ask, clock, counted, members } = chains(30_000, 30_000);
      for (let tick = 0; tick < 10; tick += 1) {
        for (const [n, one] of members.entries()) {
          clock.ms = tick * 60_000 + n * offset;
          await ask(one);
        }
      }
      assert.ok(counted.reads <= 11, `offset ${offset} ms: ${counted.reads} reads in 10 ticks`);
    }
  });

  it("no chain is given what is older than half its own tick", async () => {
    const { ask, clock, members } = chains(30_000, 6_000);
    const [slow, quick] = members;
    await ask(slow);
    clock.ms = 6_001;
    assert.equal(await ask(quick), "yes 2");
    clock.ms = 30_001;
    assert.equal(await ask(slow), "yes 2", "read 24 s ago, by the other");
  });

  it("a chain alone is never given the same read twice, however fast it asks", async () => {
    const { ask, members } = chains(30_000);
    assert.deepEqual([await ask(members[0]), await ask(members[0])], ["yes 1", "yes 2"]);
  });

  it("what failed is not kept: the other asks for itself; and other keys are other reads", async () => {
    const { ask, members } = chains(30_000, 30_000);
    assert.equal(await ask(members[0], "no"), "no 1");
    assert.equal(await ask(members[1]), "yes 2");
    assert.equal(await ask(members[0], "yes", "book"), "yes 3");
    const broken = () => Promise.reject(new TypeError("broken"));
    await assert.rejects(members[0].read("index", broken, RULES), /broken/);
    assert.equal(await ask(members[1], "yes", "index"), "yes 4");
  });

  it("a chain that gives up waits no longer, and costs the other nothing", async () => {
    const { members } = chains(30_000, 30_000);
    const answer = Promise.withResolvers<string>();
    const stop = new AbortController();
    const first = members[0].read("board", () => answer.promise, { ...RULES, signal: stop.signal });
    const second = members[1].read("board", () => assert.fail("read twice"), RULES);
    stop.abort();
    assert.equal(await first, "aborted");
    answer.resolve("yes");
    assert.equal(await second, "yes");
  });
});

/** A venue as Deribit answers, with one option, one book and whatever candles are asked for. */
function answerAsDeribit(response: ServerResponse, url: string): void {
  const { pathname, searchParams } = new URL(url, "http://venue");
  const [from, to] = ["start_timestamp", "end_timestamp"].map((name) => Number(searchParams.get(name)));
  const ticks: number[] = [];
  for (let at = from ?? 0; at <= (to ?? -1); at += HOUR_SECONDS * 1000) ticks.push(at);
  const bars = {
    status: "ok",
    ticks,
    ...Object.fromEntries(["open", "high", "low", "close"].map((k) => [k, ticks.map(() => 2000)])),
    volume: ticks.map(() => 1),
    cost: ticks.map(() => 2000),
  };
  const result = pathname.endsWith("get_tradingview_chart_data") ? bars : [];
  response.end(JSON.stringify({ jsonrpc: "2.0", result, usIn: Date.now() * 1000, usOut: Date.now() * 1000 }));
}

test("two connections to one venue: candles are asked for once, and each has its own series", async () => {
  const server = await loopback((request, response) => answerAsDeribit(response, request.url ?? ""));
  try {
    const share = shareVenues();
    const [one, other] = [share(30_000), share(30_000)].map((shared) =>
      connect(deribit, { baseUrl: server.url, share: shared }),
    );
    const now = 1_770_000_000;
    const read = async (from: typeof one) =>
      (await from?.history.candles("ETH-PERPETUAL", now, 2))?.observation?.candles.length;
    assert.deepEqual(await Promise.all([read(one), read(other)]), [47, 47]);
    assert.equal(server.requests.length, 1, server.requests.join("\n"));
    assert.equal(await read(one), 47, "remembered by its own connection");
  } finally {
    await server.close();
  }
});

test("a venue that asks one chain for a rest is left alone by the other", async () => {
  const server = await loopback((_, response) => void response.writeHead(429, { "retry-after": "60" }).end());
  try {
    const share = shareVenues();
    const read = () => connect(deribit, { baseUrl: server.url, share: share(30_000) }).board("ETH");
    assert.deepEqual(
      (await read()).faults.map(({ code }) => code),
      ["HTTP_STATUS"],
    );
    assert.match((await read()).faults[0]?.detail ?? "", /left alone, as the venue asked/);
    assert.equal(server.requests.length, 1);
  } finally {
    await server.close();
  }
});
