import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { encodeAbiParameters, parseAbiParameters } from "viem";
import type { CycleReport } from "../../keeper/domain/cycle.ts";
import type { CallResult, Rpc } from "../../keeper/io/rpc.ts";
import { followPrices, type PriceMoves } from "../../keeper/operations/priceMoves.ts";
import { webSocketServer } from "../support/webSocketServer.ts";

const HEAD = JSON.stringify({ jsonrpc: "2.0", method: "eth_subscription", params: {} });
const FEEDS = { WETH: `0x${"1".repeat(40)}`, WBTC: `0x${"2".repeat(40)}` };
const MINUTE_MS = 60_000;

/** A node whose feeds answer so, in dollars; null: it does not answer. */
function nodeOf(prices: () => Readonly<Record<string, number>> | null, asked: () => void): Rpc {
  const word = (type: string, ...values: readonly unknown[]): CallResult => ({
    ok: true,
    data: encodeAbiParameters(parseAbiParameters(type), values as never),
  });
  return {
    block: async () => {
      asked();
      if (prices() === null) throw new Error("down");
      return { number: 7n, timestamp: 1_000 } as never;
    },
    async calls(calls: readonly { readonly to: string }[]) {
      const name = Object.entries(FEEDS).find(([, address]) => address === calls[0]?.to)?.[0] ?? "";
      const answer = BigInt(Math.round((prices()?.[name] ?? 0) * 1e8));
      const round = word("uint80, int256, uint256, uint256, uint80", 1n, answer, 0n, 900n, 1n);
      return [round, word("uint8", 8), word("string", `${name} / USD`)];
    },
  } as unknown as Rpc;
}

const reportOf = (prices: Readonly<Record<string, number>>) => {
  const observed = Object.entries(prices).map(([name, priceUsd]) => ({
    source: `priceFeed:${name}`,
    observation: { kind: "priceFeed", source: `priceFeed:${name}`, feed: FEEDS[name as keyof typeof FEEDS], priceUsd },
  }));
  return { entries: [{ input: { observed } }] } as unknown as Pick<CycleReport, "entries">;
};

describe("what ends the wait for the next cycle", () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  /** After `act`, one more block is announced and was read or left alone. */
  async function world(
    seen: Readonly<Record<string, number>> | null,
    act: (moves: PriceMoves, at: (ms: number) => void) => void,
  ) {
    let [time, blocks] = [0, 0];
    const server = await webSocketServer(() => []);
    const logged: unknown[] = [];
    const log = { info: (facts: unknown) => void logged.push(facts), warn: assert.fail };
    const asked = () => {
      blocks += 1;
    };
    const rpc = nodeOf(() => seen, asked);
    const moves = followPrices({ rpc }, server.url, log as never, () => time);
    closers.push(moves.close, server.close);
    await server.line();
    act(moves, (ms) => {
      time = ms;
    });
    server.say(HEAD);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { due: moves.moved().aborted, blocks, logged };
  }
  const CALM = { WETH: 2_000, WBTC: 70_000 };
  const cycle = (prices: Readonly<Record<string, number>>) => (moves: PriceMoves, at: (ms: number) => void) => {
    moves.onEvent({ kind: "tick", tick: 1, lateMs: 0, skipped: 0 });
    moves.cycleDone(reportOf(prices));
    moves.onEvent({ kind: "done", tick: 1, tookMs: 1 });
    at(MINUTE_MS);
  };

  it("is the price of any feed, by any step, either way", async () => {
    assert.deepEqual(await world(CALM, cycle(CALM)), { due: false, blocks: 1, logged: [] });
    for (const [feed, to] of [
      ["WETH", 2_000.01],
      ["WBTC", 60_000],
    ] as const) {
      const { due, logged } = await world({ ...CALM, [feed]: to }, cycle(CALM));
      assert.equal(due, true);
      assert.deepEqual(logged, [{ feed: `priceFeed:${feed}`, from: CALM[feed], to }]);
    }
  });

  it("is no feed that fails, none that the cycle had no answer of, and no node that does not answer", async () => {
    assert.equal((await world({ ...CALM, WBTC: 0 }, cycle(CALM))).due, false);
    assert.equal((await world({ ...CALM, WBTC: 60_000 }, cycle({ WETH: 2_000 }))).due, false);
    assert.equal((await world(null, cycle(CALM))).due, false);
  });

  it("is nothing while a cycle runs, before one has looked, after one that failed, and in the first five seconds", async () => {
    const other = { ...CALM, WETH: 1_000 };
    const tick = { kind: "tick", tick: 2, lateMs: 0, skipped: 0 } as const;
    const none = { due: false, blocks: 0, logged: [] };
    assert.deepEqual(await world(other, (_, at) => at(MINUTE_MS)), none);
    const running = (moves: PriceMoves, at: (ms: number) => void) => {
      cycle(CALM)(moves, at);
      moves.onEvent(tick);
      at(2 * MINUTE_MS);
    };
    assert.deepEqual(await world(other, running), none);
    const failed = (moves: PriceMoves, at: (ms: number) => void) => {
      cycle(CALM)(moves, at);
      moves.onEvent(tick);
      moves.onEvent({ kind: "failed", tick: 2, error: null });
      at(2 * MINUTE_MS);
    };
    assert.deepEqual(await world(other, failed), none);
    const soon = (ms: number) => (moves: PriceMoves, at: (ms: number) => void) => {
      cycle(CALM)(moves, at);
      at(ms);
    };
    assert.deepEqual(await world(other, soon(4_999)), none);
    assert.equal((await world(other, soon(5_000))).due, true);
  });

  it("is looked for once in five seconds, however much a node announces", async () => {
    let [time, blocks] = [0, 0];
    const server = await webSocketServer(() => []);
    const rpc = nodeOf(
      () => CALM,
      () => {
        blocks += 1;
      },
    );
    const moves = followPrices({ rpc }, server.url, { info: assert.fail, warn: assert.fail } as never, () => time);
    closers.push(moves.close, server.close);
    await server.line();
    cycle(CALM)(moves, (ms) => {
      time = ms;
    });
    const announced = async (many: number) => {
      for (let n = 0; n < many; n++) server.say(HEAD);
      await new Promise((resolve) => setTimeout(resolve, 50));
      return blocks;
    };
    assert.equal(await announced(50), 1);
    time += 4_999;
    assert.equal(await announced(50), 1);
    time += 1;
    assert.equal(await announced(50), 2);
  });

  it("is found in the last block announced, be it too soon after a look or during a cycle", async () => {
    for (const during of ["the rest", "the cycle"]) {
      let [time, prices] = [0, CALM];
      const server = await webSocketServer(() => []);
      const log = { info: () => undefined, warn: assert.fail } as never;
      const moves = followPrices(
        {
          rpc: nodeOf(
            () => prices,
            () => undefined,
          ),
        },
        server.url,
        log,
        () => time,
      );
      closers.push(moves.close, server.close);
      await server.line();
      moves.onEvent({ kind: "tick", tick: 1, lateMs: 0, skipped: 0 });
      const done = () => {
        moves.cycleDone(reportOf(CALM));
        moves.onEvent({ kind: "done", tick: 1, tookMs: 1 });
      };
      if (during === "the rest") done();
      time = 4_980;
      prices = { ...CALM, WETH: 1_000 };
      server.say(HEAD);
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(moves.moved().aborted, false, during);
      time = 5_000;
      if (during === "the cycle") done();
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(moves.moved().aborted, true, during);
    }
  });

  it("is not looked for without a block, nor for one from before the cycle, nor twice at a time", async () => {
    let [time, blocks] = [0, 0];
    const server = await webSocketServer(() => []);
    const answer = Promise.withResolvers<never>();
    const rpc = { block: () => (blocks++ === 0 ? answer.promise : Promise.reject(new Error("down"))) };
    const moves = followPrices({ rpc: rpc as never }, server.url, {} as never, () => time);
    closers.push(moves.close, server.close);
    await server.line();
    const blocksAfter = async (act: () => void) => {
      act();
      await new Promise((resolve) => setTimeout(resolve, 50));
      return blocks;
    };
    const tick = () => moves.onEvent({ kind: "tick", tick: 1, lateMs: 0, skipped: 0 });
    const done = () => {
      time += MINUTE_MS;
      moves.cycleDone(reportOf(CALM));
      moves.onEvent({ kind: "done", tick: 1, tookMs: 1 });
    };
    const head = () => {
      time += MINUTE_MS;
      server.say(HEAD);
    };
    tick();
    assert.equal(await blocksAfter(head), 0);
    tick();
    assert.equal(await blocksAfter(done), 0);
    assert.equal(await blocksAfter(head), 1);
    assert.equal(await blocksAfter(head), 1);
    assert.equal(await blocksAfter(() => answer.reject(new Error("down"))), 2);
  });

  it("says once a minute of a line that ends again and again that it does", async () => {
    const server = await webSocketServer(() => ["rubbish"]);
    const said: unknown[] = [];
    const warn = (facts: unknown, message: string) => void said.push([facts, message]);
    let time = 0;
    const moves = followPrices({ rpc: nodeOf(() => CALM, assert.fail) }, server.url, { warn } as never, () => time);
    closers.push(moves.close, server.close);
    while (server.lines() < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const words = "the announcements of new blocks ended: a message that is no JSON";
    assert.deepEqual(said, [[{ times: 1 }, words]]);
    time = MINUTE_MS;
    while (said.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(said[1], [{ times: 2 }, words]);
  });
});
