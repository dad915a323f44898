import { Interface } from "ethers";

/** What is asked of an Aave v3 market: its provider of addresses, pool, configurator and access control. */
export const AAVE_ABI = new Interface([
  "function getPool() view returns (address)",
  "function getPoolConfigurator() view returns (address)",
  "function getACLManager() view returns (address)",
  "function getACLAdmin() view returns (address)",
  "function getConfiguration(address asset) view returns (uint256)",
]);

/** LTV, liquidation threshold and bonus (basis points) and supply cap (whole tokens; 0: none) in a reserve's configuration. */
export function reserveOf(word: bigint) {
  const field = (bit: bigint, bits: bigint) => Number((word >> bit) & ((1n << bits) - 1n));
  return {
    ltvBps: field(0n, 16n),
    thresholdBps: field(16n, 16n),
    bonusBps: field(32n, 16n),
    isFrozen: field(57n, 1n) === 1,
    supplyCap: field(116n, 36n),
  };
}
