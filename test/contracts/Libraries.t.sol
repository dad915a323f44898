// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Follower} from "../../contracts/libraries/Follower.sol";
import {LooseningBudget} from "../../contracts/libraries/LooseningBudget.sol";
import {Toxicity} from "../../contracts/libraries/Toxicity.sol";
import {toBpsUp} from "../../contracts/libraries/Units.sol";
import {Assertions} from "./support/Assertions.sol";

contract LibrariesTest is Assertions {
    function test_fuzz_the_follower_is_never_faster_when_it_is_stopped_on_the_way(
        uint64 from,
        uint64 target,
        uint32 first,
        uint32 second,
        uint16 up,
        uint16 down
    ) public pure {
        uint256 once = Follower.follow(from, target, uint256(first) + second, up, down);
        uint256 middle = Follower.follow(from, target, first, up, down);
        uint256 twice = Follower.follow(middle, target, second, up, down);
        if (target >= from) {
            atMost(twice, once, "stopping on the way up is never faster");
            atMost(once, twice + 1, "and loses at most one nanoBps");
            atMost(once, target, "the target is never passed");
        } else {
            atMost(once, twice, "stopping on the way down is never faster");
            atMost(twice, once + 1, "and loses at most one nanoBps");
            atMost(target, once, "the target is never passed");
        }
    }

    function test_fuzz_the_budget_pays_at_most_its_capacity_and_its_refill(
        uint64 left,
        uint32 first,
        uint32 second,
        uint64 spend,
        uint16 budget
    ) public pure {
        uint256 capacity = LooseningBudget.capacityNanoBps(budget);
        uint256 start = left < capacity ? left : capacity;
        uint256 middle = LooseningBudget.availableNanoBps(start, first, budget);
        uint256 spent = spend < middle ? spend : middle;
        uint256 end = LooseningBudget.availableNanoBps(middle - spent, second, budget);
        atMost(end, capacity, "the bucket never holds more than half of the daily budget");
        uint256 flow = capacity * (uint256(first) + second) / 1 days;
        atMost(spent + end, capacity + flow, "what is paid out and left is at most what was there and flowed in");
    }

    function test_fuzz_toxicity_is_the_frontier_of_its_inequality(uint16 maintenance, uint16 bonus) public pure {
        uint256 haircut = bound(maintenance, 0, 10_000);
        bool toxic = (10_000 - haircut) * (10_000 + uint256(bonus)) >= 10_000 * 10_000;
        isTrue(Toxicity.isToxic(haircut, bonus) == toxic, "toxic exactly when (1 - maintenance)(1 + bonus) >= 1");
    }

    function test_known_frontiers_of_toxicity() public pure {
        equal(Toxicity.lowestMaintenanceBps(0), 1, "no bonus");
        equal(Toxicity.lowestMaintenanceBps(500), 477, "5 %");
        equal(Toxicity.lowestMaintenanceBps(1_000), 910, "10 %");
    }

    function test_haircuts_round_up() public pure {
        equal(toBpsUp(0), 0, "nothing is nothing");
        equal(toBpsUp(1), 1, "a trace is a basis point");
        equal(toBpsUp(1_800e9), 1_800, "a whole number stays");
    }
}
