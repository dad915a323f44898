import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hex } from "viem";
import { accountIndex, unwritten } from "../../../keeper/impact/lenders/accountIndex.ts";
import type { LenderFault } from "../../../keeper/impact/lenders/lenderFault.ts";
import { openJournal } from "../../../keeper/journal/journal.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const POOL: Hex = `0x${"11".repeat(20)}`;
const KIND: Hex = `0x${"22".repeat(32)}`;
const IDENTITY = { chainId: 1, contract: POOL };

/** A chain of events: at each block the account of its number; it gives `most` blocks at once. */
function chain(at: readonly number[], most = 1_000n) {
  const asked: [bigint, bigint][] = [];
  const state = { most, fork: "aa", change: (log: object): object => log };
  const account = (block: number): Hex => `0x${block.toString(16).padStart(40, "0")}`;
  const ask = async ({ params }: { readonly params: readonly unknown[] }) => {
    const [filter] = params as [{ fromBlock: Hex; toBlock: Hex }];
    const [from, to] = [BigInt(filter.fromBlock), BigInt(filter.toBlock)];
    if (to - from >= state.most) throw Object.assign(new Error("range is too wide"), { code: -32_005 });
    asked.push([from, to]);
    return at
      .filter((block) => block >= from && block <= to)
      .map((block) => {
        const topics = [KIND, `0x${"0".repeat(24)}${account(block).slice(2)}`];
        return state.change({ address: POOL, topics, blockNumber: `0x${block.toString(16)}` });
      });
  };
  const block = async (number: bigint | "latest") => {
    const hash: Hex = `0x${state.fork}${number.toString(16).padStart(62, "0")}`;
    return { number: BigInt(number), hash, timestamp: 0, baseFee: 0n };
  };
  return { ask, rpc: { block }, asked, state, account };
}
const source = { address: POOL, topics: [KIND], accountTopic: 1 };
const sorted = (accounts: readonly Hex[]) => accounts.toSorted();

test("events are read in spans that the node gives, once, and only what is young again; also after a restart", async () => {
  const node = chain([5, 700, 9_950, 9_999], 900n);
  const path = `${temporaryFolder()}/journal.sqlite`;
  const open = () => {
    const store = openJournal(path, IDENTITY);
    return { store, index: accountIndex({ ...node, store, source, fromBlock: 3n }) };
  };
  const first = open();
  assert.deepEqual(sorted(await first.index(10_000n)), [5, 700, 9_950, 9_999].map(node.account));
  assert.deepEqual(sorted(first.store.lenderAccounts(`${POOL} ${KIND}`)), [5, 700].map(node.account), "64 deep");
  assert.equal(node.asked[0]?.[0], 3n);
  first.store.close();
  node.asked.length = 0;
  const second = open();
  assert.equal((await second.index(10_000n)).length, 4);
  assert.deepEqual(node.asked, [[9_937n, 10_000n]], "nothing of what was kept is asked for again");
  // Another chain below what was kept: all of it again, and what is found is added.
  node.state.fork = "bb";
  node.asked.length = 0;
  assert.equal((await second.index(10_001n)).length, 4);
  assert.equal(node.asked[0]?.[0], 3n);
  second.store.close();
});

test("what a node refuses for one block, gives of another contract, or does not come to has its name, and what was read stays", async () => {
  const store = openJournal(":memory:", IDENTITY);
  const node = chain([5, 700], 300n);
  const index = accountIndex({ ...node, store, source, fromBlock: 0n });
  const fault = async (signal?: AbortSignal) =>
    index(2_000n, signal).then(
      () => "none",
      (error: LenderFault) => error.message,
    );
  node.state.change = (log) => ({ ...log, address: `0x${"33".repeat(20)}` });
  assert.match(await fault(), /^FOREIGN_LOG/);
  node.state.change = (log) => ({ ...log, blockNumber: "0x7fffffff" });
  assert.match(await fault(), /^FOREIGN_LOG/);
  node.state.change = (log) => log;
  node.state.most = 0n;
  assert.match(await fault(), /^LOGS_REFUSED: events of block 0: range is too wide/);
  node.state.most = 300n;
  const stop = new AbortController();
  node.state.change = (log) => {
    stop.abort();
    return log;
  };
  assert.match(await fault(stop.signal), /^NOT_INDEXED: read until block \d+ of 2000/);
  assert.deepEqual(store.lenderAccounts(`${POOL} ${KIND}`), [node.account(5)]);
  store.close();
});

test("a dry run finds the same accounts and writes none; what it found it does not read again", async () => {
  const store = openJournal(":memory:", IDENTITY);
  const node = chain([5, 700, 9_999]);
  const kept = accountIndex({ ...node, store, source, fromBlock: 0n });
  await kept(500n);
  const [cursor, accounts] = [store.lenderCursor(`${POOL} ${KIND}`), store.lenderAccounts(`${POOL} ${KIND}`)];
  const dry = accountIndex({ ...node, store: unwritten(store), source, fromBlock: 0n });
  assert.deepEqual(sorted(await dry(10_000n)), [5, 700, 9_999].map(node.account));
  assert.deepEqual(store.lenderCursor(`${POOL} ${KIND}`), cursor);
  assert.deepEqual(store.lenderAccounts(`${POOL} ${KIND}`), accounts);
  node.asked.length = 0;
  assert.equal((await dry(10_000n)).length, 3);
  assert.deepEqual(node.asked, [[9_937n, 10_000n]]);
  store.close();
});

test("a node that holds back its answer holds nobody up for longer than the signal", async () => {
  const store = openJournal(":memory:", IDENTITY);
  const node = chain([]);
  const ask = () => new Promise<never>(() => undefined);
  const index = accountIndex({ ...node, ask, store, source, fromBlock: 0n });
  await assert.rejects(index(2_000n, AbortSignal.timeout(20)), /NOT_INDEXED: read until block -1 of 2000/);
  store.close();
});

test("a reorganisation deeper than what is read again at each look costs one reading from the first block", async () => {
  const store = openJournal(":memory:", IDENTITY);
  const node = chain([5, 700, 9_000]);
  const index = accountIndex({ ...node, store, source, fromBlock: 0n });
  await index(8_000n);
  node.state.fork = "bb";
  const name = `${POOL} ${KIND}`;
  assert.deepEqual(sorted(await index(10_000n)), [5, 700, 9_000].map(node.account));
  assert.equal(store.lenderCursor(name)?.next, 9_937n);
  node.asked.length = 0;
  await index(10_000n);
  assert.deepEqual(node.asked, [[9_937n, 10_000n]], "the new chain is the kept one");
  // Below the first block that is kept, or before the lender's own: nothing is kept, and nothing asked for twice.
  node.asked.length = 0;
  assert.deepEqual(
    await accountIndex({ ...node, store, source, fromBlock: 20_000n })(10_000n),
    [5, 700, 9_000].map(node.account).toSorted(),
  );
  assert.deepEqual(node.asked, []);
  store.close();
});

test("a first read through a node that gives a thousand blocks costs one question a thousand, and goes on where it was cut off", async () => {
  const store = openJournal(":memory:", IDENTITY);
  const node = chain([5, 2_000_000], 1_000n);
  const stop = new AbortController();
  const ask: typeof node.ask = async (question) => {
    if (node.asked.length === 1_500) stop.abort();
    return node.ask(question);
  };
  const index = accountIndex({ ...node, ask, store, source, fromBlock: 0n });
  await assert.rejects(index(3_000_000n, stop.signal), /NOT_INDEXED: read until block 1\d{6} of 3000000/);
  assert.ok(node.asked.length <= 1_502);
  assert.equal((await index(3_000_000n)).length, 2);
  const twice = new Set(node.asked.map(([from]) => from));
  assert.equal(twice.size, node.asked.length, "no span is read twice");
  // Widened again and refused again after every sixteen answers: spans of 781 blocks and more.
  assert.ok(node.asked.length < 4_000, `${node.asked.length}`);
  store.close();
});
