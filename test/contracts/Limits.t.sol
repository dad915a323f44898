// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralParameters as Params} from "../../contracts/interfaces/ICollateralParameters.sol";
import {MockERC20} from "../../contracts/mocks/MockERC20.sol";
import {vm} from "./support/Vm.sol";
import {WorldTest} from "./support/WorldTest.sol";

contract LimitsTest is WorldTest {
    function test_bounds_that_cross_or_contradict_are_refused_by_name() public {
        Params.Limits memory limits = calmLimits();
        limits.maxInitialBps = 10_001;
        refused(limits, "maxInitialBps", 10_001, 10_000);

        limits = calmLimits();
        limits.minInitialBps = 9_001;
        refused(limits, "minInitialBps", 9_001, 9_000);

        limits = calmLimits();
        limits.minMaintenanceBps = 8_501;
        refused(limits, "minMaintenanceBps", 8_501, 8_500);

        limits = calmLimits();
        limits.minGapBps = 0;
        refused(limits, "minGapBps", 0, 1);

        limits = calmLimits();
        limits.maxMaintenanceBps = 8_801;
        refused(limits, "maxInitialBps", 9_000, 9_001);

        limits = calmLimits();
        limits.minMaintenanceBps = 0;
        limits.maxMaintenanceBps = 476;
        refused(limits, "maxMaintenanceBps", 476, 477);

        limits = calmLimits();
        limits.staleInitialCapBps = 10_001;
        refused(limits, "staleInitialCapBps", 10_001, 10_000);

        limits = calmLimits();
        limits.staleInitialCapBps = 8_999;
        refused(limits, "staleInitialCapBps", 8_999, 9_000);

        limits = calmLimits();
        limits.decaySeconds = 0;
        refused(limits, "decaySeconds", 0, 1);

        limits = calmLimits();
        limits.maxAgeSeconds = 0;
        refused(limits, "maxAgeSeconds", 0, 1);

        limits = calmLimits();
        limits.ttlSeconds = 3_599;
        refused(limits, "ttlSeconds", 3_599, 3_600);
    }

    function test_a_gap_wider_than_the_present_one_is_refused_until_the_keeper_has_tightened() public {
        Params.Limits memory limits = calmLimits();
        limits.minGapBps = 401;
        refused(limits, "minGapBps", 401, 400);
        send(change(1, 2_201, 1_800));
        setLimits(1, limits);
        pass(1);
        send(change(1, 2_300, 1_850));
        limits.minGapBps = 451;
        refused(limits, "minGapBps", 451, 450);
    }

    function test_a_bonus_that_makes_present_liquidations_toxic_is_refused() public {
        Params.Limits memory limits = calmLimits();
        limits.liquidationBonusBps = 2_195;
        setLimits(1, limits);
        limits.liquidationBonusBps = 2_196;
        refused(limits, "liquidationBonusBps", 2_196, 2_195);
        // A lower target counts before maintenance has got there.
        setLimits(1, calmLimits());
        send(change(1, 2_200, 1_720));
        limits.liquidationBonusBps = 2_078;
        refused(limits, "liquidationBonusBps", 2_078, 2_077);
        // A higher target does not help before maintenance has got there.
        pass(1);
        send(change(1, 9_000, 5_000));
        limits.liquidationBonusBps = 2_196;
        refused(limits, "liquidationBonusBps", 2_196, 2_195);
    }

    function test_new_limits_are_logged_in_full_with_what_maintenance_and_budget_stood_at() public {
        send(change(1, 2_120, 1_850));
        pass(4 hours);
        Params.Limits memory limits = calmLimits();
        limits.tightenSpeedBpsPerDay = 100;
        vm.expectEmit(true, false, false, true, address(parameters));
        emit Params.LimitsChanged(1, limits, 1_825e9, 20e9 + uint64(uint256(100e9) * 4 hours / 1 days));
        setLimits(1, limits);
        isTrue(keccak256(abi.encode(parameters.limitsOf(1))) == keccak256(abi.encode(limits)), "stored as given");
    }

    function test_a_smaller_budget_cuts_what_is_left_and_a_larger_one_does_not_fill_it() public {
        Params.Limits memory limits = calmLimits();
        limits.looseningBudgetBpsPerDay = 60;
        setLimits(1, limits);
        equal(parameters.marketState(1).budgetNanoBps, 30e9, "no more than half of the new daily budget is left");
        limits.looseningBudgetBpsPerDay = 200;
        setLimits(1, limits);
        equal(parameters.marketState(1).budgetNanoBps, 30e9, "a larger budget has to refill");
    }

    function test_a_new_market_reads_as_listed_and_takes_the_first_update_at_once() public {
        MockERC20 token = new MockERC20("Wrapped Bitcoin", "WBTC", 8);
        vm.expectEmit(true, true, true, true, address(parameters));
        emit Params.MarketListed(11, address(token), USD, 2_200, 1_800, uint40(clock - 1 hours));
        vm.expectEmit(true, false, false, true, address(parameters));
        emit Params.LimitsChanged(11, calmLimits(), 1_800e9, 100e9);
        equal(list(calmListing(address(token))), 11, "ids count on");
        equal(parameters.marketOf(address(token), USD), 11, "the pair finds its id");
        equal(initialOf(11), 2_200, "the listed initial is valid at once");
        equal(maintenanceOf(11), 1_800, "the listed maintenance is valid at once");
        Params.MarketUpdate memory first = change(11, 2_300, 1_900);
        first.asOf = uint40(clock - 1 hours + 1);
        passes(first);
        pass(5 hours + 1);
        equal(initialOf(11), 2_201, "without a keeper it goes stale ttl - maxAge after listing");
    }

    function test_a_pair_is_listed_once() public {
        vm.expectRevert(abi.encodeWithSelector(Params.MarketExists.selector, address(tokens[2]), USD, 3));
        list(calmListing(address(tokens[2])));
        Params.MarketListing memory listing = calmListing(address(tokens[2]));
        listing.debt = address(tokens[0]);
        equal(list(listing), 11, "against another debt it is another market");
    }

    function test_an_address_without_code_is_no_asset() public {
        vm.expectRevert(abi.encodeWithSelector(Params.NotAnAsset.selector, STRANGER));
        list(calmListing(STRANGER));
        Params.MarketListing memory listing = calmListing(address(parameters));
        listing.debt = address(841);
        vm.expectRevert(abi.encodeWithSelector(Params.NotAnAsset.selector, address(841)));
        list(listing);
    }

    function test_a_listing_that_breaks_its_own_limits_is_refused() public {
        Params.MarketListing memory listing = calmListing(address(parameters));
        listing.initialBps = 999;
        badListing(listing, Params.SkipReason.INITIAL_OUT_OF_BOUNDS, 999, 1_000);
        listing = calmListing(address(parameters));
        listing.maintenanceBps = 8_501;
        badListing(listing, Params.SkipReason.MAINTENANCE_OUT_OF_BOUNDS, 8_501, 8_500);
        listing = calmListing(address(parameters));
        listing.maintenanceBps = 2_001;
        badListing(listing, Params.SkipReason.GAP_TOO_SMALL, 2_200, 2_201);
        listing = calmListing(address(parameters));
        listing.maintenanceBps = 476;
        badListing(listing, Params.SkipReason.TOXIC_LIQUIDATION, 476, 477);
        listing = calmListing(address(parameters));
        listing.limits.decaySeconds = 0;
        vm.expectRevert(abi.encodeWithSelector(Params.BadLimits.selector, "decaySeconds", 0, 1));
        list(listing);
    }

    function list(Params.MarketListing memory listing) private returns (uint16) {
        vm.prank(GOVERNANCE);
        return parameters.listMarket(listing);
    }

    function refused(Params.Limits memory limits, string memory what, uint256 given, uint256 allowed) private {
        vm.expectRevert(abi.encodeWithSelector(Params.BadLimits.selector, what, given, allowed));
        setLimits(1, limits);
    }

    function badListing(
        Params.MarketListing memory listing,
        Params.SkipReason reason,
        uint256 given,
        uint256 allowed
    ) private {
        vm.expectRevert(abi.encodeWithSelector(Params.BadListing.selector, reason, given, allowed));
        list(listing);
    }
}
