import type { Client } from "viem";
import { agesFrom, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { type Hex, NEVER_LAPSES } from "../../../keeper/domain/contract.ts";
import { whenMoved } from "../../../keeper/domain/follow.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../../keeper/protocols/abi.ts";
import { storedMarketOf } from "../../../keeper/protocols/words.ts";
import { readerOf } from "./reader.ts";

/** Where a market's maintenance haircut stands on its way to its target, at one block. */
export type Ramp = {
  readonly marketId: number;
  readonly blockNumber: bigint;
  /** In force at the block, basis points. */
  readonly maintenanceBps: number;
  readonly targetBps: number;
  /** When it reaches the target if nothing is written and the data stays fresh, Unix seconds; null: it is there, or does not move. */
  readonly reachesAt: number | null;
  /** From when on it stands still for lack of newer data, Unix seconds. */
  readonly staleFrom: number;
};

/**
 * The ramps of markets at one block, the latest by default, in the order asked.
 * @throws TonsorError BAD_ARGUMENT; viem's ContractFunctionExecutionError: UnknownMarket for an id that is not listed
 * @example (await readRamps(client, parameters, [1]))[0].reachesAt // 1769918460
 */
export async function readRamps(
  client: Client,
  parameters: Hex,
  marketIds: readonly number[],
  blockNumber?: bigint,
): Promise<readonly Ramp[]> {
  const reader = readerOf(client, parameters, marketIds);
  const block = await reader.getBlock(blockNumber === undefined ? {} : { blockNumber });
  const at = { address: parameters, abi, blockNumber: block.number };
  const now = Number(block.timestamp);
  return await Promise.all(
    marketIds.map(async (marketId): Promise<Ramp> => {
      const [{ maintenanceBps }, [word]] = await Promise.all([
        reader.readContract({ ...at, functionName: "haircuts", args: [marketId] }),
        reader.readContract({ ...at, functionName: "storedMarket", args: [marketId] }),
      ]);
      const stored = storedMarketOf(word);
      const targetBps = stored.maintenanceTargetBps;
      const reachesAt = whenMoved({ ...stored, maintenanceBps }, Math.abs(targetBps - maintenanceBps), now);
      const staleFrom = agesFrom(stored) + stored.ttlHours * HOUR_SECONDS;
      const moves = targetBps !== maintenanceBps && now < staleFrom && reachesAt < NEVER_LAPSES;
      const standing = { marketId, blockNumber: block.number, maintenanceBps, targetBps };
      return { ...standing, reachesAt: moves ? reachesAt : null, staleFrom };
    }),
  );
}

/**
 * Calls `onRamps` with the ramps of markets at once and then whenever one has moved or been given another target.
 * @param options `pollingMs` between looks at the chain, 4 000 by default; without `onError` a look that failed is only tried again
 * @returns stops the watch
 * @throws TonsorError BAD_ARGUMENT
 * @example const stop = watchRamps(client, parameters, [1], ([ramp]) => show(ramp))
 */
export function watchRamps(
  client: Client,
  parameters: Hex,
  marketIds: readonly number[],
  onRamps: (ramps: readonly Ramp[]) => void,
  options: { readonly pollingMs?: number; onError?(error: unknown): void } = {},
): () => void {
  readerOf(client, parameters, marketIds);
  const { pollingMs = 4_000, onError } = options;
  let [stopped, shown] = [false, ""];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = async () => {
    const ramps = await readRamps(client, parameters, marketIds).catch((error: unknown) => {
      if (!stopped) onError?.(error);
      return null;
    });
    if (stopped) return;
    timer = setTimeout(look, pollingMs);
    const now = ramps === null ? shown : JSON.stringify(ramps.map(({ blockNumber: _, ...ramp }) => ramp));
    if (ramps === null || now === shown) return;
    shown = now;
    onRamps(ramps);
  };
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
