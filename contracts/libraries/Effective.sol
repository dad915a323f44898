// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralParameters} from "../interfaces/ICollateralParameters.sol";
import {Follower} from "./Follower.sol";
import {LooseningBudget} from "./LooseningBudget.sol";
import {BPS_ONE, NANO, toBpsUp} from "./Units.sol";

/// @title What a stored market reads as at a given time.
/// @notice The one reading: consumers, the checks of an update and the post-condition all come through here.
/// Nothing in it can revert, whatever the state, as long as `decaySeconds` is not 0 (see LimitsCheck).
library Effective {
    /// @notice Maintenance at `time`, in nanoBps. It moves while the market is not FROZEN and its data not older
    /// than the ttl; silence stops it and never carries it further.
    function maintenanceNanoBpsAt(
        ICollateralParameters.MarketState memory market,
        ICollateralParameters.Limits memory limits,
        uint256 time
    ) internal pure returns (uint256) {
        if (market.mode == ICollateralParameters.Mode.FROZEN) return market.maintenanceNanoBps;
        uint256 silentFrom = uint256(market.asOf) + limits.ttlSeconds;
        uint256 until = time < silentFrom ? time : silentFrom;
        if (until <= market.maintenanceTime) return market.maintenanceNanoBps;
        return Follower.follow(
            market.maintenanceNanoBps,
            market.maintenanceTargetBps * NANO,
            until - market.maintenanceTime,
            limits.tightenSpeedBpsPerDay,
            limits.loosenSpeedBpsPerDay
        );
    }

    /// @notice Initial at `time`, in basis points, rounded up: 100 % unless NORMAL; the stored value while the data
    /// is fresh; then a straight line to the stale cap, and never below the stored value.
    function initialBpsAt(
        ICollateralParameters.MarketState memory market,
        ICollateralParameters.Limits memory limits,
        uint256 time
    ) internal pure returns (uint256) {
        if (market.mode != ICollateralParameters.Mode.NORMAL) return BPS_ONE;
        uint256 stored = market.initialBps;
        uint256 staleFrom = uint256(market.asOf) + limits.ttlSeconds;
        if (time <= staleFrom || stored >= limits.staleInitialCapBps) return stored;
        uint256 stale = time - staleFrom;
        if (stale >= limits.decaySeconds) return limits.staleInitialCapBps;
        uint256 rise = (limits.staleInitialCapBps - stored) * stale;
        return stored + (rise + limits.decaySeconds - 1) / limits.decaySeconds;
    }

    /// @notice Loosening budget at `time`, in nanoBps.
    function budgetNanoBpsAt(
        ICollateralParameters.MarketState memory market,
        ICollateralParameters.Limits memory limits,
        uint256 time
    ) internal pure returns (uint256) {
        uint256 elapsed = time > market.budgetTime ? time - market.budgetTime : 0;
        return LooseningBudget.availableNanoBps(market.budgetNanoBps, elapsed, limits.looseningBudgetBpsPerDay);
    }

    /// @notice What consumers read at `time`.
    function haircutsAt(
        ICollateralParameters.MarketState memory market,
        ICollateralParameters.Limits memory limits,
        uint256 time
    ) internal pure returns (ICollateralParameters.Haircuts memory) {
        return ICollateralParameters.Haircuts({
            initialBps: uint16(initialBpsAt(market, limits, time)),
            maintenanceBps: uint16(toBpsUp(maintenanceNanoBpsAt(market, limits, time))),
            asOf: market.asOf,
            mode: market.mode
        });
    }

    /// @notice Brings maintenance and budget of `market` (in memory) up to `time`, so that what is written next
    /// starts from what was last read.
    function settle(
        ICollateralParameters.MarketState memory market,
        ICollateralParameters.Limits memory limits,
        uint256 time
    ) internal pure {
        market.maintenanceNanoBps = uint64(maintenanceNanoBpsAt(market, limits, time));
        market.maintenanceTime = uint40(time);
        market.budgetNanoBps = uint64(budgetNanoBpsAt(market, limits, time));
        market.budgetTime = uint40(time);
    }
}
