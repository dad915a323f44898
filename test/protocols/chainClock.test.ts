import assert from "node:assert/strict";
import { test } from "node:test";
import { chainClock } from "../../keeper/protocols/chainClock.ts";
import { wallClock } from "../../keeper/runtime/clock.ts";
import { rpcServer } from "../support/rpcServer.ts";

const CHAIN_ID = 31337;
const BLOCK_TIME = 1_769_572_800;

/** A node that answers only what the clock asks: its chain's id and its latest block. */
function node(timestamp: () => number, chainId = CHAIN_ID) {
  const zero = `0x${"0".repeat(64)}`;
  return rpcServer({
    answer: ({ method }) => {
      if (method === "eth_chainId") return { result: `0x${chainId.toString(16)}` };
      if (method !== "eth_getBlockByNumber") return { error: { code: -32601, message: `no ${method}` } };
      const hex = (value: number) => `0x${value.toString(16)}`;
      return { result: { number: hex(7), hash: zero, timestamp: hex(timestamp()), transactions: [] } };
    },
  });
}

test("the wall clock is whole Unix seconds of this machine", () => {
  const before = Math.floor(Date.now() / 1000);
  const now = wallClock();
  assert.ok(Number.isInteger(now) && now >= before && now <= Math.floor(Date.now() / 1000));
});

test("the chain's clock starts at the latest block's time and never runs back", async (t) => {
  const server = await node(() => BLOCK_TIME);
  t.after(() => server.close());
  const now = await chainClock(server.url, CHAIN_ID);
  const first = now();
  assert.ok(Number.isInteger(first) && first >= BLOCK_TIME && first < BLOCK_TIME + 60, String(first));
  assert.ok(now() >= first);
});

test("the chain's clock jumps with the chain when that leaves it behind", async (t) => {
  let timestamp = BLOCK_TIME;
  const server = await node(() => timestamp);
  t.after(() => server.close());
  const now = await chainClock(server.url, CHAIN_ID);
  timestamp += 21_600;
  const asked = server.batches.length;
  const looked = () => server.batches.length >= asked + 2;
  for (let tries = 0; tries < 200 && !looked(); tries += 1) await new Promise((done) => setTimeout(done, 10));
  assert.ok(now() >= timestamp, `${now()} after ${server.batches.length - asked} looks`);
});

test("a node that does not answer, or is of another chain, is an error by its code before anything is timed", async (t) => {
  const server = await node(() => BLOCK_TIME, 1);
  t.after(() => server.close());
  await assert.rejects(chainClock(server.url, CHAIN_ID), { name: "TonsorError", code: "WRONG_CHAIN" });
  const dead = await node(() => BLOCK_TIME);
  await dead.close();
  await assert.rejects(chainClock(dead.url, CHAIN_ID), { name: "TonsorError", code: "RPC_FAILED" });
});
