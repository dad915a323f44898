// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircutProbe} from "../../../contracts/interfaces/IHaircutProbe.sol";
import {IParameters} from "../../../contracts/parameters/IParameters.sol";
import {R} from "../../../contracts/parameters/Reasons.sol";
import {M, N} from "../../../contracts/parameters/Words.sol";
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
        refused(QUORUM, entry(1, 5_001, 1_800, LIMIT) | OR_TIGHTER, R.TOO_TIGHT, "past its bounds");
        refused(QUORUM, entry(1, 4_000, 3_800, LIMIT) | OR_TIGHTER, R.GAP_TOO_SMALL, "without its gap");
        refused(QUORUM, entryAsOf(1, 4_000, 1_800, LIMIT, minute() - 361) | OR_TIGHTER, R.ASOF_TOO_OLD, "too old");
    }

    /// @dev Six hours of ttl have passed, eighteen are left of the new one: they would all have moved maintenance at once.
    function test_a_stale_market_is_not_made_fresh_by_a_class_with_a_longer_ttl() public {
        send(KEEPER, entry(4, 5_000, 4_000, LIMIT));
        pass(18 hours);
        uint256 before = maintenanceOf(4);
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadLimits.selector, "ttlHours", 24, 6));
        change(4, 0, address(0));
        setManually(held(4, 5_000, 4_000, LIMIT, 0));
        change(4, 0, address(0));
        equal(maintenanceOf(4), before, "I3: no call moves maintenance in its own block");
    }

    /// @dev Who reads by pair was liquidated by a listing.
    function test_a_lister_moves_no_maintenance_of_a_pair_listed_again() public {
        vm.prank(GOVERNANCE);
        parameters.delistMarket(1);
        IParameters.MarketListing memory again = listing(address(tokens[0]), 1);
        (again.initialBps, again.maintenanceBps) = (5_000, 4_000);
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadLimits.selector, "classId", 1, 0));
        vm.prank(LISTER);
        parameters.listMarket(again);
        again.classId = 0;
        vm.prank(LISTER);
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
        vm.prank(LISTER);
        parameters.listMarket(again);
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
