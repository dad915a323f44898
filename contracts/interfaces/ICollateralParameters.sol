// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Two-sided collateral haircuts, read by lending, options and perpetual protocols.
/// @notice Every market has an *initial* haircut (1 - LTV, for new borrowing and withdrawing) and a *maintenance*
/// haircut (1 - liquidation threshold, for liquidating). Tightening (raising a haircut) reaches new risk in the same
/// block; it reaches open positions only through maintenance, which follows its target at a limited speed. A dead
/// keeper tightens the initial haircut and leaves maintenance where it is.
/// @notice All haircuts are basis points, 10000 = 100 %, rounded up (against the borrower). "nanoBps" is 1e-9 basis
/// points: the grain in which maintenance and the loosening budget move between writes.
///
/// @dev Assumptions on others.
/// *Safety*: governance (a timelock) sets honest limits; the block timestamp does not run ahead of real time by more
/// than minutes. The keeper is *not* trusted: whatever it sends, the limits below hold.
/// *Liveness*: a keeper that stops writing closes markets to new risk (initial rises to its cap after `ttlSeconds`)
/// and leaves open positions alone.
interface ICollateralParameters {
    // ------------------------------------------------------------------------------------------------------- types

    /// @notice NORMAL; NO_NEW_RISK: initial reads 100 %, repaying and liquidating go on; FROZEN: the same, and
    /// maintenance holds still. Later is safer.
    enum Mode {
        NORMAL,
        NO_NEW_RISK,
        FROZEN
    }

    /// @notice Why one market of a batch was left as it was. The rest of the batch is applied. Checked in the order
    /// of this list, the first failure counts. Each comes with the value `given` and the nearest value `allowed`.
    enum SkipReason {
        NONE,
        /// @dev given: market id; allowed: highest id listed
        UNKNOWN_MARKET,
        /// @dev given: asOf; allowed: earliest asOf
        ASOF_NOT_INCREASING,
        /// @dev given: asOf; allowed: oldest asOf
        ASOF_TOO_OLD,
        /// @dev given: asOf; allowed: block time
        ASOF_IN_FUTURE,
        /// @dev given: initial; allowed: the bound crossed
        INITIAL_OUT_OF_BOUNDS,
        /// @dev given: maintenance target; allowed: the bound crossed
        MAINTENANCE_OUT_OF_BOUNDS,
        /// @dev given: initial; allowed: lowest initial above max(target, effective maintenance)
        GAP_TOO_SMALL,
        /// @dev given: maintenance target; allowed: lowest one at which a liquidation still leaves collateral behind
        TOXIC_LIQUIDATION,
        /// @dev given: initial (looked at first) or maintenance target; allowed: lowest one a single step reaches
        STEP_TOO_LARGE,
        /// @dev given: initial; allowed: lowest one the budget left now reaches
        LOOSENING_BUDGET_SPENT,
        /// @dev given: confidence; allowed: 10000
        CONFIDENCE_OUT_OF_RANGE
    }

    /// @notice Everything governance fixes for one market. Speeds and budget are basis points a day.
    struct Limits {
        uint16 minInitialBps;
        uint16 maxInitialBps;
        uint16 minMaintenanceBps;
        uint16 maxMaintenanceBps;
        /// @dev least distance initial - maintenance, at least 1
        uint16 minGapBps;
        /// @dev liquidation bonus; (1 - maintenance)(1 + bonus) < 1 always
        uint16 liquidationBonusBps;
        /// @dev greatest loosening (of initial, or of the maintenance target) in one update
        uint16 maxLooseningStepBps;
        /// @dev loosening of initial allowed in *any* 24 h. Half of it is there at once, the other half refills
        /// linearly over 24 h (see LooseningBudget.sol for why this bounds every window exactly)
        uint16 looseningBudgetBpsPerDay;
        uint16 tightenSpeedBpsPerDay;
        uint16 loosenSpeedBpsPerDay;
        /// @dev where a stale initial haircut ends, at least maxInitialBps
        uint16 staleInitialCapBps;
        /// @dev age of the data from which staleness starts
        uint32 ttlSeconds;
        /// @dev time for initial to rise from its value to its cap once stale
        uint32 decaySeconds;
        /// @dev oldest asOf accepted, relative to the block; at most ttlSeconds, so nothing is born stale
        uint32 maxAgeSeconds;
    }

    /// @notice What governance says about a new market. `debt` is a token, or address(840) for USD (ERC-7726).
    struct MarketListing {
        address collateral;
        address debt;
        uint16 initialBps;
        uint16 maintenanceBps;
        Limits limits;
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

    /// @notice What the keeper sends. `sequence` must be the last one plus one: a stolen key cannot lock the door by
    /// jumping ahead.
    struct Batch {
        uint64 sequence;
        /// @dev last block time at which the batch may be applied
        uint40 deadline;
        uint32 modelVersion;
        /// @dev hash of the stored inputs from which anyone recomputes the numbers
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

    // ------------------------------------------------------------------------------------------------------ events
    // The events alone rebuild the state. Where a time is not in the event, it is the time of its block.

    /// @notice A new market, NORMAL, its maintenance at its target, its budget full. `LimitsChanged` follows.
    event MarketListed(
        uint16 indexed marketId,
        address indexed collateral,
        address indexed debt,
        uint16 initialBps,
        uint16 maintenanceBps,
        uint40 asOf
    );
    /// @notice New limits, in full, and what maintenance and budget stood at when they came into force.
    event LimitsChanged(uint16 indexed marketId, Limits limits, uint64 maintenanceNanoBps, uint64 budgetNanoBps);
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
    event MarketSkipped(
        uint16 indexed marketId,
        uint64 indexed sequence,
        SkipReason reason,
        uint256 given,
        uint256 allowed
    );
    /// @notice A new mode and what maintenance stood at. The budget is brought up to the block too: it follows from the
    /// last one logged and from the limits (LooseningBudget.sol).
    event ModeChanged(uint16 indexed marketId, Mode mode, address indexed by, uint64 maintenanceNanoBps);

    // ------------------------------------------------------------------------------------------------------ errors

    error UnknownMarket(uint16 marketId);
    error UnknownPair(address collateral, address debt);
    error WrongSequence(uint64 given, uint64 expected);
    error DeadlinePassed(uint40 deadline, uint256 now_);
    error EmptyBatch();
    /// @dev Every market of the batch was refused; `reason` is that of the first.
    error NoMarketApplied(uint16 marketId, SkipReason reason);
    error BadLimits(string what, uint256 given, uint256 allowed);
    /// @dev The first values of a new market break the market's own limits.
    error BadListing(SkipReason reason, uint256 given, uint256 allowed);
    /// @dev Neither a contract nor (for the debt) USD.
    error NotAnAsset(address asset);
    error ZeroAddress(string what);
    error MarketExists(address collateral, address debt, uint16 marketId);
    /// @dev A bug of this contract, caught before anybody could read its effect: the whole transaction reverts.
    error PostconditionFailed(uint16 marketId, string what, uint256 given, uint256 allowed);
    error ModeNotSafer(uint16 marketId, Mode given, Mode current);

    // ------------------------------------------------------------------------------------------------------- reads
    // No read makes an external call. Rounding: haircuts up.

    /// @notice Effective haircuts now, in basis points. Reverts with UnknownMarket on an id never listed.
    /// @dev Warning: check `mode`, not a haircut of 0 or 10000, to learn whether a market is closed or frozen.
    function haircuts(uint16 marketId) external view returns (Haircuts memory);

    /// @notice The same by pair; `debt` is address(840) for USD. Reverts with UnknownPair.
    function haircuts(address collateral, address debt) external view returns (Haircuts memory);

    /// @notice The same for many markets, in the order asked. Reverts if any is unknown.
    function haircutsMany(uint16[] calldata marketIds) external view returns (Haircuts[] memory);

    /// @notice Never reverts: unknown markets read as 100 % initial, 0 maintenance and `known` false.
    /// @dev Warning: an unknown market's maintenance of 0 means "do not liquidate", not "lend against it in full".
    function tryHaircuts(uint16 marketId) external view returns (bool known, Haircuts memory);

    /// @notice Id of a pair, 0 when it is not listed. Ids count from 1 and are never used again.
    function marketOf(address collateral, address debt) external view returns (uint16 marketId);

    /// @notice How many markets are listed, which is also the highest id.
    function marketCount() external view returns (uint16);

    /// @notice What is stored for a market, not what it reads as now. Reverts with UnknownMarket.
    function marketState(uint16 marketId) external view returns (MarketState memory);

    /// @notice The limits governance set for a market. Reverts with UnknownMarket.
    function limitsOf(uint16 marketId) external view returns (Limits memory);

    /// @notice Sequence of the last batch applied; 0 before the first.
    function sequence() external view returns (uint64);

    /// @notice What would become of one market of a batch in this block: NONE, or why it would be skipped.
    function previewUpdate(MarketUpdate calldata next)
        external
        view
        returns (SkipReason reason, uint256 given, uint256 allowed);

    // ------------------------------------------------------------------------------------------------------ writes

    /// @notice Writes a batch of markets. KEEPER_ROLE.
    /// @dev Reverts on a wrong sequence, a passed deadline, an empty batch, or when no market could be applied. A
    /// market that breaks a limit is skipped with `MarketSkipped` and the others land. The values of one market are
    /// applied whole or not at all, never clamped. A market named twice is checked twice: the second entry must
    /// itself be a legal update, so with the same asOf it is skipped.
    function update(Batch calldata batch) external;

    /// @notice Makes a market safer (guardian) or sets any mode (governance).
    /// @dev Never moves effective maintenance in its block. Leaving FROZEN, maintenance goes on from where it stood.
    function setMode(uint16 marketId, Mode mode) external;

    /// @notice Lists a pair and returns its id. DEFAULT_ADMIN_ROLE (governance).
    /// @dev The values count as data of age `maxAgeSeconds`: valid at once, replaced by the first update, and stale
    /// `ttlSeconds - maxAgeSeconds` later if no keeper comes.
    function listMarket(MarketListing calldata listing) external returns (uint16 marketId);

    /// @notice Replaces the limits of a market. DEFAULT_ADMIN_ROLE (governance).
    /// @dev Never moves effective maintenance in its block. Bounds, steps and speeds bind from the next write on;
    /// a gap or bonus that the present values break is refused, so first let the keeper tighten.
    function setLimits(uint16 marketId, Limits calldata limits) external;
}
