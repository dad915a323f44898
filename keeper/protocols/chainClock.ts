import type { Provider } from "../io/rpc.ts";
import { chainClient } from "./client.ts";
import { onChain } from "./onChain.ts";

/** How often the chain's time is asked again, milliseconds. */
const REFRESH_MS = 250;

/**
 * The time of the chain's latest block, Unix seconds, running with the machine between two reads. For replays on a
 * development chain, whose clock is the replay's. The first read is made before this resolves.
 * @throws TonsorError RPC_FAILED, WRONG_CHAIN
 */
export async function chainClock(
  rpcUrl: string | Provider,
  chainId: number,
  timeoutMs = 10_000,
): Promise<() => number> {
  const client = chainClient({ chainId, rpc: rpcUrl, timeoutMs });
  let base = 0;
  let since = performance.now();
  const read = async (): Promise<void> => {
    const { timestamp } = await onChain(client, () => client.getBlock({ blockTag: "latest" }));
    const flowing = base + (performance.now() - since) / 1000;
    if (Math.abs(Number(timestamp) - flowing) > 2) {
      base = Number(timestamp);
      since = performance.now();
    }
  };
  await read();
  const timer = setInterval(() => void read().catch(() => undefined), REFRESH_MS);
  timer.unref();
  return () => Math.floor(base + (performance.now() - since) / 1000);
}
