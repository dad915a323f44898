// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Allowance} from "./Allowance.sol";
import {Group} from "./Group.sol";
import {Reasons} from "./Reasons.sol";

/// @title What must be true after any write, whoever made it.
/// @notice Looks at effects, not at fields: what the group now says against what it said before. In March 2026 a
/// lender's oracle update passed a bound on each field while a limited ratio was stored with an unlimited timestamp,
/// and 10 938 wstETH were liquidated; here, maintenance that has moved further than the time since the last write
/// allows stops the transaction, whatever the path to it was.
/// @dev No legal input can fail here: UpdateCheck and LimitsCheck refuse first. A failure is a bug of this contract,
/// so the whole transaction reverts, neighbours included: with a bug of unknown reach, nothing is written.
///
/// It shares no code with the write. Five lanes are compared in one subtraction: in each lane of 41 bits the values
/// take 14 and the top bit is a guard. With the guards of `a` set and those of `b` clear, `a - b` leaves a lane's
/// guard standing exactly when a >= b in that lane, and no lane borrows from the next.
library Postcondition {
    /// @dev The lowest bit of every lane, and its guard; 13 and 14 bits at the bottom of every lane.
    uint256 internal constant ONES = 0x100000000008000000000400000000020000000001;
    uint256 internal constant GUARDS = 0x1000000000080000000004000000000200000000010000000000;
    uint256 internal constant FIELD_13 = 0x1fff0000000fff80000007ffc0000003ffe0000001fff;
    uint256 internal constant FIELD_14 = 0x3fff0000001fff8000000fffc0000007ffe0000003fff;
    /// @dev A pair holds a value of 13 bits, a guard in bit 19, a value of 14 from bit 20 on, and a guard in bit 40: the two
    /// values of one pair, the two guards of every lane, 14 bits from bit 20 on of every lane.
    uint256 private constant PAIR = 0x3fff01fff;
    uint256 private constant PAIR_GUARDS = 0x1000008000080000400004000020000200001000010000080000;
    uint256 private constant UPPER_14 = 0x3fff0000001fff8000000fffc0000007ffe0000003fff00000;
    /// @dev Initial and target of one lane.
    uint256 internal constant VALUES = 0xffffffe000;
    uint256 internal constant HEADER = 0x3ffffffffffe000000000000000000000000000000000000000000000000000;

    /// @dev Bits that any write may change: header but the class, maintenance, own.
    uint256 internal constant FREE = 0x3fffffffffff0000001fff8000000fffc0000007ffe0000003fff0000001fff;

    /// @notice Reverts with PostconditionFailed unless `written` may follow `before`.
    /// @param index of the group
    /// @param before the group as it was read until now
    /// @param written the group as read back from storage
    /// @param named guards of the lanes whose values may have changed
    function enforce(uint256 index, Group before, Group written, uint256 named, Allowance allowance)
        internal
        pure
    {
        bool holds;
        assembly ("memory-safe") {
            // 0 as long as nothing is wrong: values of a market not named; another time than now; asOf going back.
            let wrong := and(xor(before, written), not(or(FREE, mul(shr(40, named), VALUES))))
            let settled := and(shr(205, written), 0x1ffffff)
            wrong := or(wrong, xor(settled, shr(208, allowance)))
            let age := and(shr(230, before), 0xfff)
            let asOfWas := sub(and(shr(205, before), 0x1ffffff), age)
            if lt(sub(settled, and(shr(230, written), 0xfff)), asOfWas) { wrong := or(wrong, xor(age, 0xfff)) }

            // In every lane: maintenance has not moved by more than the ticks since.
            let value := and(written, FIELD_13)
            let was := and(before, FIELD_13)
            let good := sub(add(or(was, GUARDS), mul(and(shr(160, allowance), 0x1fff), ONES)), value)
            good := and(good, sub(add(or(value, GUARDS), mul(and(shr(173, allowance), 0x1fff), ONES)), was))
            // In every lane listed: the gap to maintenance and target.
            let initial := or(and(shr(26, written), FIELD_14), GUARDS)
            let target := and(shr(13, written), FIELD_13)
            let least := mul(and(shr(80, allowance), 0xfff), ONES)
            let gap := and(sub(initial, add(value, least)), sub(initial, add(target, least)))
            good := and(good, or(gap, not(sub(initial, ONES))))
            // In every lane named: the bounds of target and initial as a pair, the upper ones yielding to what was there.
            value := or(target, and(shr(6, written), UPPER_14))
            was := or(and(shr(13, before), FIELD_13), and(shr(6, before), UPPER_14))
            let pair := or(value, PAIR_GUARDS)
            let bounds := sub(pair, mul(and(allowance, PAIR), ONES))
            let highest := or(mul(and(shr(40, allowance), PAIR), ONES), PAIR_GUARDS)
            bounds := and(bounds, or(sub(highest, value), sub(or(was, PAIR_GUARDS), value)))
            good := and(good, or(and(bounds, shl(21, bounds)), not(named)))
            // In every lane: initial not looser by more than a step. Only its guard is looked at.
            good := and(good, sub(add(pair, mul(and(shr(166, allowance), 0x3fff00000), ONES)), was))
            holds := iszero(or(wrong, and(not(good), GUARDS)))
        }
        if (holds) return;
        Reasons.ofPostcondition(index, before, written, named, allowance);
    }
}
