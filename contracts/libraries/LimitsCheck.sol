// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralParameters} from "../interfaces/ICollateralParameters.sol";
import {Toxicity} from "./Toxicity.sol";
import {BPS_ONE, toBpsUp} from "./Units.sol";

/// @title What governance may not set.
/// @notice Refuses limits that cross or contradict each other, each with the name of the field, the value given and
/// the nearest value allowed.
library LimitsCheck {
    /// @notice Reverts with BadLimits unless the limits make sense among themselves.
    function requireConsistent(ICollateralParameters.Limits memory limits) internal pure {
        _atMost("maxInitialBps", limits.maxInitialBps, BPS_ONE);
        _atMost("minInitialBps", limits.minInitialBps, limits.maxInitialBps);
        _atMost("minMaintenanceBps", limits.minMaintenanceBps, limits.maxMaintenanceBps);
        // A gap of 0 would make a position opened at the limit liquidatable in the same block.
        _atLeast("minGapBps", limits.minGapBps, 1);
        // Otherwise no initial haircut would be legal above the highest maintenance.
        _atLeast("maxInitialBps", limits.maxInitialBps, uint256(limits.maxMaintenanceBps) + limits.minGapBps);
        // Otherwise no maintenance haircut at all would be legal.
        uint256 lowest = Toxicity.lowestMaintenanceBps(limits.liquidationBonusBps);
        _atLeast("maxMaintenanceBps", limits.maxMaintenanceBps, lowest);
        // Otherwise a dead keeper would be better for a borrower than a live one.
        _atMost("staleInitialCapBps", limits.staleInitialCapBps, BPS_ONE);
        _atLeast("staleInitialCapBps", limits.staleInitialCapBps, limits.maxInitialBps);
        // A division by decaySeconds stands in the read path, which must never revert.
        _atLeast("decaySeconds", limits.decaySeconds, 1);
        _atLeast("maxAgeSeconds", limits.maxAgeSeconds, 1);
        // Otherwise an update could be stale when it is accepted.
        _atLeast("ttlSeconds", limits.ttlSeconds, limits.maxAgeSeconds);
    }

    /// @notice Reverts with BadLimits when the present values would break the new gap or the new bonus: these relate
    /// values to each other and to liquidations, so they hold from the block in which they are set.
    function requireHolds(
        ICollateralParameters.Limits memory limits,
        ICollateralParameters.MarketState memory settled
    ) internal pure {
        uint256 effective = toBpsUp(settled.maintenanceNanoBps);
        uint256 target = settled.maintenanceTargetBps;
        (uint256 lower, uint256 higher) = effective < target ? (effective, target) : (target, effective);
        _atMost("minGapBps", limits.minGapBps, settled.initialBps - higher);
        if (Toxicity.isToxic(lower, limits.liquidationBonusBps)) {
            // Greatest bonus with (10000 - lower)(10000 + bonus) < 10^8.
            uint256 allowed = (BPS_ONE * BPS_ONE - 1) / (BPS_ONE - lower) - BPS_ONE;
            revert ICollateralParameters.BadLimits("liquidationBonusBps", limits.liquidationBonusBps, allowed);
        }
    }

    function _atMost(string memory what, uint256 given, uint256 allowed) private pure {
        if (given > allowed) revert ICollateralParameters.BadLimits(what, given, allowed);
    }

    function _atLeast(string memory what, uint256 given, uint256 allowed) private pure {
        if (given < allowed) revert ICollateralParameters.BadLimits(what, given, allowed);
    }
}
