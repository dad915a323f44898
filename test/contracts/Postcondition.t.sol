// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralParameters as Params} from "../../contracts/interfaces/ICollateralParameters.sol";
import {Postcondition} from "../../contracts/libraries/Postcondition.sol";
import {vm} from "./support/Vm.sol";
import {WorldTest} from "./support/WorldTest.sol";

/// @dev No legal input reaches a failing post-condition, so the effects of bugs are handed to it directly.
contract PostconditionTest is WorldTest {
    Params.MarketState private written;
    Params.Limits private limits;

    function setUp() public override {
        super.setUp();
        written = parameters.marketState(1);
        limits = calmLimits();
    }

    function enforce(Params.MarketState memory after_, Params.Limits memory with) external view {
        Postcondition.enforce(1, parameters.marketState(1), 1_800e9, after_, with, clock);
    }

    function fails(string memory what, uint256 given, uint256 allowed) private {
        vm.expectRevert(abi.encodeWithSelector(Params.PostconditionFailed.selector, 1, what, given, allowed));
        this.enforce(written, limits);
    }

    function test_a_write_without_effect_passes() public view {
        this.enforce(written, limits);
    }

    function test_a_write_that_moves_maintenance_is_caught_to_the_nanoBps() public {
        written.maintenanceNanoBps += 1;
        fails("maintenance moved by a write", 1_800e9 + 1, 1_800e9);
        written.maintenanceNanoBps -= 2;
        fails("maintenance moved by a write", 1_800e9 - 1, 1_800e9);
    }

    function test_a_limited_value_stored_with_an_unlimited_time_is_caught_by_its_effect() public {
        written.maintenanceTargetBps = 2_000;
        written.maintenanceTime = 0;
        fails("maintenance moved by a write", 2_000e9, 1_800e9);
    }

    function test_maintenance_above_initial_is_caught() public {
        written.initialBps = 1_799;
        fails("maintenance above initial", 1_800, 1_799);
    }

    function test_a_gap_too_small_is_caught_on_target_and_on_effective_maintenance() public {
        written.initialBps = 1_999;
        fails("gap", 1_999, 2_000);
        written.maintenanceTargetBps = 1_850;
        written.initialBps = 2_049;
        fails("gap", 2_049, 2_050);
    }

    function test_values_outside_their_bounds_are_caught() public {
        limits.minInitialBps = 2_150;
        written.initialBps = 2_149;
        fails("initial below bounds", 2_149, 2_150);
        written.initialBps = 9_001;
        fails("initial above bounds", 9_001, 9_000);
        written.initialBps = 9_000;
        written.maintenanceTargetBps = 299;
        fails("maintenance below bounds", 299, 300);
        written.maintenanceTargetBps = 8_501;
        fails("maintenance above bounds", 8_501, 8_500);
    }

    function test_values_that_governance_left_outside_of_new_bounds_may_stay_and_go_no_further() public {
        limits.minInitialBps = 2_300;
        limits.minMaintenanceBps = 1_900;
        this.enforce(written, limits);
        written.initialBps = 2_199;
        fails("initial below bounds", 2_199, 2_200);
        written.initialBps = 2_200;
        written.maintenanceTargetBps = 1_799;
        fails("maintenance below bounds", 1_799, 1_800);
    }

    function test_toxic_values_are_caught() public {
        written.maintenanceTargetBps = 476;
        fails("toxic target", 476, 500);
        written = parameters.marketState(1);
        written.maintenanceTargetBps = 1_900;
        limits.liquidationBonusBps = 2_200;
        fails("toxic maintenance", 1_800, 2_200);
    }

    function test_an_initial_that_reads_looser_than_written_is_caught() public {
        limits.maxInitialBps = 11_000;
        written.initialBps = 10_500;
        written.mode = Params.Mode.NO_NEW_RISK;
        fails("initial reads looser than written", 10_000, 10_500);
    }

    function test_asOf_going_back_is_caught() public {
        uint256 before = written.asOf;
        written.asOf -= 1;
        fails("asOf went back", before - 1, before);
    }

    function test_assets_of_a_market_never_change() public {
        address collateral = written.collateral;
        written.collateral = STRANGER;
        fails("collateral changed", uint160(STRANGER), uint160(collateral));
        written.collateral = collateral;
        written.debt = STRANGER;
        fails("debt changed", uint160(STRANGER), 840);
    }

    /// @dev Storage layout: market 1 lies at keccak256(1, 3); its second slot holds debt, initial, target, maintenance.
    function test_every_write_ends_in_the_post_condition() public {
        bytes32 slot = bytes32(uint256(keccak256(abi.encode(uint256(1), uint256(3)))) + 1);
        uint256 word = uint256(vm.load(address(parameters), slot));
        isTrue(uint16(word >> 160) == 2_200, "the slot holds the initial haircut");
        vm.store(address(parameters), slot, bytes32(word - (uint256(300) << 160)));
        equal(initialOf(1), 1_900, "storage is corrupted");
        vm.expectRevert(abi.encodeWithSelector(Params.PostconditionFailed.selector, 1, "gap", 1_900, 2_000));
        setMode(1, Params.Mode.NO_NEW_RISK);
    }
}
