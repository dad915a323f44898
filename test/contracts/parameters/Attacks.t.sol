// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IHaircutProbe} from "../../../contracts/interfaces/IHaircutProbe.sol";
import {IParameters} from "../../../contracts/parameters/IParameters.sol";
import {R} from "../../../contracts/parameters/Reasons.sol";
import {A, get, M, N} from "../../../contracts/parameters/Words.sol";
import {vm} from "../support/Vm.sol";
import {World} from "./World.sol";

/// @dev Answers with as much as its gas pays for.
contract ReturnBomb is IHaircutProbe {
    function mayLoosen(uint16, uint16, uint16) external pure returns (bool) {
        assembly {
            return(0, 180000)
        }
    }
}

/// @dev Reverts with what would be a yes.
contract RevertingProbe is IHaircutProbe {
    function mayLoosen(uint16, uint16, uint16) external pure returns (bool) {
        assembly {
            mstore(0, 1)
            revert(0, 32)
        }
    }
}

/// @dev What got through when somebody other than its builder tried to break the core.
contract AttacksTest is World {
    uint256 private constant OR_TIGHTER = 1 << 13;

    function setUp() public {
        world();
    }

    /// @dev Without the flag one basis point in another number turns a tightening into a loosening of older data.
    function test_a_tightening_lands_behind_a_thief_who_tightens_another_number_first() public {
        uint256 honest = entryAsOf(1, 4_000, 1_800, LIMIT, minute() - 3);
        send(KEEPER, entry(1, 2_400, 1_801, LIMIT - 1));
        holdClassAs(GUARDIAN, 0);
        refused(QUORUM, honest, R.ASOF_NOT_INCREASING, "whole or not at all");
        send(QUORUM, honest | OR_TIGHTER);
        isTrue(initialOf(1) == 4_000 && stored(1, M.TARGET) == 1_801 && limitOf(1) == LIMIT - 1, "I13: the tighter of each");
        equal(parameters.haircuts(1).asOf, clock, "I7: asOf only goes up");
        equal(stored(1, N.INITIAL) & 1, 0, "nothing of the flag is stored");
    }

    /// @dev I13 against any entry of a thief in the same block.
    function testFuzz_no_entry_before_mine_keeps_a_number_of_mine_from_tightening(uint256 seed, uint256 theirs) public {
        pass(60);
        uint256 initial = bound(seed, 2_100, 5_000);
        uint256 target = bound(seed >> 16, 1_800, initial - 300 < 4_500 ? initial - 300 : 4_500);
        uint256 limit = bound(seed >> 32, LOWEST, HIGHEST);
        uint256 honest = entryAsOf(1, initial, target, limit, minute() - bound(seed >> 48, 0, 360)) | OR_TIGHTER;
        uint256 other = bound(theirs, 2_350, 5_000);
        uint256 below = bound(theirs >> 16, 1_720, other - 300 < 4_500 ? other - 300 : 4_500);
        uint256 thief = entry(1, other, below, bound(theirs >> 32, LOWEST, LIMIT + 60));
        if (refusal(KEEPER, thief) == 0) send(KEEPER, thief);
        if (theirs & 1 << 255 != 0) holdClassAs(GUARDIAN, 0);
        (uint256 was, uint256 to, uint256 at) = (stored(1, M.INITIAL), stored(1, M.TARGET), limitOf(1));
        bool whole = refusal(QUORUM, honest ^ OR_TIGHTER) == 0;
        send(QUORUM, honest);
        if (!whole) {
            (initial, target) = (initial > was ? initial : was, target > to ? target : to);
            if (at < limit) limit = at;
        }
        isTrue(stored(1, M.INITIAL) == initial && stored(1, M.TARGET) == target && limitOf(1) == limit, "I13");
    }

    function test_what_the_flag_leaves_of_an_entry_is_previewed_and_said() public {
        uint256 one = entry(1, 2_319, 1_850, LIMIT - 9) | OR_TIGHTER;
        (uint8 reason, uint256 given, uint256 allowed, uint256 numbers) =
            parameters.preview(KEEPER, bytes14(uint112(one)));
        isTrue(reason == R.STEP_TOO_LARGE && given == one & N.ALL, "what loosens is refused");
        equal(numbers, entry(1, 2_400, 1_850, LIMIT - 9) & N.ALL, "what tightens is not");
        vm.expectEmit(true, true, true, true, address(parameters));
        emit IParameters.LooseningSkipped(1, uint8(R.STEP_TOO_LARGE), given, allowed);
        send(KEEPER, one);
        equal(word(1) & N.ALL, numbers, "I18: the preview says what a batch does");
        (reason,,, numbers) = parameters.preview(KEEPER, bytes14(uint112(entry(1, 2_400, 1_849, LIMIT))));
        isTrue(reason == R.ASOF_NOT_INCREASING && numbers == 0, "without the flag: nothing");
    }

    function test_what_is_asked_for_in_vain_counts_towards_the_trip_with_the_flag_too() public {
        admit(KEEPER, IParameters.Power.HOT, 0, 49);
        send(KEEPER, entry(1, 2_350, 1_850, LIMIT) | OR_TIGHTER);
        equal(stored(1, M.TARGET), 1_850, "what tightens lands");
        refused(KEEPER, entry(2, 2_400, 1_800, LIMIT + 1), R.TIGHTEN_ONLY, "tripped");
    }

    function test_the_flag_mends_no_entry_that_is_wrong_in_itself() public {
        refused(QUORUM, entry(1, 5_001, 1_800, LIMIT), R.TOO_TIGHT, "past its bounds, without the flag");
        refused(QUORUM, entry(1, 999, 690, LIMIT) | OR_TIGHTER, R.TOO_LOOSE, "looser than they are");
        refused(QUORUM, entry(1, 4_000, 3_800, LIMIT) | OR_TIGHTER, R.GAP_TOO_SMALL, "without its gap");
        refused(QUORUM, entryAsOf(1, 4_000, 1_800, LIMIT, minute() - 361) | OR_TIGHTER, R.ASOF_TOO_OLD, "too old");
    }

    /// @dev Six hours of ttl have passed, eighteen are left of the new one: they would all have moved maintenance at once.
    function test_a_stale_market_is_not_made_fresh_by_a_class_with_a_longer_ttl() public {
        send(KEEPER, entry(4, 5_000, 4_000, LIMIT));
        pass(18 hours);
        uint256 before = maintenanceOf(4);
        IParameters.Limits memory longer = wide();
        longer.ttlHours = 24;
        setLimits(2, longer);
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadLimits.selector, "ttlHours", 24, 6));
        change(4, 2, address(0));
        setManually(held(4, 5_000, 4_000, LIMIT, 0));
        change(4, 2, address(0));
        equal(maintenanceOf(4), before, "I3: no call moves maintenance in its own block");
    }

    /// @dev Who reads by pair was liquidated by a listing.
    function test_no_maintenance_moves_of_a_pair_listed_again() public {
        vm.prank(GOVERNANCE);
        parameters.delistMarket(1);
        IParameters.MarketListing memory again = listing(address(tokens[0]), 1);
        (again.initialBps, again.maintenanceBps) = (5_000, 4_000);
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadLimits.selector, "classId", 1, 0));
        vm.prank(GOVERNANCE);
        parameters.listMarket(again);
        again.classId = 0;
        vm.prank(GOVERNANCE);
        parameters.listMarket(again);
        equal(parameters.haircuts(address(tokens[0]), USD).maintenanceBps, 1_800, "I3: it goes on where it stood");
        isTrue(stored(5, M.TARGET) == 4_000 && initialOf(5) == 5_000, "towards what is listed");
        sequenceOf[KEEPER] = 1;
        for (uint256 end = clock + 30 days; clock < end;) {
            pass(6 hours);
            send(KEEPER, restate(5));
        }
        equal(maintenanceOf(5), 2_100, "I22: by the gap in thirty days");
    }

    function test_a_pair_listed_again_keeps_what_limits_ask_of_its_maintenance() public {
        vm.prank(GOVERNANCE);
        parameters.delistMarket(1);
        IParameters.Limits memory limits = calm();
        (limits.liquidationBonusBps, limits.minMaintenanceBps) = (2_196, 1_801);
        for (uint16 id = 2; id < 4; ++id) {
            vm.prank(GOVERNANCE);
            parameters.delistMarket(id);
        }
        setLimits(0, limits);
        IParameters.MarketListing memory again = listing(address(tokens[0]), 0);
        again.maintenanceBps = 1_900;
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadLimits.selector, "liquidationBonusBps", 2_196, 2_195));
        vm.prank(GOVERNANCE);
        parameters.listMarket(again);
    }

    // --------------------------------------------------------------------------- what a second reader broke

    function tripped(address writer) private view returns (bool) {
        return get(parameters.storedWriter(writer), A.TIGHTEN_ONLY) != 0;
    }

    /// @dev A keeper that only restates what it saw was tripped by another hot key's tightenings, in three rounds.
    function test_another_keys_tightening_before_a_heartbeat_trips_neither_keeper_nor_quorum() public {
        address[2] memory honest = [KEEPER, QUORUM];
        admit(KEEPER, IParameters.Power.HOT, 100, 200);
        admit(QUORUM, IParameters.Power.QUORUM, 200, 400);
        for (uint256 h; h < 2; ++h) {
            pass(8 hours);
            send(SECOND_KEEPER, restateAll());
            for (uint256 round; round < 12; ++round) {
                // Numbers that have stood for a while, and what was made of them a moment ago.
                pass(30 minutes);
                bytes memory heartbeat;
                bytes memory theft;
                for (uint16 id = 1; id <= 4; ++id) {
                    (uint256 initial, uint256 target) = (stored(id, M.INITIAL), stored(id, M.TARGET));
                    heartbeat = bytes.concat(heartbeat, bytesOf(entry(id, initial, target, limitOf(id)) | OR_TIGHTER));
                    theft = bytes.concat(theft, bytesOf(entryAsOf(id, initial + 50, target, limitOf(id), minute() - 20)));
                }
                send(SECOND_KEEPER, theft);
                pass(9 minutes);
                send(honest[h], heartbeat);
            }
            isTrue(!tripped(honest[h]), "an honest writer is not tripped by what another does");
        }
    }

    function test_who_asks_in_vain_of_numbers_that_it_could_see_is_counted() public {
        admit(KEEPER, IParameters.Power.HOT, 0, 49);
        send(SECOND_KEEPER, entry(1, 2_450, 1_800, LIMIT));
        pass(9 minutes);
        send(KEEPER, bytes.concat(bytesOf(entry(1, 2_400, 1_800, LIMIT)), bytesOf(restate(2))));
        isTrue(!tripped(KEEPER), "nine minutes after they changed: no");
        pass(1 minutes);
        send(KEEPER, bytes.concat(bytesOf(entry(1, 2_400, 1_800, LIMIT)), bytesOf(restate(2))));
        isTrue(tripped(KEEPER), "ten: yes");
    }

    function numbersOf(address writer, uint256 one) private view returns (uint8 reason, uint256 numbers) {
        (reason,,, numbers) = parameters.preview(writer, bytes14(uint112(one)));
    }

    /// @dev A bound that governance moved past what is stored, then a thief that loosens by one notch.
    function test_a_thief_who_loosens_past_a_moved_bound_makes_no_tightening_too_tight() public {
        vm.prank(GOVERNANCE);
        parameters.changeMarket(1, IParameters.MarketSetting(0, LIMIT + 50, HIGHEST, address(0)));
        uint256 honest = entry(1, 4_000, 1_900, LIMIT) | OR_TIGHTER;
        equal(refusal(QUORUM, honest), 0, "it would apply");
        send(SECOND_KEEPER, entry(1, 2_400, 1_800, LIMIT + 1));
        (uint8 why, uint256 numbers) = numbersOf(QUORUM, honest);
        equal(why, R.TOO_TIGHT, "the limit alone");
        equal(numbers, entry(1, 4_000, 1_900, LIMIT + 1) & N.ALL, "I13: as far as the bounds allow");
        vm.expectEmit(true, true, true, true, address(parameters));
        emit IParameters.LooseningSkipped(1, uint8(R.TOO_TIGHT), honest & N.ALL, entry(1, 5_000, 4_500, LIMIT + 50) & N.ALL);
        send(QUORUM, honest);
        equal(word(1) & N.ALL, numbers, "I18");
        refused(QUORUM, honest ^ OR_TIGHTER, R.TOO_TIGHT, "without the flag whole or not at all");
    }

    function test_the_same_with_initial_and_a_bound_of_its_class() public {
        pass(60);
        send(KEEPER, entry(1, 4_800, 1_800, LIMIT));
        IParameters.Limits memory limits = calm();
        (limits.maxInitialBps, limits.maxMaintenanceBps) = (4_000, 3_000);
        setLimits(0, limits);
        pass(60);
        uint256 honest = entry(1, 4_800, 3_100, LOWEST) | OR_TIGHTER;
        send(SECOND_KEEPER, entry(1, 4_799, 1_800, LIMIT));
        send(QUORUM, honest);
        equal(word(1) & N.ALL, entry(1, 4_799, 3_000, LOWEST) & N.ALL, "target to its bound, initial as stored, the limit down");
        send(QUORUM, entry(2, 4_800, 3_100, LIMIT) | OR_TIGHTER);
        equal(word(2) & N.ALL, entry(2, 4_000, 3_000, LIMIT) & N.ALL, "and each to its bound where it is not past it");
    }

    /// @dev Another key raised the target; a tick later mine at the edge of the gap was refused whole.
    function test_a_tick_of_maintenance_makes_no_tightening_break_the_gap() public {
        setManually(held(1, 2_100, 1_800, LIMIT, 0));
        uint256 honest = entry(1, 2_100, 1_800, LOWEST) | OR_TIGHTER;
        send(SECOND_KEEPER, entry(1, 2_101, 1_801, LIMIT));
        while (maintenanceOf(1) == 1_800) pass(60);
        equal(refusal(QUORUM, honest), R.GAP_TOO_SMALL, "its own initial is too low by now");
        send(QUORUM, honest);
        equal(word(1) & N.ALL, entry(1, 2_101, 1_801, LOWEST) & N.ALL, "I13: the limit goes to its lowest all the same");
    }

    /// @dev Bounds moved anywhere, values anywhere, and any entry that keeps its own gap.
    function testFuzz_what_the_flag_applies_is_never_looser_nor_past_a_bound_that_stored_is_not(uint256 seed) public {
        send(KEEPER, entry(1, bound(seed, 2_350, 5_000), 1_800, bound(seed >> 16, LOWEST, LIMIT + 60)));
        IParameters.Limits memory limits = calm();
        limits.maxInitialBps = bound(seed >> 32, 2_000, 5_000);
        limits.maxMaintenanceBps = bound(seed >> 48, 1_500, limits.maxInitialBps - 300);
        setLimits(0, limits);
        uint16 lowest = uint16(bound(seed >> 64, LOWEST, HIGHEST));
        vm.prank(GOVERNANCE);
        parameters.changeMarket(1, IParameters.MarketSetting(0, lowest, 0xffff, address(0)));
        pass(bound(seed >> 80, 0, 3 hours));
        uint256 target = bound(seed >> 96, 700, 8_191);
        uint256 one = entryAsOf(
            1, bound(seed >> 112, target + 300, 10_000), target, bound(seed >> 128, 1, 0xffff), minute() - bound(seed >> 144, 0, 360)
        );
        uint256 was = word(1);
        send(QUORUM, one | OR_TIGHTER);
        uint256 tightest = limits.maxMaintenanceBps | limits.maxInitialBps << 14 | uint256(0xffff - lowest) << 29;
        if (refusal(QUORUM, one) == 0) return;
        uint256[3] memory fields = [N.TARGET, N.INITIAL, N.LIMIT];
        for (uint256 i; i < 3; ++i) {
            (uint256 from, uint256 given, uint256 most) = (get(was, fields[i]), get(one, fields[i]), get(tightest, fields[i]));
            uint256 to = given < most ? given : most;
            bool whole = stored(1, fields[i]) == given && get(word(1), N.LIMIT) == get(one, N.LIMIT);
            isTrue(whole || stored(1, fields[i]) == (from > to ? from : to), "I13: the tighter of each, within its bound");
        }
    }

    function test_a_lister_begins_nothing_again_that_governance_ended() public {
        vm.prank(GOVERNANCE);
        parameters.delistMarket(1);
        IParameters.MarketListing memory again = listing(address(tokens[0]), 0);
        (again.limit, again.lowestLimit, again.highestLimit) = (0xffff, 1, 0xffff);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, LISTER));
        vm.prank(LISTER);
        parameters.listMarket(again);
        isTrue(!mayGrow(1) && initialOf(1) == 10_000 && parameters.marketCount() == MARKETS, "closed, by id and by pair");
        vm.prank(GOVERNANCE);
        equal(parameters.listMarket(again), MARKETS + 1, "governance does");
    }

    function test_neither_a_class_nor_limits_loosen_a_stale_market() public {
        IParameters.Limits memory slower = wide();
        slower.decayHours = 63;
        IParameters.Limits memory lower = wide();
        lower.staleInitialCapBps = 9_499;
        setLimits(2, slower);
        setLimits(3, lower);
        pass(6 hours - 10 minutes);
        uint256 fresh = vm.snapshotState();
        setLimits(1, slower);
        vm.revertToState(fresh);
        pass(12 hours + 1 minutes);
        isTrue(initialOf(4) == 9_500 && !mayGrow(4), "stale, and at the cap");
        bytes memory decay = abi.encodeWithSelector(IParameters.BadLimits.selector, "decayHours", 63, 12);
        bytes memory cap = abi.encodeWithSelector(IParameters.BadLimits.selector, "staleInitialCapBps", 9_499, 9_500);
        vm.expectRevert(decay);
        change(4, 2, address(0));
        vm.expectRevert(cap);
        change(4, 3, address(0));
        vm.expectRevert(decay);
        setLimits(1, slower);
        vm.expectRevert(cap);
        setLimits(1, lower);
        // Limits that leave its reading alone, or raise it, are set; so is a class.
        slower.decayHours = 12;
        (slower.staleInitialCapBps, slower.ttlHours) = (9_600, 63);
        setLimits(1, slower);
        equal(initialOf(4), 9_600, "higher at once");
        (slower.ttlHours, slower.decayHours) = (6, 1);
        setLimits(2, slower);
        change(4, 2, address(0));
        equal(initialOf(4), 9_600, "in a class as strict");
        slower.decayHours = 63;
        send(KEEPER, restate(4));
        setLimits(2, slower);
        equal(initialOf(4), 4_200, "with fresh data anything may be set");
    }

    /// @dev 64 tokens became 164 in a window whose budget was meant to be a tenth.
    function test_a_small_limit_rises_by_no_more_than_its_part() public {
        send(KEEPER, entry(1, 2_400, 1_800, LOWEST));
        pass(60);
        refused(KEEPER, entry(1, 2_400, 1_800, LOWEST + 5), R.STEP_TOO_LARGE, "64 * 60 / 1024 is 3.75: four");
        send(KEEPER, entry(1, 2_400, 1_800, LOWEST + 4));
        pass(60);
        refused(KEEPER, entry(1, 2_400, 1_800, LOWEST + 8), R.STEP_TOO_LARGE, "64 * 100 / 1024 is 6.25: seven in the window");
        send(KEEPER, entry(1, 2_400, 1_800, LOWEST + 7));
        pass(60);
        refused(KEEPER, entry(1, 2_400, 1_800, LOWEST + 8), R.STEP_TOO_LARGE, "nothing is left");
        send(QUORUM, entry(1, 2_400, 1_800, LOWEST + 13));
        pass(60);
        refused(QUORUM, entry(1, 2_400, 1_800, LOWEST + 14), R.STEP_TOO_LARGE, "64 * 200 / 1024 is 12.5: thirteen");
        pass(8 hours);
        send(KEEPER, entry(1, 2_400, 1_800, LOWEST + 18));
    }

    function test_a_limit_of_one_token_rises_again() public {
        vm.prank(GOVERNANCE);
        parameters.changeMarket(1, IParameters.MarketSetting(0, 1, HIGHEST, address(0)));
        send(KEEPER, entry(1, 2_400, 1_800, 1));
        pass(60);
        send(KEEPER, entry(1, 2_400, 1_800, 2));
        pass(60);
        refused(KEEPER, entry(1, 2_400, 1_800, 3), R.STEP_TOO_LARGE, "one token a window");
        pass(8 hours);
        send(KEEPER, entry(1, 2_400, 1_800, 3));
    }

    /// @dev Any budget, any limit below 1024 tokens, any steps: a window's rise is its part of where it began, and up to a token.
    function testFuzz_a_small_limit_rises_by_no_more_than_its_part(uint256 seed) public {
        IParameters.Limits memory limits = calm();
        limits.hotRaiseStep = bound(seed, 1, 200);
        limits.hotRaiseBudget = bound(seed >> 16, 1, 1_000);
        (limits.quorumRaiseStep, limits.quorumRaiseBudget) = (limits.hotRaiseStep, limits.hotRaiseBudget);
        setLimits(0, limits);
        uint256 from = bound(seed >> 32, LOWEST, 2_000);
        send(KEEPER, entry(1, 2_400, 1_800, from));
        pass(60);
        for (uint256 i; i < 40; ++i) {
            uint256 next = limitOf(1) + bound(uint256(keccak256(abi.encode(seed, i))), 1, limits.hotRaiseStep);
            if (refusal(KEEPER, entry(1, 2_400, 1_800, next)) == 0) send(KEEPER, entry(1, 2_400, 1_800, next));
            pass(60);
        }
        isTrue(limitOf(1) * 1_024 <= from * (1_024 + limits.hotRaiseBudget) + 1_023, "its part, rounded up");
        isTrue(limitOf(1) - from <= limits.hotRaiseBudget, "I10: in notches too");
    }

    function test_the_quality_beside_an_age_is_that_of_the_same_data() public {
        send(KEEPER, entry(1, 2_500, 1_800, LIMIT) | 0xabcd << 45);
        send(SECOND_KEEPER, entryAsOf(1, 2_600, 1_800, LIMIT, minute() - 359) | 0x1111 << 45);
        isTrue(stored(1, M.QUALITY) == 0xabcd && stored(1, M.INITIAL) == 2_600, "older data: that of the newer stays");
        equal(parameters.haircuts(1).asOf, clock, "beside its time");
        send(SECOND_KEEPER, entry(1, 2_700, 1_800, LIMIT) | 0x2222 << 45);
        equal(stored(1, M.QUALITY), 0x2222, "of the same minute: the entry's");
    }

    function test_a_probe_that_reverts_with_a_yes_refuses() public {
        change(1, 0, address(new RevertingProbe()));
        pass(60);
        refused(KEEPER, entry(1, 2_390, 1_800, LIMIT), R.PROBE_REFUSED, "silence refuses");
    }

    function test_thirty_probes_that_answer_with_all_their_gas_fit_one_batch() public {
        change(1, 0, address(new ReturnBomb()));
        pass(60);
        bytes memory entries = bytesOf(entry(2, 2_500, 1_800, LIMIT));
        for (uint256 i; i < 30; ++i) entries = bytes.concat(entries, bytesOf(entry(1, 2_390, 1_800, LIMIT)));
        vm.prank(KEEPER);
        parameters.publishBatch{gas: 10_000_000}(headOf(2, clock), 0, entries);
        isTrue(initialOf(2) == 2_500 && initialOf(1) == 2_400, "its neighbour lands");
    }
}
