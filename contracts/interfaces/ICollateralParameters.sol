// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Two-sided collateral haircuts, read by lending, options and perpetual protocols.
/// @notice Every market has an *initial* haircut (1 - LTV, for new borrowing and withdrawing) and a *maintenance*
/// haircut (1 - liquidation threshold, for liquidating). Tightening (raising a haircut) reaches new risk in the same
/// block; it reaches open positions only through maintenance, which follows its target at a limited speed. A dead
/// keeper tightens the initial haircut and leaves maintenance where it is.
/// All haircuts are basis points, 10000 = 100 %, rounded up (against the borrower).
interface ICollateralParameters {
    /// @notice NORMAL; NO_NEW_RISK: initial reads 100 %, repaying and liquidating go on; FROZEN: the same and
    /// maintenance holds still.
    enum Mode {
        NORMAL,
        NO_NEW_RISK,
        FROZEN
    }

    /// @notice Why one market of a batch was left as it was. The rest of the batch is applied.
    enum SkipReason {
        NONE,
        UNKNOWN_MARKET,
        ASOF_NOT_INCREASING,
        ASOF_TOO_OLD,
        ASOF_IN_FUTURE,
        INITIAL_OUT_OF_BOUNDS,
        MAINTENANCE_OUT_OF_BOUNDS,
        GAP_TOO_SMALL,
        TOXIC_LIQUIDATION,
        STEP_TOO_LARGE,
        LOOSENING_BUDGET_SPENT
    }

    /// @notice Everything governance fixes for one market. Speeds and budget are basis points a day.
    struct Limits {
        uint16 minInitialBps;
        uint16 maxInitialBps;
        uint16 minMaintenanceBps;
        uint16 maxMaintenanceBps;
        /// @dev least distance initial - maintenance
        uint16 minGapBps;
        /// @dev liquidation bonus; (1 - maintenance)(1 + bonus) < 1 always
        uint16 liquidationBonusBps;
        /// @dev greatest loosening (of initial, or of the maintenance target) in one update
        uint16 maxLooseningStepBps;
        /// @dev loosening of initial allowed in any 24 h (token bucket, refills linearly)
        uint16 looseningBudgetBpsPerDay;
        uint16 tightenSpeedBpsPerDay;
        uint16 loosenSpeedBpsPerDay;
        /// @dev where a stale initial haircut ends
        uint16 staleInitialCapBps;
        /// @dev age of the data from which staleness starts
        uint32 ttlSeconds;
        /// @dev time for initial to rise from its value to its cap once stale
        uint32 decaySeconds;
        /// @dev oldest asOf accepted, relative to the block
        uint32 maxAgeSeconds;
    }

    /// @notice One market of a batch.
    struct MarketUpdate {
        uint16 marketId;
        uint16 initialBps;
        uint16 maintenanceTargetBps;
        /// @dev 0..10000
        uint16 confidenceBps;
        /// @dev bitmap of the sources that stood behind the number
        uint16 sources;
        /// @dev observation time of the oldest market datum used
        uint40 asOf;
    }

    /// @notice What the keeper sends. `sequence` must be the last one plus one.
    struct Batch {
        uint64 sequence;
        uint40 deadline;
        uint32 modelVersion;
        bytes32 evidence;
        MarketUpdate[] updates;
    }

    /// @notice Effective haircuts of one market at this block.
    struct Haircuts {
        uint16 initialBps;
        uint16 maintenanceBps;
        uint40 asOf;
        Mode mode;
    }

    /// @notice The stored state of one market, for auditors and keepers.
    struct MarketState {
        address collateral;
        address debt;
        uint16 initialBps;
        uint16 maintenanceTargetBps;
        /// @dev maintenance at `maintenanceTime`, in 1e-9 basis points
        uint64 maintenanceNanoBps;
        uint40 maintenanceTime;
        uint40 asOf;
        uint16 confidenceBps;
        uint16 sources;
        Mode mode;
        /// @dev loosening budget left at `budgetTime`, in 1e-9 basis points
        uint64 budgetNanoBps;
        uint40 budgetTime;
    }

    event MarketListed(uint16 indexed marketId, address indexed collateral, address indexed debt, uint16 initialBps, uint16 maintenanceBps);
    event LimitsChanged(uint16 indexed marketId, Limits limits);
    event BatchApplied(
        uint64 indexed sequence,
        bytes32 indexed evidence,
        uint32 modelVersion,
        address indexed sender,
        uint256 applied,
        uint256 skipped
    );
    event MarketUpdated(
        uint16 indexed marketId,
        uint64 indexed sequence,
        uint16 initialBps,
        uint16 maintenanceTargetBps,
        uint64 maintenanceNanoBps,
        uint64 budgetNanoBps,
        uint40 asOf,
        uint16 confidenceBps,
        uint16 sources
    );
    event MarketSkipped(uint16 indexed marketId, uint64 indexed sequence, SkipReason reason, uint256 given, uint256 allowed);
    event ModeChanged(uint16 indexed marketId, Mode mode, address indexed by, uint64 maintenanceNanoBps);

    error UnknownMarket(uint16 marketId);
    error UnknownPair(address collateral, address debt);
    error WrongSequence(uint64 given, uint64 expected);
    error DeadlinePassed(uint40 deadline, uint256 now_);
    error EmptyBatch();
    error NoMarketApplied(uint16 marketId, SkipReason reason);
    error BadLimits(string what, uint256 given, uint256 allowed);
    error MarketExists(address collateral, address debt, uint16 marketId);
    error PostconditionFailed(uint16 marketId, string what, uint256 given, uint256 allowed);
    error ModeNotSafer(uint16 marketId, Mode given, Mode current);

    function haircuts(uint16 marketId) external view returns (Haircuts memory);

    function haircuts(address collateral, address debt) external view returns (Haircuts memory);

    function haircutsMany(uint16[] calldata marketIds) external view returns (Haircuts[] memory);

    /// @notice Never reverts: unknown markets read as 100 % initial, 0 maintenance and `known` false.
    function tryHaircuts(uint16 marketId) external view returns (bool known, Haircuts memory);

    function marketOf(address collateral, address debt) external view returns (uint16 marketId);

    function marketCount() external view returns (uint16);

    function marketState(uint16 marketId) external view returns (MarketState memory);

    function limitsOf(uint16 marketId) external view returns (Limits memory);

    function sequence() external view returns (uint64);

    function update(Batch calldata batch) external;
}
