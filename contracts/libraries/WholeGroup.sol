// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Allowance} from "./Allowance.sol";

/// @title The usual case, five markets at once.
/// @notice When an entry names every market of its group and none has a clock or a mode of its own, the five are
/// followed and judged together. It says yes only to what BatchWriter's lane-by-lane path would apply whole, with the
/// same result to the bit (differential and fuzz tests hold it to that); on any doubt it says no, and that path decides
/// and gives the reasons.
/// @dev A *plane* holds one value of each lane at the bottom of its 41 bits, and bit 40 is the lane's guard; a plane of
/// *pairs* holds a target with a guard in bit 19, and an initial from bit 20 on with a guard in bit 40. With the guards
/// of `a` set, `a - b` leaves a guard standing exactly when a >= b there, and nothing borrows from its neighbour: a
/// target is below 2^13, an initial below 2^14, and what is added to either (gap, step, ticks) below 2^13.
library WholeGroup {
    /// @dev The lowest bit of every lane, and its guard; 13 and 14 bits at the bottom of every lane.
    uint256 private constant ONES = 0x100000000008000000000400000000020000000001;
    uint256 private constant GUARDS = 0x1000000000080000000004000000000200000000010000000000;
    uint256 private constant FIELD_13 = 0x1fff0000000fff80000007ffc0000003ffe0000001fff;
    uint256 private constant FIELD_14 = 0x3fff0000001fff8000000fffc0000007ffe0000003fff;
    /// @dev The values of one pair, and the guards of five.
    uint256 private constant PAIR = 0x3fff01fff;
    uint256 private constant PAIR_GUARDS = 0x1000008000080000400004000020000200001000010000080000;
    /// @dev Bits 0 to 4 times this are the guards of lanes 0 to 4, and other bits that a mask takes away.
    uint256 private constant FLAG_TO_GUARD = 0x100000000010000000001000000000100000000010000000000;

    /// @notice The lanes after the entry, 0 when it is not the usual case or some lane would be skipped.
    /// @param flags which lanes are named: those of the entry, or none if it is no news
    /// @param spent of the window's budget, from bit 242 on, where a group has it
    /// @param allowance class, step, budget and ticks
    /// @return lanes without header
    /// @return listed guards of the markets listed
    /// @return loosened plane of what initial loosens, 0 with `lanes`
    function apply_(uint256 group, uint256 entry, uint256 flags, uint256 spent, Allowance allowance)
        internal
        pure
        returns (uint256 lanes, uint256 listed, uint256 loosened)
    {
        bool usual;
        // In assembly, here and below, because a shift written in Solidity costs three times as much.
        assembly ("memory-safe") {
            listed := and(sub(or(and(shr(26, group), FIELD_14), GUARDS), ONES), GUARDS)
            let named := and(mul(flags, FLAG_TO_GUARD), GUARDS)
            // No clock and no mode of its own, every lane listed named and no other.
            usual := iszero(or(and(group, GUARDS), xor(named, listed)))
        }
        if (!usual) return (0, 0, 0);
        uint256 maintenance = followed(group, allowance);
        assembly ("memory-safe") {
            // The five values of the entry, 27 bits each, at the bottom of their lanes.
            let target := or(
                and(shr(64, entry), 0x7ffffff),
                or(
                    or(and(shr(50, entry), shl(41, 0x7ffffff)), and(shr(36, entry), shl(82, 0x7ffffff))),
                    or(and(shr(22, entry), shl(123, 0x7ffffff)), and(shr(8, entry), shl(164, 0x7ffffff)))
                )
            )
            target := and(target, sub(listed, shr(40, listed)))
            lanes := or(maintenance, shl(13, target))
            let initial := and(shr(13, target), FIELD_14)
            target := and(target, FIELD_13)

            // Gap.
            let least := mul(and(shr(80, allowance), 0xfff), ONES)
            let high := or(initial, GUARDS)
            let good := and(sub(high, add(target, least)), sub(high, add(maintenance, least)))
            // Step of the target, from the lower of the old one and maintenance.
            let step := and(shr(186, allowance), 0x3fff)
            least := add(or(target, GUARDS), mul(step, ONES))
            good := and(good, or(sub(least, and(shr(13, group), FIELD_13)), sub(least, maintenance)))
            // Step and budget of initial.
            loosened := sub(or(and(shr(26, group), FIELD_14), GUARDS), initial)
            let pick := and(loosened, GUARDS)
            loosened := and(loosened, sub(pick, shr(40, pick)))
            if loosened {
                let left := and(shr(200, allowance), 0xff)
                let used := and(shr(242, spent), 0xff)
                left := mul(sub(left, used), gt(left, used))
                if lt(left, step) { step := left }
                good := and(good, sub(or(mul(step, ONES), GUARDS), loosened))
            }
            // Bounds of both.
            let pair := or(target, shl(20, initial))
            let bounds := sub(or(mul(and(shr(40, allowance), PAIR), ONES), PAIR_GUARDS), pair)
            bounds := and(bounds, sub(or(pair, PAIR_GUARDS), mul(and(allowance, PAIR), ONES)))

            good := and(good, and(bounds, shl(21, bounds)))
            if and(not(good), listed) {
                lanes := 0
                loosened := 0
            }
        }
    }

    /// @notice Maintenance of every lane as it stands now: `up` or `down` ticks closer to the old target, never past it.
    /// @dev Where the target is `up` or more above: `up` higher. Where it is `down` or more below: `down` lower. Else the
    /// target. In a lane where `down` is more than maintenance its subtraction takes the guard and is not picked.
    function followed(uint256 group, Allowance allowance) internal pure returns (uint256 maintenance) {
        assembly {
            let was := and(group, FIELD_13)
            let target := and(shr(13, group), FIELD_13)
            let moved := add(was, mul(and(shr(160, allowance), 0x1fff), ONES))
            let pick := and(sub(or(target, GUARDS), moved), GUARDS)
            maintenance := xor(target, and(xor(target, moved), sub(pick, shr(40, pick))))
            let down := mul(and(shr(173, allowance), 0x1fff), ONES)
            pick := and(sub(or(was, GUARDS), add(target, down)), GUARDS)
            moved := sub(or(was, GUARDS), down)
            maintenance := xor(maintenance, and(xor(maintenance, moved), sub(pick, shr(40, pick))))
        }
    }

    /// @notice Sum over the lanes of a plane.
    function sum(uint256 plane) internal pure returns (uint256 total) {
        assembly {
            total := and(shr(164, mul(plane, ONES)), 0x1ffffffffff)
        }
    }

    /// @notice Greatest value in a plane.
    function most(uint256 plane) internal pure returns (uint256 greatest) {
        assembly {
            // max(a, b) is b plus what a is above it: first lanes 0 to 2 against 2 to 4, then those against their neighbours.
            let other := shr(82, plane)
            let above := sub(or(plane, GUARDS), other)
            let pick := and(above, GUARDS)
            plane := add(other, and(above, sub(pick, shr(40, pick))))
            other := shr(41, plane)
            above := sub(or(plane, GUARDS), other)
            pick := and(above, GUARDS)
            plane := add(other, and(above, sub(pick, shr(40, pick))))
            greatest := and(plane, 0x3fff)
            other := and(shr(41, plane), 0x3fff)
            greatest := xor(greatest, mul(xor(greatest, other), gt(other, greatest)))
        }
    }
}
