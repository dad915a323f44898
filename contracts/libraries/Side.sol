// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev What single markets of a group have of their own: one slot a group, read only for lanes marked `own`.
type Side is uint256;

/// @dev One market's 51 bits of it.
type Own is uint256;

using SideLayout for Side global;
using OwnLayout for Own global;

/// @title Five lanes of 51 bits.
library SideLayout {
    uint256 private constant BITS = 51;

    function own(Side side, uint256 index) internal pure returns (Own found) {
        assembly {
            found := and(shr(mul(index, 51), side), 0x7ffffffffffff)
        }
    }

    function withOwn(Side side, uint256 index, Own next) internal pure returns (Side) {
        unchecked {
            uint256 shift = index * BITS;
            return Side.wrap((Side.unwrap(side) & ~(((1 << BITS) - 1) << shift)) | Own.unwrap(next) << shift);
        }
    }
}

/// @title The layout of one.
/// @dev Bits, from the lowest: 25 asOf, minute of the oldest datum (ahead of the clock: governance holds the values
/// until then); 2 mode; 1 challenged, set when a challenge closed it outside of a guardian's cool-down; 23 until, the
/// hour since EPOCH at which the mode lapses. The mode stays here after it has lapsed: the guardian's cool-down counts from `until`.
library OwnLayout {
    /// @dev A mode that does not lapse.
    uint256 internal constant FOREVER = 0x7fffff;

    function pack(uint256 asOf_, uint256 mode_, bool challenged_, uint256 until_) internal pure returns (Own) {
        return Own.wrap(asOf_ | mode_ << 25 | (challenged_ ? 1 << 27 : 0) | until_ << 28);
    }

    function asOf(Own own) internal pure returns (uint256 value) {
        assembly {
            value := and(own, 0x1ffffff)
        }
    }

    function withAsOf(Own own, uint256 minute) internal pure returns (Own) {
        return Own.wrap((Own.unwrap(own) & ~uint256(0x1ffffff)) | minute);
    }

    /// @notice The mode last set, lapsed or not.
    function mode(Own own) internal pure returns (uint256) {
        return (Own.unwrap(own) >> 25) & 3;
    }

    /// @notice The mode in force at `minute`; 0 is NORMAL.
    function modeAt(Own own, uint256 minute) internal pure returns (uint256) {
        unchecked {
            return minute / 60 < until(own) ? mode(own) : 0;
        }
    }

    function challenged(Own own) internal pure returns (bool value) {
        assembly {
            value := and(shr(27, own), 1)
        }
    }

    function until(Own own) internal pure returns (uint256 value) {
        assembly {
            value := shr(28, own)
        }
    }
}
