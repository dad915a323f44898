import { parseAbi } from "viem";

/**
 * The contract's interface as a typed constant. Written by hand so that the keeper runs without compiled artifacts;
 * a test holds it equal to the compiled `ICollateralParameters`.
 */
export const COLLATERAL_PARAMETERS_ABI = parseAbi([
  "struct Limits { uint16 minInitialBps; uint16 maxInitialBps; uint16 minMaintenanceBps; uint16 maxMaintenanceBps; uint16 minGapBps; uint16 liquidationBonusBps; uint16 maxLooseningStepBps; uint16 looseningBudgetBpsPerDay; uint16 tightenSpeedBpsPerDay; uint16 loosenSpeedBpsPerDay; uint16 staleInitialCapBps; uint32 ttlSeconds; uint32 decaySeconds; uint32 maxAgeSeconds; }",
  "struct MarketListing { address collateral; address debt; uint16 initialBps; uint16 maintenanceBps; Limits limits; }",
  "struct MarketUpdate { uint16 marketId; uint16 initialBps; uint16 maintenanceTargetBps; uint16 confidenceBps; uint16 sources; uint40 asOf; }",
  "struct Batch { uint64 sequence; uint40 deadline; uint32 modelVersion; bytes32 evidence; MarketUpdate[] updates; }",
  "struct Haircuts { uint16 initialBps; uint16 maintenanceBps; uint40 asOf; uint8 mode; }",
  "struct MarketState { address collateral; address debt; uint16 initialBps; uint16 maintenanceTargetBps; uint64 maintenanceNanoBps; uint40 maintenanceTime; uint40 asOf; uint16 confidenceBps; uint16 sources; uint8 mode; uint64 budgetNanoBps; uint40 budgetTime; }",

  "event MarketListed(uint16 indexed marketId, address indexed collateral, address indexed debt, uint16 initialBps, uint16 maintenanceBps, uint40 asOf)",
  "event LimitsChanged(uint16 indexed marketId, Limits limits, uint64 maintenanceNanoBps, uint64 budgetNanoBps)",
  "event BatchApplied(uint64 indexed sequence, bytes32 indexed evidence, uint32 modelVersion, address indexed sender, uint256 applied, uint256 skipped)",
  "event MarketUpdated(uint16 indexed marketId, uint64 indexed sequence, uint16 initialBps, uint16 maintenanceTargetBps, uint64 maintenanceNanoBps, uint64 budgetNanoBps, uint40 asOf, uint16 confidenceBps, uint16 sources)",
  "event MarketSkipped(uint16 indexed marketId, uint64 indexed sequence, uint8 reason, uint256 given, uint256 allowed)",
  "event ModeChanged(uint16 indexed marketId, uint8 mode, address indexed by, uint64 maintenanceNanoBps)",

  "error UnknownMarket(uint16 marketId)",
  "error UnknownPair(address collateral, address debt)",
  "error WrongSequence(uint64 given, uint64 expected)",
  "error DeadlinePassed(uint40 deadline, uint256 now_)",
  "error EmptyBatch()",
  "error NoMarketApplied(uint16 marketId, uint8 reason)",
  "error BadLimits(string what, uint256 given, uint256 allowed)",
  "error BadListing(uint8 reason, uint256 given, uint256 allowed)",
  "error NotAnAsset(address asset)",
  "error ZeroAddress(string what)",
  "error MarketExists(address collateral, address debt, uint16 marketId)",
  "error PostconditionFailed(uint16 marketId, string what, uint256 given, uint256 allowed)",
  "error ModeNotSafer(uint16 marketId, uint8 given, uint8 current)",

  "function haircuts(uint16 marketId) view returns (Haircuts)",
  "function haircuts(address collateral, address debt) view returns (Haircuts)",
  "function haircutsMany(uint16[] marketIds) view returns (Haircuts[])",
  "function tryHaircuts(uint16 marketId) view returns (bool known, Haircuts)",
  "function marketOf(address collateral, address debt) view returns (uint16 marketId)",
  "function marketCount() view returns (uint16)",
  "function marketState(uint16 marketId) view returns (MarketState)",
  "function limitsOf(uint16 marketId) view returns (Limits)",
  "function sequence() view returns (uint64)",
  "function previewUpdate(MarketUpdate next) view returns (uint8 reason, uint256 given, uint256 allowed)",
  "function update(Batch batch)",
  "function setMode(uint16 marketId, uint8 mode)",
  "function listMarket(MarketListing listing) returns (uint16 marketId)",
  "function setLimits(uint16 marketId, Limits limits)",
]);

/** What OpenZeppelin's AccessControl adds to what the contract may answer with. */
export const ACCESS_CONTROL_ABI = parseAbi([
  "error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
]);

/** `Mode`, in the order of the Solidity enum. */
export const MODES = ["NORMAL", "NO_NEW_RISK", "FROZEN"] as const;

/** `SkipReason` in the order of the Solidity enum, with what `given` and `allowed` are about. */
export const SKIP_REASONS = [
  ["NONE", "the market would be applied"],
  ["UNKNOWN_MARKET", "no market of that id is listed"],
  ["ASOF_NOT_INCREASING", "the data is not newer than what stands on chain"],
  ["ASOF_TOO_OLD", "the data is older than the market takes"],
  ["ASOF_IN_FUTURE", "the data is from after the block"],
  ["INITIAL_OUT_OF_BOUNDS", "initial haircut outside governance's bounds, bps"],
  ["MAINTENANCE_OUT_OF_BOUNDS", "maintenance target outside governance's bounds, bps"],
  ["GAP_TOO_SMALL", "initial too close to maintenance, bps"],
  ["TOXIC_LIQUIDATION", "a liquidation at this maintenance haircut would leave bad debt, bps"],
  ["STEP_TOO_LARGE", "loosening by more than one step allows, bps"],
  ["LOOSENING_BUDGET_SPENT", "loosening by more than the budget left now, bps"],
  ["CONFIDENCE_OUT_OF_RANGE", "confidence above 10000"],
] as const;

/** Name of a mode by its number on chain. */
export function modeName(mode: number): (typeof MODES)[number] {
  return MODES[mode] ?? "FROZEN";
}

/** Name of a skip reason by its number on chain. */
export function skipReasonName(reason: number): string {
  return SKIP_REASONS[reason]?.[0] ?? `UNKNOWN_REASON_${reason}`;
}
