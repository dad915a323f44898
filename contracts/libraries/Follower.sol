// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {DAY_MINUTES} from "./Units.sol";

/// @title A value that follows its target at a limited speed, in whole basis points and without losing any.
/// @notice There is no ramp with a start and an end that could be restarted: the only state is where the value stood
/// and when. Sending the same target a thousand times changes nothing.
/// @dev A speed of s basis points a day gives a clock that ticks s times a day, `ticks(s, t) = floor(s t / 1440)`,
/// counted from EPOCH, the same for everybody. Between two minutes the value may move by the ticks between them. The
/// fraction of a basis point that is under way is in the clock and not in the value, which is why 14 bits hold a
/// maintenance haircut exactly:
///  - settling in the middle changes nothing: (T(c) - T(b)) + (T(b) - T(a)) = T(c) - T(a), to the last bit;
///  - no sequence of writes is faster than the speed: the way covered in [a, c] is at most the ticks in [a, c],
///    and those are at most s (c - a) / 1440 + 1.
library Follower {
    /// @notice Ticks of a speed up to `minute`.
    function ticks(uint256 speedBpsPerDay, uint256 minute) internal pure returns (uint256) {
        unchecked {
            return speedBpsPerDay * minute / DAY_MINUTES;
        }
    }

    /// @notice Ticks between two minutes; 0 when the second is not after the first.
    function between(uint256 speedBpsPerDay, uint256 fromMinute, uint256 toMinute)
        internal
        pure
        returns (uint256 passed)
    {
        unchecked {
            if (toMinute > fromMinute) passed = ticks(speedBpsPerDay, toMinute) - ticks(speedBpsPerDay, fromMinute);
        }
    }

    /// @notice Where the value stands that stood at `value`, `up` and `down` ticks later; never past its target.
    function follow(uint256 value, uint256 target, uint256 up, uint256 down) internal pure returns (uint256) {
        unchecked {
            if (target > value) return target - value > up ? value + up : target;
            return value - target > down ? value - down : target;
        }
    }

    /// @notice `follow` with as many ticks either way. Without a return in the middle, which the compiler does not inline.
    function towards(uint256 value, uint256 target, uint256 ticks_) internal pure returns (uint256 stands) {
        unchecked {
            stands = target;
            if (target > value) {
                if (target - value > ticks_) stands = value + ticks_;
            } else if (value - target > ticks_) {
                stands = value - ticks_;
            }
        }
    }
}
