// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {IParameters} from "../../../contracts/parameters/IParameters.sol";
import {M} from "../../../contracts/parameters/Words.sol";
import {World} from "./World.sol";

/// @dev How maintenance moves: thirty days' notice, silence, freezing, composition.
contract FollowingTest is World {
    function setUp() public {
        world();
    }

    function ticks(uint256 speed, uint256 from, uint256 to) private pure returns (uint256) {
        return speed * ((to - EPOCH) / 60) / 43_200 - speed * ((from - EPOCH) / 60) / 43_200;
    }

    function test_maintenance_rises_by_the_gap_in_thirty_days() public {
        send(KEEPER, entry(1, 5_000, 4_500, LIMIT));
        passAlive(30 days - 1 hours);
        isTrue(maintenanceOf(1) < 2_100, "not yet");
        passAlive(1 hours);
        equal(maintenanceOf(1), 2_100, "300 bp in 30 days, to the minute");
    }

    /// @dev The first promise. A thief holds both writers and tightens as it can; the position was opened at the limit.
    function test_maintenance_stops_at_its_target() public {
        send(KEEPER, entry(1, 2_400, 1_802, LIMIT));
        pass(20 hours);
        equal(maintenanceOf(1), 1_802, "its speed alone would have taken it to 1808");
    }

    function test_a_position_at_the_limit_has_thirty_days_whatever_the_keys_send() public {
        for (uint16 id = 1; id <= 4; id += 3) {
            uint256 open = initialOf(id);
            uint256 highest = id == 4 ? 8_000 : 4_500;
            uint256 end = clock + 30 days;
            for (uint256 i; clock < end; ++i) {
                send(i % 2 == 0 ? KEEPER : QUORUM, entry(id, highest + 500 + (id == 4 ? 400 : 0), highest, LOWEST));
                isTrue(maintenanceOf(id) <= open, "within 30 days nothing makes it liquidatable");
                pass(5 hours + 17 minutes);
            }
        }
    }

    function test_pushing_the_same_target_a_thousand_times_changes_nothing() public {
        send(KEEPER, bytes.concat(bytesOf(entry(1, 3_000, 2_500, LIMIT)), bytesOf(entry(2, 3_000, 2_500, LIMIT))));
        for (uint256 i; i < 1_000; ++i) {
            pass(71);
            send(KEEPER, restate(1));
        }
        equal(maintenanceOf(1), maintenanceOf(2), "no ramp is restarted");
        isTrue(maintenanceOf(1) > 1_800, "and it has moved");
    }

    /// @dev I2, I3: any writes in between, any times.
    function testFuzz_settling_in_the_middle_changes_nothing(uint256 seed) public {
        uint256 target = bound(seed, 1_720, 2_090);
        pass(60);
        send(KEEPER, bytes.concat(bytesOf(entry(1, 2_400, target, LIMIT)), bytesOf(entry(2, 2_400, target, LIMIT))));
        for (uint256 i; i < 6; ++i) {
            pass(bound(seed >> (32 + i * 16), 0, 5 hours));
            uint256 before = maintenanceOf(1);
            uint256 what = (seed >> (i * 3)) % 4;
            if (what == 0) send(KEEPER, restate(1));
            if (what == 1) setMode(1, IHaircuts.Mode.NO_NEW_RISK, GOVERNANCE);
            if (what == 2) change(1, 0, address(0));
            if (what == 3) send(QUORUM, entry(1, 2_600, target, LIMIT));
            equal(maintenanceOf(1), before, "I3: no call moves maintenance in its own block");
            send(QUORUM, entryAsOf(2, 2_600, target, LIMIT, minute()));
            equal(maintenanceOf(1), maintenanceOf(2), "I2: the way is the same");
        }
    }

    function test_thirty_days_of_silence_move_maintenance_for_the_ttl_and_no_further() public {
        send(KEEPER, entry(1, 3_000, 2_500, LIMIT));
        uint256 from = clock;
        pass(24 hours);
        uint256 stopped = maintenanceOf(1);
        equal(stopped, 1_800 + ticks(300, from, clock), "it moves while the data is fresh");
        pass(29 days);
        equal(maintenanceOf(1), stopped, "I4: silence holds it");
        send(KEEPER, restate(1));
        equal(maintenanceOf(1), stopped, "coming back makes up for nothing");
        setMode(1, IHaircuts.Mode.FROZEN, GUARDIAN);
        equal(maintenanceOf(1), stopped, "nor does a mode");
        from = clock;
        pass(10 hours);
        equal(maintenanceOf(1), stopped + ticks(300, from, clock), "then it goes on at its speed");
    }

    function test_a_mode_set_in_silence_does_not_count_the_silence() public {
        send(KEEPER, entry(1, 3_000, 2_500, LIMIT));
        pass(10 days);
        uint256 stopped = maintenanceOf(1);
        setMode(1, IHaircuts.Mode.NO_NEW_RISK, GUARDIAN);
        pass(10 days);
        equal(maintenanceOf(1), stopped, "I4");
        send(KEEPER, restate(1));
        equal(maintenanceOf(1), stopped, "I3");
    }

    function test_frozen_stops_the_fall_and_not_the_rise() public {
        pass(60);
        send(KEEPER, bytes.concat(bytesOf(entry(1, 2_400, 1_720, LIMIT)), bytesOf(entry(2, 2_600, 2_200, LIMIT))));
        setMode(1, IHaircuts.Mode.FROZEN, GOVERNANCE);
        setMode(2, IHaircuts.Mode.FROZEN, GOVERNANCE);
        passAlive(5 days);
        equal(maintenanceOf(1), 1_800, "I4: FROZEN holds what would fall");
        equal(maintenanceOf(2), 1_850, "and never slows a tightening");
        setMode(1, IHaircuts.Mode.NORMAL, GOVERNANCE);
        equal(maintenanceOf(1), 1_800, "unfreezing does not jump");
        uint256 from = clock;
        pass(5 hours);
        equal(maintenanceOf(1), 1_800 - ticks(1_500, from, clock), "it goes on at its speed");
    }

    function test_a_freeze_that_lapses_lets_it_fall_from_then_on() public {
        pass(60);
        send(KEEPER, entry(1, 2_400, 1_720, LIMIT));
        setMode(1, IHaircuts.Mode.FROZEN, GUARDIAN);
        passAlive(71 hours);
        uint256 lapse = START + 72 hours;
        pass(lapse - clock);
        equal(maintenanceOf(1), 1_800, "to the last minute");
        pass(10 hours);
        equal(maintenanceOf(1), 1_800 - ticks(1_500, lapse, clock), "from the lapse on");
    }

    function test_new_speeds_begin_with_the_next_update_and_not_before() public {
        send(KEEPER, bytes.concat(bytesOf(entry(1, 3_000, 2_500, LIMIT)), bytesOf(entry(2, 3_000, 2_500, LIMIT))));
        uint256 from = clock;
        IParameters.Limits memory limits = calm();
        limits.tightenSpeedBpsPer30Days = 100;
        setLimits(0, limits);
        pass(20 hours);
        send(KEEPER, restate(1));
        equal(maintenanceOf(1), 1_800 + ticks(300, from, clock), "until now at the old speed");
        from = clock;
        pass(20 hours);
        equal(stored(1, M.MAINTENANCE) + ticks(100, from, clock), maintenanceOf(1), "from now on at the new one");
    }

    function test_a_market_moved_to_another_class_keeps_what_it_did_at_the_old_speed() public {
        send(KEEPER, entry(1, 4_000, 2_500, LIMIT));
        uint256 from = clock;
        pass(20 hours);
        uint256 before = maintenanceOf(1);
        change(1, 1, address(0));
        equal(maintenanceOf(1), before, "I3");
        equal(before, 1_800 + ticks(300, from, clock), "at the old speed until now");
        from = clock;
        send(KEEPER, restate(1));
        pass(5 hours);
        equal(maintenanceOf(1), before + ticks(900, from, clock), "at the new one from now on");
    }

    function test_the_time_since_the_numbers_changed_is_kept_through_restatements() public {
        send(KEEPER, entry(1, 2_500, 1_800, LIMIT));
        passAlive(10 hours);
        equal(stored(1, M.UNCHANGED), 600, "restating is no change");
        setMode(1, IHaircuts.Mode.NO_NEW_RISK, GUARDIAN);
        equal(stored(1, M.UNCHANGED), 600, "nor is a mode");
        pass(60);
        send(KEEPER, entry(1, 2_500, 1_800, LIMIT - 1));
        equal(stored(1, M.UNCHANGED), 0, "a number that changed is");
        passAlive(70 hours);
        equal(stored(1, M.UNCHANGED), 4_095, "as far as the field goes");
    }
}
