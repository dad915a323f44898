// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {DAY, NANO} from "./Units.sol";

/// @title How far the initial haircut may still be loosened.
/// @notice A token bucket that holds half of the daily budget and refills by the other half each 24 h.
/// @dev Why half: a bucket of capacity C that refills at r a day pays out at most C + r in a window of 24 h (full at
/// its start, and everything that flows in). The usual C = r = budget would allow *twice* the budget, half of it a
/// second before midnight and half a second after. With C = r = budget / 2,
///     sum of loosenings in any window of length w  <=  budget / 2 + budget / 2 * w / 24 h,
/// which is the budget for w = 24 h. Halves are exact in nanoBps; flows are rounded down, and
/// floor(a) + floor(b) <= floor(a + b), so splitting a window never pays more.
/// Tightening does not refill the bucket, so tightening and loosening by turns gains nothing.
library LooseningBudget {
    /// @notice The most that can be there at once, in nanoBps.
    function capacityNanoBps(uint256 budgetBpsPerDay) internal pure returns (uint256) {
        return budgetBpsPerDay * NANO / 2;
    }

    /// @notice What is there `elapsed` seconds after `leftNanoBps` was there, in nanoBps.
    function availableNanoBps(uint256 leftNanoBps, uint256 elapsed, uint256 budgetBpsPerDay)
        internal
        pure
        returns (uint256)
    {
        uint256 capacity = capacityNanoBps(budgetBpsPerDay);
        uint256 filled = leftNanoBps + capacity * elapsed / DAY;
        return filled < capacity ? filled : capacity;
    }
}
