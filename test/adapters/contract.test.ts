import assert from "node:assert/strict";
import { test } from "node:test";
import type { Contract, ContractTransactionResponse } from "ethers";
import { aaveV30, aaveV36 } from "./support/aaveReleases.ts";
import { aaveWorld } from "./support/aaveWorld.ts";
import { addressOf, send } from "./support/chain.ts";

const HOUR = 3_600;

for (const version of ["3.0", "3.6"]) {
  test(`on the real Aave v${version} pool the agent carries the parameter contract's values over`, async (t) => {
    const release = version === "3.0" ? aaveV30 : aaveV36();
    if (release === null) return t.skip("not installed: @aave-dao/aave-v3-origin");
    const world = await aaveWorld(release, "contract");
    await world.haircut(2_200, 1_800);
    await world.sync();
    await world.syncCap();
    assert.deepEqual(await world.collateral(), [7_800, 8_275, 10_500], "LTV at once, LT one step");
    assert.equal(await world.supplyCap(), 55_168n, "the supply cap is the exposure limit");

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
    await world.syncCap();
    assert.equal((await world.collateral())[0], 0, "NO_NEW_RISK stops lending");
    assert.equal(await world.supplyCap(), 10n, "and supplying more than is there");
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
