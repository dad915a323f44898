// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterTypes as Types} from "../../contracts/interfaces/IParameterTypes.sol";
import {vm} from "./support/Vm.sol";
import {ParametersTest} from "./support/ParametersWorld.sol";

contract MaintenanceTest is ParametersTest {
    function test_maintenance_tightens_at_its_speed_and_stops_at_its_target() public {
        send(change(1, 9_000, 1_850));
        pass(4 hours);
        equal(maintenanceOf(1), 1_825, "150 bp a day is 25 bp in 4 h");
        send(restate(1));
        pass(4 hours);
        equal(maintenanceOf(1), 1_850, "the target is reached after 8 h");
        pass(2 hours);
        equal(maintenanceOf(1), 1_850, "and not passed");
    }

    function test_maintenance_loosens_at_its_own_speed() public {
        send(change(1, 2_200, 1_720));
        pass(6 hours);
        equal(maintenanceOf(1), 1_788, "50 bp a day is 12.5 bp in 6 h, of which 12 have ticked");
        passAlive(3 days);
        equal(maintenanceOf(1), 1_720, "the target is reached and not passed");
    }

    function test_the_clock_ticks_on_the_minute_and_for_everybody_alike() public {
        send(change(1, 9_000, 8_000));
        pass(10 minutes - 1);
        equal(maintenanceOf(1), 1_800, "1440 / 150 = 9.6: the first tick is in minute 10");
        pass(1);
        equal(maintenanceOf(1), 1_801, "and there at its first second");
        send(change(6, 9_000, 8_000));
        pass(10 minutes);
        equal(maintenanceOf(1), 1_802, "the second after 19.2");
        equal(maintenanceOf(6), 1_801, "the other market, ten minutes later, ticks with it");
    }

    function test_pushing_the_same_target_a_thousand_times_changes_nothing() public {
        send(bytes.concat(entry(change(1, 9_000, 8_000)), entry(change(6, 9_000, 8_000))));
        for (uint256 i; i < 1_000; ++i) {
            pass(17);
            send(restate(1));
        }
        equal(maintenanceOf(6), 1_829, "one push covers the way of its time");
        equal(maintenanceOf(1), maintenanceOf(6), "a thousand pushes cover the same, to the basis point");
    }

    /// @dev Settled at every step or only at the end, whole or in part: the same to the bit.
    function test_fuzz_settling_in_between_changes_nothing(uint256 seed) public {
        bool tighten = seed % 2 == 0;
        uint256 target = tighten ? 8_000 : 1_720;
        send(bytes.concat(entry(change(1, 9_000, target)), entry(change(6, 9_000, target))));
        uint256 n = bound(seed >> 8, 1, 40);
        for (uint256 i; i < n; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            pass(bound(dice, 1, 6 hours / n));
            if (dice % 5 == 0) send(entry(change(2, 2_300 + i, 1_800)));
            else if (dice % 5 == 1) setMode(3, Types.Mode(uint8(dice >> 8) % 3));
            else if (dice % 5 == 2) hold(4, 2_200, 1_800, clock + 60);
            else send(restate(1));
            equal(maintenanceOf(1), maintenanceOf(6), "I2: the clock composes exactly, however often it is settled");
        }
    }

    function test_thirty_days_of_silence_liquidate_nobody() public {
        send(change(1, 9_000, 8_000));
        pass(6 hours);
        equal(maintenanceOf(1), 1_837, "6 h of ttl at 150 bp a day");
        pass(30 days);
        equal(maintenanceOf(1), 1_837, "I4: maintenance stops when the data is older than the ttl");
        equal(initialOf(1), 10_000, "initial tightens to its cap");
        send(restate(1));
        equal(maintenanceOf(1), 1_837, "the keeper's return moves nothing in its block");
        pass(4 hours);
        equal(maintenanceOf(1), 1_862, "and maintenance goes on from where it stood");
    }

    /// @dev Twelve bits of age are full after 68 hours.
    function test_fuzz_no_write_after_a_long_silence_wakes_maintenance(uint256 seed) public {
        send(change(1, 9_000, 8_000));
        pass(bound(seed, 6 hours, 200 days));
        for (uint256 i; i < 6; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            if (dice % 2 == 0) setMode(2, Types.Mode(uint8(dice >> 8) % 3));
            else hold(3, 2_300, 1_800, clock + dice % 30 days);
            pass(bound(dice >> 16, 1, 80 hours));
            equal(maintenanceOf(1), 1_837, "I4: silence holds maintenance still, whoever else is written");
        }
    }

    function test_frozen_holds_maintenance_and_unfreezing_does_not_jump() public {
        send(change(1, 9_000, 8_000));
        pass(4 hours);
        setMode(1, Types.Mode.FROZEN);
        equal(maintenanceOf(1), 1_825, "freezing moves nothing");
        pass(1 hours);
        equal(maintenanceOf(1), 1_825, "I4: FROZEN holds maintenance still");
        send(restate(1));
        pass(5 hours);
        equal(maintenanceOf(1), 1_825, "an update does not thaw it");
        setMode(1, Types.Mode.NORMAL);
        equal(maintenanceOf(1), 1_825, "unfreezing does not make up for lost time");
        send(restate(1));
        pass(4 hours);
        equal(maintenanceOf(1), 1_850, "and goes on at its speed");
    }

    function test_a_freeze_that_lapses_goes_on_from_its_last_hour() public {
        send(change(1, 9_000, 8_000));
        setMode(1, Types.Mode.FROZEN, GUARDIAN);
        passAlive(72 hours);
        equal(maintenanceOf(1), 1_800, "nothing moved for 72 hours");
        equal(uint256(parameters.haircuts(1).mode), 0, "the mode has lapsed");
        pass(4 hours);
        equal(maintenanceOf(1), 1_825, "maintenance goes on from that hour, with no jump");
    }

    function test_a_freeze_that_lapsed_unseen_counts_only_the_time_after_it() public {
        send(change(1, 9_000, 8_000));
        setMode(1, Types.Mode.FROZEN, GUARDIAN);
        passAlive(71 hours);
        pass(5 hours);
        equal(maintenanceOf(1), 1_825, "4 hours after the lapse, settled an hour before it");
        send(restate(1));
        equal(maintenanceOf(1), 1_825, "I3: no call moves effective maintenance in its own block");
    }

    function test_no_new_risk_lets_maintenance_go_on() public {
        send(change(1, 9_000, 8_000));
        setMode(1, Types.Mode.NO_NEW_RISK);
        pass(4 hours);
        equal(maintenanceOf(1), 1_825, "NO_NEW_RISK does not stop maintenance");
    }

    function test_another_class_brings_another_speed_from_now_on() public {
        send(change(1, 9_000, 8_000));
        pass(4 hours);
        vm.prank(GOVERNANCE);
        parameters.setClass(0, 1);
        equal(maintenanceOf(1), 1_825, "I3: a new class moves nothing in its block");
        send(change(1, 9_000, 7_000));
        pass(2 hours);
        equal(maintenanceOf(1), 1_850, "300 bp a day is 25 bp in 2 h");
    }

    /// @dev Any sequence of targets, times, modes, overrides and silences.
    function test_fuzz_maintenance_never_outruns_its_clock(uint256 seed) public {
        for (uint256 i; i < 24; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 before = maintenanceOf(1);
            uint256 from = clock;
            pass(bound(seed, 1, seed % 4 == 0 ? 3 days : 3 hours));
            uint256 after_ = maintenanceOf(1);
            if (after_ >= before) atMost(after_ - before, ticks(150, from), "I2: maintenance tightens at most at its speed");
            else atMost(before - after_, ticks(50, from), "I2: maintenance loosens at most at its speed");
            act(seed >> 64);
            equal(maintenanceOf(1), after_, "I3: no call moves effective maintenance in its own block");
        }
    }

    function ticks(uint256 speed, uint256 from) private view returns (uint256) {
        return speed * ((clock - EPOCH) / 60) / 1_440 - speed * ((from - EPOCH) / 60) / 1_440;
    }

    function act(uint256 seed) private {
        uint16 id = uint16(1 + (seed >> 128) % 2);
        uint256 target = parameters.marketState(id).maintenanceTargetBps;
        if (seed % 7 == 0) return setMode(id, Types.Mode(uint8(seed / 7 % 3)));
        target = seed % 2 == 0 ? bound(seed >> 8, target, 8_000) : target - bound(seed >> 8, 0, 80);
        if (target < 700) target = 700;
        if (seed % 7 == 1) return hold(id, 9_000, target, clock + (seed >> 32) % 2 days);
        if (reasonOf(change(id, 9_000, target)) == Types.SkipReason.NONE) send(change(id, 9_000, target));
    }
}
