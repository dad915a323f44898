// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralParameters as Params} from "../../contracts/interfaces/ICollateralParameters.sol";
import {WorldTest} from "./support/WorldTest.sol";

contract LooseningTest is WorldTest {
    function test_initial_loosens_by_one_step_at_most() public {
        skips(change(1, 2_119, 1_800), Params.SkipReason.STEP_TOO_LARGE, 2_119, 2_120);
        passes(change(1, 2_120, 1_800));
    }

    function test_the_maintenance_target_loosens_by_one_step_at_most() public {
        skips(change(1, 2_200, 1_719), Params.SkipReason.STEP_TOO_LARGE, 1_719, 1_720);
        passes(change(1, 2_200, 1_720));
    }

    function test_a_tightening_that_has_not_happened_yet_may_be_taken_back_at_once() public {
        send(change(1, 9_000, 8_000));
        pass(1);
        skips(change(1, 9_000, 1_720), Params.SkipReason.STEP_TOO_LARGE, 1_720, 1_721);
        passes(change(1, 9_000, 1_721));
        send(change(1, 9_000, 1_801));
        pass(30 days);
        equal(maintenanceOf(1), 1_801, "a wrong target taken back moved open positions by a second of speed");
    }

    function test_half_of_the_daily_budget_is_there_at_once_and_no_more() public {
        send(change(1, 2_120, 1_800));
        equal(parameters.marketState(1).budgetNanoBps, 20e9, "80 of 100 bp spent");
        pass(1);
        skips(change(1, 2_099, 1_800), Params.SkipReason.LOOSENING_BUDGET_SPENT, 2_099, 2_100);
        passes(change(1, 2_100, 1_800));
    }

    function test_the_budget_refills_linearly_to_half_of_the_daily_budget_and_stops_there() public {
        send(change(1, 2_120, 1_800));
        pass(12 hours);
        send(restate(1));
        equal(parameters.marketState(1).budgetNanoBps, 70e9, "20 left + 12 h of 100 a day");
        pass(10 days);
        send(restate(1));
        equal(parameters.marketState(1).budgetNanoBps, 100e9, "never more than half of the daily budget");
    }

    function test_tightening_never_refills_the_budget() public {
        send(change(1, 2_120, 1_800));
        pass(1);
        send(change(1, 9_000, 1_800));
        pass(1);
        equal(parameters.marketState(1).budgetNanoBps, 20e9 + 1_157_407, "one second of refill, no more");
        skips(change(1, 8_979, 1_800), Params.SkipReason.LOOSENING_BUDGET_SPENT, 8_979, 8_980);
    }

    function test_tightening_is_possible_right_after_loosening_and_with_the_budget_spent() public {
        send(change(1, 2_120, 1_800));
        pass(1);
        send(change(1, 2_100, 1_800));
        pass(1);
        send(change(1, 9_000, 8_500));
        equal(initialOf(1), 9_000, "no cool-down, budget or step ever holds a tightening");
    }

    function test_tightening_is_possible_in_every_mode() public {
        for (uint8 mode; mode < 3; ++mode) {
            setMode(1, Params.Mode(mode));
            pass(1);
            send(change(1, 3_000 + mode, 1_900 + mode));
            equal(parameters.marketState(1).initialBps, 3_000 + mode, "tightening lands in every mode");
        }
        setMode(1, Params.Mode.NORMAL);
        equal(initialOf(1), 3_002, "and is there when the market opens again");
    }

    function test_coming_back_from_silence_loosens_no_further_than_the_budget_below_what_was_stored() public {
        pass(30 days);
        equal(initialOf(1), 10_000, "silence closed the market");
        skips(change(1, 2_119, 1_800), Params.SkipReason.STEP_TOO_LARGE, 2_119, 2_120);
        pass(1);
        send(change(1, 2_120, 1_800));
        pass(1);
        skips(change(1, 2_099, 1_800), Params.SkipReason.LOOSENING_BUDGET_SPENT, 2_099, 2_100);
    }

    function test_a_bound_lowered_below_the_stored_values_lets_them_walk_down_and_never_further_up() public {
        send(change(1, 4_000, 3_000));
        Params.Limits memory limits = calmLimits();
        limits.maxInitialBps = 2_500;
        limits.maxMaintenanceBps = 2_200;
        setLimits(1, limits);
        pass(1);
        skips(change(1, 4_001, 3_000), Params.SkipReason.INITIAL_OUT_OF_BOUNDS, 4_001, 4_000);
        pass(1);
        skips(change(1, 4_000, 3_001), Params.SkipReason.MAINTENANCE_OUT_OF_BOUNDS, 3_001, 3_000);
        passes(change(1, 3_950, 2_950));
    }

    function test_a_bound_raised_above_the_stored_values_binds_the_next_update() public {
        Params.Limits memory limits = calmLimits();
        limits.minInitialBps = 2_600;
        limits.minMaintenanceBps = 1_900;
        setLimits(1, limits);
        equal(initialOf(1), 2_200, "governance moved no value");
        setMode(1, Params.Mode.NO_NEW_RISK);
        skips(restate(1), Params.SkipReason.INITIAL_OUT_OF_BOUNDS, 2_200, 2_600);
        pass(1);
        skips(change(1, 2_600, 1_800), Params.SkipReason.MAINTENANCE_OUT_OF_BOUNDS, 1_800, 1_900);
        passes(change(1, 2_600, 1_900));
    }

    /// @dev An adversary with the keeper key asks for as much as the preview allows, at times of its choice.
    function test_fuzz_loosening_in_any_24_hours_stays_within_the_daily_budget(uint256 seed) public {
        uint256 n = 40;
        uint256[] memory times = new uint256[](n);
        uint256[] memory loosened = new uint256[](n);
        send(change(1, 8_000, 1_800));
        for (uint256 i; i < n; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            pass(bound(seed, 1, seed % 3 == 0 ? 12 hours : 2 hours));
            uint16 stored = parameters.marketState(1).initialBps;
            uint16 wanted = stored - uint16(bound(seed >> 32, 0, 80));
            if (seed % 5 == 0) wanted = stored + 3;
            (Params.SkipReason reason,, uint256 allowed) = parameters.previewUpdate(change(1, wanted, 1_800));
            if (reason == Params.SkipReason.LOOSENING_BUDGET_SPENT) wanted = uint16(allowed);
            send(change(1, wanted, 1_800));
            times[i] = clock;
            loosened[i] = wanted < stored ? stored - wanted : 0;
        }
        for (uint256 from; from < n; ++from) {
            uint256 sum;
            for (uint256 to = from; to < n && times[to] <= times[from] + 24 hours; ++to) sum += loosened[to];
            atMost(sum, 200, "I10: loosening of initial in any 24 h is at most the daily budget");
        }
    }
}
