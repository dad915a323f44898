import { Interface } from "ethers";

/** What is asked of an Aave v3 market: its provider of addresses, pool, configurator and access control. */
export const AAVE_ABI = new Interface([
  "function getPool() view returns (address)",
  "function getPoolConfigurator() view returns (address)",
  "function getACLManager() view returns (address)",
  "function getACLAdmin() view returns (address)",
  "function getConfiguration(address asset) view returns (uint256)",
  "function getUserAccountData(address user) view returns (uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase, uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor)",
  "function configureReserveAsCollateral(address asset, uint256 ltv, uint256 liquidationThreshold, uint256 liquidationBonus)",
  "function setSupplyCap(address asset, uint256 newSupplyCap)",
  "function isRiskAdmin(address admin) view returns (bool)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
  "function addRiskAdmin(address admin)",
  "function removeRiskAdmin(address admin)",
  "function getMinDelay() view returns (uint256)",
  "event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)",
  "event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)",
  "event Borrow(address indexed reserve, address user, address indexed onBehalfOf, uint256 amount, uint8 interestRateMode, uint256 borrowRate, uint16 indexed referralCode)",
]);

/** What a reserve is set to: basis points, and the supply cap in whole tokens (0: none). */
export type ReserveSettings = ReturnType<typeof reserveOf>;

/** Returns what a reserve's configuration says. */
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
