// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ExposureCap} from "../../../contracts/adapters/ExposureCap.sol";
import {vm} from "../support/Vm.sol";
import {AaveAgentTest, MockAaveMarket} from "./AaveAgentTest.sol";
import {AaveWord} from "./AaveWord.sol";

/// @dev A reserve with 30 000.9 WETH supplied, without a cap of Aave's own; the limit is 55 168.
contract AaveSupplyCapTest is AaveAgentTest {
    function setUp() public override {
        super.setUp();
        market.setTotalSupply(30_000.9e18);
        parameters.setLimit(1, 55_168, true);
    }

    function cap() private view returns (uint256) {
        return AaveWord.supplyCap(market.getConfiguration(address(weth)));
    }

    function becomes(uint256 expected, string memory sentence) private {
        (uint256 said, bool changes) = agent.previewSupplyCap(address(weth));
        isTrue(said == expected && changes == (cap() != expected), "the preview says what a call does");
        uint256 writes = market.writes();
        isTrue(agent.syncSupplyCap(address(weth)) == changes, "a call says whether it changed something");
        equal(cap(), expected, sentence);
        equal(market.writes() - writes, changes ? 1 : 0, "what is there is not written again");
        isTrue(!agent.syncSupplyCap(address(weth)), "a second call changes nothing");
    }

    function test_the_cap_is_the_limit_down_and_up_at_once() public {
        becomes(55_168, "the limit");
        parameters.setLimit(1, 20_000, true);
        becomes(20_000, "below what is supplied, which stays where it is");
        parameters.setLimit(1, 60_000, true);
        becomes(60_000, "up again");
    }

    function test_no_more_is_what_is_there_rounded_down_and_never_no_cap_at_all() public {
        becomes(55_168, "open");
        parameters.setLimit(1, 55_168, false);
        becomes(30_000, "closed or stale: what is there");
        market.setTotalSupply(31_000e18);
        becomes(30_000, "interest does not raise it");
        market.setTotalSupply(12_000e18);
        becomes(12_000, "what is withdrawn does not come back");
        market.setTotalSupply(0.5e18);
        becomes(1, "0 would be no cap at all");
        market.setTotalSupply(12_000e18);
        parameters.setLimit(1, 100, false);
        becomes(1, "only down");
        parameters.setLimit(1, 55_168, true);
        becomes(55_168, "open again");
    }

    function test_no_more_of_a_reserve_without_a_cap_is_what_is_there() public {
        parameters.setLimit(1, 55_168, false);
        becomes(30_000, "what is there");
    }

    function test_a_limit_of_nothing_is_a_cap_of_one() public {
        parameters.setLimit(1, 0, true);
        becomes(1, "0 would be no cap at all");
    }

    function test_a_limit_beyond_what_Aave_can_store_is_the_most_that_it_can() public {
        parameters.setLimit(1, type(uint256).max, true);
        becomes((1 << 36) - 1, "the greatest cap");
    }

    function test_a_cap_set_by_another_hand_is_never_exceeded() public {
        market.setSupplyCap(address(weth), 50_000);
        becomes(50_000, "Aave's own is below the limit");
        parameters.setLimit(1, 40_000, true);
        becomes(40_000, "below it the limit counts");
        parameters.setLimit(1, 60_000, true);
        becomes(50_000, "and back up to it");
        market.setSupplyCap(address(weth), 1);
        becomes(1, "an emergency stands");
        becomes(1, "for as long as nobody sets another");
        market.setSupplyCap(address(weth), 70_000);
        becomes(60_000, "a wider one hands the reserve back");
        market.setSupplyCap(address(weth), 0);
        becomes(60_000, "no cap of Aave's leaves the limit");
        parameters.setLimit(1, 65_000, true);
        becomes(65_000, "and nothing above it");
    }

    function test_a_reserve_frozen_by_Aave_is_kept_up_to_date_and_frozen() public {
        market.setReserveFreeze(address(weth), true);
        becomes(55_168, "kept up to date");
        isTrue(AaveWord.isFrozen(market.getConfiguration(address(weth))), "and frozen");
    }

    function test_neither_call_waits_for_the_other() public {
        market.put(address(weth), 0, 8_300, 10_500);
        becomes(55_168, "closed by Aave's own admin: the cap follows");
        market.put(address(weth), 8_050, 0, 10_500);
        becomes(55_168, "no collateral yet: the cap follows");
    }

    function test_an_unknown_pair_is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(ExposureCap.UnknownPair.selector, address(0xBEEF), USD));
        agent.syncSupplyCap(address(0xBEEF));
    }

    function test_a_pool_that_does_not_do_as_told_is_noticed() public {
        market.setFault(MockAaveMarket.Fault.CAP_KEPT);
        vm.expectRevert(abi.encodeWithSelector(ExposureCap.EffectDiffers.selector, "supply cap", 0, 55_168));
        agent.syncSupplyCap(address(weth));
        market.setFault(MockAaveMarket.Fault.OTHER_BIT);
        vm.expectRevert(
            abi.encodeWithSelector(ExposureCap.EffectDiffers.selector, "other bits", AaveWord.BORROWING_ENABLED, 0)
        );
        agent.syncSupplyCap(address(weth));
    }

    /// @dev Whatever happens to limit, supply and Aave's own cap between calls.
    function testFuzz_the_cap_never_exceeds_limit_or_Aaves_own_and_is_never_none(uint256 seed) public {
        uint256 others;
        for (uint256 i; i < 30; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 limit = bound(seed >> 8, 0, 100_000);
            bool mayGrow = seed & 3 != 0;
            parameters.setLimit(1, limit, mayGrow);
            market.setTotalSupply(bound(seed >> 64, 0, 100_000e18));
            if (seed >> 200 & 7 == 0) {
                others = bound(seed >> 128, 0, 100_000);
                if (others == cap()) continue;
                market.setSupplyCap(address(weth), others);
            }
            uint256 before = cap();
            agent.syncSupplyCap(address(weth));
            isTrue(cap() > 0, "never no cap at all");
            isTrue(cap() == 1 || cap() <= limit, "never above the limit");
            isTrue(others == 0 || cap() <= others, "never above Aave's own");
            uint256 there = market.totalSupply() / 1e18;
            isTrue(mayGrow || cap() == 1 || cap() <= there && (before == 0 || cap() <= before), "no more");
        }
    }
}
