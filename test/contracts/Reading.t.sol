// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralParameters as Params} from "../../contracts/interfaces/ICollateralParameters.sol";
import {vm} from "./support/Vm.sol";
import {WorldTest} from "./support/WorldTest.sol";

contract ReadingTest is WorldTest {
    function test_a_calm_market_reads_what_was_written() public view {
        Params.Haircuts memory reads = parameters.haircuts(1);
        equal(reads.initialBps, 2_200, "initial reads as written");
        equal(reads.maintenanceBps, 1_800, "maintenance reads as written");
        equal(reads.asOf, clock - 10, "asOf reads as written");
        equal(uint256(reads.mode), uint256(Params.Mode.NORMAL), "the mode is NORMAL");
    }

    function test_by_pair_by_id_and_many_agree() public view {
        uint16[] memory ids = new uint16[](2);
        (ids[0], ids[1]) = (7, 3);
        Params.Haircuts[] memory many = parameters.haircutsMany(ids);
        equal(many.length, 2, "as many answers as questions");
        for (uint256 i; i < 2; ++i) {
            bytes32 byId = keccak256(abi.encode(parameters.haircuts(ids[i])));
            bytes32 byPair = keccak256(abi.encode(parameters.haircuts(address(tokens[ids[i] - 1]), USD)));
            isTrue(byId == byPair && byId == keccak256(abi.encode(many[i])), "the three reads agree");
        }
    }

    function test_unknown_markets_and_pairs_are_refused_by_the_strict_reads() public {
        vm.expectRevert(abi.encodeWithSelector(Params.UnknownMarket.selector, 0));
        parameters.haircuts(0);
        vm.expectRevert(abi.encodeWithSelector(Params.UnknownMarket.selector, 11));
        parameters.haircuts(11);
        vm.expectRevert(abi.encodeWithSelector(Params.UnknownPair.selector, USD, USD));
        parameters.haircuts(USD, USD);
        vm.expectRevert(abi.encodeWithSelector(Params.UnknownMarket.selector, 11));
        parameters.marketState(11);
        vm.expectRevert(abi.encodeWithSelector(Params.UnknownMarket.selector, 11));
        parameters.limitsOf(11);
        uint16[] memory ids = new uint16[](2);
        (ids[0], ids[1]) = (1, 11);
        vm.expectRevert(abi.encodeWithSelector(Params.UnknownMarket.selector, 11));
        parameters.haircutsMany(ids);
    }

    function test_the_soft_read_of_an_unknown_market_lends_nothing_and_liquidates_nobody() public view {
        (bool known, Params.Haircuts memory reads) = parameters.tryHaircuts(11);
        isTrue(!known, "an unknown market is not known");
        equal(reads.initialBps, 10_000, "an unknown market lends nothing");
        equal(reads.maintenanceBps, 0, "an unknown market liquidates nobody");
        equal(uint256(reads.mode), uint256(Params.Mode.NO_NEW_RISK), "an unknown market takes no new risk");
    }

    function test_fuzz_the_soft_read_never_reverts(uint16 id, uint64 time, uint8 mode) public {
        setMode(1, Params.Mode(mode % 3));
        vm.warp(time);
        (bool known, Params.Haircuts memory reads) = parameters.tryHaircuts(id);
        isTrue(known == (id >= 1 && id <= MARKETS), "known exactly when listed");
        atMost(reads.maintenanceBps, reads.initialBps, "maintenance never reads above initial");
    }

    function test_initial_is_as_written_until_the_ttl_and_rises_linearly_from_there() public {
        pass(6 hours - 10);
        equal(initialOf(1), 2_200, "data exactly ttl old is fresh");
        pass(1);
        equal(initialOf(1), 2_201, "one second later initial has risen, rounded up");
        pass(12 hours - 1);
        equal(initialOf(1), 6_100, "half of the decay brings half of the way to the cap");
        pass(12 hours);
        equal(initialOf(1), 10_000, "the whole decay brings it to the cap");
        pass(365 days);
        equal(initialOf(1), 10_000, "and there it stays");
    }

    function test_a_stale_initial_never_reads_below_the_stored_one() public {
        Params.Limits memory limits = calmLimits();
        limits.maxInitialBps = 8_800;
        limits.staleInitialCapBps = 8_800;
        send(change(1, 9_000, 1_800));
        setLimits(1, limits);
        pass(30 days);
        equal(initialOf(1), 9_000, "a cap below the stored value does not loosen it");
    }

    function test_after_staleness_a_fresh_update_reads_the_stored_value_again() public {
        pass(2 days);
        equal(initialOf(1), 10_000, "stale");
        send(restate(1));
        equal(initialOf(1), 2_200, "refreshing is not a loosening of the stored value and costs no budget");
        equal(parameters.marketState(1).budgetNanoBps, 100e9, "the budget is untouched");
    }

    function test_maintenance_is_rounded_up_against_the_borrower() public {
        send(change(1, 2_500, 1_900));
        pass(1);
        equal(nanoOf(1), 1_800e9 + 1_736_111, "one second at 150 bp a day");
        equal(maintenanceOf(1), 1_801, "rounded up");
    }

    function test_no_new_risk_and_frozen_read_100_percent_initial() public {
        setMode(1, Params.Mode.NO_NEW_RISK);
        equal(initialOf(1), 10_000, "NO_NEW_RISK lends nothing");
        equal(maintenanceOf(1), 1_800, "NO_NEW_RISK leaves maintenance alone");
        setMode(1, Params.Mode.FROZEN);
        equal(initialOf(1), 10_000, "FROZEN lends nothing");
        equal(maintenanceOf(1), 1_800, "FROZEN leaves maintenance alone");
        equal(initialOf(2), 2_200, "the neighbour is not touched");
    }
}
