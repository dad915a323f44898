// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameters} from "../../../contracts/parameters/IParameters.sol";
import {R} from "../../../contracts/parameters/Reasons.sol";
import {atLeast, M, N} from "../../../contracts/parameters/Words.sol";
import {vm} from "../support/Vm.sol";
import {World} from "./World.sol";

contract UpdatingTest is World {
    function setUp() public {
        world();
    }

    function test_an_update_is_read_in_the_same_block_and_nothing_else_moves() public {
        (uint256 second, uint256 third, uint256 fourth) = (word(2), word(3), word(4));
        send(KEEPER, entry(1, 3_000, 2_000, 2_000) | (21 << 11 | 5) << 45);
        equal(initialOf(1), 3_000, "initial tightens at once");
        equal(maintenanceOf(1), 1_800, "maintenance does not move at once");
        equal(stored(1, M.TARGET), 2_000, "it has its target");
        equal(limitOf(1), 2_000, "the exposure limit comes down at once");
        equal(stored(1, M.QUALITY), 21 << 11 | 5, "confidence and sources stand beside the numbers");
        equal(parameters.haircuts(1).asOf, clock, "asOf is that of the data");
        isTrue(word(2) == second && word(3) == third && word(4) == fourth, "I6: a market that is not named does not change");
    }

    function test_the_layout_of_a_market_is_the_documented_one() public {
        send(KEEPER, entry(1, 3_000, 2_000, 2_000) | 9 << 45);
        uint256 expected = 2_000 | 3_000 << 14 | (65_535 - 2_000) << 29 | 9 << 45 | 1_800 << 61 | minute() << 74;
        expected |= 300 << 143 | 1_500 << 155 | 24 << 167 | uint256(65_535 - HIGHEST) << 173;
        expected |= uint256(65_535 - LOWEST) << 189 | uint256(16) << 251;
        equal(word(1), expected, "Words.sol says where every bit is");
    }

    function test_a_batch_says_what_it_did() public {
        bytes memory entries = bytesOf(entry(1, 2_500, 1_800, LIMIT));
        uint256 head = headOf(2, clock + 60);
        vm.expectEmit(true, true, true, true, address(parameters));
        emit IParameters.BatchApplied(head, KEEPER, keccak256("evidence"), entries);
        send(KEEPER, entries);
    }

    function test_poison_one_of_four_and_three_apply() public {
        bytes memory entries = bytes.concat(
            bytesOf(entry(1, 2_500, 1_800, LIMIT)),
            bytesOf(entry(2, 999, 1_800, LIMIT)),
            bytesOf(entry(3, 2_600, 1_800, LIMIT)),
            bytesOf(entry(4, 4_300, 3_000, LIMIT))
        );
        uint256 second = word(2);
        uint256 given = 1_800 | 999 << 14 | uint256(65_535 - LIMIT) << 29;
        uint256 loosest = 700 | 1_000 << 14 | uint256(65_535 - HIGHEST) << 29;
        vm.expectEmit(true, true, true, true, address(parameters));
        emit IParameters.MarketSkipped(2, uint8(R.TOO_LOOSE), given, loosest);
        send(KEEPER, entries);
        isTrue(word(2) == second, "I17: a skipped market is left bit for bit");
        isTrue(initialOf(1) == 2_500 && initialOf(3) == 2_600 && initialOf(4) == 4_300, "its neighbours land");
    }

    function test_only_writers_send_batches() public {
        address[5] memory others = [STRANGER, GUARDIAN, CHALLENGER, LISTER, GOVERNANCE];
        bytes memory entries = restateAll();
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IParameters.NotAllowed.selector, others[i]));
            vm.prank(others[i]);
            parameters.publishBatch(headOf(1, clock), 0, entries);
        }
        send(QUORUM, entries);
        send(SECOND_KEEPER, entries);
    }

    function test_a_removed_writer_is_refused_and_its_number_is_kept() public {
        admit(KEEPER, IParameters.Power.NONE, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IParameters.NotAllowed.selector, KEEPER));
        vm.prank(KEEPER);
        parameters.publishBatch(headOf(2, clock), 0, bytesOf(1));
        admit(KEEPER, IParameters.Power.QUORUM, 100, 0);
        vm.expectRevert(abi.encodeWithSelector(IParameters.WrongSequence.selector, 1, 2));
        vm.prank(KEEPER);
        parameters.publishBatch(headOf(1, clock), 0, bytesOf(1));
    }

    function test_a_number_other_than_the_writers_next_is_refused() public {
        uint256[3] memory wrong = [uint256(1), 3, 0];
        bytes memory entries = restateAll();
        for (uint256 i; i < wrong.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IParameters.WrongSequence.selector, wrong[i], 2));
            vm.prank(KEEPER);
            parameters.publishBatch(headOf(wrong[i], clock), 0, entries);
        }
    }

    function test_a_batch_after_its_deadline_is_refused() public {
        bytes memory entries = restateAll();
        vm.expectRevert(abi.encodeWithSelector(IParameters.DeadlinePassed.selector, clock - 1, clock));
        vm.prank(KEEPER);
        parameters.publishBatch(headOf(2, clock - 1), 0, entries);
        vm.prank(KEEPER);
        parameters.publishBatch(headOf(2, clock), 0, entries);
    }

    function test_entries_are_14_bytes_each_and_at_least_one() public {
        uint256[5] memory lengths = [uint256(0), 1, 13, 15, 27];
        for (uint256 i; i < lengths.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IParameters.BadEntries.selector, lengths[i]));
            vm.prank(KEEPER);
            parameters.publishBatch(headOf(2, clock), 0, new bytes(lengths[i]));
        }
    }

    function test_ids_that_are_no_market_are_skipped() public {
        uint16[4] memory ids = [uint16(0), 5, 4_096, 65_535];
        for (uint256 i; i < ids.length; ++i) {
            refused(KEEPER, entry(ids[i], 2_400, 1_800, LIMIT), R.UNKNOWN_MARKET, "id 0 is never a market, nor one not listed");
        }
    }

    function test_an_entry_made_before_a_move_does_not_apply_after_it() public {
        setLimits(2, calm());
        uint256 before = entry(1, 2_700, 1_800, LIMIT);
        change(1, 2, address(0));
        refused(KEEPER, before, R.WRONG_GENERATION, "made for the market as it was");
        send(KEEPER, entry(1, 2_700, 1_800, LIMIT));
    }

    function test_asOf_in_the_future_is_skipped_so_it_cannot_lock_the_market() public {
        refused(KEEPER, entryAsOf(1, 2_500, 1_800, LIMIT, minute() + 1), R.ASOF_IN_FUTURE, "not yet");
        refused(KEEPER, entryAsOf(1, 2_500, 1_800, LIMIT, (1 << 25) - 1), R.ASOF_IN_FUTURE, "the latest there is");
    }

    function test_asOf_older_than_the_class_takes_is_skipped_even_to_tighten() public {
        pass(6 hours);
        send(KEEPER, entryAsOf(1, 2_500, 1_800, LIMIT, minute() - 360));
        refused(KEEPER, entryAsOf(1, 2_600, 1_800, LIMIT, minute() - 361), R.ASOF_TOO_OLD, "a minute too old");
    }

    function test_values_beyond_the_loosest_bounds_are_skipped() public {
        IParameters.Limits memory limits = calm();
        (limits.minInitialBps, limits.minMaintenanceBps) = (2_400, 1_800);
        setLimits(0, limits);
        refused(QUORUM, entry(1, 2_399, 1_800, LIMIT), R.TOO_LOOSE, "initial");
        refused(QUORUM, entry(1, 2_400, 1_799, LIMIT), R.TOO_LOOSE, "target");
        refused(QUORUM, entry(1, 2_400, 1_800, HIGHEST + 1), R.TOO_LOOSE, "exposure limit");
    }

    function test_values_beyond_the_tightest_bounds_are_skipped() public {
        refused(KEEPER, entry(1, 5_001, 1_800, LIMIT), R.TOO_TIGHT, "initial");
        refused(KEEPER, entry(4, 9_000, 8_001, LIMIT), R.TOO_TIGHT, "target");
        refused(KEEPER, entry(1, 2_400, 1_800, LOWEST - 1), R.TOO_TIGHT, "exposure limit");
        send(KEEPER, entry(1, 5_000, 4_500, LOWEST));
    }

    function test_a_tight_bound_that_moved_past_the_stored_values_lets_them_walk_back() public {
        send(KEEPER, entry(1, 5_000, 4_500, LOWEST));
        IParameters.Limits memory limits = calm();
        (limits.maxInitialBps, limits.maxMaintenanceBps) = (4_000, 3_500);
        setLimits(0, limits);
        vm.prank(GOVERNANCE);
        parameters.changeMarket(1, IParameters.MarketSetting(0, LIMIT, HIGHEST, address(0)));
        pass(60);
        send(KEEPER, entry(1, 4_980, 4_500, LOWEST));
        pass(60);
        refused(KEEPER, entry(1, 4_981, 4_500, LOWEST), R.TOO_TIGHT, "never further up");
        refused(KEEPER, entry(1, 4_980, 4_501, LOWEST), R.TOO_TIGHT, "never further up");
        refused(KEEPER, entry(1, 4_980, 4_500, LOWEST - 1), R.TOO_TIGHT, "never further down");
    }

    function test_initial_keeps_its_gap_above_target_and_effective_maintenance() public {
        refused(KEEPER, entry(1, 2_400, 2_101, LIMIT), R.GAP_TOO_SMALL, "above the target");
        send(KEEPER, entry(1, 2_400, 2_100, LIMIT));
        passAlive(10 days);
        equal(maintenanceOf(1), 1_900, "a third of the way");
        pass(60);
        refused(KEEPER, entry(1, 2_199, 1_800, LIMIT), R.GAP_TOO_SMALL, "above effective maintenance");
    }

    function test_one_market_twice_in_a_batch_is_judged_twice() public {
        bytes memory entries = bytes.concat(bytesOf(entry(1, 2_500, 1_800, LIMIT)), bytesOf(entry(1, 2_450, 1_800, LIMIT)));
        send(KEEPER, entries);
        equal(initialOf(1), 2_500, "the second loosens with data that is not newer");
    }

    function test_a_batch_says_the_reason_of_its_first_market_when_none_applies() public {
        bytes memory entries = bytes.concat(bytesOf(entry(2, 5_001, 1_800, LIMIT)), bytesOf(entry(1, 999, 1_800, LIMIT)));
        vm.expectRevert(abi.encodeWithSelector(IParameters.NoMarketApplied.selector, uint16(2), uint8(R.TOO_TIGHT)));
        vm.prank(KEEPER);
        parameters.publishBatch(headOf(2, clock), 0, entries);
    }

    /// @dev Any entry of any writer: applied as the preview says, which is as submitted, its tightening or nothing (I18).
    function testFuzz_a_market_is_applied_as_previewed_or_left_as_it_was(uint112 any, uint256 seed) public {
        pass(bound(seed, 0, 30 hours));
        address writer = seed % 2 == 0 ? KEEPER : QUORUM;
        uint16 id = uint16(bound(seed >> 8, 1, 4));
        uint256 numbers = uint256(any) & ((1 << 61) - 1) & ~uint256(1 << 13 | 1 << 28);
        if (seed & 4 == 0) {
            // Near what is stored: most of the first kind break a bound.
            uint256 initial = stored(id, M.INITIAL) + bound(seed >> 16, 0, 120) - 60;
            numbers = stored(id, M.TARGET) + bound(seed >> 24, 0, 40) - 20 | initial << 14
                | (65_535 - (LIMIT + bound(seed >> 32, 0, 200) - 100)) << 29 | numbers >> 45 << 45;
        }
        uint256 asOf = minute() - bound(seed >> 40, 0, 20);
        uint256 one = numbers | stored(id, M.GENERATION) << 61 | asOf << 66 | uint256(id) << 96;
        if (seed & 8 == 0) one |= 1 << 13;
        uint256 before = word(id);
        (uint8 reason,,, uint256 applies) = parameters.preview(writer, bytes14(uint112(one)));
        vm.prank(writer);
        (bool ok,) = address(parameters).call(
            abi.encodeCall(IParameters.publishBatch, (headOf(sequenceOf[writer] + 1, clock), 0, bytesOf(one)))
        );
        isTrue(ok == (applies != 0), "I18: the preview says what a batch does");
        if (reason == 0) equal(word(id) & ((1 << 61) - 1), numbers, "as submitted");
        else if (!ok) equal(word(id), before, "or not at all");
        else isTrue(word(id) & N.ALL == applies && atLeast(applies, before) == N.GUARDS, "or what tightens");
    }
}
