import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AppliedBatch, Hex } from "../../../keeper/domain/contract.ts";
import type { Intent } from "../../../keeper/domain/intent.ts";
import { openJournal } from "../../../keeper/journal/journal.ts";
import { chainClient } from "../../../keeper/protocols/client.ts";
import { readBatches } from "../../../keeper/protocols/events.ts";
import { testLender } from "../../support/testLender.ts";
import type { Ledger } from "../row.ts";
import type { ChaosWorld } from "./chaosWorld.ts";
import { doublings } from "./doublings.ts";
import { loosenings, looseningsFromBadData } from "./loosenings.ts";

/** What a row did, looked at from outside: chain, journals and two borrowers at the edge of initial. */
export type Audit = {
  /**
   * The counts since the audit began. `recovered` as the row saw it. With bad data every lowered haircut and every raised
   * limit counts as loosened; with good data, those whose evidence says otherwise.
   */
  ledger(states: readonly string[], recovered: boolean, data?: "bad" | "good"): Promise<Ledger>;
  /** Batches applied since. */
  applied(): Promise<readonly AppliedBatch[]>;
};

/** Of these nobody knows yet what became of them. */
export const OPEN: readonly Intent["status"][] = ["PLANNED", "SENT", "UNKNOWN"];

/**
 * Opens the two positions and remembers where the chain stands.
 * @param writer the one account whose batches count, where somebody else writes on purpose
 */
export async function beginAudit(world: ChaosWorld, writer?: Hex): Promise<Audit> {
  const [account = "0x"] = (await world.node.getAddresses()).slice(5);
  const named = [await testLender(world, "WETH"), await testLender(world, "WBTC")];
  const before = await world.chain();
  for (const lender of named) await lender.borrowAtTheEdge(account);
  const lenders = named.map((lender, n) => {
    const name = (["WETH", "WBTC"] as const)[n];
    const marketId = world.deployment.markets.find((one) => one.name === name)?.id ?? 0;
    // Read a block earlier than it was borrowed at: initial only rises while nothing is written.
    return { lender, marketId, initialBps: before.markets.find((one) => one.marketId === marketId)?.initialBps ?? 0 };
  });
  const client = chainClient({
    chainId: world.deployment.chainId,
    rpc: world.replica.url,
    timeoutMs: 60_000,
  });
  const contract = world.deployment.contract.address;
  const batches = async () => {
    const { blockNumber } = await world.chain();
    if (blockNumber <= before.blockNumber) return [];
    const span = { fromBlock: before.blockNumber + 1n, toBlock: blockNumber };
    const found = await readBatches(client, contract, span);
    return writer === undefined ? found : found.filter((batch) => batch.writer === writer);
  };
  return {
    applied: batches,
    async ledger(states, recovered, quality = "bad") {
      const applied = await batches();
      const held = new Map(
        before.markets.map(({ marketId, storedInitialBps: initialBps, limit }) => [marketId, { initialBps, limit }]),
      );
      const loosened =
        quality === "good" ? await looseningsFromBadData(applied, held, states) : loosenings(applied, held);
      const intents = states.flatMap((state) => journal(world, state));
      const hashes = new Set<string>(intents.map((intent) => intent.transactionHash));
      const open = intents.filter(({ status }) => OPEN.includes(status));
      const unknown = applied.filter((batch) => !hashes.has(batch.transactionHash));
      const { markets } = await world.chain();
      const ill = await Promise.all(
        lenders.map(async ({ lender, marketId, initialBps }) => {
          const now = markets.find((one) => one.marketId === marketId);
          // A position at the edge of initial falls due at the price it was opened at once maintenance has passed it, which
          // takes 30 days at least. Otherwise what made it liquidatable is the market, and not the keeper.
          return (await lender.isLiquidatable(account)) && (now?.maintenanceBps ?? 10_000) > initialBps;
        }),
      );
      return {
        liquidations: ill.filter(Boolean).length,
        lost: open.length + unknown.length,
        doubled: doublings(applied),
        loosened,
        recovered,
      };
    },
  };
}

/** Every transaction of a journal, oldest first; none when there is no journal yet. */
export function journal(world: ChaosWorld, state: string): readonly Intent[] {
  const file = join(state, "journal.sqlite");
  if (!existsSync(file)) return [];
  const { chainId, contract } = world.deployment;
  const store = openJournal(file, { chainId, contract: contract.address });
  try {
    store.integrity();
    return store.recentIntents(10_000).toReversed();
  } finally {
    store.close();
  }
}
