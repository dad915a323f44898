// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterTypes as Types} from "../../contracts/interfaces/IParameterTypes.sol";
import {Group, LaneLayout} from "../../contracts/libraries/Group.sol";
import {RiskClassLayout} from "../../contracts/libraries/RiskClass.sol";
import {WholeGroup} from "../../contracts/libraries/WholeGroup.sol";
import {ParametersTest} from "./support/ParametersWorld.sol";

/// @dev Clauses of the short cut at their edges, asked directly: in a batch the lane path and the post-condition stand
/// behind it, so a clause that is missing shows as another refusal and not as a wrong value. Each test breaks one
/// clause by one basis point, in each lane, and sees the value next to it pass.
contract WholeGroupTest is ParametersTest {
    /// @dev The entry leaves these four lanes as they are.
    uint256 private constant INITIAL = 4_000;
    uint256 private constant TARGET = 1_800;

    /// @dev Whether the short cut takes lane `at` from `was` to these values; maintenance stands still.
    function takes(uint256 at, uint256[3] memory was, uint256 initial, uint256 target, Types.Limits memory limits)
        private
        pure
        returns (bool)
    {
        Group group;
        uint256 entry = 0x1f << 168;
        for (uint256 i; i < 5; ++i) {
            group = i == at
                ? group.withLane(i, LaneLayout.pack(was[0], was[1], was[2], false))
                : group.withLane(i, LaneLayout.pack(INITIAL, TARGET, TARGET, false));
            uint256 values = i == at ? target | initial << 13 : TARGET | INITIAL << 13;
            entry |= values << (27 * i);
        }
        WholeGroup.Usual memory usual = WholeGroup.Usual(0, 0, 0, 0, 0, 0, 0, 0, 0);
        WholeGroup.prepare(usual, RiskClassLayout.pack(limits), 80, 50);
        (uint256 lanes,,) = WholeGroup.apply_(Group.unwrap(group), entry, 0, usual);
        return lanes != 0;
    }

    function test_a_target_over_its_upper_bound_is_not_taken_whole() public pure {
        for (uint256 i; i < 5; ++i) {
            uint256[3] memory was = [uint256(8_900), 1_800, 1_800];
            isTrue(takes(i, was, 8_900, 8_000, calmLimits()), "the bound itself");
            isTrue(!takes(i, was, 8_900, 8_001, calmLimits()), "one over it");
        }
    }

    function test_a_target_under_its_lower_bound_is_not_taken_whole() public pure {
        for (uint256 i; i < 5; ++i) {
            uint256[3] memory was = [uint256(2_200), 720, 720];
            isTrue(takes(i, was, 2_200, 700, calmLimits()), "the bound itself");
            isTrue(!takes(i, was, 2_200, 699, calmLimits()), "one under it, by less than a step");
        }
    }

    function test_an_initial_too_near_to_maintenance_is_not_taken_whole() public pure {
        for (uint256 i; i < 5; ++i) {
            // Maintenance is still on its way down: the gap to the target alone is wide.
            uint256[3] memory was = [uint256(2_201), 1_800, 2_001];
            isTrue(takes(i, was, 2_201, 1_800, calmLimits()), "the gap itself");
            isTrue(!takes(i, was, 2_200, 1_800, calmLimits()), "one less");
        }
    }

    /// @dev Here subtracting the gap borrows the guard of the lane, and what follows would look wide enough.
    function test_an_initial_under_the_gap_is_not_taken_whole() public pure {
        Types.Limits memory limits = calmLimits();
        (limits.minInitialBps, limits.minMaintenanceBps) = (0, 0);
        for (uint256 i; i < 5; ++i) {
            isTrue(takes(i, [uint256(200), 0, 0], 200, 0, limits), "initial at the gap, over a target of 0");
            isTrue(!takes(i, [uint256(199), 0, 0], 199, 0, limits), "one less");
        }
    }
}
