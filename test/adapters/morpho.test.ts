import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventLog } from "ethers";
import { addressOf, send } from "./support/chain.ts";
import { morphoWorld } from "./support/morphoWorld.ts";

const LLTV = 860_000_000_000_000_000n;
const WETH_USDC = { collateral: 18, loan: 6 };
const ALL_DECIMALS = [6, 8, 18].flatMap((collateral) => [6, 8, 18].map((loan) => ({ collateral, loan })));

test("on Morpho Blue a position may owe 1 - maintenance of its collateral, whatever the decimals", async () => {
  for (const decimals of ALL_DECIMALS) {
    const world = await morphoWorld(LLTV, decimals, 1_800);
    const borrower = await world.user(2);
    const account = await addressOf(borrower);
    await send(borrower, "supplyCollateral", world.market, 10n * world.one.collateral, account, "0x");
    // 82 % of 10 x 2000, at an LLTV of 86 %
    const limit = 16_400n * world.one.loan;
    await assert.rejects(
      send(borrower, "borrow", world.market, limit + 1n, 0, account, account),
      /insufficient collateral/,
    );
    // Four roundings, all against the borrower: in the oracle, twice in Morpho, and of his shares.
    await send(borrower, "borrow", world.market, limit - 3n, 0, account, account);
  }
});

test("a maintenance haircut below 1 - LLTV cannot lift the threshold above LLTV", async () => {
  const world = await morphoWorld(LLTV, WETH_USDC, 1_000);
  const borrower = await world.user(2);
  const account = await addressOf(borrower);
  await send(borrower, "supplyCollateral", world.market, world.one.collateral, account, "0x");
  await assert.rejects(
    send(borrower, "borrow", world.market, 1_720_000_001n, 0, account, account),
    /insufficient collateral/,
  );
  await send(borrower, "borrow", world.market, 1_720_000_000n, 0, account, account);
});

test("the ramp of maintenance makes a position liquidatable when it reaches it, and the liquidator is paid", async () => {
  const world = await morphoWorld(LLTV, WETH_USDC, 1_800);
  const [borrower, liquidator] = [await world.user(2), await world.user(3)];
  const account = await addressOf(borrower);
  await send(borrower, "supplyCollateral", world.market, 10n * world.one.collateral, account, "0x");
  await send(borrower, "borrow", world.market, 15_999_999_990n, 0, account, account);

  await world.setMaintenance(2_000);
  const liquidate = () => send(liquidator, "liquidate", world.market, account, world.one.collateral, 0, "0x");
  await assert.rejects(liquidate(), /position is healthy/, "80 % of 20000 USDC covers 15999.99999");

  await world.setMaintenance(2_001);
  const keeper = await addressOf(liquidator);
  const [paidFrom, seizedFrom] = [await world.loanOf(keeper), await world.collateralOf(keeper)];
  await liquidate();
  const paid = paidFrom - (await world.loanOf(keeper));
  assert.equal((await world.collateralOf(keeper)) - seizedFrom, world.one.collateral, "1 WETH seized");
  // price 2000 x 0.7999 / 0.86 over the incentive 1 / (1 - 0.3 x 0.14)
  assert.equal(paid, 1_782_102_792n, "1782.10 USDC paid for 2000 USDC of collateral");
});

test("closing a market moves nobody to liquidation on Morpho, and cannot stop new loans there", async () => {
  const world = await morphoWorld(LLTV, WETH_USDC, 1_800);
  const [borrower, liquidator] = [await world.user(2), await world.user(3)];
  const account = await addressOf(borrower);
  await send(borrower, "supplyCollateral", world.market, 10n * world.one.collateral, account, "0x");
  await send(borrower, "borrow", world.market, 16_399_000_000n, 0, account, account);
  for (const mode of [1, 2] as const) {
    await world.setMaintenance(1_800, mode);
    await assert.rejects(send(liquidator, "liquidate", world.market, account, 1n, 0, "0x"), /position is healthy/);
    await send(borrower, "borrow", world.market, 1n, 0, account, account);
  }
});

test("a full liquidation at the threshold leaves the borrower what Morpho's LLTV leaves, at every haircut", async () => {
  for (const maintenanceBps of [1_400, 3_000, 6_000]) {
    const world = await morphoWorld(LLTV, WETH_USDC, maintenanceBps);
    const [borrower, liquidator] = [await world.user(2), await world.user(3)];
    const account = await addressOf(borrower);
    await send(borrower, "supplyCollateral", world.market, 10n * world.one.collateral, account, "0x");
    const debt = (20_000_000_000n * BigInt(10_000 - maintenanceBps)) / 10_000n - 3n;
    await send(borrower, "borrow", world.market, debt, 0, account, account);
    await world.setMaintenance(maintenanceBps + 1);
    const seizedFrom = await world.collateralOf(await addressOf(liquidator));
    // Morpho counts debt in shares; 1e6 virtual shares for each unit.
    await send(liquidator, "liquidate", world.market, account, 0, debt * 1_000_000n, "0x");
    const seized = (await world.collateralOf(await addressOf(liquidator))) - seizedFrom;
    const share = Number((seized * 10_000n) / (10n * world.one.collateral));
    // 0.86 x 1.04384 = 89.77 % at the threshold, a little more one basis point past it
    assert.ok(share >= 8_976 && share <= 8_982, `${share} bp of the collateral seized at ${maintenanceBps} bp`);
  }
});

/**
 * A loan of all that a maintenance haircut allows on 20 000 USDC of WETH, the price down to `price` before anybody liquidates,
 * then all of the collateral seized. Null where Morpho calls the position healthy; USDC otherwise.
 */
async function seizedAfterFall(debtBps: number, maintenanceBps: number, price: bigint) {
  const world = await morphoWorld(LLTV, WETH_USDC, maintenanceBps);
  const [borrower, liquidator] = [await world.user(2), await world.user(3)];
  const account = await addressOf(borrower);
  const collateral = 10n * world.one.collateral;
  await send(borrower, "supplyCollateral", world.market, collateral, account, "0x");
  await send(borrower, "borrow", world.market, 2_000_000n * BigInt(debtBps) - 3n, 0, account, account);
  await world.setMid(price);
  const liquidate = send(liquidator, "liquidate", world.market, account, collateral, 0, "0x");
  const refused = await liquidate.then(
    () => null,
    (error: Error) => error,
  );
  if (refused !== null) {
    assert.match(refused.message, /position is healthy/);
    return null;
  }
  const [event] = await world.morpho.queryFilter("Liquidate");
  const { repaidAssets, badDebtAssets } = (event as EventLog).args;
  const paid = Number(repaidAssets) / 1e6;
  return { bonus: (10 * Number(price)) / paid - 1, badDebt: Number(badDebtAssets) / 1e6 };
}

test("what the adapter costs on Morpho: a real bonus that grows with the haircut, and bad debt where none was", async () => {
  const incentive = 1 / (1 - 0.3 * 0.14);
  for (const maintenanceBps of [1_400, 3_000, 5_000]) {
    const lent = 10_000 - maintenanceBps;
    const adapter = await seizedAfterFall(lent, maintenanceBps, 1_750n);
    assert.ok(adapter !== null, `at ${maintenanceBps} bp`);
    assert.ok(Math.abs(adapter.bonus - ((0.86 * incentive * 1e4) / lent - 1)) < 1e-5, `bonus ${adapter.bonus}`);
    // 12.5 % is more than 1 - LLTV x incentive = 10.2 %, at every haircut.
    const lost = 2 * lent * (1 - 0.875 / (0.86 * incentive));
    assert.ok(Math.abs(adapter.badDebt - lost) < 0.01, `${adapter.badDebt} USDC lost, ${lost} expected`);

    // The same loan with the plain price: maintenance 0 makes the adapter pass it on.
    const plain = await seizedAfterFall(lent, 0, 1_750n);
    if (maintenanceBps === 1_400) assert.ok(plain !== null && Math.abs(plain.badDebt - lost) < 0.01);
    else assert.equal(plain, null, "healthy: nothing is seized and nothing is lost");
  }
});
