import assert from "node:assert/strict";
import test from "node:test";
import { encodeAbiParameters, type Hex, parseAbiParameters, toFunctionSelector } from "viem";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { CallResult, Rpc } from "../../keeper/io/rpc.ts";
import { type FeedRef, readPriceFeeds } from "../../keeper/venues/priceFeed.ts";
import { addressOf, BLOCK, fakePoolRpc } from "../support/fakePoolRpc.ts";

/** What a feed answers, decoded. */
const CALM = {
  roundId: 7n,
  answer: 294_853_000_000n,
  updatedAt: BigInt(BLOCK.timestamp - 60),
  answeredInRound: 7n,
  decimals: 8,
  description: "ETH / USD",
};
const FEED = { name: "WETH", address: addressOf(1), description: "ETH / USD" };

/** A node with one feed; results by function. */
function feedRpc(
  change: Partial<typeof CALM> = {},
  results: Partial<Record<"latestRoundData" | "decimals" | "description", CallResult>> = {},
): Rpc {
  const { roundId, answer, updatedAt, answeredInRound, decimals, description } = { ...CALM, ...change };
  const words = parseAbiParameters("uint80, int256, uint256, uint256, uint80");
  const calm: Record<string, CallResult> = {
    latestRoundData: {
      ok: true,
      data: encodeAbiParameters(words, [roundId, answer, 0n, updatedAt, answeredInRound]),
    },
    decimals: { ok: true, data: encodeAbiParameters(parseAbiParameters("uint8"), [decimals]) },
    description: { ok: true, data: encodeAbiParameters(parseAbiParameters("string"), [description]) },
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
const read = async (change: Partial<typeof CALM>, ref: FeedRef = FEED) =>
  (await readPriceFeeds(feedRpc(change), [ref], BLOCK))[0] ?? assert.fail();
const OBSERVED = {
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
};

test("an answer is a price in dollars at the feed's own time", async () => {
  assert.deepEqual(await read({}), OBSERVED);
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
  test(`${what} is ${code}`, async () => {
    const { observation, faults } = await read(changes);
    assert.equal(observation, null);
    assert.equal(faults[0]?.code, code);
    assert.match(faults[0]?.detail ?? "", detail);
  });
}

test("a feed without an expected description may describe itself as it likes", async () => {
  for (const description of ["", "BTC / USD"]) {
    assert.deepEqual((await read({ description }, { name: "WETH", address: addressOf(1) })).faults, []);
  }
});

test("a feed is read through the node; one that is not there costs only itself", async () => {
  const observed = await readPriceFeeds(feedRpc(), [FEED, { name: "LINK", address: addressOf(2) }], BLOCK);
  assert.deepEqual(observed[0], OBSERVED);
  assert.equal(observed[1]?.source, "priceFeed:LINK");
  assert.equal(observed[1]?.faults[0]?.code, "SCHEMA");
});

test("a feed that reverts or answers in another shape is SCHEMA", async () => {
  for (const result of [
    { ok: false, reason: "No data present" },
    { ok: true, data: "0x1234" },
  ] as const) {
    const [observed] = await readPriceFeeds(feedRpc({}, { latestRoundData: result }), [FEED], BLOCK);
    assert.equal(observed?.observation, null);
    assert.equal(observed?.faults[0]?.code, "SCHEMA");
  }
});

test("a node that fails is UNREACHABLE; a node of another chain stops everything", async () => {
  const failing = (code: "RPC_FAILED" | "WRONG_CHAIN"): Rpc => ({
    ...feedRpc(),
    calls: (): Promise<Hex[] & never> => Promise.reject(new TonsorError(code, "no")),
  });
  const [observed] = await readPriceFeeds(failing("RPC_FAILED"), [FEED], BLOCK);
  assert.equal(observed?.faults[0]?.code, "UNREACHABLE");
  await assert.rejects(readPriceFeeds(failing("WRONG_CHAIN"), [FEED], BLOCK), { code: "WRONG_CHAIN" });
});
