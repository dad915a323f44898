// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {IParameters} from "../../../contracts/parameters/IParameters.sol";
import {R} from "../../../contracts/parameters/Reasons.sol";
import {M} from "../../../contracts/parameters/Words.sol";
import {vm} from "../support/Vm.sol";
import {World} from "./World.sol";

/// @dev What governance may not set, and what happens to markets that it lists, moves and delists.
contract GoverningTest is World {
    function setUp() public {
        world();
    }

    function bad(string memory what, IParameters.Limits memory limits, uint256 given, uint256 allowed) private {
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadLimits.selector, what, given, allowed));
        setLimits(2, limits);
    }

    /// @dev By the order of the fields in the struct.
    function with(uint256 field, uint256 value) private pure returns (IParameters.Limits memory limits) {
        limits = calm();
        assembly ("memory-safe") {
            mstore(add(limits, mul(32, field)), value)
        }
    }

    function test_the_speed_of_every_class_gives_thirty_days_notice() public {
        bad("tightenSpeedBpsPer30Days", with(6, 301), 301, 300);
        setLimits(2, with(6, 300));
    }

    function test_limits_that_contradict_each_other_are_refused() public {
        bad("maxInitialBps", with(1, 10_001), 10_001, 10_000);
        bad("minInitialBps", with(0, 5_001), 5_001, 5_000);
        bad("minInitialBps", with(0, 0), 0, 1);
        bad("minMaintenanceBps", with(2, 4_501), 4_501, 4_500);
        IParameters.Limits memory limits = with(3, 8_192);
        limits.maxInitialBps = 10_000;
        bad("maxMaintenanceBps", limits, 8_192, 8_191);
        bad("minGapBps", with(4, 0), 0, 1);
        bad("minGapBps", with(4, 4_096), 4_096, 4_095);
        bad("loosenSpeedBpsPer30Days", with(7, 4_096), 4_096, 4_095);
        bad("maxInitialBps", with(3, 4_701), 5_000, 5_001);
        bad("liquidationBonusBps", with(5, 8_192), 8_192, 8_191);
        bad("minMaintenanceBps", with(2, 476), 476, 477);
        bad("decayHours", with(9, 0), 0, 1);
        bad("decayHours", with(9, 64), 64, 63);
        bad("ttlHours", with(8, 64), 64, 63);
        bad("maxAgeMinutes", with(11, 0), 0, 1);
        bad("ttlHours", with(11, 1_441), 1_440, 1_441);
        bad("staleInitialCapBps", with(10, 10_001), 10_001, 10_000);
        bad("staleInitialCapBps", with(10, 4_999), 4_999, 5_000);
        bad("quorumStepBps", with(13, 4_096), 4_096, 4_095);
        bad("hotStepBps", with(12, 201), 201, 200);
        bad("quorumBudgetBps", with(15, 256), 256, 255);
        bad("hotBudgetBps", with(14, 101), 101, 100);
        bad("quorumRaiseStep", with(17, 4_096), 4_096, 4_095);
        bad("hotRaiseStep", with(16, 121), 121, 120);
        bad("quorumRaiseBudget", with(19, 4_096), 4_096, 4_095);
        bad("hotRaiseBudget", with(18, 201), 201, 200);
    }

    function test_a_gap_or_bonus_that_present_values_break_is_refused() public {
        IParameters.Limits memory limits = calm();
        (limits.minGapBps, limits.maxMaintenanceBps) = (601, 4_000);
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadLimits.selector, "minGapBps", 601, 600));
        setLimits(0, limits);
        limits = calm();
        (limits.liquidationBonusBps, limits.minMaintenanceBps) = (2_196, 1_801);
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadLimits.selector, "liquidationBonusBps", 2_196, 2_195));
        setLimits(0, limits);
        // Of the markets of another class nothing is asked, nor of one delisted.
        setLimits(5, limits);
        for (uint16 id = 1; id <= 3; ++id) {
            vm.prank(GOVERNANCE);
            parameters.delistMarket(id);
        }
        setLimits(0, limits);
    }

    function test_a_class_is_one_of_64_and_defined_before_it_is_used() public {
        vm.expectRevert(abi.encodeWithSelector(IParameters.UnknownClass.selector, 64));
        setLimits(64, calm());
        setLimits(63, calm());
        isTrue(parameters.storedClass(63) != 0 && parameters.storedClass(62) == 0, "stored");
        equal(parameters.storedClass(64), 0, "none");
        vm.expectRevert(abi.encodeWithSelector(IParameters.UnknownClass.selector, 62));
        change(1, 62, address(0));
        vm.expectRevert(abi.encodeWithSelector(IParameters.UnknownClass.selector, 64));
        change(1, 64, address(0));
        vm.expectRevert(abi.encodeWithSelector(IParameters.UnknownClass.selector, 7));
        holdClassAs(GUARDIAN, 7);
    }

    function list(IParameters.MarketListing memory one) private returns (uint16) {
        vm.prank(LISTER);
        return parameters.listMarket(one);
    }

    function test_a_listing_is_checked() public {
        IParameters.MarketListing memory one = listing(address(tokens[0]), 0);
        vm.expectRevert(abi.encodeWithSelector(IParameters.MarketExists.selector, address(tokens[0]), USD, 1));
        list(one);
        one.debt = STRANGER;
        vm.expectRevert(abi.encodeWithSelector(IParameters.NotAContract.selector, STRANGER));
        list(one);
        (one.debt, one.collateral) = (USD, STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IParameters.NotAContract.selector, STRANGER));
        list(one);
        one = listing(address(parameters), 9);
        vm.expectRevert(abi.encodeWithSelector(IParameters.UnknownClass.selector, 9));
        list(one);
        one = listing(address(parameters), 0);
        one.maintenanceBps = 2_101;
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadValues.selector, uint8(R.GAP_TOO_SMALL), 2_400, 2_401));
        list(one);
        one = listing(address(parameters), 0);
        one.lowestLimit = 0;
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadLimits.selector, "lowestLimit", 0, 1));
        list(one);
        (one.lowestLimit, one.highestLimit) = (HIGHEST, LOWEST);
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadLimits.selector, "highestLimit", 64, 16_384));
        list(one);
        one = listing(address(parameters), 0);
        one.limit = HIGHEST + 1;
        (uint256 given, uint256 allowed) = (1_800 | 2_400 << 14, 700 | 1_000 << 14);
        given |= uint256(65_535 - one.limit) << 29;
        allowed |= uint256(65_535 - HIGHEST) << 29;
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadValues.selector, uint8(R.TOO_LOOSE), given, allowed));
        list(one);
        one.limit = LOWEST - 1;
        given = 1_800 | 2_400 << 14 | uint256(65_535 - one.limit) << 29;
        allowed = 4_500 | 5_000 << 14 | uint256(65_535 - LOWEST) << 29;
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadValues.selector, uint8(R.TOO_TIGHT), given, allowed));
        list(one);
    }

    function test_a_new_market_reads_at_once_and_takes_its_first_update() public {
        equal(list(listing(address(parameters), 0)), 5, "ids count from 1");
        IHaircuts.Haircuts memory reads = parameters.haircuts(5);
        isTrue(reads.initialBps == 2_400 && reads.maintenanceBps == 1_800, "as listed");
        equal(reads.asOf, clock - 360 minutes, "as data of the class's greatest age");
        equal(parameters.marketOf(address(parameters), USD), 5, "by pair");
        equal(parameters.marketCount(), 5, "counted");
        send(KEEPER, entry(5, 2_390, 1_800, LIMIT + 10));
    }

    function test_there_are_at_most_512_markets() public {
        // It is the low bits of its slot.
        uint256 slot = 65_536 + 64;
        while (uint256(vm.load(address(parameters), bytes32(slot))) & 0xffff != MARKETS) ++slot;
        uint256 full = uint256(vm.load(address(parameters), bytes32(slot))) >> 16 << 16 | 512;
        vm.store(address(parameters), bytes32(slot), bytes32(full));
        equal(parameters.marketCount(), 512, "the slot was found");
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadLimits.selector, "markets", 513, 512));
        list(listing(address(parameters), 0));
    }

    function test_moving_a_market_touches_no_neighbour_and_no_value() public {
        (uint256 second, uint256 third) = (word(2), word(3));
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadLimits.selector, "minGapBps", 900, 600));
        change(1, 1, address(0));
        send(KEEPER, entry(1, 2_700, 1_800, LIMIT));
        second = word(2);
        IHaircuts.Haircuts memory before = parameters.haircuts(1);
        vm.expectEmit(true, true, true, true, address(parameters));
        emit IParameters.MarketChanged(1, IParameters.MarketSetting(1, LOWEST, HIGHEST, address(0)), 17);
        change(1, 1, address(0));
        isTrue(keccak256(abi.encode(before)) == keccak256(abi.encode(parameters.haircuts(1))), "no value moved");
        isTrue(word(2) == second && word(3) == third, "I6: a market that is not named does not change");
        isTrue(stored(1, M.TIGHTEN_SPEED) == 900 && stored(1, M.TTL) == 6 && stored(1, M.CLASS) == 1, "of its new class");
        for (uint256 i; i < 16; ++i) change(1, i % 2 == 0 ? 0 : 1, address(0));
        equal(stored(1, M.GENERATION), 17, "modulo 16, and never 0");
    }

    function test_a_bonus_that_the_values_break_stops_a_move() public {
        IParameters.Limits memory limits = calm();
        (limits.liquidationBonusBps, limits.minMaintenanceBps) = (2_196, 1_801);
        setLimits(5, limits);
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadLimits.selector, "liquidationBonusBps", 2_196, 2_195));
        change(1, 5, address(0));
    }

    function test_the_bounds_of_a_limit_move_no_limit() public {
        vm.prank(GOVERNANCE);
        parameters.changeMarket(1, IParameters.MarketSetting(0, 10, 2_000, address(0)));
        equal(limitOf(1), LIMIT, "I6: never moves a value");
        equal(stored(1, M.GENERATION), 16, "the same class, the same generation");
        vm.expectRevert(abi.encodeWithSelector(IParameters.BadLimits.selector, "lowestLimit", 0, 1));
        vm.prank(GOVERNANCE);
        parameters.changeMarket(1, IParameters.MarketSetting(0, 0, 2_000, address(0)));
        vm.expectRevert(abi.encodeWithSelector(IParameters.NotAContract.selector, STRANGER));
        change(1, 0, STRANGER);
        pass(60);
        refused(KEEPER, restate(1), R.TOO_LOOSE, "but the next update has to come down to them");
        send(KEEPER, entry(1, 2_400, 1_800, 2_000));
    }

    function test_a_delisted_market_is_closed_for_ever_and_liquidates_as_it_stood() public {
        send(KEEPER, entry(1, 3_000, 2_500, LIMIT));
        pass(20 hours);
        uint256 maintenance = maintenanceOf(1);
        uint256 late = restate(1);
        vm.prank(GOVERNANCE);
        parameters.delistMarket(1);
        pass(40 days);
        IHaircuts.Haircuts memory reads = parameters.haircuts(address(tokens[0]), USD);
        isTrue(reads.initialBps == 10_000 && reads.mode == IHaircuts.Mode.NO_NEW_RISK, "no new risk");
        equal(reads.maintenanceBps, maintenance, "maintenance where it stood: reads by id and pair go on");
        isTrue(!mayGrow(1), "no more");
        refused(QUORUM, late, R.UNKNOWN_MARKET, "no writer moves it");
        bytes[4] memory calls = [
            abi.encodeCall(IParameters.setMode, (1, IHaircuts.Mode.NORMAL)),
            abi.encodeCall(IParameters.delistMarket, (1)),
            abi.encodeCall(IParameters.changeMarket, (1, IParameters.MarketSetting(0, LOWEST, HIGHEST, address(0)))),
            abi.encodeCall(IParameters.setManually, (held(1, 2_400, 1_800, LIMIT, 0)))
        ];
        for (uint256 i; i < calls.length; ++i) {
            vm.prank(GOVERNANCE);
            (bool ok, bytes memory data) = address(parameters).call(calls[i]);
            isTrue(!ok && bytes4(data) == IHaircuts.UnknownMarket.selector, "nor does governance");
        }
    }

    function test_a_pair_delisted_may_be_listed_again_under_another_id() public {
        vm.prank(GOVERNANCE);
        parameters.delistMarket(1);
        vm.prank(GOVERNANCE);
        equal(parameters.listMarket(listing(address(tokens[0]), 0)), 5, "an id is never used twice");
        equal(parameters.marketOf(address(tokens[0]), USD), 5, "the pair is the new one");
        equal(initialOf(1), 10_000, "the old id stays closed");
        equal(initialOf(5), 2_400, "the new one is open");
    }
}
