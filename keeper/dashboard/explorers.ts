/** Block explorers by chain id: each chain's own or the one that its documentation names. */
const EXPLORERS: Readonly<Record<number, string>> = {
  1: "https://etherscan.io",
  10: "https://optimistic.etherscan.io",
  56: "https://bscscan.com",
  100: "https://gnosisscan.io",
  137: "https://polygonscan.com",
  8453: "https://basescan.org",
  42161: "https://arbiscan.io",
  43114: "https://snowtrace.io",
  59144: "https://lineascan.build",
  11155111: "https://sepolia.etherscan.io",
};

/** The address of a chain's block explorer, https and without a slash at its end; null where none is known. @example explorerOf(1) // "https://etherscan.io" */
export function explorerOf(chainId: number): string | null {
  return EXPLORERS[chainId] ?? null;
}
