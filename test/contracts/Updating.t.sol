// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralParameters as Params} from "../../contracts/interfaces/ICollateralParameters.sol";
import {vm} from "./support/Vm.sol";
import {WorldTest} from "./support/WorldTest.sol";

contract UpdatingTest is WorldTest {
    function test_a_batch_stores_exactly_what_was_submitted_and_says_so() public {
        Params.MarketUpdate memory next = Params.MarketUpdate(1, 2_300, 1_850, 8_000, 5, uint40(clock));
        Params.Batch memory batch = batchOf(next);
        vm.expectEmit(true, true, false, true, address(parameters));
        emit Params.MarketUpdated(1, batch.sequence, 2_300, 1_850, 1_800e9, 100e9, next.asOf, 8_000, 5);
        vm.expectEmit(true, true, true, true, address(parameters));
        emit Params.BatchApplied(batch.sequence, batch.evidence, 1, KEEPER, 1, 0);
        send(batch);
        Params.MarketState memory stored = parameters.marketState(1);
        equal(stored.initialBps, 2_300, "initial stored");
        equal(stored.maintenanceTargetBps, 1_850, "target stored");
        equal(stored.asOf, clock, "asOf stored");
        equal(stored.confidenceBps, 8_000, "confidence stored");
        equal(stored.sources, 5, "sources stored");
        equal(parameters.sequence(), batch.sequence, "the sequence went up by one");
        equal(initialOf(1), 2_300, "tightening reaches new risk in the same block");
        equal(maintenanceOf(1), 1_800, "tightening does not reach open positions in that block");
    }

    function test_nothing_else_moves() public {
        bytes32 before = print(2);
        send(change(1, 3_000, 2_000));
        isTrue(print(2) == before, "an update of one market leaves the others bit for bit as they were");
    }

    function test_a_sequence_other_than_the_next_is_refused() public {
        Params.Batch memory batch = batchOf(restate(1));
        uint64 expected = batch.sequence;
        uint64[3] memory wrong = [expected - 1, expected + 1, type(uint64).max];
        for (uint256 i; i < 3; ++i) {
            batch.sequence = wrong[i];
            vm.expectRevert(abi.encodeWithSelector(Params.WrongSequence.selector, wrong[i], expected));
            send(batch);
        }
    }

    function test_a_replayed_batch_is_refused() public {
        Params.Batch memory batch = batchOf(restate(1));
        send(batch);
        vm.expectRevert(abi.encodeWithSelector(Params.WrongSequence.selector, batch.sequence, batch.sequence + 1));
        send(batch);
    }

    function test_a_batch_is_good_until_its_deadline_and_not_a_second_longer() public {
        Params.Batch memory batch = batchOf(restate(1));
        batch.deadline = uint40(clock - 1);
        vm.expectRevert(abi.encodeWithSelector(Params.DeadlinePassed.selector, clock - 1, clock));
        send(batch);
        batch.deadline = uint40(clock);
        send(batch);
    }

    function test_an_empty_batch_is_refused() public {
        Params.Batch memory batch = batchOf(restate(1));
        batch.updates = new Params.MarketUpdate[](0);
        vm.expectRevert(abi.encodeWithSelector(Params.EmptyBatch.selector));
        send(batch);
    }

    function test_a_batch_of_which_nothing_lands_is_refused_and_spends_no_sequence() public {
        uint64 before = parameters.sequence();
        Params.MarketUpdate memory unknown = Params.MarketUpdate(77, 2_200, 1_800, 0, 0, uint40(clock));
        Params.Batch memory batch = batchOf(unknown, change(2, 999, 300));
        vm.expectRevert(
            abi.encodeWithSelector(Params.NoMarketApplied.selector, 77, Params.SkipReason.UNKNOWN_MARKET)
        );
        send(batch);
        equal(parameters.sequence(), before, "the sequence is not spent");
    }

    function test_unknown_markets_are_skipped() public {
        Params.MarketUpdate memory next = restate(1);
        next.marketId = 0;
        skips(next, Params.SkipReason.UNKNOWN_MARKET, 0, 10);
        next.marketId = 11;
        pass(1);
        skips(next, Params.SkipReason.UNKNOWN_MARKET, 11, 10);
    }

    function test_asOf_must_increase() public {
        Params.MarketUpdate memory next = restate(1);
        next.asOf = uint40(clock - 10);
        skips(next, Params.SkipReason.ASOF_NOT_INCREASING, clock - 10, clock - 9);
        next.asOf = uint40(clock - 9);
        passes(next);
    }

    function test_asOf_must_not_be_older_than_its_limit() public {
        pass(2 hours);
        Params.MarketUpdate memory next = restate(1);
        next.asOf = uint40(clock - 1 hours - 1);
        skips(next, Params.SkipReason.ASOF_TOO_OLD, clock - 1 hours - 1, clock - 1 hours);
        next.asOf = uint40(clock - 1 hours);
        passes(next);
    }

    function test_asOf_in_the_future_is_skipped_so_it_cannot_lock_the_market() public {
        Params.MarketUpdate memory next = restate(1);
        next.asOf = uint40(clock + 1);
        skips(next, Params.SkipReason.ASOF_IN_FUTURE, clock + 1, clock);
        pass(1);
        next.asOf = type(uint40).max;
        skips(next, Params.SkipReason.ASOF_IN_FUTURE, type(uint40).max, clock);
        passes(restate(1));
    }

    function test_initial_stays_inside_its_bounds() public {
        Params.Limits memory limits = calmLimits();
        limits.minInitialBps = 2_150;
        setLimits(1, limits);
        skips(change(1, 2_149, 1_800), Params.SkipReason.INITIAL_OUT_OF_BOUNDS, 2_149, 2_150);
        passes(change(1, 2_150, 1_800));
        pass(1);
        skips(change(1, 9_001, 1_800), Params.SkipReason.INITIAL_OUT_OF_BOUNDS, 9_001, 9_000);
        passes(change(1, 9_000, 1_800));
    }

    function test_maintenance_target_stays_inside_its_bounds() public {
        Params.Limits memory limits = calmLimits();
        limits.minMaintenanceBps = 1_790;
        setLimits(1, limits);
        skips(change(1, 2_200, 1_789), Params.SkipReason.MAINTENANCE_OUT_OF_BOUNDS, 1_789, 1_790);
        passes(change(1, 2_200, 1_790));
        pass(1);
        skips(change(1, 9_000, 8_501), Params.SkipReason.MAINTENANCE_OUT_OF_BOUNDS, 8_501, 8_500);
        passes(change(1, 9_000, 8_500));
    }

    function test_initial_keeps_its_gap_to_the_target() public {
        skips(change(1, 2_200, 2_001), Params.SkipReason.GAP_TOO_SMALL, 2_200, 2_201);
        passes(change(1, 2_200, 2_000));
    }

    function test_initial_keeps_its_gap_to_effective_maintenance_too() public {
        Params.Limits memory limits = calmLimits();
        limits.minGapBps = 350;
        setLimits(1, limits);
        skips(change(1, 2_149, 1_750), Params.SkipReason.GAP_TOO_SMALL, 2_149, 2_150);
        passes(change(1, 2_150, 1_750));
    }

    function test_a_toxic_maintenance_is_skipped() public {
        Params.Limits memory limits = calmLimits();
        limits.maxLooseningStepBps = 5_000;
        setLimits(1, limits);
        skips(change(1, 2_200, 476), Params.SkipReason.TOXIC_LIQUIDATION, 476, 477);
        passes(change(1, 2_200, 477));
    }

    function test_a_confidence_above_one_is_skipped() public {
        Params.MarketUpdate memory next = restate(1);
        next.confidenceBps = 10_001;
        skips(next, Params.SkipReason.CONFIDENCE_OUT_OF_RANGE, 10_001, 10_000);
        next.confidenceBps = 10_000;
        passes(next);
    }

    function test_poison_one_of_ten_and_nine_apply() public {
        Params.Batch memory batch = batchOf(restate(1));
        batch.updates = new Params.MarketUpdate[](MARKETS);
        for (uint16 id = 1; id <= MARKETS; ++id) batch.updates[id - 1] = change(id, 2_400, 1_900);
        batch.updates[3] = Params.MarketUpdate(4, 65_535, 65_535, 65_535, 65_535, type(uint40).max);
        bytes32 before = print(4);
        vm.expectEmit(true, true, false, true, address(parameters));
        emit Params.MarketSkipped(4, batch.sequence, Params.SkipReason.ASOF_IN_FUTURE, type(uint40).max, clock);
        vm.expectEmit(true, true, true, true, address(parameters));
        emit Params.BatchApplied(batch.sequence, batch.evidence, 1, KEEPER, 9, 1);
        send(batch);
        isTrue(print(4) == before, "the poisoned market is left as it was");
        for (uint16 id = 1; id <= MARKETS; ++id) {
            if (id != 4) equal(initialOf(id), 2_400, "the nine others apply");
        }
    }

    function test_a_market_named_twice_is_written_once() public {
        Params.Batch memory batch = batchOf(change(1, 2_400, 1_900), change(1, 2_500, 1_900));
        vm.expectEmit(true, true, false, true, address(parameters));
        emit Params.MarketSkipped(1, batch.sequence, Params.SkipReason.ASOF_NOT_INCREASING, clock, clock + 1);
        send(batch);
        equal(initialOf(1), 2_400, "the first entry counts");
    }

    function test_a_market_named_twice_with_rising_asOf_gets_no_more_than_two_updates_would() public {
        Params.MarketUpdate memory first = change(1, 2_130, 1_800);
        Params.MarketUpdate memory second = change(1, 2_090, 1_800);
        first.asOf -= 1;
        Params.Batch memory batch = batchOf(first, second);
        vm.expectEmit(true, true, false, true, address(parameters));
        emit Params.MarketSkipped(1, batch.sequence, Params.SkipReason.LOOSENING_BUDGET_SPENT, 2_090, 2_100);
        send(batch);
        equal(initialOf(1), 2_130, "the budget counts over both");
    }
}
