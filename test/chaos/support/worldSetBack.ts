import type { RowResult } from "../row.ts";
import { type ChaosWorld, chaosWorld } from "./chaosWorld.ts";
import { sumLedgers } from "./sumLedgers.ts";

/** A world of one row's own, at a moment when a tightening of WETH is due and nothing has been written yet. */
export type WorldSetBack = {
  readonly world: ChaosWorld;
  /** Sets chain and pool back to that moment; the clocks go on from there. */
  setBack(): Promise<void>;
  close(): Promise<void>;
};

/** A row that goes through several cases, each from that moment: sums their ledgers, and lists what they found. */
export async function eachSetBack<Case extends { readonly name: string }>(
  cases: readonly Case[],
  note: (text: string) => void,
  play: (one: Case, own: WorldSetBack) => Promise<RowResult>,
): Promise<RowResult> {
  const own = await worldSetBack();
  const parts: RowResult[] = [];
  try {
    for (const one of cases) {
      note(one.name);
      await own.setBack();
      parts.push(await play(one, own));
    }
  } finally {
    await own.close();
  }
  return { ledger: sumLedgers(parts.map(({ ledger }) => ledger)), findings: parts.flatMap(({ findings }) => findings) };
}

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
