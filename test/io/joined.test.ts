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

test("readers with different ends are one read: one that is given up hears it at once, and the others get their answers", async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const go = Promise.withResolvers<void>();
  const signals: (AbortSignal | undefined)[] = [];
  const read = joined(async (calls, _, signal) => {
    signals.push(signal);
    await go.promise;
    return calls.map(outcomeOf);
  });
  const [first, second] = [read([call("0x01")], 1n, one.signal), read([call("0x02")], 1n, other.signal)];
  await new Promise((resolve) => setImmediate(resolve));
  one.abort();
  await assert.rejects(first, { code: "RPC_FAILED", message: "aborted by the caller" });
  assert.deepEqual([signals.length, signals[0]?.aborted], [1, false]);
  go.resolve();
  assert.deepEqual(await second, [{ ok: true, data: "0x02" }]);
});

test("a read ends when every reader is given up, and never while one of them cannot be", async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const read = joined((_, __, signal) => {
    signals.push(signal);
    return new Promise(() => undefined);
  });
  const [one, other] = [new AbortController(), new AbortController()];
  const reads = [read([call("0x01")], 1n, one.signal), read([call("0x02")], 1n, other.signal)];
  const endless = [read([call("0x01")], 2n, one.signal), read([call("0x02")], 2n)];
  const ends = Promise.allSettled([...reads, endless[0]]);
  await new Promise((resolve) => setImmediate(resolve));
  one.abort();
  other.abort();
  assert.ok((await ends).every(({ status }) => status === "rejected"));
  assert.deepEqual(
    signals.map((signal) => signal?.aborted),
    [true, false],
  );
});

test("where all of it fails, each reader asks by itself: a part that no node can answer hides no other", async () => {
  const reads: number[] = [];
  const read = joined(async (calls) => {
    reads.push(calls.length);
    if (calls.some(({ data }) => data === "0xee")) throw new TonsorError("RPC_FAILED", "no answer in time");
    return calls.map(outcomeOf);
  });
  const [good, bad] = await Promise.allSettled([read([call("0x01"), call("0x02")], 1n), read([call("0xee")], 1n)]);
  assert.deepEqual([good?.status, bad?.status, reads], ["fulfilled", "rejected", [3, 2, 1]]);
});

test("a reader that was given up is not asked for again where the others ask by themselves", async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const reads: Hex[][] = [];
  const failing = Promise.withResolvers<readonly CallOutcome[]>();
  const read = joined(async (calls) => {
    reads.push(calls.map(({ data }) => data));
    return calls.length > 1 ? failing.promise : calls.map(outcomeOf);
  });
  const [first, second] = [read([call("0x01")], 1n, one.signal), read([call("0x02")], 1n, other.signal)];
  await new Promise((resolve) => setImmediate(resolve));
  one.abort();
  await assert.rejects(first, { message: "aborted by the caller" });
  failing.reject(new TonsorError("NO_QUORUM", "two answers"));
  assert.deepEqual(await second, [{ ok: true, data: "0x02" }]);
  assert.deepEqual(reads, [["0x01", "0x02"], ["0x02"]]);
});
