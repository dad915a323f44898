// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AggregatorV3Interface} from "../../contracts/interfaces/AggregatorV3Interface.sol";
import {IHaircuts} from "../../contracts/interfaces/IHaircuts.sol";
import {MockPriceFeed} from "../mocks/MockPriceFeed.sol";
import {TestLender} from "../mocks/TestLender.sol";
import {IParameterTypes as Types} from "../../contracts/interfaces/IParameterTypes.sol";
import {ParametersTest} from "./support/ParametersWorld.sol";
import {vm} from "./support/Vm.sol";

contract LenderTest is ParametersTest {
    TestLender private lender;
    MockPriceFeed private feed;

    function setUp() public override {
        super.setUp();
        feed = new MockPriceFeed("ETH / USD", 8);
        feed.setAnswer(2_000e8);
        lender = new TestLender(IHaircuts(address(parameters)), 1, AggregatorV3Interface(address(feed)));
    }

    function borrowAll(uint256 collateralWad) private {
        borrowAll(STRANGER, collateralWad);
    }

    function borrowAll(address account, uint256 collateralWad) private {
        uint256 debt = lender.borrowable(collateralWad);
        vm.prank(account);
        lender.borrow(collateralWad, debt);
    }

    function test_a_position_is_opened_up_to_the_initial_haircut() public {
        equal(lender.borrowable(1e18), 1_560e18, "22 % off 2000 USD");
        vm.expectRevert(abi.encodeWithSelector(TestLender.TooMuchDebt.selector, 1_560e18 + 1, 1_560e18));
        lender.borrow(1e18, 1_560e18 + 1);
    }

    function test_a_position_is_liquidated_by_the_maintenance_haircut() public {
        borrowAll(1e18);
        feed.setAnswer(1_903e8);
        isTrue(!lender.isLiquidatable(STRANGER), "1903 USD less 18 % still covers 1560 USD");
        vm.expectRevert(abi.encodeWithSelector(TestLender.NotLiquidatable.selector, STRANGER));
        lender.liquidate(STRANGER);
        feed.setAnswer(1_902e8);
        isTrue(lender.isLiquidatable(STRANGER), "1902 USD less 18 % does not");
        lender.liquidate(STRANGER);
        isTrue(!lender.isLiquidatable(STRANGER), "and it is gone");
    }

    function test_a_dead_keeper_liquidates_nobody_and_stops_lending() public {
        send(change(1, 3_000, 2_500));
        borrowAll(1e18);
        pass(30 days);
        isTrue(!lender.isLiquidatable(STRANGER), "30 days of silence liquidate nobody");
        equal(lender.borrowable(1e18), 0, "and nothing more is lent");
    }

    function test_tightening_with_full_force_liquidates_nobody_in_its_block() public {
        borrowAll(1e18);
        send(change(1, 9_000, 8_000));
        isTrue(!lender.isLiquidatable(STRANGER), "maintenance has not moved");
        equal(lender.borrowable(1e18), 200e18, "new risk is tight at once");
    }

    /// @dev Any calls of any role in one block, with a position opened at the very limit between any two of them.
    function test_fuzz_a_position_opened_at_the_limit_is_not_liquidatable_in_the_same_block(uint256 seed) public {
        send(change(1, 9_000, uint16(bound(seed, 1_720, 8_000))));
        pass(bound(seed >> 16, 1, 5 days));
        for (uint256 i; i < 12; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint16 stored = parameters.marketState(1).initialBps;
            Types.MarketUpdate memory next =
                change(1, uint16(bound(seed >> 8, stored - 50, 9_000)), uint16(bound(seed >> 32, 1_000, 8_000)));
            next.asOf = uint40(clock - 12 + i);
            (Types.SkipReason reason,,) = parameters.previewUpdate(next, false);
            if (seed % 4 == 0) setMode(1, Types.Mode(seed / 4 % 3));
            else if (seed % 4 == 1) setLimits(0, calmLimits());
            else if (reason == Types.SkipReason.NONE) send(next);
            borrowAll(address(uint160(0xB000 + i)), 1e18);
            for (uint256 j; j <= i; ++j) {
                bool liquidatable = lender.isLiquidatable(address(uint160(0xB000 + j)));
                isTrue(!liquidatable, "I9: no position opened in a block is liquidatable in it");
            }
        }
    }
}
