import assert from "node:assert/strict";
import { test } from "node:test";
import type { Contract, ContractTransactionResponse } from "ethers";
import { aaveV30, aaveV36 } from "./support/aaveReleases.ts";
import { type AaveWorld, aaveWorld } from "./support/aaveWorld.ts";
import { addressOf, send } from "./support/chain.ts";

const ETHER = 10n ** 18n;
const MISSING = "not installed: @aave-dao/aave-v3-origin";
let world: AaveWorld;

/** A loan of all that `ether` WETH allows, ready to be sent. */
async function loan(index: number, ether = 10n) {
  const pool = await world.user(index);
  const account = await addressOf(pool);
  await send(pool, "supply", world.assets[0], ether * ETHER, account, 0);
  const borrow = async (usdc: bigint) =>
    (await pool.getFunction("borrow")(world.assets[1], usdc, 2, 0, account, {
      gasLimit: 1_000_000,
    })) as ContractTransactionResponse;
  // base currency has 8 decimals, USDC 6
  return { pool, account, borrow, borrowAll: async () => borrow((await world.availableTo(account)) / 100n) };
}

const liquidate = (pool: Contract, account: string) =>
  send(pool, "liquidationCall", world.assets[0], world.assets[1], account, 1_000_000n, false);
const syncing = async () =>
  (await world.agent.getFunction("sync")(world.assets[0], { gasLimit: 500_000 })) as ContractTransactionResponse;

for (const version of ["3.0", "3.6"]) {
  test(`on the real Aave v${version} pool`, async (t) => {
    const release = version === "3.0" ? aaveV30 : aaveV36();
    if (release === null) return t.skip(MISSING);
    world = await aaveWorld(release);
    const { errors } = world;

    await t.test("a loan at maximum LTV opened in the block of the update is not liquidatable in it", async () => {
      await world.haircut(2_500, 2_300);
      const { pool, account, borrowAll } = await loan(2);
      const liquidator = await world.user(9);
      await world.inOneBlock(borrowAll, syncing);
      assert.deepEqual(await world.collateral(), [7_500, 8_275, 10_500], "LTV at once, LT one step, bonus as it was");
      assert.ok((await world.healthOf(account)) > ETHER, "healthy at the end of the block");
      await assert.rejects(liquidate(liquidator, account), errors.healthy);
      await assert.rejects(
        send(pool, "borrow", world.assets[1], 1n, 2, 0, account),
        errors.tooLittleCollateral,
        "and nothing more is lent",
      );
    });

    await t.test("the ramp reaches that loan after eleven steps, a day and three quarters later", async () => {
      const account = world.signers[2]?.address ?? "";
      const liquidator = await world.user(9);
      for (let step = 2; step <= 10; step += 1) {
        await world.pass(14_400);
        await world.haircut(2_500, 2_300);
        await world.sync();
      }
      assert.deepEqual(await world.collateral(), [7_500, 8_050, 10_500]);
      await assert.rejects(liquidate(liquidator, account), errors.healthy);
      await world.pass(14_400);
      await world.haircut(2_500, 2_300);
      await world.sync();
      assert.deepEqual(await world.collateral(), [7_500, 8_025, 10_500]);
      await liquidate(liquidator, account);
    });

    await t.test("a call that changes nothing sends nothing to Aave", async () => {
      const filter = world.configurator.filters["CollateralConfigurationChanged"]?.();
      if (filter === undefined) throw new Error("the configurator has no such event");
      const events = async () => (await world.configurator.queryFilter(filter)).length;
      const earlier = await events();
      await world.sync();
      assert.equal(await events(), earlier);
    });

    await t.test("NO_NEW_RISK stops lending in its block and liquidates nobody", async () => {
      const { account, borrow } = await loan(3);
      await borrow(14_000_000_000n);
      await world.haircut(10_000, 2_300, 1);
      await world.sync();
      assert.equal((await world.collateral())[0], 0);
      assert.ok((await world.healthOf(account)) > ETHER);
      const next = await loan(4);
      assert.equal(await world.availableTo(next.account), 0n);
      await assert.rejects(async () => (await next.borrow(1_000_000n)).wait());
      await world.haircut(2_500, 2_300);
      await world.sync();
      assert.equal((await world.collateral())[0], 7_500, "what the agent closed it opens again");
    });

    await t.test("FROZEN holds the threshold still", async () => {
      const [, threshold] = await world.collateral();
      await world.pass(30 * 86_400);
      await world.haircut(10_000, 5_000, 2);
      await world.sync();
      assert.deepEqual(await world.collateral(), [0, threshold, 10_500]);
      await world.haircut(2_500, 2_300);
      await world.sync();
    });

    await t.test("a month of silence lowers LTV only", async () => {
      const [, threshold] = await world.collateral();
      await world.haircut(9_500, 2_300);
      await world.pass(30 * 86_400);
      await world.sync();
      assert.deepEqual(await world.collateral(), [500, threshold, 10_500]);
    });

    await t.test("a reserve that Aave froze is kept up to date and stays frozen", async () => {
      await world.haircut(2_600, 2_300);
      await world.sync();
      await send(world.configurator, "setReserveFreeze", world.assets[0], true);
      await world.pass(14_400);
      await world.haircut(2_700, 2_300);
      await world.sync();
      const [ltv, threshold] = await world.collateral();
      if (version === "3.0") {
        assert.equal(ltv, 7_300, "3.0 has no pending LTV: a lower one is set directly");
        await world.haircut(2_000, 2_300);
        await world.sync();
        assert.equal((await world.collateral())[0], 7_300, "and no higher one");
        await world.haircut(2_700, 2_300);
      } else assert.deepEqual([ltv, await world.pendingLtv()], [0, 7_300n], "effective 0, the new LTV waits");
      const pool = await world.user(5);
      await assert.rejects(send(pool, "supply", world.assets[0], ETHER, await addressOf(pool), 0), errors.frozen);
      await send(world.configurator, "setReserveFreeze", world.assets[0], false);
      if (version === "3.0") return;
      await assert.rejects(world.sync(), /ClosedByOthers/, "un-freezing leaves LTV at 0: Aave's admin opens");
      await send(world.configurator, "setReserveLtvzero", world.assets[0], false);
      assert.deepEqual(await world.collateral(), [7_300, threshold, 10_500], "at the LTV of today");
    });

    await t.test("a paused reserve is lent against still: it is not loosened, and its threshold waits", async () => {
      const pause = (paused: boolean) =>
        send(world.configurator, "setReservePause(address,bool)", world.assets[0], paused);
      const [, threshold = 0] = await world.collateral();
      const { borrow } = await loan(6);
      await pause(true);
      await (await borrow(1_000_000n)).wait();
      await world.pass(14_400);
      await world.haircut(2_000, 2_300);
      await world.sync();
      assert.deepEqual(await world.collateral(), [7_300, threshold, 10_500]);
      await world.haircut(2_800, 2_300);
      await world.sync();
      assert.deepEqual(await world.collateral(), [7_200, threshold, 10_500], "down it goes");
      await pause(false);
      await world.haircut(2_700, 2_300);
      await world.sync();
      assert.deepEqual(await world.collateral(), [7_300, threshold - 25, 10_500], "as ever, by one step");
    });

    await t.test("an LTV of zero that Aave's governance set is left alone", async () => {
      const [, threshold] = await world.collateral();
      await send(world.configurator, "configureReserveAsCollateral", world.assets[0], 0, threshold, 10_500);
      await assert.rejects(world.sync(), /ClosedByOthers/);
      await send(world.configurator, "configureReserveAsCollateral", world.assets[0], 7_000, threshold, 10_500);
      await world.sync();
      assert.equal((await world.collateral())[0], 7_300);
      if (version === "3.0") return;
      await send(world.configurator, "setReserveLtvzero", world.assets[0], true);
      await assert.rejects(world.sync(), /ClosedByOthers/, "nor is what the emergency admin closed");
      assert.equal(await world.pendingLtv(), 7_300n, "and what waits is not lost");
      await send(world.configurator, "setReserveLtvzero", world.assets[0], false);
    });

    await t.test("an emergency LTV of zero stands although the agent closed the reserve before", async () => {
      const [, threshold] = await world.collateral();
      const configure = (ltv: number) =>
        send(world.configurator, "configureReserveAsCollateral", world.assets[0], ltv, threshold, 10_500);
      const closedByAgent = async () => {
        await world.haircut(10_000, 2_300, 1);
        await world.sync();
        assert.equal((await world.collateral())[0], 0);
        await world.haircut(2_700, 2_300);
      };
      await closedByAgent();
      await configure(7_300);
      await world.sync();
      await configure(0);
      await assert.rejects(world.sync(), /ClosedByOthers/, "the agent saw the reserve open: this 0 is not its own");
      await configure(7_300);
      await world.sync();
      if (version === "3.0") return;
      await closedByAgent();
      await configure(7_300);
      await send(world.configurator, "setReserveLtvzero", world.assets[0], true);
      await assert.rejects(world.sync(), /ClosedByOthers/, "nor is a 0 with an LTV waiting, seen open or not");
      await send(world.configurator, "setReserveLtvzero", world.assets[0], false);
      assert.deepEqual(await world.collateral(), [7_300, threshold, 10_500], "open by hand-back only");
      await world.sync();
    });

    await t.test("LT x bonus stays within what Aave allows", async () => {
      await send(world.configurator, "configureReserveAsCollateral", world.assets[0], 7_000, 9_290, 10_750);
      for (let step = 0; step < 3; step += 1) {
        await world.pass(14_400);
        await world.haircut(300, 100);
        await world.sync();
      }
      assert.deepEqual(await world.collateral(), [9_102, 9_302, 10_750], "9302 x 1.075 = 99.997 %, 9303 is refused");
    });

    await t.test("the exposure limit becomes the supply cap, and no more never becomes no cap", async () => {
      const supplier = await world.user(7);
      const account = await addressOf(supplier);
      const supply = (ether: bigint) => send(supplier, "supply", world.assets[0], ether * ETHER, account, 0);
      const there = (await world.suppliedOf()) / ETHER;
      await world.exposureLimit(there + 100n, true);
      await world.syncCap();
      await supply(90n);
      await assert.rejects(supply(20n), errors.supplyCap, "past the limit");

      await world.exposureLimit(there + 1_000n, false);
      await world.syncCap();
      assert.equal(await world.supplyCap(), (await world.suppliedOf()) / ETHER, "closed: what is there");
      await assert.rejects(supply(2n), errors.supplyCap, "no more");
      await send(supplier, "withdraw", world.assets[0], 40n * ETHER, account);
      await world.exposureLimit(1n, true);
      await world.syncCap();
      assert.equal(await world.supplyCap(), 1n, "far below what is there");
      await send(supplier, "withdraw", world.assets[0], 40n * ETHER, account);
      await assert.rejects(supply(1n), errors.supplyCap, "nobody is forced out, nobody gets in");

      await send(world.configurator, "setReserveFreeze", world.assets[0], true);
      await world.exposureLimit(50_000n, true);
      await world.syncCap();
      assert.equal(await world.supplyCap(), 50_000n, "kept up to date while frozen");
      await assert.rejects(supply(1n), errors.frozen, "and frozen");
      await send(world.configurator, "setReserveFreeze", world.assets[0], false);
      if (version !== "3.0") await send(world.configurator, "setReserveLtvzero", world.assets[0], false);
      await send(world.configurator, "setSupplyCap", world.assets[0], 2n);
      await world.syncCap();
      assert.equal(await world.supplyCap(), 2n, "what Aave's own admin sets stands");
      await send(world.configurator, "setSupplyCap", world.assets[0], 60_000n);
      await world.syncCap();
      assert.equal(await world.supplyCap(), 50_000n, "until it sets another");
    });

    await t.test("without the role nothing happens", async () => {
      await send(world.acl, "removeRiskAdmin", await world.agent.getAddress());
      await world.haircut(5_000, 100);
      await assert.rejects(world.sync(), errors.notRiskAdmin);
      await world.exposureLimit(40_000n, true);
      await assert.rejects(world.syncCap(), errors.notRiskAdmin);
      assert.equal((await world.collateral())[0], 9_102);
    });
  });
}
