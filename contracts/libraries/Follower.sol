// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {DAY, NANO} from "./Units.sol";

/// @title A value that follows its target at a limited speed.
/// @notice There is no ramp with a start and an end that could be restarted: the only state is where the value stood
/// and when. Sending the same target a thousand times changes nothing.
/// @dev Let v(s, t) be the way covered from s to t, floor(speed * 1e9 * (t - s) / 86400) in nanoBps.
/// Settling in the middle, at u, gives v(s, u) + v(u, t). Because floor(a) + floor(b) <= floor(a + b), this is never
/// more than v(s, t): *no sequence of writes is faster than the speed limit*. And because it is more than
/// v(s, t) - 1, n writes lose less than n nanoBps: one write each second for a year falls short by 0.03 bp. The value
/// errs on the side of not moving, in both directions.
library Follower {
    /// @notice Where the value stands `elapsed` seconds after it stood at `from`, in nanoBps; never past the target.
    function follow(
        uint256 fromNanoBps,
        uint256 targetNanoBps,
        uint256 elapsed,
        uint256 upBpsPerDay,
        uint256 downBpsPerDay
    ) internal pure returns (uint256) {
        if (targetNanoBps >= fromNanoBps) {
            uint256 way = upBpsPerDay * NANO * elapsed / DAY;
            return way < targetNanoBps - fromNanoBps ? fromNanoBps + way : targetNanoBps;
        }
        uint256 wayDown = downBpsPerDay * NANO * elapsed / DAY;
        return wayDown < fromNanoBps - targetNanoBps ? fromNanoBps - wayDown : targetNanoBps;
    }
}
