import assert from "node:assert/strict";
import { test } from "node:test";
import { AbiCoder, type Contract, type JsonRpcApiProvider } from "ethers";
import type { Hex } from "viem";
import { readAave } from "../../../keeper/impact/lenders/aaveV3/aaveV3.ts";
import { lensCall } from "../../../keeper/impact/lenders/aaveV3/lens.ts";
import { marketBook } from "../../../keeper/impact/lenders/lenderBook.ts";
import { openLenders } from "../../../keeper/impact/lenders/lenders.ts";
import { openRpc } from "../../../keeper/io/rpc.ts";
import { openJournal } from "../../../keeper/journal/journal.ts";
import { ownArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { uniforms } from "../../../scripts/lab/validation/statistics/random.ts";
import { aaveV36 } from "../../adapters/support/aaveReleases.ts";
import { aaveWorld } from "../../adapters/support/aaveWorld.ts";
import { read, send } from "../../adapters/support/chain.ts";

const ACCOUNTS = 100;
const DOLLAR = 10n ** 8n;

test("the code that is handed to nodes is what the compiler makes of its source", () => {
  const { code = "0x" } = lensCall(`0x${"ab".repeat(20)}`, [], []);
  const { bytecode } = ownArtifact("contracts/lens/AaveLens");
  assert.ok(bytecode.includes(code.slice(2)), "contracts/lens/AaveLens.sol was changed: carry its code over");
});

test("the book of the real Aave v3.6 has the health factor of every account as the pool has it, and its faults have names", async (t) => {
  const release = aaveV36();
  if (release === null) return t.skip("not installed: @aave-dao/aave-v3-origin");
  const world = await aaveWorld(release);
  const node = world.owner.provider as unknown as JsonRpcApiProvider;
  const ask = ({ method, params }: { method: string; params?: unknown }) => node.send(method, params as unknown[]);
  const rpc = openRpc({ url: { request: ask }, chainId: Number(await ask({ method: "eth_chainId", params: [] })) });
  const { pool, configurator, assets } = world;
  const [weth, usdc] = assets as unknown as [Hex, Hex];
  const provider = await read<Hex>(pool, "ADDRESSES_PROVIDER");
  // Aave's own oracle over feeds that are set by hand.
  const feeds = await Promise.all([
    world.own("MockPriceFeed", "ETH / USD", 8),
    world.own("MockPriceFeed", "USDC / USD", 8),
  ]);
  for (const [i, dollars] of [2_000n, 1n].entries()) await send(feeds[i] as Contract, "setAnswer", dollars * DOLLAR);
  const sources = await Promise.all(feeds.map((feed) => feed.getAddress()));
  const none = `0x${"0".repeat(40)}`;
  const oracle = await world.foreign(release.code("AaveOracle"), [provider, [weth, usdc], sources, none, none, DOLLAR]);
  await send(world.at(release.code("PoolAddressesProvider"), provider), "setPriceOracle", await oracle.getAddress());
  const price = (dollars: bigint) => send(feeds[0] as Contract, "setAnswer", dollars * DOLLAR);

  // Dollars as collateral too, ether to borrow, an e-mode of ether, and interest.
  await send(configurator, "configureReserveAsCollateral", usdc, 7_500, 7_800, 10_450);
  const rates = AbiCoder.defaultAbiCoder().encode(["uint16", "uint32", "uint32", "uint32"], [8_000, 500, 700, 6_000]);
  for (const asset of [weth, usdc]) await send(configurator, "setReserveInterestRateData", asset, rates);
  await send(configurator, "setEModeCategory", 1, 9_000, 9_300, 10_100, "ether");
  await send(configurator, "setAssetCollateralInEMode", weth, 1, true);
  await send(configurator, "setAssetBorrowableInEMode", usdc, 1, true);
  const rich = await world.user(2);
  const random = uniforms(7);
  const accounts: Hex[] = [];
  for (let i = 0; i < ACCOUNTS; i++) {
    const account: Hex = `0x${(0x1000 + i).toString(16).padStart(40, "0")}`;
    accounts.push(account);
    await node.send("hardhat_setBalance", [account, "0xde0b6b3a7640000"]);
    await node.send("hardhat_impersonateAccount", [account]);
    const own = pool.connect(await world.ethers.getSigner(account)) as Contract;
    if (i % 5 === 1) await send(own, "setUserEMode", 1);
    const ether = BigInt(Math.ceil(10 ** (6 + random() * 14)));
    const dollars = BigInt(Math.ceil(10 ** (1 + random() * 9)));
    if (i % 3 !== 0) await send(rich, "supply", weth, ether, account, 0);
    if (i % 3 !== 1) await send(rich, "supply", usdc, dollars, account, 0);
    if (i % 10 === 9) continue;
    // As much as it may, or a part, in either asset; some borrow what they have.
    const { availableBorrowsBase: may } = await read<{ availableBorrowsBase: bigint }>(
      pool,
      "getUserAccountData",
      account,
    );
    const part = (may * BigInt(Math.floor(random() * 1_000))) / 1_000n;
    const wantsEther = i % 4 === 3 && i % 5 !== 1;
    const amount = wantsEther ? (part * 10n ** 18n) / (2_000n * DOLLAR) : part / 100n;
    if (amount > 0n) await send(own, "borrow", wantsEther ? weth : usdc, amount, 2, 0, account);
  }
  const store = openJournal(":memory:", { chainId: rpc.chainId, contract: weth });
  t.after(() => store.close());
  const markets = [{ id: 1, collateral: weth }] as never;
  const lender = {
    kind: "aave-v3",
    name: "aave",
    fromBlock: 0,
    provider,
    pool: (await pool.getAddress()) as Hex,
    markets: [1],
    agent: null,
  } as const;
  const look = async (changed: object = {}) => {
    const lenders = [{ ...lender, ...changed }] as never;
    const block = await rpc.block("latest");
    return openLenders({ deployment: { lenders, markets }, rpc, ask, store })?.(block) ?? assert.fail();
  };
  const assertSame = async () => {
    const block = await rpc.block("latest");
    const ref = { name: "aave", provider, pool: lender.pool, assets: new Map([[1, weth]]) };
    const book = await readAave(ref, accounts, block.timestamp, { rpc, blockNumber: block.number });
    let owing = 0;
    for (const account of accounts) {
      const theirs = await read<{ healthFactor: bigint; totalDebtBase: bigint }>(pool, "getUserAccountData", account);
      const ours = book.borrowers.find((one) => one.account === account);
      if (theirs.totalDebtBase === 0n) {
        assert.equal(ours, undefined);
        continue;
      }
      owing += 1;
      assert.equal(ours?.healthWad, theirs.healthFactor, `${account}`);
      assert.ok(Math.abs((ours?.debtUsd ?? 0) * 1e8 - Number(theirs.totalDebtBase)) <= 1);
    }
    assert.ok(owing > ACCOUNTS / 2, `${owing} borrowers`);
    return book;
  };
  await assertSame();
  await world.pass(90 * 86_400);
  const before = marketBook([await assertSame()], 1);
  await price(1_600n);
  const book = await assertSame();
  const after = marketBook([book], 1);

  // What was to fall due after a fall of 20 % is due now, to the account.
  const below = book.borrowers.filter(
    (one) => one.healthWad < 10n ** 18n && one.collateral.some((c) => c.marketId === 1 && c.usd > 0),
  );
  const dueAt = (fall: number) => before.due.find((one) => one.fall === fall)?.debtUsd ?? 0;
  const dueNow = below.reduce((sum, one) => sum + one.debtUsd, 0);
  const inEther = book.borrowers.flatMap((one) => one.debts).filter((one) => one.marketId === 1);
  assert.ok(below.length > 2 && inEther.length > 2);
  const lost = inEther.reduce((sum, { usd }) => sum + usd, 0) / 4;
  assert.ok(dueNow <= dueAt(0.2) + 1 && dueNow >= dueAt(0.2) - lost - 1, `${dueNow} of ${dueAt(0.2)}`);
  assert.ok(after.largestBorrowerUsd > 0 && after.heldUsd > after.largestBorrowerUsd);

  // From events: the same book; and each thing that can be wrong with a lender is a named fault.
  const seen = await look();
  assert.deepEqual(seen.states, [{ lender: "aave", markets: [1], borrowers: book.borrowers.length, fault: null }]);
  assert.deepEqual(seen.markets.get(1), after);
  const faultOf = async (changed: object) => (await look(changed)).states[0]?.fault ?? "none";
  assert.match(await faultOf({ pool: usdc }), /^POOL_MOVED: .*, not 0x/);
  assert.match(await faultOf({ provider: usdc }), /^VIEW_REVERTS: getPool/);
  assert.match(await faultOf({ markets: [2] }), /^WRONG_MARKET/);
  await send(configurator, "setReservePause", weth, true);
  assert.match(await faultOf({}), /^PAUSED/);
  await send(configurator, "setReservePause", weth, false);
  await price(0n);
  assert.match(await faultOf({}), /^VIEW_REVERTS: getAssetPrice/);
});
