// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Toxicity} from "../../../contracts/libraries/Toxicity.sol";
import {Assertions} from "../support/Assertions.sol";

contract ToxicityTest is Assertions {
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
}
