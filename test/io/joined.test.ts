import assert from "node:assert/strict";
import test from "node:test";
import type { Hex } from "viem";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { type CallOutcome, joined } from "../../keeper/io/joined.ts";
import type { Call } from "../../keeper/io/rpc.ts";

const TO: Hex = `0x${"11".repeat(20)}`;
const call = (data: Hex): Call => ({ to: TO, data });
const outcomeOf = ({ data }: Call): CallOutcome =>
  data === "0xee" ? new TonsorError("RPC_FAILED", "out of gas") : { ok: true, data };

test("reads of one turn at one block are one, and each gets its own answers in order", async () => {
  const reads: Hex[][] = [];
  const read = joined(async (calls, block) => {
    reads.push([`0x${block}`, ...calls.map(({ data }) => data)]);
    return calls.map(outcomeOf);
  });
  const results = await Promise.all([
    read([call("0x01"), call("0x02")], 1n),
    read([], 1n),
    read([call("0x03")], 1n),
    read([call("0x04")], 2n),
  ]);
  assert.deepEqual(reads, [
    ["0x1", "0x01", "0x02", "0x03"],
    ["0x2", "0x04"],
  ]);
  const given = results.map((each) => each.map((one) => (one.ok ? one.data : one.reason)));
  assert.deepEqual(given, [["0x01", "0x02"], [], ["0x03"], ["0x04"]]);
});

test("a call that fails costs its own reader only, and nothing is asked again", async () => {
  let reads = 0;
  const read = joined(async (calls) => {
    reads += 1;
    return calls.map(outcomeOf);
  });
  const [good, bad] = await Promise.allSettled([read([call("0x01")], 1n), read([call("0x02"), call("0xee")], 1n)]);
  assert.deepEqual(good, { status: "fulfilled", value: [{ ok: true, data: "0x01" }] });
  assert.equal(bad?.status === "rejected" && (bad.reason as TonsorError).message, "out of gas");
  assert.equal(reads, 1);
});

test("nodes that do not agree on one part hide no other; a node of another chain ends all", async () => {
  const disagree = joined(async (calls) => {
    if (calls.some(({ data }) => data === "0xee")) throw new TonsorError("NO_QUORUM", "two answers");
    return calls.map(outcomeOf);
  });
  const [good, bad] = await Promise.allSettled([disagree([call("0x01")], 1n), disagree([call("0xee")], 1n)]);
  assert.deepEqual([good?.status, bad?.status], ["fulfilled", "rejected"]);
  let reads = 0;
  const wrong = joined(async () => {
    reads += 1;
    throw new TonsorError("WRONG_CHAIN", "chain 1");
  });
  const both = await Promise.allSettled([wrong([call("0x01")], 1n), wrong([call("0x02")], 1n)]);
  assert.deepEqual([both.map(({ status }) => status), reads], [["rejected", "rejected"], 1]);
});

test("reads that end with different signals are made apart: one that is given up takes no other along", async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const read = joined(async (calls, _, signal) => {
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    return calls.map(outcomeOf);
  });
  const both = Promise.allSettled([read([call("0x01")], 1n, one.signal), read([call("0x02")], 1n, other.signal)]);
  one.abort();
  assert.deepEqual(
    (await both).map(({ status }) => status),
    ["rejected", "fulfilled"],
  );
});
