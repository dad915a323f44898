// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {BPS_ONE} from "./Units.sol";

/// @title When a liquidation eats more than the collateral.
/// @notice At the threshold a position owes (1 - maintenance) of its collateral and the liquidator takes the debt
/// plus the bonus: (1 - maintenance)(1 + bonus). At 1 or more every liquidation leaves bad debt, and each one makes
/// the position worse.
library Toxicity {
    /// @notice True when a liquidation at this maintenance haircut leaves nothing behind.
    function isToxic(uint256 maintenanceBps, uint256 bonusBps) internal pure returns (bool) {
        return maintenanceBps < lowestMaintenanceBps(bonusBps);
    }

    /// @notice Lowest maintenance haircut, in basis points, with (1 - maintenance)(1 + bonus) < 1.
    /// @dev Let t = 10000 - maintenance. t (10000 + bonus) < 10^8 for integers means t <= ceil(10^8 / (10000 +
    /// bonus)) - 1. Bonus 5 % gives t <= 9523, so maintenance >= 477.
    function lowestMaintenanceBps(uint256 bonusBps) internal pure returns (uint256) {
        uint256 scale = BPS_ONE + bonusBps;
        uint256 ceiling = (BPS_ONE * BPS_ONE + scale - 1) / scale;
        return BPS_ONE + 1 - ceiling;
    }
}
