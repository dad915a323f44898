// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralParameters} from "../interfaces/ICollateralParameters.sol";
import {Effective} from "./Effective.sol";
import {Toxicity} from "./Toxicity.sol";
import {BPS_ONE, NANO, toBpsUp} from "./Units.sol";

/// @title What the keeper may not write.
/// @notice Pure: state, limits, the update and the time in; the first broken rule out, with the value given and the
/// nearest value allowed. Rules that hold a value back from loosening never stop a tightening.
library UpdateCheck {
    /// @notice NONE when the update may be applied whole, else why it is skipped.
    function check(
        ICollateralParameters.MarketState memory market,
        ICollateralParameters.Limits memory limits,
        ICollateralParameters.MarketUpdate memory next,
        uint256 time
    ) internal pure returns (ICollateralParameters.SkipReason reason, uint256 given, uint256 allowed) {
        (reason, given, allowed) = checkTime(market, limits, next, time);
        if (reason != ICollateralParameters.SkipReason.NONE) return (reason, given, allowed);
        (reason, given, allowed) = checkValues(market, limits, next, time);
        if (reason != ICollateralParameters.SkipReason.NONE) return (reason, given, allowed);
        (reason, given, allowed) = checkLoosening(market, limits, next, time);
        if (reason != ICollateralParameters.SkipReason.NONE) return (reason, given, allowed);
        if (next.confidenceBps > BPS_ONE) {
            return (ICollateralParameters.SkipReason.CONFIDENCE_OUT_OF_RANGE, next.confidenceBps, BPS_ONE);
        }
    }

    /// @notice Replays, late data, and a time so far ahead that it would lock out every honest update after it.
    function checkTime(
        ICollateralParameters.MarketState memory market,
        ICollateralParameters.Limits memory limits,
        ICollateralParameters.MarketUpdate memory next,
        uint256 time
    ) internal pure returns (ICollateralParameters.SkipReason, uint256, uint256) {
        uint256 asOf = next.asOf;
        if (asOf <= market.asOf) {
            return (ICollateralParameters.SkipReason.ASOF_NOT_INCREASING, asOf, uint256(market.asOf) + 1);
        }
        if (asOf + limits.maxAgeSeconds < time) {
            return (ICollateralParameters.SkipReason.ASOF_TOO_OLD, asOf, time - limits.maxAgeSeconds);
        }
        if (asOf > time) return (ICollateralParameters.SkipReason.ASOF_IN_FUTURE, asOf, time);
        return (ICollateralParameters.SkipReason.NONE, 0, 0);
    }

    /// @notice Bounds, gap and toxicity of the values themselves; also for the first values of a new market.
    /// @dev The lower bounds are strict: tightening is instant, so nothing keeps a value from reaching them. The
    /// upper bounds yield to what is stored: loosening down to a bound that governance has just lowered takes many
    /// steps, and refusing the steps would lock the market.
    function checkValues(
        ICollateralParameters.MarketState memory market,
        ICollateralParameters.Limits memory limits,
        ICollateralParameters.MarketUpdate memory next,
        uint256 time
    ) internal pure returns (ICollateralParameters.SkipReason, uint256, uint256) {
        uint256 initial = next.initialBps;
        uint256 target = next.maintenanceTargetBps;
        uint256 highest = _max(limits.maxInitialBps, market.initialBps);
        if (initial < limits.minInitialBps || initial > highest) {
            uint256 bound = initial < limits.minInitialBps ? limits.minInitialBps : highest;
            return (ICollateralParameters.SkipReason.INITIAL_OUT_OF_BOUNDS, initial, bound);
        }
        highest = _max(limits.maxMaintenanceBps, market.maintenanceTargetBps);
        if (target < limits.minMaintenanceBps || target > highest) {
            uint256 bound = target < limits.minMaintenanceBps ? limits.minMaintenanceBps : highest;
            return (ICollateralParameters.SkipReason.MAINTENANCE_OUT_OF_BOUNDS, target, bound);
        }
        uint256 effective = toBpsUp(Effective.maintenanceNanoBpsAt(market, limits, time));
        uint256 lowest = _max(target, effective) + limits.minGapBps;
        if (initial < lowest) return (ICollateralParameters.SkipReason.GAP_TOO_SMALL, initial, lowest);
        if (Toxicity.isToxic(target, limits.liquidationBonusBps)) {
            lowest = Toxicity.lowestMaintenanceBps(limits.liquidationBonusBps);
            return (ICollateralParameters.SkipReason.TOXIC_LIQUIDATION, target, lowest);
        }
        return (ICollateralParameters.SkipReason.NONE, 0, 0);
    }

    /// @notice Step and budget, on loosening only.
    /// @dev A target above effective maintenance is a tightening still under way; taking it back has moved nothing
    /// yet, so the step of the target counts from the lower of the two. Otherwise one wrong tightening would have to
    /// be walked back step by step while maintenance goes on climbing towards it.
    function checkLoosening(
        ICollateralParameters.MarketState memory market,
        ICollateralParameters.Limits memory limits,
        ICollateralParameters.MarketUpdate memory next,
        uint256 time
    ) internal pure returns (ICollateralParameters.SkipReason, uint256, uint256) {
        uint256 initial = next.initialBps;
        uint256 target = next.maintenanceTargetBps;
        if (initial + limits.maxLooseningStepBps < market.initialBps) {
            uint256 lowest = market.initialBps - limits.maxLooseningStepBps;
            return (ICollateralParameters.SkipReason.STEP_TOO_LARGE, initial, lowest);
        }
        uint256 effective = toBpsUp(Effective.maintenanceNanoBpsAt(market, limits, time));
        uint256 from = _min(market.maintenanceTargetBps, effective);
        if (target + limits.maxLooseningStepBps < from) {
            return (ICollateralParameters.SkipReason.STEP_TOO_LARGE, target, from - limits.maxLooseningStepBps);
        }
        uint256 budgetBps = Effective.budgetNanoBpsAt(market, limits, time) / NANO;
        if (initial + budgetBps < market.initialBps) {
            return (ICollateralParameters.SkipReason.LOOSENING_BUDGET_SPENT, initial, market.initialBps - budgetBps);
        }
        return (ICollateralParameters.SkipReason.NONE, 0, 0);
    }

    function _max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
