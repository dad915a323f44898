import { type ChaosWorld, chaosWorld } from "./chaosWorld.ts";

/** A world of one row's own, at a moment when a tightening of WETH is due and nothing has been written yet. */
export type WorldSetBack = {
  readonly world: ChaosWorld;
  /** Sets chain and pool back to that moment; the clocks go on from there. */
  setBack(): Promise<void>;
  close(): Promise<void>;
};

/** A row whose ledger must not depend on what other rows did before it brings this up and takes it down. */
export async function worldSetBack(): Promise<WorldSetBack> {
  const world = await chaosWorld();
  try {
    await world.advance();
    let moment = await world.node.snapshot();
    return {
      world,
      async setBack() {
        await world.node.revert({ id: moment });
        moment = await world.node.snapshot();
        await world.node.setAutomine(true);
        await world.passTo((await world.chain()).blockTime + 1);
      },
      close: () => world.close(),
    };
  } catch (error) {
    await world.close();
    throw error;
  }
}
