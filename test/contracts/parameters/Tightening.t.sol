// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {IParameters} from "../../../contracts/parameters/IParameters.sol";
import {R} from "../../../contracts/parameters/Reasons.sol";
import {M} from "../../../contracts/parameters/Words.sol";
import {World} from "./World.sol";

/// @dev Tightening is instant and no other key can lock it out.
contract TighteningTest is World {
    function setUp() public {
        world();
    }

    function test_older_data_still_tightens_and_asOf_stays_the_newer() public {
        uint256 older = minute() - 30;
        send(KEEPER, restate(1));
        send(QUORUM, entryAsOf(1, 3_000, 2_000, 1_000, older));
        isTrue(initialOf(1) == 3_000 && limitOf(1) == 1_000, "the older data tightened");
        equal(parameters.haircuts(1).asOf, clock, "I7: asOf only goes up");
        refused(QUORUM, entryAsOf(1, 2_999, 2_000, 1_000, older), R.ASOF_NOT_INCREASING, "and loosens nothing");
    }

    function test_a_stolen_key_that_takes_every_minute_and_number_locks_nobody_out() public {
        for (uint256 i; i < 50; ++i) {
            pass(60);
            uint256 honest = entryAsOf(1, 2_450 + i, 1_800, LIMIT - i, minute() - 3);
            send(KEEPER, restateAll());
            send(SECOND_KEEPER, honest);
            equal(initialOf(1), 2_450 + i, "order is per writer, and older data tightens");
        }
    }

    function test_tightening_passes_an_override_and_loosening_waits_for_its_end() public {
        setManually(held(1, 2_600, 1_900, 3_000, clock + 3 days));
        pass(1 hours);
        send(KEEPER, entry(1, 2_700, 1_950, 2_900));
        isTrue(initialOf(1) == 2_700 && limitOf(1) == 2_900, "a tightening passes");
        pass(1 hours);
        refused(KEEPER, entry(1, 2_699, 1_950, 2_900), R.HELD, "governance holds initial");
        refused(QUORUM, entry(1, 2_700, 1_949, 2_900), R.HELD, "and the target");
        refused(KEEPER, entry(1, 2_700, 1_950, 2_901), R.HELD, "and the exposure limit");
        pass(3 days);
        send(KEEPER, entry(1, 2_690, 1_940, 2_910));
    }

    function test_a_hold_lasts_to_the_end_of_its_hour_and_no_longer() public {
        setManually(held(1, 2_600, 1_900, 3_000, clock + 90 minutes));
        pass(119 minutes);
        refused(KEEPER, entry(1, 2_599, 1_900, 3_000), R.HELD, "the hour in which it ends");
        pass(1 minutes);
        send(KEEPER, entry(1, 2_599, 1_900, 3_000));
        setManually(held(2, 2_600, 1_900, 3_000, clock + 3 days));
        setManually(held(2, 2_600, 1_900, 3_000, 0));
        pass(60);
        send(KEEPER, entry(2, 2_599, 1_900, 3_000));
    }

    function test_a_spent_budget_a_trip_and_a_held_class_stop_no_tightening() public {
        pass(60);
        send(KEEPER, entry(1, 2_350, 1_800, LIMIT + 60));
        holdClassAs(GUARDIAN, 0);
        admit(SECOND_KEEPER, IParameters.Power.HOT, 0, 1);
        pass(60);
        bytes memory entries =
            bytes.concat(bytesOf(entry(4, 4_150, 3_000, LIMIT)), bytesOf(entry(1, 2_500, 1_850, LIMIT)));
        send(SECOND_KEEPER, entries);
        pass(60);
        send(SECOND_KEEPER, entry(1, 2_600, 1_900, 2_000));
        send(KEEPER, entry(1, 2_700, 2_000, 1_000));
        isTrue(initialOf(1) == 2_700 && limitOf(1) == 1_000, "all three numbers tightened");
    }


    function test_the_exposure_limit_comes_down_at_once_in_every_mode_and_in_silence() public {
        for (uint256 mode; mode < 3; ++mode) {
            setMode(1, IHaircuts.Mode(mode), GOVERNANCE);
            pass(60);
            send(KEEPER, entry(1, 2_400, 1_800, LIMIT - 100 * (mode + 1)));
            equal(limitOf(1), LIMIT - 100 * (mode + 1), "at once, in every mode");
        }
        pass(30 days);
        send(KEEPER, entry(1, 2_400, 1_800, LOWEST));
        equal(limitOf(1), LOWEST, "after any silence");
    }

    function test_equal_numbers_with_newer_data_are_taken_in_every_state() public {
        setManually(held(1, 2_600, 1_900, 3_000, clock + 3 days));
        holdClassAs(GUARDIAN, 0);
        pass(2 days);
        send(KEEPER, restate(1));
        equal(parameters.haircuts(1).asOf, clock, "a heartbeat");
    }

    /// @dev I13, from any numbers within the bounds.
    function testFuzz_tightening_as_far_as_the_bounds_allow_is_always_possible(uint256 seed) public {
        pass(bound(seed, 1, 40) * 1 hours);
        if (seed & 1 != 0) setMode(1, IHaircuts.Mode(bound(seed >> 8, 0, 2)), GOVERNANCE);
        if (seed & 2 != 0) setManually(held(1, 2_600, 1_900, 3_000, clock + bound(seed >> 16, 0, 30 days)));
        if (seed & 4 != 0) holdClassAs(GUARDIAN, 0);
        pass(bound(seed >> 32, 0, 60) * 1 hours);
        uint256 asOf = minute() - bound(seed >> 64, 0, 360);
        send(seed & 8 == 0 ? KEEPER : QUORUM, entryAsOf(1, 5_000, 4_500, LOWEST, asOf));
        isTrue(stored(1, M.INITIAL) == 5_000 && stored(1, M.TARGET) == 4_500 && limitOf(1) == LOWEST, "I13");
    }
}
