import assert from "node:assert/strict";
import { test } from "node:test";
import { type Hex, zeroAddress } from "viem";
import { openLenders } from "../../../keeper/impact/lenders/lenders.ts";
import { assetAt, type Held, lyingPool } from "./lyingPool.ts";

const DOLLAR = 10n ** 8n;
/** Two borrowers of asset 1 against our asset 0, and one of asset 1 against asset 2. */
const BORROWERS: readonly Held[] = [
  { has: { 0: 1_000n * DOLLAR }, owes: { 1: 700n * DOLLAR } },
  { has: { 0: 400n * DOLLAR, 2: 100n * DOLLAR }, owes: { 1: 100n * DOLLAR } },
  { has: { 2: 900n * DOLLAR }, owes: { 3: 100n * DOLLAR } },
  { has: { 0: 50n * DOLLAR }, owes: {} },
];

test("an honest pool's book is what its accounts have", async () => {
  const { fault, book, states } = await lyingPool(4, BORROWERS).look();
  assert.equal(fault, "none");
  assert.deepEqual(states, [{ lender: "Aave", markets: [1], borrowers: 3, fault: null }]);
  const due = [
    { fall: 0.05, collateralUsd: 0, debtUsd: 0 },
    { fall: 0.1, collateralUsd: 0, debtUsd: 0 },
    ...[0.2, 0.3, 0.5].map((fall) => ({ fall, collateralUsd: 1_000, debtUsd: 700 })),
  ];
  assert.deepEqual(book, { borrowers: 2, heldUsd: 1_450, debtUsd: 800, largestBorrowerUsd: 1_000, due });
});

test("each thing that a pool, its oracle or its tokens say wrong has its name, and there are no figures then", async () => {
  const wrong: readonly [string, (...args: readonly unknown[]) => unknown, RegExp][] = [
    ["getPool", () => zeroAddress, /^POOL_MOVED: the pool of 0x(01){20} is 0x0{40}, not 0x(01){19}02/],
    ["decimals", () => 18, /^WRONG_DECIMALS: 0xa5.* has 18 decimals, its reserve 8/],
    ["getAssetPrice", () => 0n, /^NO_PRICE: its oracle has no price of 0xa5/],
    ["BASE_CURRENCY", () => assetAt(9), /^NO_PRICE: its oracle does not count in US dollars/],
    ["BASE_CURRENCY_UNIT", () => 0n, /^NO_PRICE: its oracle does not count in US dollars/],
    ["getReservesCount", () => 129n, /^VIEW_REVERTS: getReservesCount answered 129/],
    ["getReserveAddressById", () => assetAt(77), /^WRONG_MARKET: the pool has no reserve of 0xa5/],
    [
      "getReserveNormalizedIncome",
      () => "revert",
      /^VIEW_REVERTS: getReserveNormalizedIncome of 0x.* reverted: because/,
    ],
    ["getUserAccountData", () => [0n, 0n, 0n, 0n, 0n, 10n ** 18n], /^DISAGREES: health of 0xac/],
  ];
  for (const [view, lie, words] of wrong) {
    const pool = lyingPool(4, BORROWERS);
    pool.lies[view] = lie;
    const { fault, book, states } = await pool.look();
    assert.match(fault, words, view);
    assert.deepEqual([book, states[0]?.borrowers], [undefined, null]);
    delete pool.lies[view];
    assert.equal((await pool.look()).fault, "none", `${view}: over when it says the truth`);
  }
});

test("a health that is another by a billionth is not believed, by less it is rounding", async () => {
  const pool = lyingPool(4, BORROWERS.slice(0, 1));
  const own = (1_000n * 8_000n * 10n ** 18n) / 700n / 10_000n;
  const say = (health: bigint) => (pool.lies["getUserAccountData"] = () => [0n, 0n, 0n, 0n, 0n, health]);
  for (const sign of [1n, -1n]) {
    say(own + (sign * own) / 1_001_000_000n);
    assert.equal((await pool.look()).fault, "none");
    say(own + (sign * own) / 999_000_000n);
    assert.match((await pool.look()).fault, /^DISAGREES/);
  }
});

test("where the collateral is paused, or what its borrowers owe, nobody's threshold may move; elsewhere it may", async () => {
  const pool = lyingPool(4, BORROWERS);
  for (const [id, words] of [
    [0, /^PAUSED: the reserve of 0xa5.*00/],
    [1, /^PAUSED: the reserve of 0xa5.*01, of which 0xac.* owes/],
    [2, /^none/],
    [3, /^none/],
  ] as const) {
    pool.paused.clear();
    pool.paused.add(id);
    assert.match((await pool.look()).fault, words);
  }
});

test("an account with all 128 reserves that a pool can have is read to the last", async () => {
  const every = Object.fromEntries(Array.from({ length: 128 }, (_, id) => [id, 10n * DOLLAR]));
  const { fault, book } = await lyingPool(128, [{ has: every, owes: { 127: 900n * DOLLAR } }]).look();
  assert.equal(fault, "none");
  assert.deepEqual([book?.debtUsd, book?.largestBorrowerUsd, book?.borrowers], [900, 10, 1]);
  const due = book?.due.map(({ debtUsd }) => debtUsd);
  assert.deepEqual(due, [0, 0, 0, 0, 0], "what else it has covers it: 1024 less the half of 8");
});

test("more accounts than are kept are a fault, whether deep or young", async () => {
  for (const blocks of ["0x1", "0x64"]) {
    const pool = lyingPool(4, []);
    const known = Array.from({ length: 200_001 }, (_, i): Hex => `0x${i.toString(16).padStart(40, "0")}`);
    pool.store.noteLender("x", [], { next: 1n, hash: null });
    const store = { ...pool.store, noteLender: () => known.length, lenderAccounts: () => known };
    const read = openLenders({ ...pool, store });
    const seen = await read?.({ number: BigInt(blocks), timestamp: 0 });
    assert.match(seen?.states[0]?.fault ?? "", /^TOO_MANY: 200001, of 200000/);
  }
});

test("no lender hides another or ends a cycle, whatever is thrown, and is tried again", async () => {
  const pool = lyingPool(4, BORROWERS);
  const [first] = pool.deployment.lenders;
  const lenders = [{ ...first, name: "sick" }, ...pool.deployment.lenders] as never;
  const deployment = { ...pool.deployment, lenders };
  let times = 0;
  const calls: typeof pool.rpc.calls = async (...asked) => {
    times += 1;
    if (times === 1) throw Object.assign(new Error("the node answers for another chain"), { code: "WRONG_CHAIN" });
    return pool.rpc.calls(...asked);
  };
  const read = openLenders({
    ...pool,
    deployment,
    rpc: { ...pool.rpc, calls },
  });
  const seen = await read?.({ number: 20n, timestamp: 0 });
  assert.deepEqual(
    seen?.states.map(({ lender, fault }) => [lender, fault]),
    [
      ["sick", "UNREACHABLE: the node answers for another chain"],
      ["Aave", null],
    ],
  );
  assert.deepEqual(
    [seen?.books.length, seen?.markets.size],
    [1, 0],
    "a market of which a lender is unread has no figures",
  );
  const again = await read?.({ number: 20n, timestamp: 0 });
  assert.equal(again?.states[0]?.fault, null, "what failed is tried again, at the same block too");
  assert.equal(await read?.({ number: 20n, timestamp: 0 }), await read?.({ number: 20n, timestamp: 0 }));
});
