// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterEvents as Events} from "../../contracts/interfaces/IParameterEvents.sol";
import {IParameterTypes as Types} from "../../contracts/interfaces/IParameterTypes.sol";
import {vm} from "./support/Vm.sol";
import {ParametersTest} from "./support/ParametersWorld.sol";
import {ALL_LANES, EntryWords, Flags, QUALITY_FOLLOWS, UNKNOWN_FLAG} from "./support/Words.sol";

contract UpdatingTest is ParametersTest {
    event BatchApplied(
        uint64 indexed sequence, bytes32 indexed evidence, address indexed sender, uint32 modelVersion, bytes entries
    );

    function test_an_update_is_stored_as_submitted_and_told_in_full() public {
        Types.Batch memory batch = batchOf(entry(change(1, 2_300, 1_850)));
        vm.expectEmit(true, true, true, true, address(parameters));
        emit BatchApplied(batch.sequence, batch.evidence, KEEPER, 1, batch.entries);
        send(batch);
        Types.MarketState memory stored = parameters.marketState(1);
        equal(stored.initialBps, 2_300, "initial stored");
        equal(stored.maintenanceTargetBps, 1_850, "target stored");
        equal(stored.maintenanceBps, 1_800, "maintenance where it stood");
        equal(stored.maintenanceTime, clock, "settled now");
        equal(stored.asOf, clock, "asOf stored");
        equal(parameters.sequence(), batch.sequence, "the sequence went up by one");
        equal(initialOf(1), 2_300, "tightening reaches new risk in the same block");
        equal(maintenanceOf(1), 1_800, "tightening does not reach open positions in that block");
    }

    function test_nothing_else_moves() public {
        bytes32[10] memory before;
        for (uint256 i; i < MARKETS; ++i) before[i] = groupAt(idAt(i)) == 0 ? keep(idAt(i)) : print(idAt(i));
        send(change(3, 3_000, 2_000));
        for (uint256 i; i < MARKETS; ++i) {
            if (i == 2) continue;
            bytes32 after_ = groupAt(idAt(i)) == 0 ? keep(idAt(i)) : print(idAt(i));
            isTrue(after_ == before[i], "I6: a market that is not named does not change");
        }
    }

    function test_a_part_of_a_group_leaves_its_neighbours_asOf() public {
        pass(1 hours);
        uint256 values = valuesAt(0, 2_400, 1_800) | valuesAt(3, 2_500, 1_900);
        send(entry(0, 1 | 8, clock, values));
        equal(asOfOf(1), clock, "named");
        equal(asOfOf(4), clock, "named");
        equal(asOfOf(2), START - 10 minutes, "not named");
        equal(asOfOf(3), START - 10 minutes, "not named");
        equal(asOfOf(5), START - 10 minutes, "not named");
        pass(1 hours);
        send(entry(0, 2, clock, valuesAt(1, 2_600, 1_800)));
        equal(asOfOf(2), clock, "named now");
        equal(asOfOf(1), clock - 1 hours, "the clock it had");
        equal(asOfOf(3), START - 10 minutes, "the clock it had");
        send(whole(0, 0, 0));
        for (uint16 id = 1; id <= 5; ++id) equal(asOfOf(id), clock, "together again");
    }

    function test_a_group_that_is_not_full_is_updated_as_a_whole() public {
        send(whole(1, 100, 50));
        for (uint16 id = 6; id <= 8; ++id) {
            equal(initialOf(id), 2_300, "each of the three");
            equal(asOfOf(id), clock, "with its asOf");
        }
        (bool known,) = parameters.tryHaircuts(9);
        isTrue(!known, "the empty lanes stay empty");
    }

    function test_a_lane_without_a_market_is_skipped_and_its_neighbours_land() public {
        Types.Batch memory batch = batchOf(
            entry(1, 1 | 8, clock, valuesAt(0, 2_300, 1_800) | valuesAt(3, 2_300, 1_800))
        );
        vm.expectEmit(true, true, false, true, address(parameters));
        emit MarketSkipped(9, batch.sequence, Types.SkipReason.UNKNOWN_MARKET, 9, 12);
        send(batch);
        equal(initialOf(6), 2_300, "the market that is there lands");
        (bool known,) = parameters.tryHaircuts(9);
        isTrue(!known, "the other is not there");
    }

    function test_unknown_markets_are_skipped() public {
        skips(Types.MarketUpdate(9, 2_200, 1_800, uint40(clock)), Types.SkipReason.UNKNOWN_MARKET, 9, 12);
        pass(1 minutes);
        skips(Types.MarketUpdate(16, 2_200, 1_800, uint40(clock)), Types.SkipReason.UNKNOWN_MARKET, 16, 12);
    }

    function test_fuzz_groups_past_the_last_are_skipped_and_nothing_is_made_of_them(uint16 group, uint8 mask) public {
        group = uint16(bound(group, 3, 13_106));
        uint256 named = bound(mask, 1, ALL_LANES);
        send(bytes.concat(entry(group, named, clock, EntryWords.ALL_VALUES), entry(change(11, 4_200, 3_600))));
        for (uint256 lane; lane < 5; ++lane) {
            uint256 id = uint256(group) * 5 + lane + 1;
            (bool known,) = parameters.tryHaircuts(uint16(id));
            isTrue(!known, "a market nobody listed does not come to be");
        }
        equal(parameters.marketState(1).asOf, START - 10 minutes, "nor does it reach another");
    }

    // --------------------------------------------------------------------------------------------------- the envelope

    function test_a_sequence_other_than_the_next_is_refused() public {
        Types.Batch memory batch = batchOf(entry(restate(1)));
        uint64 expected = batch.sequence;
        uint64[4] memory wrong = [expected - 1, expected + 1, expected + type(uint40).max + 1, type(uint64).max];
        for (uint256 i; i < 4; ++i) {
            batch.sequence = wrong[i];
            vm.expectRevert(abi.encodeWithSelector(Events.WrongSequence.selector, wrong[i], expected));
            send(batch);
        }
    }

    function test_a_replayed_batch_is_refused_at_either_door() public {
        Types.Batch memory batch = batchOf(entry(restate(1)));
        send(batch);
        bytes memory refusal =
            abi.encodeWithSelector(Events.WrongSequence.selector, batch.sequence, batch.sequence + 1);
        vm.expectRevert(refusal);
        send(batch);
        vm.expectRevert(refusal);
        vm.prank(QUORUM);
        parameters.updateByQuorum(batch);
    }

    function test_a_batch_made_before_a_listing_is_refused_after_it() public {
        Types.Batch memory batch = batchOf(entry(restate(1)));
        Types.MarketListing memory listing = calmListing(0);
        listing.debt = address(tokens[1]);
        listing.group = 1;
        vm.prank(LISTER);
        parameters.listMarket(listing);
        vm.expectRevert(
            abi.encodeWithSelector(Events.WrongGeneration.selector, batch.generation, batch.generation + 1)
        );
        send(batch);
        batch.generation += 2;
        vm.expectRevert(
            abi.encodeWithSelector(Events.WrongGeneration.selector, batch.generation, batch.generation - 1)
        );
        send(batch);
    }

    function test_a_batch_is_good_until_its_deadline_and_not_a_second_longer() public {
        Types.Batch memory batch = batchOf(entry(restate(1)));
        batch.deadline = uint40(clock - 1);
        vm.expectRevert(abi.encodeWithSelector(Events.DeadlinePassed.selector, clock - 1, clock));
        send(batch);
        batch.deadline = uint40(clock);
        send(batch);
    }

    function test_an_empty_batch_is_refused() public {
        Types.Batch memory batch = batchOf("");
        vm.expectRevert(abi.encodeWithSelector(Events.EmptyBatch.selector));
        send(batch);
    }

    function test_a_batch_of_which_nothing_lands_is_refused_and_spends_no_sequence() public {
        uint64 before = parameters.sequence();
        Types.Batch memory batch = batchOf(
            bytes.concat(entry(Types.MarketUpdate(77, 2_200, 1_800, uint40(clock))), entry(change(2, 999, 700)))
        );
        vm.expectRevert(
            abi.encodeWithSelector(Events.NoMarketApplied.selector, 77, Types.SkipReason.UNKNOWN_MARKET)
        );
        send(batch);
        equal(parameters.sequence(), before, "the sequence is not spent");
    }

    // ------------------------------------------------------------------------------------------------ malformed entries

    function refusesAt(uint256 offset, bytes memory entries) private {
        Types.Batch memory batch = batchOf(entries);
        vm.expectRevert(abi.encodeWithSelector(Events.BadEntry.selector, offset));
        send(batch);
    }

    function test_a_group_whose_ids_do_not_fit_is_refused_and_the_last_that_do_is_unknown() public {
        bytes memory past = entry(restate(1));
        (past[0], past[1]) = (0x33, 0x33); // 13107
        refusesAt(0, past);
        past[1] = 0x32;
        Types.Batch memory batch = batchOf(past);
        vm.expectRevert(
            abi.encodeWithSelector(Events.NoMarketApplied.selector, 65_531, Types.SkipReason.UNKNOWN_MARKET)
        );
        send(batch);
    }

    function test_a_truncated_entry_is_refused_with_its_place() public {
        bytes memory good = entry(restate(1));
        for (uint256 length = 1; length < 24; ++length) {
            bytes memory short_ = new bytes(length);
            for (uint256 i; i < length; ++i) short_[i] = good[i];
            refusesAt(0, short_);
            refusesAt(24, bytes.concat(good, short_));
        }
    }

    function test_an_entry_whose_quality_is_cut_off_is_refused() public {
        bytes memory good = entry(restate(1));
        bytes memory withQuality = entry(0, Flags.at(0) | QUALITY_FOLLOWS, clock, valuesAt(0, 2_200, 1_800));
        refusesAt(0, withQuality);
        refusesAt(24, bytes.concat(good, withQuality, bytes9(0)));
        send(bytes.concat(good, withQuality, bytes10(0)));
    }

    function test_flags_no_entry_may_have_are_refused() public {
        refusesAt(0, entry(0, 0, clock, valuesAt(0, 2_200, 1_800)));
        refusesAt(0, bytes.concat(entry(0, QUALITY_FOLLOWS, clock, valuesAt(0, 2_200, 1_800)), bytes10(0)));
        for (uint256 flags = UNKNOWN_FLAG; flags <= type(uint8).max; ++flags) {
            // As long as an entry with such flags would be, so that it is not refused for its length.
            refusesAt(0, bytes.concat(entry(0, flags, clock, valuesAt(0, 2_200, 1_800)), new bytes(10 * (flags / QUALITY_FOLLOWS))));
        }
    }

    function test_fuzz_any_bytes_apply_whole_or_revert(bytes memory noise, uint256 seed) public {
        bytes32 other = print(6);
        uint64 sequence = parameters.sequence();
        Types.Batch memory batch = batchOf(bytes.concat(seed % 2 == 0 ? bytes("") : entry(restate(1)), noise));
        vm.prank(KEEPER);
        try parameters.update(batch) {
            equal(parameters.sequence(), sequence + 1, "applied, under the next number");
        } catch (bytes memory why) {
            bytes4 said = bytes4(why);
            bool named = said == Events.BadEntry.selector || said == Events.NoMarketApplied.selector
                || said == Events.EmptyBatch.selector;
            isTrue(named, "refused by name, never by a panic");
            isTrue(print(6) == other, "and nothing changed");
        }
    }

    // --------------------------------------------------------------------------------------------------------- asOf

    function test_asOf_must_not_go_back() public {
        uint256 stored = START - 10 minutes;
        Types.MarketUpdate memory next = change(1, 2_300, 1_800);
        next.asOf = uint40(stored - 60);
        skips(next, Types.SkipReason.ASOF_NOT_INCREASING, stored - 60, stored + 60);
        next.asOf = uint40(stored + 60);
        passes(next);
    }

    function test_of_the_same_minute_only_tightening_is_taken() public {
        Types.MarketUpdate memory next = change(1, 2_199, 1_800);
        next.asOf = uint40(START - 10 minutes + 59);
        skips(next, Types.SkipReason.ASOF_NOT_INCREASING, next.asOf, START - 9 minutes);
        pass(60);
        (next.initialBps, next.maintenanceTargetBps) = (2_200, 1_799);
        skips(next, Types.SkipReason.ASOF_NOT_INCREASING, next.asOf, START - 9 minutes);
        (next.initialBps, next.maintenanceTargetBps) = (2_201, 1_800);
        passes(next);
        send(next);
        equal(initialOf(1), 2_201, "tightening never waits, not even for the next minute");
        equal(asOfOf(2), START - 10 minutes, "its neighbours keep their clock, which is the same");
    }

    function test_asOf_must_not_be_older_than_its_limit() public {
        pass(2 hours);
        Types.MarketUpdate memory next = restate(1);
        next.asOf = uint40(clock - 1 hours - 1);
        skips(next, Types.SkipReason.ASOF_TOO_OLD, clock - 1 hours - 1, clock - 1 hours);
        next.asOf = uint40(clock - 1 hours);
        passes(next);
        next = restate(11);
        next.asOf = uint40(clock - 30 minutes - 1);
        equal(uint256(reasonOf(next)), uint256(Types.SkipReason.ASOF_TOO_OLD), "each class has its own greatest age");
    }

    function test_asOf_in_the_future_is_skipped_so_it_cannot_lock_the_market() public {
        Types.MarketUpdate memory next = restate(1);
        next.asOf = uint40(clock + 1);
        skips(next, Types.SkipReason.ASOF_IN_FUTURE, clock + 1, clock);
        pass(1);
        next.asOf = type(uint32).max;
        skips(next, Types.SkipReason.ASOF_IN_FUTURE, type(uint32).max, clock);
        passes(restate(1));
        next.asOf = 0;
        skips(next, Types.SkipReason.ASOF_TOO_OLD, 0, clock - 1 hours);
    }

    // -------------------------------------------------------------------------------------------------- bounds and gap

    function test_initial_stays_inside_its_bounds() public {
        Types.Limits memory limits = calmLimits();
        limits.minInitialBps = 2_150;
        setLimits(0, limits);
        skips(change(1, 2_149, 1_800), Types.SkipReason.INITIAL_OUT_OF_BOUNDS, 2_149, 2_150);
        passes(change(1, 2_150, 1_800));
        pass(60);
        skips(change(1, 9_001, 1_800), Types.SkipReason.INITIAL_OUT_OF_BOUNDS, 9_001, 9_000);
        passes(change(1, 9_000, 1_800));
    }

    function test_maintenance_target_stays_inside_its_bounds() public {
        Types.Limits memory limits = calmLimits();
        limits.minMaintenanceBps = 1_790;
        setLimits(0, limits);
        skips(change(1, 2_200, 1_789), Types.SkipReason.MAINTENANCE_OUT_OF_BOUNDS, 1_789, 1_790);
        passes(change(1, 2_200, 1_790));
        pass(60);
        skips(change(1, 9_000, 8_001), Types.SkipReason.MAINTENANCE_OUT_OF_BOUNDS, 8_001, 8_000);
        passes(change(1, 9_000, 8_000));
    }

    function test_initial_keeps_its_gap_to_the_target() public {
        skips(change(1, 2_200, 2_001), Types.SkipReason.GAP_TOO_SMALL, 2_200, 2_201);
        passes(change(1, 2_200, 2_000));
    }

    function test_initial_keeps_its_gap_to_effective_maintenance_too() public {
        Types.Limits memory limits = calmLimits();
        limits.minGapBps = 370;
        setLimits(0, limits);
        skips(change(1, 2_169, 1_750), Types.SkipReason.GAP_TOO_SMALL, 2_169, 2_170);
        passes(change(1, 2_170, 1_750));
    }

    // --------------------------------------------------------------------------------------------------------- poison

    function test_poison_one_of_ten_and_nine_apply() public {
        uint256 all;
        for (uint256 lane; lane < 5; ++lane) all |= valuesAt(lane, lane == 3 ? 16_383 : 2_400, lane == 3 ? 8_191 : 1_900);
        bytes memory entries = bytes.concat(entry(0, 31, clock, all), whole(1, 200, 100), whole(2, 200, 100));
        Types.Batch memory batch = batchOf(entries);
        bytes32 before = keep(4);
        vm.expectEmit(true, true, false, true, address(parameters));
        emit MarketSkipped(4, batch.sequence, Types.SkipReason.INITIAL_OUT_OF_BOUNDS, 16_383, 9_000);
        send(batch);
        isTrue(keep(4) == before, "I17: the poisoned market is left as it was");
        equal(initialOf(4), 2_200, "its initial");
        equal(asOfOf(4), START - 10 minutes, "and its asOf");
        for (uint256 i; i < MARKETS; ++i) {
            uint16 id = idAt(i);
            if (id == 4) continue;
            equal(initialOf(id), i < 8 ? 2_400 : 4_400, "the nine others apply");
            equal(asOfOf(id), clock, "with the time of their data");
        }
    }

    function test_one_entry_too_old_leaves_the_other_groups() public {
        pass(1 hours);
        bytes memory old = entry(0, 31, clock - 61 minutes, 0);
        send(bytes.concat(old, whole(1, 100, 0)));
        equal(initialOf(1), 2_200, "skipped");
        equal(initialOf(6), 2_300, "applied");
    }

    function test_a_market_named_twice_gets_no_more_than_two_updates_would() public {
        Types.MarketUpdate memory first = change(1, 2_170, 1_800);
        Types.MarketUpdate memory second = change(1, 2_149, 1_800);
        first.asOf -= 60;
        Types.Batch memory batch = batchOf(bytes.concat(entry(first), entry(second)));
        vm.expectEmit(true, true, false, true, address(parameters));
        emit MarketSkipped(1, batch.sequence, Types.SkipReason.LOOSENING_BUDGET_SPENT, 2_149, 2_150);
        send(batch);
        equal(initialOf(1), 2_170, "the budget counts over both");
    }

    function test_a_market_named_twice_in_a_minute_tightens_and_does_not_loosen() public {
        Types.Batch memory batch = batchOf(bytes.concat(entry(change(1, 2_400, 1_900)), entry(change(1, 2_390, 1_900))));
        vm.expectEmit(true, true, false, true, address(parameters));
        emit MarketSkipped(1, batch.sequence, Types.SkipReason.ASOF_NOT_INCREASING, clock, clock + 60);
        send(batch);
        equal(initialOf(1), 2_400, "the first entry counts");
    }
}
