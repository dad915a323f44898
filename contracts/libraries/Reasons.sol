// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterEvents} from "../interfaces/IParameterEvents.sol";
import {IParameterTypes} from "../interfaces/IParameterTypes.sol";
import {Allowance} from "./Allowance.sol";
import {Group, Lane} from "./Group.sol";
import {Postcondition} from "./Postcondition.sol";
import {RiskClass} from "./RiskClass.sol";
import {max, min} from "./Units.sol";

/// @title Why something was refused, in numbers and words.
/// @notice Linked, not inlined: needed only when something is wrong, and a contract has 24 576 bytes.
library Reasons {
    /// @notice The value given and the nearest allowed, for a rule of UpdateCheck, or a budget.
    /// @param code the SkipReason, as a number because a library's interface has no enums
    function nearest(
        uint8 code,
        Lane stored,
        uint256 maintenance,
        uint256 initial,
        uint256 target,
        RiskClass class,
        uint256 step,
        uint256 budgetLeft
    ) external pure returns (uint256 given, uint256 allowed) {
        IParameterTypes.SkipReason reason = IParameterTypes.SkipReason(code);
        uint256 was = stored.initial();
        uint256 from = min(stored.target(), maintenance);
        if (reason == IParameterTypes.SkipReason.INITIAL_OUT_OF_BOUNDS) {
            uint256 lowest = class.minInitial();
            return (initial, initial < lowest ? lowest : max(class.maxInitial(), was));
        }
        if (reason == IParameterTypes.SkipReason.MAINTENANCE_OUT_OF_BOUNDS) {
            uint256 lowest = class.minMaintenance();
            return (target, target < lowest ? lowest : max(class.maxMaintenance(), stored.target()));
        }
        if (reason == IParameterTypes.SkipReason.GAP_TOO_SMALL) {
            return (initial, max(target, maintenance) + class.minGap());
        }
        if (reason == IParameterTypes.SkipReason.STEP_TOO_LARGE) {
            return initial + step < was ? (initial, was - step) : (target, from - step);
        }
        if (reason == IParameterTypes.SkipReason.TIGHTEN_ONLY) {
            return initial < was ? (initial, was) : (target, from);
        }
        // LOOSENING_BUDGET_SPENT, AGGREGATE_BUDGET_SPENT, PROBE_REFUSED
        return (initial, was > budgetLeft ? was - budgetLeft : 0);
    }

    /// @notice Reverts with the first part of the post-condition that does not hold.
    function ofPostcondition(
        uint256 index,
        Group before,
        Group written,
        uint256 named,
        Allowance allowance
    ) external pure {
        unchecked {
            RiskClass class = allowance.class();
            uint256 was = Group.unwrap(before);
            uint256 is_ = Group.unwrap(written);
            uint256 free = Postcondition.HEADER | Postcondition.FIELD_13 | Postcondition.GUARDS | (named >> 40) * Postcondition.VALUES;
            if ((was ^ is_) & ~free != 0) _fail(index, "values of a market not named changed");
            if (written.settled() != allowance.minute()) _fail(index, "not settled to this minute");
            if (written.asOf() < before.asOf() && before.age() != 4_095) _fail(index, "asOf went back");

            uint256 initial = (is_ >> 26) & Postcondition.FIELD_14;
            uint256 target = (is_ >> 13) & Postcondition.FIELD_13;
            uint256 maintenance = is_ & Postcondition.FIELD_13;
            if (_atLeast((was & Postcondition.FIELD_13) + Postcondition.ONES * allowance.up(), maintenance) != Postcondition.GUARDS) {
                _fail(index, "maintenance rose faster than its speed");
            }
            if (_atLeast(maintenance + Postcondition.ONES * allowance.down(), was & Postcondition.FIELD_13) != Postcondition.GUARDS) {
                _fail(index, "maintenance fell faster than its speed");
            }
            uint256 empty = Postcondition.GUARDS & ~_atLeast(initial, Postcondition.ONES);
            uint256 gap = Postcondition.ONES * class.minGap();
            if (_atLeast(initial, maintenance + gap) | empty != Postcondition.GUARDS) _fail(index, "gap to maintenance");
            if (_atLeast(initial, target + gap) | empty != Postcondition.GUARDS) _fail(index, "gap to target");
            uint256 initialWas = (was >> 26) & Postcondition.FIELD_14;
            if (_atLeast(initial + Postcondition.ONES * allowance.step(), initialWas) != Postcondition.GUARDS) {
                _fail(index, "initial loosened past its step");
            }
            uint256 low = ~_atLeast(initial, Postcondition.ONES * class.minInitial())
                | ~_atLeast(target, Postcondition.ONES * class.minMaintenance());
            if (low & named != 0) _fail(index, "below bounds");
            _fail(index, "above bounds");
        }
    }

    /// @dev Guards of the lanes where a >= b.
    function _atLeast(uint256 a, uint256 b) private pure returns (uint256) {
        unchecked {
            return ((a | Postcondition.GUARDS) - b) & Postcondition.GUARDS;
        }
    }

    function _fail(uint256 index, string memory what) private pure {
        revert IParameterEvents.PostconditionFailed(uint16(index), what);
    }
}
