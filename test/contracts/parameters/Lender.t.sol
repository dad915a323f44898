// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AggregatorV3Interface} from "../../../contracts/interfaces/AggregatorV3Interface.sol";
import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {M} from "../../../contracts/parameters/Words.sol";
import {MockPriceFeed} from "../../mocks/MockPriceFeed.sol";
import {TestLender} from "../../mocks/TestLender.sol";
import {vm} from "../support/Vm.sol";
import {World} from "./World.sol";

/// @dev What an integrator's lender does with the numbers.
contract LenderTest is World {
    TestLender private lender;
    MockPriceFeed private feed;

    function setUp() public {
        world();
        feed = new MockPriceFeed("ETH / USD", 8);
        feed.setAnswer(2_000e8);
        lender = new TestLender(parameters, 1, AggregatorV3Interface(address(feed)));
    }

    function borrowAll(address account) private {
        uint256 debt = lender.borrowable(1e18);
        vm.prank(account);
        lender.borrow(1e18, debt);
    }

    function test_a_position_is_opened_up_to_the_initial_haircut() public {
        equal(lender.borrowable(1e18), 1_520e18, "24 % off 2000 USD");
        vm.expectRevert(abi.encodeWithSelector(TestLender.TooMuchDebt.selector, 1_520e18 + 1, 1_520e18));
        lender.borrow(1e18, 1_520e18 + 1);
    }

    function test_a_position_is_liquidated_by_the_maintenance_haircut() public {
        borrowAll(STRANGER);
        feed.setAnswer(1_854e8);
        isTrue(!lender.isLiquidatable(STRANGER), "1854 USD less 18 % still covers 1520 USD");
        vm.expectRevert(abi.encodeWithSelector(TestLender.NotLiquidatable.selector, STRANGER));
        lender.liquidate(STRANGER);
        feed.setAnswer(1_853e8);
        isTrue(lender.isLiquidatable(STRANGER), "1853 USD less 18 % does not");
        lender.liquidate(STRANGER);
        isTrue(!lender.isLiquidatable(STRANGER), "and it is gone");
    }

    function test_a_dead_keeper_liquidates_nobody_and_all_but_stops_lending() public {
        send(KEEPER, entry(1, 3_000, 2_500, LIMIT));
        borrowAll(STRANGER);
        pass(30 days);
        isTrue(!lender.isLiquidatable(STRANGER), "30 days of silence liquidate nobody");
        equal(lender.borrowable(1e18), 100e18, "and five percent are lent, the stale cap");
    }

    function test_tightening_with_full_force_liquidates_nobody_within_thirty_days() public {
        borrowAll(STRANGER);
        send(KEEPER, entry(1, 5_000, 4_500, LIMIT));
        isTrue(!lender.isLiquidatable(STRANGER), "maintenance has not moved");
        equal(lender.borrowable(1e18), 1_000e18, "new risk is tight at once");
        for (uint256 end = clock + 30 days; clock < end;) {
            pass(6 hours);
            send(KEEPER, restate(1));
            isTrue(!lender.isLiquidatable(STRANGER), "I22: thirty days' notice");
        }
    }

    /// @dev Any calls of any power in one block, with a position opened at the very limit between any two of them.
    function test_fuzz_a_position_opened_at_the_limit_is_not_liquidatable_in_the_same_block(uint256 seed) public {
        send(KEEPER, entry(1, 5_000, bound(seed, 1_720, 4_500), LIMIT));
        pass(bound(seed >> 16, 1, 20 hours));
        for (uint256 i; i < 12; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 at = stored(1, M.INITIAL);
            uint256 next = entryAsOf(
                1, bound(seed >> 8, at - 50, 5_000), bound(seed >> 32, 1_000, 4_500), LIMIT, minute() - seed % 3
            );
            if (seed % 4 == 0) setMode(1, IHaircuts.Mode(seed / 4 % 3), GOVERNANCE);
            else if (seed % 4 == 1) setLimits(0, calm());
            else if (refusal(KEEPER, next) == 0) send(KEEPER, next);
            borrowAll(address(uint160(0xB000 + i)));
            for (uint256 j; j <= i; ++j) {
                bool liquidatable = lender.isLiquidatable(address(uint160(0xB000 + j)));
                isTrue(!liquidatable, "I9: no position opened in a block is liquidatable in it");
            }
        }
    }
}
