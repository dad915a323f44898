import assert from "node:assert/strict";
import type { ContractTransactionResponse } from "ethers";
import fc from "fast-check";
import type { AaveRelease } from "./aaveReleases.ts";
import { aaveWorld } from "./aaveWorld.ts";
import { addressOf, send } from "./chain.ts";

const SEED = 20_261_121;
const STEP_BPS = 25;

type Round = { readonly seconds: number; readonly initial: number; readonly share: number; readonly mode: 0 | 1 | 2 };
const round: fc.Arbitrary<Round> = fc.record({
  // mostly inside the agent's interval, sometimes a week without a call
  seconds: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 20_000 }) }, fc.constant(604_800)),
  initial: fc.integer({ min: 500, max: 6_000 }),
  share: fc.integer({ min: 0, max: 100 }),
  mode: fc.constantFrom(0, 0, 0, 0, 0, 1, 2),
});

/**
 * Plays rounds of a collateral whose haircuts change at random on the real pool of a release: in the block of each sync a
 * loan is opened at the most that the pool lends, and must not be liquidatable in it.
 */
export async function assertNobodyLiquidatableBySync(release: AaveRelease, rounds: number): Promise<void> {
  const world = await aaveWorld(release);
  let opened = 0;
  let lowered = 0;
  for (const [index, { seconds, initial, share, mode }] of fc
    .sample(round, { seed: SEED, numRuns: rounds })
    .entries()) {
    await world.pass(seconds);
    await world.haircut(mode === 0 ? initial : 10_000, Math.floor((initial * share) / 100), mode);
    const pool = await world.user(2 + (index % 16));
    const account = await addressOf(pool);
    await send(pool, "supply", world.assets[0], 10n ** 18n, account, 0);
    const [ltv = 0, threshold = 0] = await world.collateral();
    const available = (await world.availableTo(account)) / 100n;
    const call = { gasLimit: 1_500_000 };
    const sync = () => world.agent.getFunction("sync")(world.assets[0], call) as Promise<ContractTransactionResponse>;
    const borrow = () =>
      pool.getFunction("borrow")(
        world.assets[1],
        available,
        2,
        0,
        account,
        call,
      ) as Promise<ContractTransactionResponse>;

    // an old loan may be past its limit by now: the ramp is there to reach it, so only full room counts
    const fresh = ltv > 0 && available > 0n;
    await world.inOneBlock(...(fresh ? [borrow, sync] : [sync]));
    const [ltvNow = 0, thresholdNow = 0] = await world.collateral();
    assert.ok(Math.abs(thresholdNow - threshold) <= STEP_BPS, `round ${index}: LT ${threshold} -> ${thresholdNow}`);
    assert.ok(
      ltvNow <= thresholdNow && ltvNow <= 10_000 - (mode === 0 ? initial : 10_000),
      `round ${index}: LTV ${ltvNow}`,
    );
    if (thresholdNow < threshold) lowered += 1;
    if (!fresh) continue;
    opened += 1;
    assert.ok((await world.healthOf(account)) >= 10n ** 18n, `seed ${SEED}, round ${index}: liquidatable in the block`);
  }
  assert.ok(opened > 0.3 * rounds && lowered > 0.05 * rounds, `${opened} loans opened, LT lowered ${lowered} times`);
}
