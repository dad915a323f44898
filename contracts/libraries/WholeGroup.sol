// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {RiskClass} from "./RiskClass.sol";

/// @title The usual case, five markets at once.
/// @notice When an entry names every market of its group and none has a clock or a mode of its own, the five are
/// followed and judged together. It says yes only to what BatchWriter's lane-by-lane path would apply whole, with the
/// same result to the bit (differential and fuzz tests hold it to that); on any doubt it says no, and that path decides
/// and gives the reasons.
/// @dev A *plane* holds one value of each lane at the bottom of its 41 bits. Bit 40 of a lane is its guard: with the
/// guards of `a` set, `a - b` leaves a lane's guard standing exactly when a >= b in that lane, and no lane borrows from
/// the next, because values take 15 bits at most.
library WholeGroup {
    /// @dev The lowest bit of every lane, and its guard; 13 and 14 bits at the bottom of every lane.
    uint256 private constant ONES = 0x100000000008000000000400000000020000000001;
    uint256 private constant GUARDS = 0x1000000000080000000004000000000200000000010000000000;
    uint256 private constant FIELD_13 = 0x1fff0000000fff80000007ffc0000003ffe0000001fff;
    uint256 private constant FIELD_14 = 0x3fff0000001fff8000000fffc0000007ffe0000003fff;
    /// @dev Bits 0 to 4 times this are the guards of lanes 0 to 4, and other bits that a mask takes away.
    uint256 private constant FLAG_TO_GUARD = 0x100000000010000000001000000000100000000010000000000;

    /// @dev What is the same for all groups of a class, as planes; ticks of maintenance for groups of one header.
    struct Usual {
        uint256 minInitial;
        uint256 maxInitial;
        uint256 minMaintenance;
        uint256 maxMaintenance;
        uint256 gap;
        uint256 step;
        uint256 budget;
        /// @dev at most 8191, as every tick count here
        uint256 up;
        uint256 down;
    }

    /// @notice Fills in what belongs to a class. Upper ends come with their guards.
    function prepare(Usual memory usual, RiskClass class, uint256 step, uint256 budget) internal pure {
        unchecked {
            usual.minInitial = class.minInitial() * ONES;
            usual.maxInitial = class.maxInitial() * ONES | GUARDS;
            usual.minMaintenance = class.minMaintenance() * ONES;
            usual.maxMaintenance = class.maxMaintenance() * ONES | GUARDS;
            usual.gap = class.minGap() * ONES;
            usual.step = step;
            usual.budget = budget;
        }
    }

    /// @notice The lanes after the entry, 0 when it is not the usual case or some lane would be skipped.
    /// @param spent of the window's budget
    /// @return lanes without header
    /// @return listed guards of the markets listed
    /// @return loosened plane of what initial loosens
    function apply_(uint256 group, uint256 entry, uint256 spent, Usual memory usual)
        internal
        pure
        returns (uint256 lanes, uint256 listed, uint256 loosened)
    {
        // In assembly because a shift written in Solidity costs three times as much here.
        assembly ("memory-safe") {
            let initialWas := and(shr(26, group), FIELD_14)
            listed := and(sub(or(initialWas, GUARDS), ONES), GUARDS)
            let named := and(mul(and(shr(168, entry), 0x1f), FLAG_TO_GUARD), GUARDS)
            // A clock or a mode of its own, or a lane not named: not the usual case.
            if iszero(or(and(group, GUARDS), xor(named, listed))) {
                // The five values of the entry, 27 bits each, at the bottom of their lanes.
                let target := or(
                    and(entry, 0x7ffffff),
                    or(
                        or(and(shl(14, entry), shl(41, 0x7ffffff)), and(shl(28, entry), shl(82, 0x7ffffff))),
                        or(and(shl(42, entry), shl(123, 0x7ffffff)), and(shl(56, entry), shl(164, 0x7ffffff)))
                    )
                )
                target := and(target, sub(named, shr(40, named)))
                let initial := and(shr(13, target), FIELD_14)
                target := and(target, FIELD_13)
                let targetWas := and(shr(13, group), FIELD_13)
                let maintenance := and(group, FIELD_13)
                // Maintenance: `up` or `down` ticks closer to the old target, never past it.
                if xor(maintenance, targetWas) {
                    let ticks := mul(mload(add(usual, 0xe0)), ONES)
                    let higher := add(maintenance, ticks)
                    let pick := and(sub(or(targetWas, GUARDS), higher), GUARDS)
                    higher := xor(targetWas, and(xor(higher, targetWas), sub(pick, shr(40, pick))))
                    ticks := mul(mload(add(usual, 0x100)), ONES)
                    pick := and(sub(or(maintenance, GUARDS), add(targetWas, ticks)), GUARDS)
                    let lower := sub(or(maintenance, GUARDS), ticks)
                    lower := xor(targetWas, and(xor(lower, targetWas), sub(pick, shr(40, pick))))
                    pick := and(sub(or(targetWas, GUARDS), maintenance), GUARDS)
                    maintenance := and(xor(lower, and(xor(higher, lower), sub(pick, shr(40, pick)))), FIELD_13)
                }
                // Bounds.
                let value := or(initial, GUARDS)
                let good := and(sub(value, mload(usual)), sub(mload(add(usual, 0x20)), initial))
                good := and(good, sub(mload(add(usual, 0x60)), target))
                // Gap. The guard of `roof` falls in a lane whose initial is below the gap: it is below target + gap too.
                let roof := sub(value, mload(add(usual, 0x80)))
                good := and(good, roof)
                roof := or(roof, GUARDS)
                good := and(good, and(sub(roof, target), sub(roof, maintenance)))
                // Step and budget of initial.
                let loosens := and(not(sub(value, initialWas)), GUARDS)
                if loosens {
                    loosened := and(sub(or(initialWas, GUARDS), initial), sub(loosens, shr(40, loosens)))
                    let reach := mload(add(usual, 0xc0))
                    reach := mul(sub(reach, spent), gt(reach, spent))
                    let step := mload(add(usual, 0xa0))
                    if lt(step, reach) { reach := step }
                    good := and(good, sub(add(value, mul(reach, ONES)), initialWas))
                }
                // Bound and step of the target; the step counts from the lower of old target and maintenance.
                value := or(target, GUARDS)
                good := and(good, sub(value, mload(add(usual, 0x40))))
                value := add(value, mul(mload(add(usual, 0xa0)), ONES))
                good := and(good, or(sub(value, targetWas), sub(value, maintenance)))
                if iszero(and(not(good), listed)) {
                    lanes := or(maintenance, or(shl(13, target), shl(26, initial)))
                }
            }
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
            greatest := and(plane, 0x3fff)
            let value := and(shr(41, plane), 0x3fff)
            greatest := xor(greatest, mul(xor(greatest, value), gt(value, greatest)))
            value := and(shr(82, plane), 0x3fff)
            greatest := xor(greatest, mul(xor(greatest, value), gt(value, greatest)))
            value := and(shr(123, plane), 0x3fff)
            greatest := xor(greatest, mul(xor(greatest, value), gt(value, greatest)))
            value := and(shr(164, plane), 0x3fff)
            greatest := xor(greatest, mul(xor(greatest, value), gt(value, greatest)))
        }
    }
}
