// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterEvents as Events} from "../../contracts/interfaces/IParameterEvents.sol";
import {IParameterTypes as Types} from "../../contracts/interfaces/IParameterTypes.sol";
import {AllowanceLayout} from "../../contracts/libraries/Allowance.sol";
import {Group, LaneLayout} from "../../contracts/libraries/Group.sol";
import {Postcondition} from "../../contracts/libraries/Postcondition.sol";
import {RiskClass, RiskClassLayout} from "../../contracts/libraries/RiskClass.sol";
import {vm} from "./support/Vm.sol";
import {ParametersTest} from "./support/ParametersWorld.sol";
import {GroupWords} from "./support/Words.sol";

/// @dev No legal input reaches a failing post-condition, so the effects of bugs are handed to it directly, and storage
/// is corrupted to see that every path ends in it.
contract PostconditionTest is ParametersTest {
    uint256 private constant MINUTE = 5_832_000;
    uint256 private constant AS_OF = MINUTE - 10;

    function enforce(Group before, Group written, uint256 named) external pure {
        RiskClass class = RiskClassLayout.pack(calmLimits());
        Postcondition.enforce(7, before, written, named, AllowanceLayout.pack(class, 80, 0, 3, 1, MINUTE));
    }

    function start() private pure returns (Group group) {
        for (uint256 i; i < 4; ++i) group = group.withLane(i, LaneLayout.pack(2_200, 1_800, 1_800, false));
        return group.withHeader(MINUTE - 30, MINUTE - 40, 0, 0);
    }

    function after_(uint256 i, uint256 initial, uint256 target, uint256 maintenance) private pure returns (Group) {
        return start().withLane(i, LaneLayout.pack(initial, target, maintenance, false)).withHeader(MINUTE, AS_OF, 0, 0);
    }

    function fails(Group written, uint256 i, string memory what) private {
        vm.expectRevert(abi.encodeWithSelector(Events.PostconditionFailed.selector, 7, what));
        this.enforce(start(), written, GroupWords.guard(i));
    }

    function test_what_may_follow_passes_in_every_lane() public view {
        for (uint256 i; i < 4; ++i) {
            uint256 named = GroupWords.guard(i);
            this.enforce(start(), after_(i, 2_200, 1_800, 1_800), 0);
            this.enforce(start(), after_(i, 2_120, 1_900, 1_803), named);
            this.enforce(start(), after_(i, 9_000, 8_000, 1_799), named);
        }
    }

    function test_each_sentence_fails_in_every_lane() public {
        for (uint256 i; i < 4; ++i) {
            fails(after_(i, 2_200, 1_800, 1_804), i, "maintenance rose faster than its speed");
            fails(after_(i, 2_200, 1_800, 1_798), i, "maintenance fell faster than its speed");
            fails(after_(i, 2_002, 1_800, 1_803), i, "gap to maintenance");
            fails(after_(i, 2_200, 2_001, 1_800), i, "gap to target");
            fails(after_(i, 2_119, 1_800, 1_800), i, "initial loosened past its step");
            fails(after_(i, 2_200, 699, 1_800), i, "below bounds");
            fails(after_(i, 9_001, 1_800, 1_800), i, "above bounds");
            fails(after_(i, 9_000, 8_001, 1_800), i, "above bounds");
            vm.expectRevert(
                abi.encodeWithSelector(
                    Events.PostconditionFailed.selector, 7, "values of a market not named changed"
                )
            );
            this.enforce(start(), after_(i, 2_201, 1_800, 1_800), GroupWords.guard(i == 0 ? 1 : 0));
        }
        Group good = after_(0, 2_200, 1_800, 1_800);
        fails(good.withHeader(MINUTE - 1, AS_OF, 0, 0), 0, "not settled to this minute");
        fails(good.withHeader(MINUTE, MINUTE - 41, 0, 0), 0, "asOf went back");
        fails(good.withHeader(MINUTE, AS_OF, 0, 1), 0, "values of a market not named changed");
        fails(good.withLane(4, LaneLayout.pack(2_200, 1_800, 3, false)), 0, "values of a market not named changed");
    }

    function test_every_write_ends_in_the_post_condition() public {
        bytes32 slot = bytes32(slotOfGroups());
        uint256 word = uint256(vm.load(address(parameters), slot));
        vm.store(address(parameters), slot, bytes32(GroupWords.withValues(word, 0, GroupWords.values(1_900, 1_800, 1_800))));
        equal(initialOf(1), 1_900, "storage is corrupted: initial 1900 over maintenance 1800, gap 200");
        bytes memory refusal = abi.encodeWithSelector(Events.PostconditionFailed.selector, 0, "gap to maintenance");
        bytes memory batch = entry(change(2, 2_300, 1_800));
        vm.expectRevert(refusal);
        this.doing(0, batch);
        vm.expectRevert(refusal);
        this.doing(1, batch);
        vm.expectRevert(refusal);
        setMode(2, Types.Mode.FROZEN);
        vm.expectRevert(refusal);
        hold(2, 2_300, 1_800, clock);
        send(change(6, 2_300, 1_800));
        equal(initialOf(6), 2_300, "another group is not held up");
    }

    function test_a_target_corrupted_past_the_gap_is_caught_too() public {
        bytes32 slot = bytes32(slotOfGroups());
        uint256 word = uint256(vm.load(address(parameters), slot));
        vm.store(address(parameters), slot, bytes32(GroupWords.withValues(word, 0, GroupWords.values(2_200, 2_050, 1_800))));
        vm.expectRevert(abi.encodeWithSelector(Events.PostconditionFailed.selector, 0, "gap to target"));
        setMode(2, Types.Mode.NO_NEW_RISK);
    }

    function doing(uint256 what, bytes calldata entries) external {
        if (what == 0) send(entries);
        else sendByQuorum(entries);
    }
}
