import type { Hex } from "../domain/batch.ts";
import type { Keeper } from "../keeper.ts";

/** Bytes of an evidence bundle, or null when there is none of that hash or it was changed. */
export async function evidenceBytes(keeper: Pick<Keeper, "evidence">, hash: string): Promise<Uint8Array | null> {
  return await keeper.evidence.get(hash as Hex).catch(() => null);
}

/** Name of a market by its id on chain. */
export function marketName(keeper: Pick<Keeper, "deployment">, marketId: number): string {
  return keeper.deployment.markets.find((market) => market.id === marketId)?.name ?? `market ${marketId}`;
}
