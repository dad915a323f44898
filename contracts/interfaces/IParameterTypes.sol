// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title What goes into the parameter contract and comes out of it.
interface IParameterTypes {
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
        /// @dev given: market id; allowed: highest id
        UNKNOWN_MARKET,
        /// @dev governance holds the values. given: asOf; allowed: time until which it does
        OVERRIDDEN,
        /// @dev given: asOf; allowed: block time
        ASOF_IN_FUTURE,
        /// @dev given: asOf; allowed: oldest asOf
        ASOF_TOO_OLD,
        /// @dev of the same minute only tightening is taken, of an earlier one nothing. given: asOf; allowed: earliest
        ASOF_NOT_INCREASING,
        /// @dev given: initial; allowed: the bound crossed
        INITIAL_OUT_OF_BOUNDS,
        /// @dev given: maintenance target; allowed: the bound crossed
        MAINTENANCE_OUT_OF_BOUNDS,
        /// @dev given: initial; allowed: lowest initial above max(target, effective maintenance)
        GAP_TOO_SMALL,
        /// @dev given: initial (looked at first) or maintenance target; allowed: lowest one a single step reaches
        STEP_TOO_LARGE,
        /// @dev the breaker has tripped. given: initial or target; allowed: lowest one that loosens nothing
        TIGHTEN_ONLY,
        /// @dev given: initial; allowed: lowest one the window's budget reaches
        LOOSENING_BUDGET_SPENT,
        /// @dev trips the breaker. given: initial; allowed: lowest one the window's aggregate budget reaches
        AGGREGATE_BUDGET_SPENT,
        /// @dev given: initial; allowed: the initial stored
        PROBE_REFUSED
    }

    /// @notice Everything governance fixes for one risk class.
    struct Limits {
        uint16 minInitialBps;
        uint16 maxInitialBps;
        /// @dev a liquidation at it leaves collateral behind: (1 - minMaintenance)(1 + bonus) < 1
        uint16 minMaintenanceBps;
        /// @dev at most 8191
        uint16 maxMaintenanceBps;
        /// @dev least distance initial - maintenance, at least 1
        uint16 minGapBps;
        uint16 liquidationBonusBps;
        /// @dev greatest loosening (of initial, or of the maintenance target) in one update by the hot key
        uint16 maxLooseningStepBps;
        /// @dev loosening of initial allowed to the hot key in *any* 24 h, a multiple of 4: a quarter of it in each
        /// third of a day, because 24 h touch four thirds
        uint16 looseningBudgetBpsPerDay;
        /// @dev the same two for the quorum, at least the hot key's
        uint16 quorumLooseningStepBps;
        uint16 quorumLooseningBudgetBpsPerDay;
        /// @dev oldest asOf accepted, relative to the block; whole minutes, at most the profile's ttl
        uint32 maxAgeSeconds;
        /// @dev markets of this class may have a probe
        bool probed;
    }

    /// @notice What a market does between writes. Fixed at deployment: nobody can make maintenance move faster.
    struct ProfileValues {
        uint16 tightenSpeedBpsPerDay;
        uint16 loosenSpeedBpsPerDay;
        /// @dev age of the data from which staleness starts; whole minutes
        uint32 ttlSeconds;
        /// @dev time for initial to rise from its value to its cap once stale; whole minutes
        uint32 decaySeconds;
        uint16 staleInitialCapBps;
    }

    /// @notice On a rollup, the uptime feed of its sequencer: Chainlink's, answer 0 up and 1 down, `startedAt` since when.
    /// Fixed at deployment. Maintenance stands while it says down and for the grace after. All zero: there is none.
    struct SequencerValues {
        address feed;
        uint32 graceSeconds;
    }

    /// @notice A class defined at deployment. Class `id` uses profile `id % 4`.
    struct ClassListing {
        uint8 classId;
        Limits limits;
    }

    /// @notice What is said about a new market. `debt` is a token, or address(840) for USD (ERC-7726).
    struct MarketListing {
        address collateral;
        address debt;
        uint8 classId;
        /// @dev group to join: one of the same class with a lane free, or `groupCount` for a new one
        uint16 group;
        uint16 initialBps;
        uint16 maintenanceBps;
    }

    /// @notice One market of a batch, spelled out (a batch packs it, see Entry.sol).
    struct MarketUpdate {
        uint16 marketId;
        uint16 initialBps;
        uint16 maintenanceTargetBps;
        /// @dev observation time of the oldest market datum used
        uint40 asOf;
    }

    /// @notice What the keeper sends. `sequence` must be the last one plus one: a stolen key cannot lock the door by
    /// jumping ahead. `generation` must be the present one: a batch made before a listing does not apply after it.
    struct Batch {
        uint64 sequence;
        /// @dev last block time at which the batch may be applied
        uint40 deadline;
        uint16 generation;
        uint32 modelVersion;
        /// @dev hash of the stored inputs from which anyone recomputes the numbers
        bytes32 evidence;
        /// @dev the markets, packed by group (Entry.sol)
        bytes entries;
    }

    /// @notice Values governance sets by hand.
    struct ManualOverride {
        uint16 marketId;
        uint16 initialBps;
        uint16 maintenanceTargetBps;
        /// @dev until then the keeper cannot change them and they do not go stale; now: only set them
        uint40 until;
    }

    /// @notice Effective haircuts of one market at this block.
    struct Haircuts {
        uint16 initialBps;
        uint16 maintenanceBps;
        uint40 asOf;
        Mode mode;
    }

    /// @notice The stored state of one market.
    struct MarketState {
        address collateral;
        address debt;
        uint16 initialBps;
        uint16 maintenanceTargetBps;
        /// @dev maintenance at `maintenanceTime`
        uint16 maintenanceBps;
        uint40 maintenanceTime;
        /// @dev whole minute; ahead of the block while governance holds the values
        uint40 asOf;
        /// @dev the mode last set, and when it lapses (0: never set; type(uint40).max: it does not)
        Mode mode;
        uint40 modeUntil;
        bool challenged;
        /// @dev loosening used in the budget window of `maintenanceTime`: the greatest of each entry of the group, added up
        uint16 spentBps;
        uint8 classId;
        /// @dev what stood behind the values: confidence in 1/31, rounded down, and a bitmap of 11 sources
        uint8 confidence;
        uint16 sources;
    }

    /// @notice What all batches share.
    struct DoorState {
        uint40 sequence;
        uint16 generation;
        /// @dev window, counted from EPOCH, in which `spentBps` was spent
        uint16 window;
        uint24 spentBps;
        uint24 aggregateBps;
        uint24 quorumAggregateBps;
        bool tightenOnly;
    }
}
