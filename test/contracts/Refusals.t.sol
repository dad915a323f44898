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
import {GroupWords, Slots} from "./support/Words.sol";

/// @dev Refusals that are seldom met: each guard of the contract has a test that fails without it (npm run guards).
contract RefusalsTest is ParametersTest {
    function refuses(address caller, bytes memory call_, bytes memory refusal) private {
        vm.prank(caller);
        (bool done, bytes memory said) = address(parameters).call(call_);
        isTrue(!done, "the call is refused");
        isTrue(keccak256(said) == keccak256(refusal), "with its own error and the values given and allowed");
    }

    function unknownClass(uint8 classId) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Events.UnknownClass.selector, classId);
    }

    function test_a_guardian_cannot_set_limits_of_a_class_that_does_not_exist() public {
        Types.Limits memory limits = calmLimits();
        refuses(GUARDIAN, abi.encodeCall(parameters.setLimits, (64, limits)), unknownClass(64));
        refuses(GUARDIAN, abi.encodeCall(parameters.setLimits, (5, limits)), unknownClass(5));
    }

    function test_a_group_cannot_be_moved_to_a_class_that_does_not_exist_nor_a_group_that_does_not() public {
        refuses(GOVERNANCE, abi.encodeCall(parameters.setClass, (0, 64)), unknownClass(64));
        refuses(GOVERNANCE, abi.encodeCall(parameters.setClass, (0, 5)), unknownClass(5));
        bytes memory refusal = abi.encodeWithSelector(Events.UnknownGroup.selector, 3, 3);
        refuses(GOVERNANCE, abi.encodeCall(parameters.setClass, (3, 0)), refusal);
    }

    function test_a_group_cannot_be_moved_to_a_class_whose_gap_its_values_break() public {
        Types.Limits memory wide = calmLimits();
        wide.minGapBps = 401;
        setLimits(4, wide);
        bytes memory refusal = abi.encodeWithSelector(Events.BadLimits.selector, "minGapBps", 401, 400);
        refuses(GOVERNANCE, abi.encodeCall(parameters.setClass, (0, 4)), refusal);
    }

    function test_a_market_that_does_not_exist_has_no_probe() public {
        bytes memory refusal = abi.encodeWithSelector(Events.UnknownMarket.selector, 13);
        refuses(GOVERNANCE, abi.encodeCall(parameters.setProbe, (13, address(tokens[0]))), refusal);
    }

    function test_a_probe_is_asked_when_a_whole_group_loosens_too() public {
        // Two restatements: the markets share their clock, so the group is judged in one stroke.
        pass(60);
        send(whole(2, 0, 0));
        pass(60);
        vm.prank(GOVERNANCE);
        parameters.setProbe(11, address(tokens[0]));
        send(whole(2, -10, 0));
        equal(parameters.marketState(11).initialBps, 4_200, "the probe of market 11 does not answer, so it does not loosen");
        equal(parameters.marketState(12).initialBps, 4_190, "its neighbour has none");
    }

    function test_a_market_of_a_class_that_does_not_exist_is_not_listed() public {
        Types.MarketListing memory listing = calmListing(0);
        (listing.debt, listing.classId) = (address(tokens[1]), 64);
        refuses(LISTER, abi.encodeCall(parameters.listMarket, (listing)), unknownClass(64));
    }

    /// @dev Its five ids would not fit 16 bits. So many groups take years to list, so the count is set by hand.
    function test_no_group_is_opened_that_an_entry_cannot_name() public {
        isTrue(vm.load(address(parameters), Slots.COUNTS) == Slots.counts(3, 12), "three groups, twelve ids");
        vm.store(address(parameters), Slots.COUNTS, Slots.counts(13_107, 12));
        Types.MarketListing memory listing = calmListing(0);
        (listing.debt, listing.group) = (address(tokens[1]), 13_107);
        bytes memory refusal = abi.encodeWithSelector(Events.UnknownGroup.selector, 13_107, 13_107);
        refuses(LISTER, abi.encodeCall(parameters.listMarket, (listing)), refusal);
    }

    /// @dev A contract with this code.
    function withCode(bytes memory code) private returns (address made) {
        // PUSH2 length, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN
        bytes memory creation = bytes.concat(hex"61", bytes2(uint16(code.length)), hex"80600a3d393df3", code);
        assembly ("memory-safe") {
            made := create(0, add(creation, 32), mload(creation))
        }
        isTrue(made != address(0), "the probe is deployed");
    }

    function asksProbe(bytes memory code) private {
        Types.Limits memory limits = calmLimits();
        limits.probed = true;
        setLimits(0, limits);
        address probe = withCode(code);
        vm.prank(GOVERNANCE);
        parameters.setProbe(1, probe);
        equal(uint256(reasonOf(change(1, 2_190, 1_800))), uint256(Types.SkipReason.PROBE_REFUSED), "it refuses");
        send(whole(0, -10, 0));
        equal(parameters.marketState(1).initialBps, 2_200, "and so does the batch");
        equal(parameters.marketState(2).initialBps, 2_190, "its neighbour has no probe");
    }

    function test_a_probe_that_reverts_saying_true_refuses() public {
        // PUSH1 1, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, REVERT
        asksProbe(hex"600160005260206000fd");
    }

    /// @dev What lies in memory where the answer should be is the id of the market: 1, as if it were `true`.
    function test_a_probe_that_says_nothing_refuses() public {
        // STOP
        asksProbe(hex"00");
    }

    function enforce(Group before, Group written, uint256 named) public pure {
        RiskClass class = RiskClassLayout.pack(calmLimits());
        Postcondition.enforce(7, before, written, named, AllowanceLayout.pack(class, 80, 0, 3, 1, 5_832_000));
    }

    function breaks(Group before, Group written, uint256 named, string memory what) private {
        vm.expectRevert(abi.encodeWithSelector(Events.PostconditionFailed.selector, 7, what));
        this.enforce(before, written, named);
    }

    /// @dev One lane of a group read half an hour ago, or written now with newer data.
    function lane(uint256 at, uint256 initial, uint256 target, uint256 maintenance, bool now_) private pure returns (Group) {
        Group group;
        group = group.withLane(at, LaneLayout.pack(initial, target, maintenance, false));
        return now_ ? group.withHeader(5_832_000, 5_831_990, 0, 0) : group.withHeader(5_831_970, 5_831_960, 0, 0);
    }

    function test_initial_under_its_lower_bound_is_caught_by_itself() public {
        for (uint256 i; i < 5; ++i) {
            Group before = lane(i, 1_000, 700, 700, false);
            uint256 named = GroupWords.guard(i);
            this.enforce(before, lane(i, 1_000, 700, 700, true), named);
            breaks(before, lane(i, 999, 700, 700, true), named, "below bounds");
        }
    }

    /// @dev Less than the gap: subtracting it borrows the guard of the lane, and what follows would look wide enough.
    function test_initial_under_the_gap_is_caught_by_itself() public {
        for (uint256 i; i < 5; ++i) {
            this.enforce(lane(i, 200, 0, 0, false), lane(i, 200, 0, 0, true), 0);
            breaks(lane(i, 199, 0, 0, false), lane(i, 199, 0, 0, true), 0, "gap to maintenance");
        }
    }

    /// @dev The gap to maintenance alone is broken here, by one: neither step, speed nor the gap to the target is.
    function test_the_gap_to_maintenance_is_held_by_itself() public {
        Group before = lane(0, 2_003, 1_800, 1_801, false);
        this.enforce(before, lane(0, 2_003, 1_800, 1_803, true), 0);
        breaks(before, lane(0, 2_003, 1_800, 1_804, true), 0, "gap to maintenance");
    }
}
