import { parseAbi } from "viem";
import { SKIP_REASONS, type SkipReason } from "../domain/contract.ts";

const LIMITS =
  "uint256 minInitialBps; uint256 maxInitialBps; uint256 minMaintenanceBps; uint256 maxMaintenanceBps; uint256 minGapBps; uint256 liquidationBonusBps; uint256 tightenSpeedBpsPer30Days; uint256 loosenSpeedBpsPer30Days; uint256 ttlHours; uint256 decayHours; uint256 staleInitialCapBps; uint256 maxAgeMinutes; uint256 hotStepBps; uint256 quorumStepBps; uint256 hotBudgetBps; uint256 quorumBudgetBps; uint256 hotRaiseStep; uint256 quorumRaiseStep; uint256 hotRaiseBudget; uint256 quorumRaiseBudget;";

/**
 * The contract's interface as a typed constant. Written by hand so that the keeper runs without compiled artifacts;
 * a test holds it equal to the compiled contract.
 */
export const COLLATERAL_PARAMETERS_ABI = parseAbi([
  `struct Limits { ${LIMITS} }`,
  "struct ClassListing { uint8 classId; Limits limits; }",
  "struct MarketListing { address collateral; address debt; uint8 classId; uint16 initialBps; uint16 maintenanceBps; uint16 limit; uint16 lowestLimit; uint16 highestLimit; }",
  "struct AccountSetting { address account; uint8 power; uint24 aggregateBps; uint24 tripBps; }",
  "struct MarketSetting { uint8 classId; uint16 lowestLimit; uint16 highestLimit; address probe; }",
  "struct ManualOverride { uint16 marketId; uint16 initialBps; uint16 maintenanceTargetBps; uint16 limit; uint40 until; }",
  "struct Haircuts { uint16 initialBps; uint16 maintenanceBps; uint40 asOf; uint8 mode; }",

  "constructor(address governance, AccountSetting[] accounts, ClassListing[] classes, MarketListing[] markets)",

  "event MarketListed(uint16 indexed marketId, address indexed collateral, address indexed debt, MarketListing listing, uint40 asOf)",
  "event MarketDelisted(uint16 indexed marketId)",
  "event MarketChanged(uint16 indexed marketId, MarketSetting setting, uint8 generation)",
  "event ClassChanged(uint8 indexed classId, Limits limits)",
  "event ClassHeld(uint8 indexed classId, uint40 until)",
  "event AccountChanged(address indexed account, AccountSetting setting)",
  "event WriterHalted(address indexed account, uint40 until)",
  "event WriterTripped(address indexed account, uint64 indexed sequence, uint256 askedBps, uint256 allowedBps)",
  "event BatchApplied(uint256 indexed head, address writer, bytes32 evidence, bytes entries)",
  "event MarketSkipped(uint16 indexed marketId, uint8 reason, uint256 given, uint256 allowed)",
  "event LooseningSkipped(uint16 indexed marketId, uint8 reason, uint256 given, uint256 allowed)",
  "event MarketOverridden(ManualOverride values)",
  "event ModeChanged(uint16 indexed marketId, uint8 mode, address indexed by, uint40 until)",
  "event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner)",
  "event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)",

  "error UnknownMarket(uint16 marketId)",
  "error UnknownPair(address collateral, address debt)",
  "error NotAllowed(address sender)",
  "error WriterIsHalted(address writer, uint256 until)",
  "error WrongSequence(uint256 given, uint256 expected)",
  "error DeadlinePassed(uint256 deadline, uint256 now_)",
  "error BadEntries(uint256 length)",
  "error NoMarketApplied(uint16 marketId, uint8 reason)",
  "error BadLimits(string what, uint256 given, uint256 allowed)",
  "error BadValues(uint8 reason, uint256 given, uint256 allowed)",
  "error BadUntil(uint16 marketId, uint40 given, uint256 earliest, uint256 latest)",
  "error UnknownClass(uint8 classId)",
  "error NotAContract(address given)",
  "error ZeroAddress(string what)",
  "error MarketExists(address collateral, address debt, uint16 marketId)",
  "error ModeNotSafer(uint16 marketId, uint8 given, uint8 current)",
  "error HeldByGovernance(uint16 marketId, uint8 current)",
  "error GuardianCoolingDown(uint256 until)",
  "error NotAHotKey(address account)",
  "error PostconditionFailed(uint16 marketId, string what)",
  "error OwnableInvalidOwner(address owner)",
  "error OwnableUnauthorizedAccount(address account)",

  "function haircuts(uint16 marketId) view returns (Haircuts)",
  "function haircuts(address collateral, address debt) view returns (Haircuts)",
  "function haircutsMany(uint16[] marketIds) view returns (Haircuts[])",
  "function tryHaircuts(uint16 marketId) view returns (bool known, Haircuts)",
  "function tryHaircuts(address collateral, address debt) view returns (bool known, Haircuts)",
  "function marketOf(address collateral, address debt) view returns (uint16 marketId)",
  "function exposureLimit(uint16 marketId) view returns (uint256 tokens, bool mayGrow)",
  "function storedMarket(uint16 marketId) view returns (uint256 word, address collateral, address debt, address probe)",
  "function storedWriter(address holder) view returns (uint256 word)",
  "function storedClass(uint8 classId) view returns (uint256 word)",
  "function marketCount() view returns (uint16)",
  "function preview(address holder, bytes14 entry) view returns (uint8 reason, uint256 given, uint256 allowed, uint256 numbers)",
  "function publishBatch(uint256 head, bytes32 evidence, bytes entries)",
  "function setMode(uint16 marketId, uint8 mode)",
  "function haltWriter(address holder)",
  "function holdClass(uint8 classId)",
  "function admit(AccountSetting setting)",
  "function setLimits(uint8 classId, Limits limits)",
  "function listMarket(MarketListing listing) returns (uint16 marketId)",
  "function delistMarket(uint16 marketId)",
  "function changeMarket(uint16 marketId, MarketSetting setting)",
  "function setManually(ManualOverride[] values)",
  "function owner() view returns (address)",
  "function pendingOwner() view returns (address)",
  "function acceptOwnership()",
  "function transferOwnership(address newOwner)",
  "function renounceOwnership() pure",
]);

/** What each reason to skip a market means; `given` and `allowed` are in the unit named. */
export const SKIP_WORDS: Readonly<Record<SkipReason, string>> = {
  NONE: "the market would be applied",
  UNKNOWN_MARKET: "no market of that id is listed",
  WRONG_GENERATION: "made before governance moved the market to another class",
  ASOF_IN_FUTURE: "the data is from after the block, minutes of the contract's calendar",
  ASOF_TOO_OLD: "the data is older than the market takes, minutes of the contract's calendar",
  TOO_LOOSE: "one of the three numbers is looser than governance's bounds",
  TOO_TIGHT: "one of the three numbers is tighter than governance's bounds",
  GAP_TOO_SMALL: "initial too close to maintenance, bps",
  ASOF_NOT_INCREASING: "the data is not newer than what is on chain, minutes of the contract's calendar",
  HELD: "governance holds the values by hand, minutes of the contract's calendar",
  TIGHTEN_ONLY: "loosening by a writer that has tripped, or in a class that a guardian holds",
  STEP_TOO_LARGE: "looser than one step or the market's budget of this window reaches",
  AGGREGATE_SPENT: "loosening by more than the writer has left in this window, bps",
  PROBE_REFUSED: "the market's health check (`probe`) does not let it loosen, bps",
};

/** Name of a skip reason by its number on chain. */
export function skipReasonName(reason: number): string {
  return SKIP_REASONS[reason] ?? `UNKNOWN_REASON_${reason}`;
}
