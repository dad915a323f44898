import { type RpcQuorum, rpcQuorum } from "./quorum/rpcQuorum.ts";

/** Settings of the node or nodes, as the configuration has them. */
type NodeSettings = {
  readonly rpcUrl: string;
  readonly rpcUrls: readonly string[];
  readonly rpcQuorum: number;
  readonly chainId: number;
  readonly clock: "wall" | "chain";
  readonly rpc: {
    readonly timeoutSeconds: number;
    readonly maxLagBlocks: number;
    readonly freshSeconds: number;
    readonly restSeconds: number;
    readonly readmitAfter: number;
  };
};

/**
 * The address of the one node configured, or the RPC quorum of several.
 * @param wallClock Unix seconds of this machine
 */
export function openNodes(config: NodeSettings, wallClock: () => number): string | RpcQuorum {
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
