// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterEvents as Events} from "../../contracts/interfaces/IParameterEvents.sol";
import {IParameterTypes as Types} from "../../contracts/interfaces/IParameterTypes.sol";
import {vm} from "./support/Vm.sol";
import {ParametersTest} from "./support/ParametersWorld.sol";
import {EntryWords, Flags, QUALITY_FOLLOWS} from "./support/Words.sol";

contract ReadingTest is ParametersTest {
    function read(uint16 id) private view returns (Types.Haircuts memory) {
        return parameters.haircuts(id);
    }

    function test_fresh_values_read_as_stored() public view {
        for (uint256 i; i < MARKETS; ++i) {
            uint16 id = idAt(i);
            Types.Haircuts memory got = read(id);
            equal(got.initialBps, i < 8 ? 2_200 : 4_200, "initial as stored");
            equal(got.maintenanceBps, i < 8 ? 1_800 : 3_600, "maintenance as stored");
            equal(got.asOf, START - 10 minutes, "asOf of the data");
            equal(uint256(got.mode), 0, "NORMAL");
        }
    }

    function test_by_pair_by_id_and_many_read_the_same() public {
        send(entry(change(3, 3_000, 1_900)));
        setMode(7, Types.Mode.FROZEN);
        hold(12, 5_000, 3_700, clock + 1 days);
        pass(7 hours + 31 minutes);
        uint16[] memory ids = new uint16[](MARKETS);
        for (uint256 i; i < MARKETS; ++i) ids[i] = idAt(i);
        Types.Haircuts[] memory many = parameters.haircutsMany(ids);
        for (uint256 i; i < MARKETS; ++i) {
            bytes32 one = keccak256(abi.encode(read(ids[i])));
            isTrue(one == keccak256(abi.encode(many[i])), "many read as one");
            address collateral = address(tokens[i]);
            isTrue(one == keccak256(abi.encode(parameters.haircuts(collateral, USD))), "by pair as by id");
            (bool known, Types.Haircuts memory soft) = parameters.tryHaircuts(ids[i]);
            isTrue(known && one == keccak256(abi.encode(soft)), "soft as strict");
            (known, soft) = parameters.tryHaircuts(collateral, USD);
            isTrue(known && one == keccak256(abi.encode(soft)), "soft by pair as strict");
        }
    }

    function test_stale_initial_rises_on_a_straight_line_to_its_cap_rounded_up() public {
        pass(6 hours - 10 minutes);
        equal(initialOf(1), 2_200, "fresh until the ttl has passed");
        pass(1 minutes);
        equal(initialOf(1), 2_206, "a minute later: 7800 / 1440 = 5.42, rounded against the borrower");
        pass(6 hours - 1 minutes);
        equal(initialOf(1), 4_150, "a quarter of the decay: a quarter of 7800");
        pass(18 hours);
        equal(initialOf(1), 10_000, "the cap");
        pass(365 days);
        equal(initialOf(1), 10_000, "and no further");
        equal(maintenanceOf(1), 1_800, "silence liquidates nobody");
    }

    function test_each_class_has_the_profile_of_its_number() public {
        pass(2 hours - 10 minutes + 6 hours);
        equal(initialOf(11), 6_850, "half of 12 h: half of the way from 4200 to 9500");
        equal(initialOf(1), 2_850, "the other class: 2 of 24 hours of decay");
        pass(30 days);
        equal(initialOf(11), 9_500, "its own cap");
    }

    function test_a_stored_initial_above_the_cap_stays() public {
        Types.Limits memory limits = calmLimits();
        limits.maxInitialBps = 9_700;
        setLimits(0, limits);
        send(change(1, 9_700, 1_800));
        vm.prank(GOVERNANCE);
        parameters.setClass(0, 1);
        pass(30 days);
        equal(initialOf(1), 9_700, "above the new cap of 9500 it stays where it is");
        equal(initialOf(2), 9_500, "below it rises to it");
    }

    function test_a_market_with_a_clock_of_its_own_goes_stale_by_it() public {
        pass(3 hours);
        send(entry(change(2, 2_200, 1_800)));
        pass(4 hours);
        equal(initialOf(1), 2_200 + (7_800 * uint256(70) + 1_439) / 1_440, "70 minutes past its ttl");
        equal(initialOf(2), 2_200, "its neighbour is four hours old and fresh");
        equal(read(1).asOf, START - 10 minutes, "asOf of the older");
        equal(read(2).asOf, START + 3 hours, "asOf of the younger");
    }

    function test_a_closed_market_reads_initial_in_full() public {
        setMode(1, Types.Mode.NO_NEW_RISK);
        equal(initialOf(1), 10_000, "NO_NEW_RISK");
        equal(uint256(read(1).mode), 1, "and says so");
        setMode(1, Types.Mode.FROZEN);
        equal(initialOf(1), 10_000, "FROZEN");
        equal(maintenanceOf(1), 1_800, "maintenance as it stood");
        equal(initialOf(2), 2_200, "its neighbour is open");
    }

    function test_values_held_by_governance_do_not_go_stale_and_show_no_asOf_ahead() public {
        hold(1, 3_000, 1_800, clock + 20 days);
        pass(20 days - 1 hours);
        equal(initialOf(1), 3_000, "held");
        equal(read(1).asOf, clock, "asOf is now, not ahead");
        equal(initialOf(2), 10_000, "its neighbour is stale");
        pass(7 hours);
        equal(read(1).asOf, START + 20 days, "then counts from the end of the override");
        equal(initialOf(1), 3_000, "for its ttl");
        pass(12 hours);
        equal(initialOf(1), 6_500, "and decays from there");
    }

    function test_unknown_ids_are_refused_by_the_strict_read() public {
        uint16[5] memory unknown = [uint16(0), 9, 10, 13, type(uint16).max];
        for (uint256 i; i < 5; ++i) {
            bytes memory refusal = abi.encodeWithSelector(Events.UnknownMarket.selector, unknown[i]);
            vm.expectRevert(refusal);
            parameters.haircuts(unknown[i]);
            vm.expectRevert(refusal);
            parameters.marketState(unknown[i]);
            vm.expectRevert(refusal);
            parameters.limitsOf(unknown[i]);
            uint16[] memory ids = new uint16[](2);
            (ids[0], ids[1]) = (1, unknown[i]);
            vm.expectRevert(refusal);
            parameters.haircutsMany(ids);
        }
        vm.expectRevert(abi.encodeWithSelector(Events.UnknownPair.selector, STRANGER, USD));
        parameters.haircuts(STRANGER, USD);
        vm.expectRevert(abi.encodeWithSelector(Events.UnknownPair.selector, address(tokens[0]), STRANGER));
        parameters.haircuts(address(tokens[0]), STRANGER);
    }

    function test_the_soft_read_of_an_unknown_market_lends_nothing_and_liquidates_nobody() public view {
        uint16[4] memory unknown = [uint16(0), 10, 13, type(uint16).max];
        for (uint256 i; i < 4; ++i) {
            (bool known, Types.Haircuts memory soft) = parameters.tryHaircuts(unknown[i]);
            closed(known, soft);
        }
        (bool pairKnown, Types.Haircuts memory pair) = parameters.tryHaircuts(STRANGER, USD);
        closed(pairKnown, pair);
    }

    function closed(bool known, Types.Haircuts memory soft) private pure {
        isTrue(!known, "says that it does not know");
        equal(soft.initialBps, 10_000, "lends nothing");
        equal(soft.maintenanceBps, 0, "liquidates nobody");
        equal(soft.asOf, 0, "has no data");
        equal(uint256(soft.mode), 1, "NO_NEW_RISK, so that (0, 0) never means open");
    }

    function test_quality_travels_with_the_values_and_stays_without() public {
        uint256 values = valuesAt(0, 2_200, 1_800) | valuesAt(4, 2_200, 1_800);
        // Lane 2 is not named.
        uint80 quality = EntryWords.quality(0, 0x123, 17) | EntryWords.quality(4, 0x7ff, 31) | EntryWords.quality(2, 0x7ff, 31);
        uint256 flags = Flags.at(0) | Flags.at(4) | QUALITY_FOLLOWS;
        send(bytes.concat(entry(0, flags, clock, values), abi.encodePacked(quality)));
        equal(parameters.marketState(1).sources, 0x123, "sources of lane 0");
        equal(parameters.marketState(1).confidence, 17, "confidence of lane 0");
        equal(parameters.marketState(5).sources, 0x7ff, "sources of lane 4");
        equal(parameters.marketState(5).confidence, 31, "confidence of lane 4");
        equal(parameters.marketState(3).confidence, 0, "a lane that was not named has none, whatever was sent for it");
        equal(parameters.marketState(6).confidence, 0, "nor has the next group");
        pass(1 minutes);
        send(entry(change(1, 2_300, 1_800)));
        equal(parameters.marketState(1).confidence, 17, "a batch without quality leaves it");
        uint80 third = EntryWords.quality(0, 1, 3);
        send(bytes.concat(entry(2, Flags.at(0) | QUALITY_FOLLOWS, clock, valuesAt(0, 4_200, 3_600)), abi.encodePacked(third)));
        equal(parameters.marketState(11).confidence, 3, "the third group of the word");
        equal(parameters.marketState(5).confidence, 31, "shares it with the first");
    }

    function test_fuzz_the_soft_read_never_reverts(uint16 id, uint256 elapsed, uint256 seed) public {
        uint16 one = idAt(seed % MARKETS);
        if (seed % 3 == 0) setMode(one, Types.Mode(uint8(seed >> 8) % 3));
        // What governance has closed the guardian may not touch (HeldByGovernance).
        if (seed % 5 == 0 && parameters.haircuts(one).mode == Types.Mode.NORMAL) setMode(one, Types.Mode.FROZEN, GUARDIAN);
        if (seed % 7 == 0) hold(one, 5_000, 3_600, clock + seed % 30 days);
        // The calendar of 25 bits of minutes ends in 2078.
        pass(bound(elapsed, 0, 50 * 365 days));
        (bool known, Types.Haircuts memory soft) = parameters.tryHaircuts(id);
        if (!known) return closed(known, soft);
        atMost(soft.maintenanceBps, soft.initialBps, "I1: maintenance is at most initial");
        atMost(soft.asOf, clock, "asOf is never ahead of the block");
        (known,) = parameters.tryHaircuts(address(uint160(seed)), address(uint160(elapsed)));
    }
}
