import { parseAbi } from "viem";
import { SKIP_REASONS, type SkipReason } from "../domain/contract.ts";

/**
 * The contract's interface as a typed constant. Written by hand so that the keeper runs without compiled artifacts;
 * a test holds it equal to the compiled `ICollateralParameters`.
 */
export const COLLATERAL_PARAMETERS_ABI = parseAbi([
  "struct Limits { uint16 minInitialBps; uint16 maxInitialBps; uint16 minMaintenanceBps; uint16 maxMaintenanceBps; uint16 minGapBps; uint16 liquidationBonusBps; uint16 maxLooseningStepBps; uint16 looseningBudgetBpsPerDay; uint16 quorumLooseningStepBps; uint16 quorumLooseningBudgetBpsPerDay; uint32 maxAgeSeconds; bool probed; }",
  "struct ProfileValues { uint16 tightenSpeedBpsPerDay; uint16 loosenSpeedBpsPerDay; uint32 ttlSeconds; uint32 decaySeconds; uint16 staleInitialCapBps; }",
  "struct SequencerValues { address feed; uint32 graceSeconds; }",
  "struct MarketListing { address collateral; address debt; uint8 classId; uint16 group; uint16 initialBps; uint16 maintenanceBps; }",
  "struct MarketUpdate { uint16 marketId; uint16 initialBps; uint16 maintenanceTargetBps; uint40 asOf; }",
  "struct Batch { uint64 sequence; uint40 deadline; uint16 generation; uint32 modelVersion; bytes32 evidence; bytes entries; }",
  "struct ManualOverride { uint16 marketId; uint16 initialBps; uint16 maintenanceTargetBps; uint40 until; }",
  "struct Haircuts { uint16 initialBps; uint16 maintenanceBps; uint40 asOf; uint8 mode; }",
  "struct MarketState { address collateral; address debt; uint16 initialBps; uint16 maintenanceTargetBps; uint16 maintenanceBps; uint40 maintenanceTime; uint40 asOf; uint8 mode; uint40 modeUntil; bool challenged; uint16 spentBps; uint8 classId; uint8 confidence; uint16 sources; }",
  "struct DoorState { uint40 sequence; uint16 generation; uint16 window; uint24 spentBps; uint24 aggregateBps; uint24 quorumAggregateBps; bool tightenOnly; }",

  "event MarketListed(uint16 indexed marketId, address indexed collateral, address indexed debt, uint8 classId, uint16 initialBps, uint16 maintenanceBps, uint40 asOf)",
  "event ProfileFixed(uint8 indexed profile, ProfileValues values)",
  "event SequencerFixed(SequencerValues values)",
  "event LimitsChanged(uint8 indexed classId, Limits limits, address indexed by)",
  "event ClassChanged(uint16 indexed group, uint8 classId)",
  "event BatchApplied(uint64 indexed sequence, bytes32 indexed evidence, address indexed sender, uint32 modelVersion, bytes entries)",
  "event MarketSkipped(uint16 indexed marketId, uint64 indexed sequence, uint8 reason, uint256 given, uint256 allowed)",
  "event ModeChanged(uint16 indexed marketId, uint8 mode, address indexed by, uint40 until)",
  "event MarketOverridden(uint16 indexed marketId, uint16 initialBps, uint16 maintenanceTargetBps, uint40 until)",
  "event AggregateBudgetChanged(uint24 hotBps, uint24 quorumBps, address indexed by)",
  "event BreakerTripped(uint64 indexed sequence, uint256 givenBps, uint256 allowedBps)",
  "event BreakerReset()",
  "event ProbeChanged(uint16 indexed marketId, address probe)",

  "error UnknownMarket(uint16 marketId)",
  "error UnknownPair(address collateral, address debt)",
  "error UnknownClass(uint8 classId)",
  "error UnknownGroup(uint16 group, uint16 groupCount)",
  "error WrongSequence(uint64 given, uint64 expected)",
  "error WrongGeneration(uint16 given, uint16 expected)",
  "error DeadlinePassed(uint40 deadline, uint256 now_)",
  "error EmptyBatch()",
  "error BadEntry(uint256 offset)",
  "error NoMarketApplied(uint16 marketId, uint8 reason)",
  "error BadLimits(string what, uint256 given, uint256 allowed)",
  "error BadSequencerFeed(address feed)",
  "error BadValues(uint16 marketId, uint8 reason, uint256 given, uint256 allowed)",
  "error BadUntil(uint16 marketId, uint40 given, uint256 earliest, uint256 latest)",
  "error NotAnAsset(address asset)",
  "error ZeroAddress(string what)",
  "error MarketExists(address collateral, address debt, uint16 marketId)",
  "error GroupFull(uint16 group)",
  "error WrongGroupClass(uint16 group, uint8 given, uint8 expected)",
  "error PostconditionFailed(uint16 group, string what)",
  "error ModeNotSafer(uint16 marketId, uint8 given, uint8 current)",
  "error HeldByGovernance(uint16 marketId, uint8 current)",
  "error GuardianCoolingDown(uint16 marketId, uint256 until)",
  "error NotTighter(string what, uint256 given, uint256 allowed)",

  "function haircuts(uint16 marketId) view returns (Haircuts)",
  "function haircuts(address collateral, address debt) view returns (Haircuts)",
  "function haircutsMany(uint16[] marketIds) view returns (Haircuts[])",
  "function tryHaircuts(uint16 marketId) view returns (bool known, Haircuts)",
  "function tryHaircuts(address collateral, address debt) view returns (bool known, Haircuts)",
  "function marketState(uint16 marketId) view returns (MarketState)",
  "function limitsOf(uint16 marketId) view returns (Limits, ProfileValues)",
  "function limitsOfClass(uint8 classId) view returns (Limits)",
  "function profile(uint8 index) view returns (ProfileValues)",
  "function sequencer() view returns (SequencerValues)",
  "function marketOf(address collateral, address debt) view returns (uint16)",
  "function marketCount() view returns (uint16)",
  "function groupCount() view returns (uint16)",
  "function module() view returns (address)",
  "function door() view returns (DoorState)",
  "function sequence() view returns (uint64)",
  "function previewUpdate(MarketUpdate next, bool quorum) view returns (uint8 reason, uint256 given, uint256 allowed)",
  "function update(Batch batch)",
  "function updateByQuorum(Batch batch)",
  "function setMode(uint16 marketId, uint8 mode)",
  "function listMarket(MarketListing listing) returns (uint16 marketId)",
  "function setLimits(uint8 classId, Limits limits)",
  "function setClass(uint16 group, uint8 classId)",
  "function overrideMarkets(ManualOverride[] values)",
  "function setAggregateBudget(uint24 hotBps, uint24 quorumBps)",
  "function resetBreaker()",
  "function setProbe(uint16 marketId, address probe)",
]);

/** What OpenZeppelin's AccessControl adds to the interface. */
export const ACCESS_CONTROL_ABI = parseAbi([
  "error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
]);

/** What each reason to skip a market means; `given` and `allowed` are in the unit named. */
export const SKIP_WORDS: Readonly<Record<SkipReason, string>> = {
  NONE: "the market would be applied",
  UNKNOWN_MARKET: "no market of that id is listed",
  OVERRIDDEN: "governance holds the values by hand, until Unix seconds",
  ASOF_IN_FUTURE: "the data is from after the block",
  ASOF_TOO_OLD: "the data is older than the market takes",
  ASOF_NOT_INCREASING: "the data is not newer, by the minute, than what is on chain",
  INITIAL_OUT_OF_BOUNDS: "initial haircut outside governance's bounds, bps",
  MAINTENANCE_OUT_OF_BOUNDS: "maintenance target outside governance's bounds, bps",
  GAP_TOO_SMALL: "initial too close to maintenance, bps",
  STEP_TOO_LARGE: "loosening by more than one step allows, bps",
  TIGHTEN_ONLY: "loosening while the contract is in tighten-only mode, bps",
  LOOSENING_BUDGET_SPENT: "loosening by more than the market's budget of this window, bps",
  AGGREGATE_BUDGET_SPENT: "loosening by more than all markets together have left in this window, bps",
  PROBE_REFUSED: "the market's health check (`probe`) does not let it loosen, bps",
};

/** Name of a skip reason by its number on chain. */
export function skipReasonName(reason: number): string {
  return SKIP_REASONS[reason] ?? `UNKNOWN_REASON_${reason}`;
}
