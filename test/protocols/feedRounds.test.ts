import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeFunctionData, encodeFunctionResult, type Hex, parseAbi } from "viem";
import type { Call, CallResult } from "../../keeper/io/rpc.ts";
import { roundAt } from "../../keeper/protocols/feedRounds.ts";
import { uniforms } from "../../scripts/lab/validation/statistics/random.ts";

const ROUND = "(uint80, int256, uint256, uint256, uint80)";
const abi = parseAbi([
  `function latestRoundData() view returns ${ROUND}`,
  `function getRoundData(uint80 round) view returns ${ROUND}`,
]);
const FEED: Hex = `0x${"fe".repeat(20)}`;

/** A feed whose rounds have these times, by their numbers; 0: never completed. Counts reads and calls. */
function feedOf(rounds: ReadonlyMap<bigint, number>) {
  const asked: number[] = [];
  const latest = [...rounds.keys()].at(-1);
  const answer = ({ data }: Call): CallResult => {
    const { functionName, args } = decodeFunctionData({ abi, data });
    const id = functionName === "getRoundData" ? args[0] : latest;
    const time = id === undefined ? undefined : rounds.get(id);
    if (id === undefined || time === undefined) return { ok: false, reason: "No data present" };
    const result = [id, 1n, BigInt(time), BigInt(time), id] as const;
    return { ok: true, data: encodeFunctionResult({ abi, functionName, result }) };
  };
  const calls = async (all: readonly Call[]) => {
    asked.push(all.length);
    return all.map(answer);
  };
  const find = (time: number) =>
    roundAt({ rpc: { calls }, blockNumber: 1n, signal: new AbortController().signal }, FEED, time);
  return { find, asked };
}

/** Rounds from `first` on with these times. */
const from = (first: bigint, times: readonly number[]) => new Map(times.map((time, n) => [first + BigInt(n), time]));

test("the round current at a time is the last one that is not after it, whatever the feed's pace and phase", async () => {
  const random = uniforms(7);
  for (let round = 0; round < 200; round += 1) {
    const phase = BigInt(Math.floor(random() * 3)) << 64n;
    const count = 1 + Math.floor(random() ** 3 * 3_000);
    let time = 1_000;
    const times = Array.from({ length: count }, () => {
      time += Math.floor(random() * 300);
      return time;
    });
    const at = Math.floor(900 + random() * (time - 800));
    const { find, asked } = feedOf(from(phase + 1n, times));
    const expected = Math.max(
      0,
      times.findLastIndex((one) => one <= at),
    );
    assert.equal(await find(at), phase + 1n + BigInt(expected), `${count} rounds, at ${at}, from ${phase}`);
    assert.ok(asked.length <= 4 && asked.every((calls) => calls <= 15), `${asked}`);
  }
});

test("rounds further back than the search goes, and those of an aggregator before, are not known", async () => {
  const many = from(
    1n,
    Array.from({ length: 6_000 }, (_, n) => 1_000 + n),
  );
  const { find, asked } = feedOf(many);
  assert.equal(await find(1_500), 6_000n - 4_095n, "the oldest that was searched");
  assert.deepEqual(asked, [1, 15, 15, 15]);
  const changed = new Map([...from(5n, [100, 200]), ...from((2n << 64n) + 1n, [300, 400, 500])]);
  assert.equal(await feedOf(changed).find(250), (2n << 64n) + 1n);
  assert.equal(await feedOf(changed).find(450), (2n << 64n) + 2n);
});

test("the latest is found by one read, also a round that was never completed is none, and a feed that answers nothing has none", async () => {
  const { find, asked } = feedOf(from(1n, [100, 200]));
  assert.deepEqual([await find(200), await find(10_000), asked], [2n, 2n, [1, 1]]);
  assert.equal(await feedOf(from(1n, [100, 0, 300, 400])).find(350), 3n);
  assert.equal(await feedOf(new Map([[1n, 0]])).find(350), null);
  const odd = async () => [{ ok: true, data: "0x12" }] as const;
  const at = { rpc: { calls: odd }, blockNumber: 1n, signal: new AbortController().signal };
  assert.equal(await roundAt(at, FEED, 5), null);
});
