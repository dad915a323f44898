// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterEvents as Events} from "../../contracts/interfaces/IParameterEvents.sol";
import {IParameterTypes as Types} from "../../contracts/interfaces/IParameterTypes.sol";
import {vm} from "./support/Vm.sol";
import {ParametersTest} from "./support/ParametersWorld.sol";

contract LooseningTest is ParametersTest {
    event BreakerTripped(uint64 indexed sequence, uint256 givenBps, uint256 allowedBps);

    /// @dev A budget that no single step reaches, so that the step alone is judged.
    function wideBudget() private {
        Types.Limits memory limits = calmLimits();
        (limits.looseningBudgetBpsPerDay, limits.quorumLooseningBudgetBpsPerDay) = (1_020, 1_020);
        setLimits(0, limits);
    }

    function test_initial_loosens_by_one_step_at_most() public {
        wideBudget();
        skips(change(1, 2_119, 1_800), Types.SkipReason.STEP_TOO_LARGE, 2_119, 2_120);
        passes(change(1, 2_120, 1_800));
    }

    function test_the_maintenance_target_loosens_by_one_step_at_most() public {
        skips(change(1, 2_200, 1_719), Types.SkipReason.STEP_TOO_LARGE, 1_719, 1_720);
        passes(change(1, 2_200, 1_720));
    }

    function test_the_quorum_has_its_own_step_and_budget() public {
        send(change(1, 2_500, 1_800));
        pass(60);
        (Types.SkipReason reason, uint256 given, uint256 allowed) =
            parameters.previewUpdate(change(1, 2_299, 1_600), true);
        equal(uint256(reason), uint256(Types.SkipReason.STEP_TOO_LARGE), "the quorum's step");
        equal(given, 2_299, "given");
        equal(allowed, 2_300, "200 below");
        (reason, given, allowed) = parameters.previewUpdate(change(1, 2_399, 1_600), true);
        equal(uint256(reason), uint256(Types.SkipReason.LOOSENING_BUDGET_SPENT), "the quorum's budget");
        equal(allowed, 2_400, "100 below");
        sendByQuorum(entry(change(1, 2_400, 1_600)));
        equal(initialOf(1), 2_400, "stored");
        equal(parameters.marketState(1).maintenanceTargetBps, 1_600, "a target 200 lower");
    }

    function test_both_doors_spend_from_the_same_window() public {
        send(change(1, 2_150, 1_800));
        pass(60);
        (Types.SkipReason reason,, uint256 allowed) = parameters.previewUpdate(change(1, 2_099, 1_800), true);
        equal(uint256(reason), uint256(Types.SkipReason.LOOSENING_BUDGET_SPENT), "what the key spent is gone");
        equal(allowed, 2_100, "50 are left to the quorum");
        sendByQuorum(entry(change(1, 2_100, 1_800)));
        pass(60);
        skips(change(1, 2_099, 1_800), Types.SkipReason.LOOSENING_BUDGET_SPENT, 2_099, 2_100);
    }

    function test_a_tightening_that_has_not_happened_yet_may_be_taken_back_at_once() public {
        send(change(1, 9_000, 8_000));
        pass(60);
        skips(change(1, 9_000, 1_719), Types.SkipReason.STEP_TOO_LARGE, 1_719, 1_720);
        passes(change(1, 9_000, 1_720));
        send(change(1, 9_000, 1_800));
        uint256 reached = maintenanceOf(1);
        pass(30 days);
        atMost(reached, 1_801, "a wrong target taken back moved open positions by a minute of speed");
        equal(maintenanceOf(1), 1_800, "and they come back");
    }

    function test_a_quarter_of_the_daily_budget_is_there_in_each_window_and_no_more() public {
        send(change(1, 2_150, 1_800));
        equal(parameters.marketState(1).spentBps, 50, "50 of 200 a day");
        pass(60);
        skips(change(1, 2_149, 1_800), Types.SkipReason.LOOSENING_BUDGET_SPENT, 2_149, 2_150);
        pass(WINDOW - 61 - 60);
        equal(uint256(reasonOf(change(1, 2_149, 1_800))), 11, "until its last minute");
        pass(61);
        equal(clock, START + WINDOW, "the next window");
        passes(change(1, 2_100, 1_800));
        skips(change(1, 2_149 - 50, 1_800), Types.SkipReason.LOOSENING_BUDGET_SPENT, 2_099, 2_100);
        send(change(1, 2_100, 1_800));
        equal(parameters.marketState(1).spentBps, 50, "a new window starts at nothing");
    }

    function test_unused_budget_does_not_carry_over() public {
        passAlive(10 days);
        pass(60);
        skips(change(1, 2_149, 1_800), Types.SkipReason.LOOSENING_BUDGET_SPENT, 2_149, 2_150);
    }

    function test_the_group_counts_the_market_that_loosened_most() public {
        uint256 values;
        for (uint256 i; i < 5; ++i) values |= valuesAt(i, 2_200 - 10 * i, 1_800);
        send(entry(0, 31, clock, values));
        equal(parameters.marketState(1).spentBps, 40, "the fifth market's 40, not the sum");
        pass(60);
        skips(change(1, 2_189, 1_800), Types.SkipReason.LOOSENING_BUDGET_SPENT, 2_189, 2_190);
    }

    function test_tightening_never_refills_the_budget() public {
        send(change(1, 2_150, 1_800));
        pass(60);
        send(change(1, 9_000, 1_800));
        pass(60);
        skips(change(1, 8_999, 1_800), Types.SkipReason.LOOSENING_BUDGET_SPENT, 8_999, 9_000);
    }

    function test_tightening_is_possible_right_after_loosening_and_with_the_budget_spent() public {
        send(change(1, 2_150, 1_800));
        send(change(1, 9_000, 8_000));
        equal(initialOf(1), 9_000, "no cool-down, budget, step or minute ever holds a tightening");
    }

    function test_tightening_is_possible_in_every_mode() public {
        for (uint8 mode; mode < 3; ++mode) {
            setMode(1, Types.Mode(mode));
            pass(60);
            send(change(1, 3_000 + mode, 1_900 + mode));
            equal(parameters.marketState(1).initialBps, 3_000 + mode, "tightening lands in every mode");
        }
        setMode(1, Types.Mode.NORMAL);
        equal(initialOf(1), 3_002, "and is there when the market opens again");
    }

    function test_coming_back_from_silence_loosens_no_further_than_the_budget_below_what_was_stored() public {
        pass(30 days);
        equal(initialOf(1), 10_000, "silence closed the market");
        skips(change(1, 2_149, 1_800), Types.SkipReason.LOOSENING_BUDGET_SPENT, 2_149, 2_150);
        send(change(1, 2_150, 1_800));
        equal(initialOf(1), 2_150, "one window's budget below what was stored");
    }

    function test_a_bound_lowered_below_the_stored_values_lets_them_walk_down_and_never_further_up() public {
        send(change(1, 4_000, 3_000));
        Types.Limits memory limits = calmLimits();
        limits.maxInitialBps = 2_500;
        limits.maxMaintenanceBps = 2_200;
        setLimits(0, limits);
        pass(60);
        skips(change(1, 4_001, 3_000), Types.SkipReason.INITIAL_OUT_OF_BOUNDS, 4_001, 4_000);
        pass(60);
        skips(change(1, 4_000, 3_001), Types.SkipReason.MAINTENANCE_OUT_OF_BOUNDS, 3_001, 3_000);
        passes(change(1, 3_950, 2_950));
        send(change(1, 3_950, 2_950));
    }

    function test_a_bound_raised_above_the_stored_values_binds_the_next_update() public {
        Types.Limits memory limits = calmLimits();
        limits.minInitialBps = 2_600;
        limits.minMaintenanceBps = 1_900;
        setLimits(0, limits);
        equal(initialOf(1), 2_200, "governance moved no value");
        setMode(1, Types.Mode.NO_NEW_RISK);
        skips(restate(1), Types.SkipReason.INITIAL_OUT_OF_BOUNDS, 2_200, 2_600);
        pass(60);
        skips(change(1, 2_600, 1_800), Types.SkipReason.MAINTENANCE_OUT_OF_BOUNDS, 1_800, 1_900);
        passes(change(1, 2_600, 1_900));
        send(change(1, 2_600, 1_900));
    }

    // ------------------------------------------------------------------------------------------ budget over all markets

    function aggregate(uint24 hot, uint24 quorum) private {
        vm.prank(GOVERNANCE);
        parameters.setAggregateBudget(hot, quorum);
    }

    function test_the_aggregate_budget_counts_every_market_of_every_group() public {
        aggregate(110, 2_000);
        send(bytes.concat(whole(0, -10, 0), whole(1, -10, 0), whole(2, -15, 0)));
        equal(parameters.door().spentBps, 5 * 10 + 3 * 10 + 2 * 15, "summed over ten markets");
        isTrue(!parameters.door().tightenOnly, "to the last basis point");
    }

    function test_past_the_aggregate_budget_the_contract_trips_itself_to_tighten_only() public {
        aggregate(99, 2_000);
        Types.Batch memory batch = batchOf(bytes.concat(whole(0, -20, 0), whole(1, 50, 0)));
        vm.expectEmit(true, true, false, true, address(parameters));
        emit MarketSkipped(5, batch.sequence, Types.SkipReason.AGGREGATE_BUDGET_SPENT, 2_180, 2_181);
        vm.expectEmit(true, true, true, true, address(parameters));
        emit BreakerTripped(batch.sequence, 100, 99);
        send(batch);
        isTrue(parameters.door().tightenOnly, "tripped");
        equal(initialOf(4), 2_180, "what came before it stands");
        equal(initialOf(5), 2_200, "the one past the budget does not");
        equal(initialOf(6), 2_250, "tightening in the same batch lands");
        pass(60);
        skips(change(6, 2_249, 1_800), Types.SkipReason.TIGHTEN_ONLY, 2_249, 2_250);
        pass(60);
        skips(change(6, 2_250, 1_799), Types.SkipReason.TIGHTEN_ONLY, 1_799, 1_800);
        pass(60);
        send(change(6, 9_000, 8_000));
        equal(initialOf(6), 9_000, "tightening passes a tripped breaker");
        pass(30 days);
        equal(uint256(reasonOf(change(6, 8_999, 8_000))), uint256(Types.SkipReason.TIGHTEN_ONLY), "time resets nothing");
        Types.Batch memory quorumsToo = batchOf(bytes.concat(entry(change(6, 8_999, 8_000)), entry(restate(11))));
        vm.prank(QUORUM);
        parameters.updateByQuorum(quorumsToo);
        equal(parameters.marketState(6).initialBps, 9_000, "it holds the quorum too");
        vm.prank(GOVERNANCE);
        parameters.resetBreaker();
        passes(change(6, 8_999, 8_000));
    }

    function test_a_trip_counts_even_when_nothing_else_of_the_batch_lands() public {
        aggregate(0, 0);
        send(change(1, 2_199, 1_800));
        isTrue(parameters.door().tightenOnly, "tripped by a batch of one");
        equal(initialOf(1), 2_200, "which loosened nothing");
    }

    function test_a_preview_of_the_trip_names_it_and_trips_nothing() public {
        aggregate(30, 40);
        (Types.SkipReason reason, uint256 given, uint256 allowed) =
            parameters.previewUpdate(change(1, 2_169, 1_800), false);
        equal(uint256(reason), uint256(Types.SkipReason.AGGREGATE_BUDGET_SPENT), "named");
        equal(given, 2_169, "given");
        equal(allowed, 2_170, "allowed");
        (reason,,) = parameters.previewUpdate(change(1, 2_160, 1_800), true);
        equal(uint256(reason), 0, "the quorum has its own");
        isTrue(!parameters.door().tightenOnly, "a question trips nothing");
    }

    function test_the_aggregate_budget_starts_anew_in_each_window() public {
        aggregate(250, 2_000);
        send(whole(0, -50, 0));
        pass(60);
        equal(uint256(reasonOf(change(6, 2_199, 1_800))), 12, "spent");
        pass(WINDOW - 60);
        send(whole(1, -50, 0));
        equal(parameters.door().spentBps, 150, "counted in the new window");
        isTrue(!parameters.door().tightenOnly, "not tripped");
    }

    // ----------------------------------------------------------------------------------------------------- in any 24 h

    /// @dev An adversary with the keeper key asks for as much as the preview allows, at times of its choice.
    function test_fuzz_loosening_in_any_24_hours_stays_within_the_daily_budget(uint256 seed) public {
        any24Hours(seed, false, 200);
    }

    /// @dev The same with both keys: together no more than the wider budget.
    function test_fuzz_loosening_by_both_doors_in_any_24_hours_stays_within_the_quorums_budget(uint256 seed) public {
        any24Hours(seed, true, 400);
    }

    function any24Hours(uint256 seed, bool both, uint256 budget) private {
        aggregate(type(uint24).max, type(uint24).max);
        uint256 n = 30;
        uint256[] memory times = new uint256[](n);
        uint256[] memory loosened = new uint256[](n);
        sendByQuorum(entry(change(1, 8_000, 1_800)));
        for (uint256 i; i < n; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            pass(bound(seed, 1, seed % 3 == 0 ? 12 hours : 2 hours));
            bool quorum = both && (seed >> 40) % 2 == 0;
            uint16 stored = parameters.marketState(1).initialBps;
            Types.MarketUpdate memory next = change(1, stored - bound(seed >> 32, 0, 80), 1_800);
            if (seed % 5 == 0) next.initialBps = stored + 3;
            (Types.SkipReason reason,, uint256 allowed) = parameters.previewUpdate(next, quorum);
            if (reason == Types.SkipReason.LOOSENING_BUDGET_SPENT) next.initialBps = uint16(allowed);
            (reason,,) = parameters.previewUpdate(next, quorum);
            if (reason == Types.SkipReason.NONE) {
                if (quorum) sendByQuorum(entry(next));
                else send(next);
                loosened[i] = next.initialBps < stored ? stored - next.initialBps : 0;
            }
            times[i] = clock;
        }
        for (uint256 from; from < n; ++from) {
            uint256 sum;
            for (uint256 to = from; to < n && times[to] <= times[from] + 24 hours; ++to) sum += loosened[to];
            atMost(sum, budget, "I10: loosening of initial in any 24 h is at most the daily budget of the door used");
        }
    }
}
