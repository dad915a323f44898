// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {ClassLimits} from "../../../contracts/parameters/ClassLimits.sol";
import {IParameters} from "../../../contracts/parameters/IParameters.sol";
import {Postcondition} from "../../../contracts/parameters/Postcondition.sol";
import {M, N, put} from "../../../contracts/parameters/Words.sol";
import {vm} from "../support/Vm.sol";
import {World} from "./World.sol";

/// @dev Every part of the post-condition refuses, asked directly: through the contract no legal input reaches it.
contract PostconditionTest is World {
    uint256 private before;
    uint256 private class;

    function setUp() public {
        world();
        pass(60);
        before = word(1);
        class = parameters.storedClass(0);
    }

    function enforce(uint256 written, uint256 maintenance, uint256 may, uint256 step, uint256 raise) external view {
        Postcondition.enforce(1, before, written, maintenance, class, may, step, raise);
    }

    /// @dev What an update that changes nothing stores now.
    function settled() private view returns (uint256) {
        return put(put(before, M.SETTLED, minute()), M.AGE, 0);
    }

    function fails(uint256 written, string memory what) private {
        vm.expectRevert(abi.encodeWithSelector(IParameters.PostconditionFailed.selector, 1, what));
        this.enforce(written, 1_800, M.BY_UPDATE, 50, 60);
    }

    function test_what_an_update_stores_passes() public view {
        this.enforce(settled(), 1_800, M.BY_UPDATE, 0, 0);
        this.enforce(put(settled(), N.INITIAL, 2_350), 1_800, M.BY_UPDATE, 50, 0);
        this.enforce(put(settled(), N.LIMIT, 65_535 - LIMIT - 60), 1_800, M.BY_UPDATE, 0, 60);
    }

    function test_each_part_refuses() public {
        fails(put(settled(), M.MODE, 1), "something else changed");
        fails(put(settled(), M.CHALLENGED, 1), "something else changed");
        fails(put(settled(), M.LOOSEST_LIMIT, 0), "something else changed");
        fails(put(settled(), M.SETTLED, minute() + 1), "the clock is not of this block");
        fails(put(settled(), M.SETTLED, minute() - 1), "the clock is not of this block");
        fails(put(settled(), M.MAINTENANCE, 1_801), "maintenance moved at once");
        fails(put(settled(), M.MAINTENANCE, 1_799), "maintenance moved at once");
        fails(put(settled(), M.AGE, 12), "asOf went back");
        fails(put(settled(), N.INITIAL, 2_099), "gap to maintenance");
        fails(put(settled(), N.TARGET, 2_101), "gap to target");
        fails(put(settled(), N.INITIAL, 2_349), "initial loosened past its step");
        fails(put(settled(), N.LIMIT, 65_535 - LIMIT - 61), "limit raised past its step");
        fails(put(settled(), N.TARGET, 699), "looser than its bounds");
    }

    function test_a_path_that_changes_no_value_is_held_to_that() public {
        vm.expectRevert(abi.encodeWithSelector(IParameters.PostconditionFailed.selector, 1, "something else changed"));
        this.enforce(put(settled(), N.INITIAL, 2_500), 1_800, M.BY_TIME, 0, 0);
        this.enforce(settled(), 1_800, M.BY_TIME, 0, 0);
    }

    function test_after_a_silence_the_clock_is_where_it_stopped() public {
        pass(40 hours);
        uint256 stopped = put(put(before, M.SETTLED, minute() - 971), M.AGE, 24 * 60);
        this.enforce(stopped, 1_800, M.BY_TIME, 0, 0);
        bytes memory error =
            abi.encodeWithSelector(IParameters.PostconditionFailed.selector, 1, "the clock is not of this block");
        for (uint256 i = 970; i <= 972; i += 2) {
            vm.expectRevert(error);
            this.enforce(put(stopped, M.SETTLED, minute() - i), 1_800, M.BY_TIME, 0, 0);
        }
    }

    function test_after_a_silence_a_longer_ttl_does_not_count_it() public {
        pass(40 hours);
        uint256 stopped = put(put(before, M.SETTLED, minute() - 971), M.AGE, 24 * 60);
        this.enforce(put(stopped, M.TTL, 23), 1_800, M.BY_TIME | 0x3f << 167, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IParameters.PostconditionFailed.selector, 1, "silence counts"));
        this.enforce(put(stopped, M.TTL, 25), 1_800, M.BY_TIME | 0x3f << 167, 0, 0);
    }

    /// @dev No call can store such a market: it is written past the contract, to see that the contract looks.
    function test_the_contract_looks_after_it_has_written() public {
        bytes32 slot = bytes32(uint256(1));
        isTrue(uint256(vm.load(address(parameters), slot)) == before, "market 1 lies in slot 1");
        uint256 ahead = put(put(before, M.SETTLED, minute() + 60), M.AGE, 0);
        bytes memory error = abi.encodeWithSelector(IParameters.PostconditionFailed.selector, 1, "asOf went back");
        vm.store(address(parameters), slot, bytes32(ahead));
        vm.expectRevert(error);
        setMode(1, IHaircuts.Mode.NO_NEW_RISK, GUARDIAN);
    }

    /// @dev The word of a class holds what was set, field by field: the contract that packs it is asked by its layout.
    function test_the_layout_of_a_class_is_the_documented_one() public view {
        uint256 packed = ClassLimits.pack(calm());
        uint256 expected = 700 | 1_000 << 14 | 4_500 << 29 | 5_000 << 43 | 300 << 57 | 1_500 << 69 | 24 << 81 | 48 << 87;
        expected |= 9_500 << 93 | 300 << 107 | 500 << 119 | 360 << 132 | 80 << 144 | 50 << 156 | 60 << 164 | 100 << 176;
        expected |= 200 << 188 | 100 << 200 | 120 << 208 | 200 << 220;
        isTrue(packed == expected && class == expected, "Words.sol says where every bit is");
    }
}
