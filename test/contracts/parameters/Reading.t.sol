// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {IParameters} from "../../../contracts/parameters/IParameters.sol";
import {atLeast, M, N, tokensOf} from "../../../contracts/parameters/Words.sol";
import {vm} from "../support/Vm.sol";
import {World} from "./World.sol";

contract ReadingTest is World {
    function setUp() public {
        world();
    }

    /// @dev As an adapter reads: through IHaircuts, whatever is behind it.
    function test_every_read_of_IHaircuts_says_the_same() public {
        IHaircuts reads = IHaircuts(address(parameters));
        send(KEEPER, entry(1, 3_000, 2_000, LIMIT));
        pass(5 hours);
        IHaircuts.Haircuts memory one = reads.haircuts(1);
        bytes32 said = keccak256(abi.encode(one));
        isTrue(one.initialBps == 3_000 && one.maintenanceBps == 1_802, "300 bp in 30 days are 2 in 5 hours");
        isTrue(one.asOf == clock - 5 hours && one.mode == IHaircuts.Mode.NORMAL, "of its data");
        isTrue(said == keccak256(abi.encode(reads.haircuts(address(tokens[0]), USD))), "by pair");
        uint16[] memory ids = new uint16[](2);
        (ids[0], ids[1]) = (2, 1);
        isTrue(said == keccak256(abi.encode(reads.haircutsMany(ids)[1])), "many");
        (bool known, IHaircuts.Haircuts memory soft) = reads.tryHaircuts(1);
        isTrue(known && said == keccak256(abi.encode(soft)), "soft");
        (known, soft) = reads.tryHaircuts(address(tokens[0]), USD);
        isTrue(known && said == keccak256(abi.encode(soft)), "soft by pair");
        equal(reads.marketOf(address(tokens[0]), USD), 1, "its id");
    }

    function test_unknown_markets_revert_or_read_as_nothing() public {
        uint16[4] memory ids = [uint16(0), 5, 4_096, 65_535];
        for (uint256 i; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IHaircuts.UnknownMarket.selector, ids[i]));
            parameters.haircuts(ids[i]);
            (bool known, IHaircuts.Haircuts memory soft) = parameters.tryHaircuts(ids[i]);
            isTrue(!known && soft.initialBps == 10_000 && soft.maintenanceBps == 0 && soft.asOf == 0, "lends nothing");
            isTrue(soft.mode == IHaircuts.Mode.NO_NEW_RISK, "and liquidates nobody");
            (uint256 limit, bool may) = parameters.exposureLimit(ids[i]);
            isTrue(limit == 0 && !may, "no more");
        }
        vm.expectRevert(abi.encodeWithSelector(IHaircuts.UnknownPair.selector, USD, USD));
        parameters.haircuts(USD, USD);
        vm.expectRevert(abi.encodeWithSelector(IHaircuts.UnknownMarket.selector, 0));
        parameters.haircutsMany(new uint16[](1));
        equal(parameters.marketOf(USD, USD), 0, "an immutable id of 0 is no market");
    }

    function test_stale_data_tightens_new_risk_and_touches_nothing_else() public {
        send(KEEPER, entry(1, 2_400, 2_000, LIMIT));
        pass(24 hours);
        isTrue(initialOf(1) == 2_400 && mayGrow(1), "fresh to the last minute of the ttl");
        uint256 maintenance = maintenanceOf(1);
        pass(60);
        equal(initialOf(1), 2_403, "then up on a straight line: 7100 in 48 h, rounded up");
        isTrue(!mayGrow(1), "and no more");
        pass(24 hours - 60);
        equal(initialOf(1), 5_950, "half of it");
        pass(24 hours);
        equal(initialOf(1), 9_500, "to the cap");
        pass(30 days);
        isTrue(initialOf(1) == 9_500 && maintenanceOf(1) == maintenance, "and no further; maintenance never moves");
        (uint256 tokens_,) = parameters.exposureLimit(1);
        equal(tokens_, 4_096, "the limit itself stays: nobody is forced out");
        equal(parameters.haircuts(1).asOf, START, "of the old data");
    }

    function test_an_initial_above_the_stale_cap_stays() public {
        IParameters.Limits memory limits = wide();
        (limits.maxInitialBps, limits.staleInitialCapBps) = (9_000, 9_000);
        setLimits(1, limits);
        send(KEEPER, entry(4, 9_000, 3_000, LIMIT));
        (limits.maxInitialBps, limits.staleInitialCapBps) = (8_900, 8_900);
        setLimits(1, limits);
        pass(40 hours);
        equal(initialOf(4), 9_000, "never below what is stored");
    }

    function test_closed_markets_read_in_full_and_no_more() public {
        for (uint256 mode = 1; mode < 3; ++mode) {
            setMode(1, IHaircuts.Mode(mode), GOVERNANCE);
            IHaircuts.Haircuts memory reads = parameters.haircuts(1);
            isTrue(reads.initialBps == 10_000 && reads.maintenanceBps == 1_800, "lends nothing, liquidates as usual");
            isTrue(uint256(reads.mode) == mode && !mayGrow(1), "and says so");
        }
        setMode(1, IHaircuts.Mode.NORMAL, GOVERNANCE);
        isTrue(initialOf(1) == 2_400 && mayGrow(1), "open again");
    }

    function test_what_governance_holds_does_not_age_until_the_hold_ends() public {
        setManually(held(1, 2_600, 1_900, LIMIT, clock + 20 days));
        pass(20 days + 24 hours);
        isTrue(initialOf(1) == 2_600 && mayGrow(1), "the ttl counts from the end of the hold");
        equal(parameters.haircuts(1).asOf, START, "asOf is when it was set");
        pass(3 hours);
        isTrue(initialOf(1) > 2_600 && !mayGrow(1), "then it is stale");
    }

    function test_a_mode_set_in_a_hold_ends_neither() public {
        setManually(held(1, 2_600, 1_900, LIMIT, clock + 20 days));
        pass(10 days);
        setMode(1, IHaircuts.Mode.NO_NEW_RISK, GUARDIAN);
        isTrue(stored(1, M.AGE) == 4_095 && stored(1, M.SPENT) == 0, "an age that its field cannot say spills nowhere");
        equal(parameters.haircuts(1).asOf, clock - 4_095 minutes, "it reads as old as the field goes");
        pass(4 days);
        isTrue(initialOf(1) == 2_600 && mayGrow(1), "the guardian's mode has lapsed, the hold has not");
    }

    function test_limits_are_compact_floats_in_one_order() public pure {
        equal(tokensOf(0), 0, "zero");
        equal(tokensOf(1_023), 1_023, "small numbers are themselves");
        equal(tokensOf(1_024), 1_024, "without a gap");
        equal(tokensOf(LIMIT), 4_096, "two binary places up");
        equal(tokensOf(65_535), 2_047 << 62, "the greatest is more than any supply");
    }

    function testFuzz_a_greater_limit_is_more_tokens_and_1024_notches_double_it(uint16 limit) public pure {
        if (limit < 65_535) isTrue(tokensOf(limit) < tokensOf(uint256(limit) + 1), "one order");
        if (limit >= 1_024 && limit < 64_512) equal(tokensOf(uint256(limit) + 1_024), 2 * tokensOf(limit), "doubled");
        if (limit >= 1_024 && limit < 65_535) {
            uint256 more = tokensOf(uint256(limit) + 1) - tokensOf(limit);
            atMost(more * 1_024, tokensOf(limit), "a notch is at most a 1024th");
        }
    }

    function testFuzz_three_numbers_are_compared_as_one_by_one(uint256 a, uint256 b, bool same) public pure {
        if (same) b = (b & ~N.ALL) | (a & N.ALL);
        uint256 expected = (a & 0x1fff) >= (b & 0x1fff) ? uint256(1 << 13) : 0;
        if ((a >> 14) & 0x3fff >= (b >> 14) & 0x3fff) expected |= 1 << 28;
        if ((a >> 29) & 0xffff >= (b >> 29) & 0xffff) expected |= 1 << 45;
        equal(atLeast(a, b), expected, "no number borrows from the next");
    }
}
