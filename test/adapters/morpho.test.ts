import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { EventLog } from "ethers";
import { addressOf, send } from "./support/chain.ts";
import { type MorphoWorld, morphoWorld } from "./support/morphoWorld.ts";

const LLTVS = [0.77, 0.86, 0.915] as const;
const HAIRCUTS_BPS = [1_400, 1_800, 3_000, 5_000] as const;
const FALLS_BPS = [500, 1_250, 2_500] as const;
const WAD = 10n ** 18n;

/** What Morpho pays a liquidator, as a factor (LIQUIDATION_CURSOR 0.3, MAX_LIQUIDATION_INCENTIVE_FACTOR 1.15). */
const incentiveOf = (lltv: number) => Math.min(1.15, 1 / (1 - 0.3 * (1 - lltv)));

let world: MorphoWorld;

/**
 * A loan of `debtBps` of 20 000 USDC of WETH in a market of its own, the price down by `fallBps` before anybody liquidates, then
 * the whole debt repaid, or all of the collateral seized where it no longer covers that. Null where Morpho calls the position healthy; else the liquidator's real bonus, and USDC lost.
 */
async function seizedAfterFall(lltv: number, debtBps: number, maintenanceBps: number, fallBps: number) {
  const { market, price } = await world.open(BigInt(Math.round(lltv * 1_000)) * 10n ** 15n);
  const [borrower, liquidator] = [await world.user(2), await world.user(3)];
  const account = await addressOf(borrower);
  await price(2_000n, maintenanceBps);
  await send(borrower, "supplyCollateral", market, 10n * WAD, account, "0x");
  const debt = 2_000_000n * BigInt(debtBps) - 3n;
  await send(borrower, "borrow", market, debt, 0, account, account);
  const fallen = (2_000n * BigInt(10_000 - fallBps)) / 10_000n;
  await price(fallen, maintenanceBps);
  const isCovered = fallBps / 1e4 < 1 - lltv * incentiveOf(lltv);
  // Morpho counts debt in shares; 1e6 virtual shares for each unit.
  const amounts = isCovered ? [0, debt * 1_000_000n] : [10n * WAD, 0];
  const refused = await send(liquidator, "liquidate", market, account, ...amounts, "0x").then(
    () => null,
    (error: Error) => error,
  );
  if (refused !== null) {
    assert.match(refused.message, /position is healthy/);
    return null;
  }
  const event = (await world.morpho.queryFilter("Liquidate")).at(-1);
  const { repaidAssets, seizedAssets, badDebtAssets } = (event as EventLog).args;
  return {
    bonus: ((Number(seizedAssets) / 1e18) * Number(fallen)) / (Number(repaidAssets) / 1e6) - 1,
    badDebt: Number(badDebtAssets) / 1e6,
  };
}

/** Why there is no Morpho adapter (D48): Morpho has one price for health and for what a liquidator seizes. */
describe("a maintenance haircut in the price of the real Morpho Blue", () => {
  before(async () => {
    world = await morphoWorld();
    for (const lltv of LLTVS) await world.enable(BigInt(Math.round(lltv * 1_000)) * 10n ** 15n);
  });

  for (const lltv of LLTVS) {
    it(`at an LLTV of ${lltv} is paid to the liquidator, and leaves bad debt after the same fall however large it is`, async () => {
      const incentive = incentiveOf(lltv);
      const rows: string[] = [];
      for (const maintenanceBps of HAIRCUTS_BPS) {
        const lent = Math.min(lltv, 1 - maintenanceBps / 1e4);
        const lentBps = Math.round(lent * 1e4);
        for (const fallBps of FALLS_BPS) {
          const found = await seizedAfterFall(lltv, lentBps, maintenanceBps, fallBps);
          assert.ok(found !== null, "a loan at the maximum is liquidatable after any fall");
          const bonus = (lltv * incentive) / lent - 1;
          assert.ok(Math.abs(found.bonus - bonus) < 1e-5, `bonus ${found.bonus}, not ${bonus}`);
          const fall = fallBps / 1e4;
          const lost = Math.max(0, 20_000 * lent * (1 - (1 - fall) / (lltv * incentive)));
          assert.ok(Math.abs(found.badDebt - lost) < 0.01, `${found.badDebt} USDC lost, ${lost} expected`);
          const paid = `bonus ${(100 * bonus).toFixed(1)} %, lost ${lost.toFixed(0)} USDC`;
          rows.push(`${maintenanceBps} bp, fall ${fallBps} bp: ${paid}`);
        }
      }
      console.log(`LLTV ${lltv}\n  ${rows.join("\n  ")}`);
    });
  }

  it("takes from positions that the plain price leaves healthy, with nothing lost", async () => {
    for (const maintenanceBps of [3_000, 5_000]) {
      const lentBps = 10_000 - maintenanceBps;
      const inPrice = await seizedAfterFall(0.86, lentBps, maintenanceBps, 1_250);
      assert.ok(inPrice !== null && inPrice.badDebt > 0 && inPrice.bonus > 0.25);
      assert.equal(await seizedAfterFall(0.86, lentBps, 0, 1_250), null, "the same loan by the plain price is healthy");
    }
  });
});
