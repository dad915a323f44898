import assert from "node:assert/strict";
import { test } from "node:test";
import type { Contract, ContractTransactionResponse } from "ethers";
import { aaveV30, aaveV36 } from "./support/aaveReleases.ts";
import { aaveWorld } from "./support/aaveWorld.ts";
import { addressOf, read, send } from "./support/chain.ts";
import { morphoWorld } from "./support/morphoWorld.ts";

const LLTV = 860_000_000_000_000_000n;
const HOUR = 3_600;

test("on Morpho Blue the parameter contract's own speed brings a position to liquidation, and not before", async () => {
  const world = await morphoWorld(LLTV, { collateral: 18, loan: 6 }, 1_800, "contract");
  const [borrower, liquidator] = [await world.user(2), await world.user(3)];
  const account = await addressOf(borrower);
  await send(borrower, "supplyCollateral", world.market, 10n * world.one.collateral, account, "0x");
  await send(borrower, "borrow", world.market, 15_999_999_990n, 0, account, account);
  const maintenance = async () =>
    Number((await read<{ maintenanceBps: bigint }>(world.haircuts, "haircuts(uint16)", 1)).maintenanceBps);
  const liquidate = () => send(liquidator, "liquidate", world.market, account, world.one.collateral, 0, "0x");

  await world.setMaintenance(2_300);
  assert.equal(await maintenance(), 1_800, "a target moves nothing in its block");
  // 10 bp in 96 minutes; 80 % of 20000 USDC covers 15999.99999, 79.99 % does not.
  for (let step = 0; step <= 21; step += 1) {
    const reads = await maintenance();
    assert.ok(Math.abs(reads - 1_800 - 10 * step) <= 1, `${reads} bp after ${step} steps`);
    // The block of the call is a little later than that of the read, so the two steps at the edge are not looked at.
    if (step < 20) await assert.rejects(liquidate(), /position is healthy/, `at ${reads} bp`);
    await world.pass(96 * 60);
    await world.setMaintenance(2_300);
  }
  await liquidate();
});

test("on Morpho Blue nothing that a silent keeper leaves behind liquidates anyone", async () => {
  const world = await morphoWorld(LLTV, { collateral: 18, loan: 6 }, 1_800, "contract");
  const [borrower, liquidator] = [await world.user(2), await world.user(3)];
  const account = await addressOf(borrower);
  await send(borrower, "supplyCollateral", world.market, 10n * world.one.collateral, account, "0x");
  await send(borrower, "borrow", world.market, 15_999_999_990n, 0, account, account);
  await world.setMaintenance(2_300);
  await world.pass(30 * 24 * HOUR);
  const { initialBps, maintenanceBps } = await read<{ initialBps: bigint; maintenanceBps: bigint }>(
    world.haircuts,
    "haircuts(uint16)",
    1,
  );
  assert.equal(initialBps, 10_000n);
  // 37.5 bp in the six hours until the data was old.
  assert.ok(maintenanceBps === 1_837n || maintenanceBps === 1_838n, `${maintenanceBps}`);
  await assert.rejects(send(liquidator, "liquidate", world.market, account, 1n, 0, "0x"), /position is healthy/);
});

for (const version of ["3.0", "3.6"]) {
  test(`on the real Aave v${version} pool the agent carries the parameter contract's values over`, async (t) => {
    const release = version === "3.0" ? aaveV30 : aaveV36();
    if (release === null) return t.skip("not installed: @aave-dao/aave-v3-origin");
    const world = await aaveWorld(release, "contract");
    await world.haircut(2_200, 1_800);
    await world.sync();
    assert.deepEqual(await world.collateral(), [7_800, 8_275, 10_500], "LTV at once, LT one step");

    const pool = await world.user(2);
    const account = await addressOf(pool);
    await send(pool, "supply", world.assets[0], 10n ** 19n, account, 0);
    const available = (await world.availableTo(account)) / 100n;
    const call =
      (contract: Contract, name: string, ...args: unknown[]) =>
      () =>
        contract.getFunction(name)(...args, { gasLimit: 1_500_000 }) as Promise<ContractTransactionResponse>;
    await world.haircut(2_500, 2_300);
    await world.inOneBlock(
      call(pool, "borrow", world.assets[1], available, 2, 0, account),
      call(world.agent, "sync", world.assets[0]),
    );
    assert.deepEqual(await world.collateral(), [7_500, 8_275, 10_500], "initial at once, maintenance not in its block");
    assert.ok(
      (await world.healthOf(account)) > 10n ** 18n,
      "a loan at the maximum is healthy in the block of the sync",
    );

    await world.haircut(2_500, 2_300, 1);
    await world.sync();
    assert.equal((await world.collateral())[0], 0, "NO_NEW_RISK stops lending");
    assert.ok((await world.healthOf(account)) > 10n ** 18n, "and liquidates nobody");

    await world.haircut(2_500, 2_300, 0);
    await world.sync();
    assert.equal((await world.collateral())[0], 7_500, "open again");
    await world.pass(18 * HOUR);
    await world.sync();
    const [ltv = 0, threshold] = await world.collateral();
    // Twelve of 24 hours stale: half of the way from 25 % to 100 %, to a few minutes.
    assert.ok(ltv <= 3_750 && ltv > 3_700, `silence lowers LTV to ${ltv}`);
    assert.equal(threshold, 8_275, "and leaves LT");
  });
}
