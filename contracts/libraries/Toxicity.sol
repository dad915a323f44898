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
    /// @dev That is maintenance > bonus / (1 + bonus), so the next whole basis point above it. Bonus 5 % gives 477.
    function lowestMaintenanceBps(uint256 bonusBps) internal pure returns (uint256) {
        return BPS_ONE * bonusBps / (BPS_ONE + bonusBps) + 1;
    }
}
