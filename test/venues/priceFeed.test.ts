import assert from "node:assert/strict";
import test from "node:test";
import { encodeAbiParameters, type Hex, parseAbiParameters, toFunctionSelector } from "viem";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { CallResult, Rpc } from "../../keeper/io/rpc.ts";
import { parsePriceFeed, type RawFeed, readPriceFeeds } from "../../keeper/venues/priceFeed.ts";
import { addressOf, BLOCK, fakePoolRpc } from "../support/fakePoolRpc.ts";

const RAW: RawFeed = {
  source: "priceFeed:WETH",
  feed: addressOf(1),
  block: BLOCK,
  roundId: 7n,
  answer: 294_853_000_000n,
  updatedAt: BigInt(BLOCK.timestamp - 60),
  answeredInRound: 7n,
  decimals: 8,
  description: "ETH / USD",
  expectedDescription: "ETH / USD",
};

test("an answer is a price in dollars at the feed's own time", () => {
  assert.deepEqual(parsePriceFeed(RAW), {
    source: "priceFeed:WETH",
    observation: {
      kind: "priceFeed",
      source: "priceFeed:WETH",
      feed: addressOf(1),
      blockNumber: BLOCK.number,
      eventTime: BLOCK.timestamp - 60,
      priceUsd: 2948.53,
    },
    faults: [],
  });
});

for (const [what, changes, code, detail] of [
  ["a zero answer", { answer: 0n }, "NOT_POSITIVE", /answer 0/],
  ["a negative answer", { answer: -1n }, "NOT_POSITIVE", /answer -1/],
  ["a round that was never completed", { updatedAt: 0n }, "STALE", /never completed/],
  ["an update later than its block", { updatedAt: BigInt(BLOCK.timestamp + 1) }, "FUTURE", /later than its block/],
  [
    "an answer carried over from an earlier round",
    { answeredInRound: 6n },
    "STALE",
    /round 6 carried over into round 7/,
  ],
  ["another feed at the address", { description: "BTC / USD" }, "INCONSISTENT", /"BTC \/ USD", expected "ETH \/ USD"/],
  ["absurd decimals", { decimals: 200 }, "INCONSISTENT", /200 decimals/],
] as const) {
  test(`${what} is ${code}`, () => {
    const { observation, faults } = parsePriceFeed({ ...RAW, ...changes });
    assert.equal(observation, null);
    assert.equal(faults[0]?.code, code);
    assert.match(faults[0]?.detail ?? "", detail);
  });
}

test("a feed without an expected description may describe itself as it likes", () => {
  assert.deepEqual(parsePriceFeed({ ...RAW, description: "", expectedDescription: null }).faults, []);
});

/** A node with one feed; results by function. */
function feedRpc(results: Partial<Record<"latestRoundData" | "decimals" | "description", CallResult>>): Rpc {
  const round = encodeAbiParameters(parseAbiParameters("uint80, int256, uint256, uint256, uint80"), [
    RAW.roundId,
    RAW.answer,
    0n,
    RAW.updatedAt,
    RAW.answeredInRound,
  ]);
  const calm: Record<string, CallResult> = {
    latestRoundData: { ok: true, data: round },
    decimals: { ok: true, data: encodeAbiParameters(parseAbiParameters("uint8"), [8]) },
    description: { ok: true, data: encodeAbiParameters(parseAbiParameters("string"), ["ETH / USD"]) },
  };
  const all = { ...calm, ...results };
  const bySelector = Object.fromEntries(
    Object.entries(all).map(([name, result]) => [toFunctionSelector(`function ${name}()`), result]),
  );
  const nothing: CallResult = { ok: true, data: "0x" };
  return {
    ...fakePoolRpc([]),
    calls: async (calls) =>
      calls.map(({ to, data }) => (to === addressOf(1) ? (bySelector[data] ?? nothing) : nothing)),
  };
}

const feed = { name: "WETH", address: addressOf(1), description: "ETH / USD" } as const;

test("a feed is read through the node; one that is not there costs only itself", async () => {
  const observed = await readPriceFeeds(feedRpc({}), [feed, { name: "LINK", address: addressOf(2) }], BLOCK);
  assert.deepEqual(observed[0], parsePriceFeed(RAW));
  assert.equal(observed[1]?.source, "priceFeed:LINK");
  assert.equal(observed[1]?.faults[0]?.code, "SCHEMA");
});

test("a feed that reverts or answers in another shape is SCHEMA", async () => {
  for (const result of [
    { ok: false, reason: "No data present" },
    { ok: true, data: "0x1234" },
  ] as const) {
    const [observed] = await readPriceFeeds(feedRpc({ latestRoundData: result }), [feed], BLOCK);
    assert.equal(observed?.observation, null);
    assert.equal(observed?.faults[0]?.code, "SCHEMA");
  }
});

test("a node that fails is UNREACHABLE; a node of another chain stops everything", async () => {
  const failing = (code: "RPC_FAILED" | "WRONG_CHAIN"): Rpc => ({
    ...feedRpc({}),
    calls: (): Promise<Hex[] & never> => Promise.reject(new TonsorError(code, "no")),
  });
  const [observed] = await readPriceFeeds(failing("RPC_FAILED"), [feed], BLOCK);
  assert.equal(observed?.faults[0]?.code, "UNREACHABLE");
  await assert.rejects(readPriceFeeds(failing("WRONG_CHAIN"), [feed], BLOCK), { code: "WRONG_CHAIN" });
});
