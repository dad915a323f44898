// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev Five markets of one risk class, and what they share, in one storage slot.
type Group is uint256;

/// @dev One market's 41 bits of a group, in the low bits. Zero: nothing listed there.
type Lane is uint256;

using GroupLayout for Group global;
using LaneLayout for Lane global;

/// @dev Lanes in a group.
uint256 constant LANES = 5;

/// @dev Bits of a lane.
uint256 constant LANE_BITS = 41;

/// @title The layout of a group.
/// @dev Bits, from the lowest: five lanes of 41 (see LaneLayout); 25 settled, the minute up to which maintenance of
/// every lane is accounted for; 12 age, minutes from the data's asOf to settled (4095: that or more); 8 spent, the
/// loosening used in the budget window of settled, basis points; 6 class.
library GroupLayout {
    uint256 private constant SETTLED = 205;
    uint256 private constant AGE = 230;
    uint256 private constant SPENT = 242;
    uint256 private constant CLASS = 250;
    uint256 private constant LANES_MASK = (1 << SETTLED) - 1;
    /// @dev The own-clock bit of every lane.
    uint256 private constant OWN_MASK = (1 << 40 | 1 << 81 | 1 << 122 | 1 << 163 | 1 << 204);
    uint256 internal constant MAX_AGE = 4_095;

    function lane(Group group, uint256 index) internal pure returns (Lane found) {
        assembly {
            found := and(shr(mul(index, 41), group), 0x1ffffffffff)
        }
    }

    function withLane(Group group, uint256 index, Lane next) internal pure returns (Group) {
        unchecked {
            uint256 shift = index * LANE_BITS;
            uint256 rest = Group.unwrap(group) & ~(((1 << LANE_BITS) - 1) << shift);
            return Group.wrap(rest | Lane.unwrap(next) << shift);
        }
    }

    function hasOwn(Group group) internal pure returns (bool) {
        return Group.unwrap(group) & OWN_MASK != 0;
    }

    function settled(Group group) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(205, group), 0x1ffffff)
        }
    }

    function age(Group group) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(230, group), 0xfff)
        }
    }

    /// @notice Minute of the oldest datum behind the lanes that have no clock of their own.
    function asOf(Group group) internal pure returns (uint256 minute) {
        assembly {
            minute := sub(and(shr(205, group), 0x1ffffff), and(shr(230, group), 0xfff))
        }
    }

    function spent(Group group) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(242, group), 0xff)
        }
    }

    function class(Group group) internal pure returns (uint256 value) {
        assembly {
            value := shr(250, group)
        }
    }

    /// @notice The lanes as they are under a new header.
    function withHeader(Group group, uint256 settled_, uint256 asOf_, uint256 spent_, uint256 class_)
        internal
        pure
        returns (Group)
    {
        unchecked {
            uint256 age_ = settled_ - asOf_;
            if (age_ > MAX_AGE) age_ = MAX_AGE;
            return Group.wrap(
                (Group.unwrap(group) & LANES_MASK) | settled_ << SETTLED | age_ << AGE | spent_ << SPENT
                    | class_ << CLASS
            );
        }
    }
}

/// @title The layout of a lane.
/// @dev Bits, from the lowest: 13 maintenance, where it stood at the group's `settled`; 13 its target; 14 initial (all
/// basis points); 1 own, set when the market has a clock or a mode of its own (see Side).
library LaneLayout {
    function pack(uint256 initial_, uint256 target_, uint256 maintenance_, bool own_) internal pure returns (Lane) {
        return Lane.wrap(maintenance_ | target_ << 13 | initial_ << 26 | (own_ ? 1 << 40 : 0));
    }

    function maintenance(Lane lane) internal pure returns (uint256 value) {
        assembly {
            value := and(lane, 0x1fff)
        }
    }

    function target(Lane lane) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(13, lane), 0x1fff)
        }
    }

    function initial(Lane lane) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(26, lane), 0x3fff)
        }
    }

    function own(Lane lane) internal pure returns (bool value) {
        assembly {
            value := and(shr(40, lane), 1)
        }
    }

    function listed(Lane lane) internal pure returns (bool) {
        return Lane.unwrap(lane) != 0;
    }
}
