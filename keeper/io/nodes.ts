import { type RpcQuorum, rpcQuorum } from "../io/quorum/rpcQuorum.ts";
import { wallClock } from "../protocols/clock.ts";
import type { Config } from "../runtime/config.ts";

/** The address of the one node configured, or the quorum of several. */
export function openNodes(config: Config): string | RpcQuorum {
  const { rpcUrls, rpcUrl, rpcQuorum: quorum, chainId, rpc } = config;
  if (rpcUrls.length <= 1) return rpcUrl;
  return rpcQuorum({
    urls: rpcUrls,
    quorum,
    chainId,
    timeoutMs: rpc.timeoutSeconds * 1_000,
    maxLagBlocks: rpc.maxLagBlocks,
    restMs: rpc.restSeconds * 1_000,
    readmitAfter: rpc.readmitAfter,
    // A chain that is itself the clock cannot be held against one.
    ...(config.clock === "wall" ? { isFresh: (time) => Math.abs(wallClock() - time) <= rpc.freshSeconds } : {}),
  });
}
