// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {MorphoHaircutOracle} from "../../../contracts/adapters/MorphoHaircutOracle.sol";
import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {MockPriceOracle} from "../../mocks/MockPriceOracle.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {vm} from "../support/Vm.sol";
import {AdapterTest} from "./AdapterTest.sol";

contract MorphoHaircutOracleTest is AdapterTest {
    MockPriceOracle private mid;

    function setUp() public override {
        super.setUp();
        mid = new MockPriceOracle();
        // WETH (18 decimals) in USDC (6 decimals): 2000e6 x 1e36 / 1e18
        mid.setPrice(2_000e24);
    }

    function oracle(uint256 lltv) private returns (MorphoHaircutOracle) {
        return new MorphoHaircutOracle(parameters, 1, mid, lltv);
    }

    /// @dev Morpho.sol, `_isHealthy`: what a position of `collateral` may owe.
    function maxBorrow(uint256 collateral, uint256 price, uint256 lltv) private pure returns (uint256) {
        return Math.mulDiv(collateral, price, 1e36) * lltv / 1e18;
    }

    function test_LLTV_times_price_is_one_minus_maintenance_times_mid() public {
        uint256 lltv = 0.86e18;
        uint256 price = oracle(lltv).price();
        equal(price, uint256(2_000e24) * 82 / 86, "0.82 / 0.86 of 2000 USDC");
        // one unit (1e-6 USDC) less by two roundings
        equal(maxBorrow(1e18, price, lltv), 1_640e6 - 1, "82 % of 2000 USDC, rounded down");
    }

    function test_the_price_is_never_above_mid() public {
        equal(oracle(0.77e18).price(), 2_000e24, "a threshold of 82 % cannot lift an LLTV of 77 %");
        equal(oracle(0.82e18).price(), 2_000e24, "equal to the LLTV, nothing is left to do");
    }

    function test_closed_and_stale_markets_price_as_before() public {
        MorphoHaircutOracle one = oracle(0.86e18);
        uint256 before = one.price();
        for (uint256 mode = 1; mode <= 2; ++mode) {
            set(10_000, 1_800, START - 30 days, IHaircuts.Mode(mode));
            equal(one.price(), before, "initial does not reach a price that liquidates");
        }
    }

    function test_a_dead_price_stops_the_oracle() public {
        mid.setPrice(0);
        equal(oracle(0.86e18).price(), 0, "what the wrapped oracle says is passed on");
    }

    function test_settings_that_mean_nothing_are_refused() public {
        bytes4 refusal = MorphoHaircutOracle.LltvOutOfRange.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, 0, 1e18 - 1));
        oracle(0);
        vm.expectRevert(abi.encodeWithSelector(refusal, 1e18, 1e18 - 1));
        oracle(1e18);
        vm.expectRevert(abi.encodeWithSelector(IHaircuts.UnknownMarket.selector, 7));
        new MorphoHaircutOracle(parameters, 7, mid, 0.86e18);
    }

    /// @dev At the threshold debt = maxBorrow, and a full liquidation seizes debt x incentive / price of collateral.
    function test_fuzz_no_haircut_makes_a_liquidation_toxic(uint256 lltv, uint16 maintenance) public {
        lltv = bound(lltv, 0.01e18, 0.999e18);
        set(10_000, bound(maintenance, 0, 9_900));
        uint256 price = oracle(lltv).price();
        uint256 incentive = Math.min(1.15e18, 1e36 / (1e18 - 0.3e18 * (1e18 - lltv) / 1e18));
        uint256 seized = Math.mulDiv(maxBorrow(1e30, price, lltv) * incentive / 1e18, 1e36, price);
        isTrue(seized < 1e30, "a liquidation at the threshold leaves collateral behind");
        isTrue(seized <= Math.mulDiv(1e30, lltv * incentive, 1e36), "as much as without any haircut");
    }

    function test_fuzz_rounding_and_order_in_all_decimals(
        uint256 whole,
        uint256 lltv,
        uint16 a,
        uint16 b,
        uint96 amount
    ) public {
        lltv = bound(lltv, 1, 1e18 - 1);
        (uint256 low, uint256 high) = (bound(a, 0, 10_000), bound(b, 0, 10_000));
        if (low > high) (low, high) = (high, low);
        uint8[3] memory decimals = [6, 8, 18];
        for (uint256 i; i < 9; ++i) {
            uint256 priced = bound(whole, 1, 1e12) * 10 ** (36 + decimals[i / 3] - decimals[i % 3]);
            mid.setPrice(priced);
            fallsBetween(low, high, priced, amount, lltv);
        }
    }

    function fallsBetween(uint256 low, uint256 high, uint256 priced, uint256 amount, uint256 lltv) private {
        set(10_000, low);
        uint256 more = oracle(lltv).price();
        set(10_000, high);
        uint256 less = oracle(lltv).price();
        isTrue(less <= more && more <= priced, "the price falls with the haircut and is never above mid");
        uint256 allowed = Math.mulDiv(amount, priced * (10_000 - high), 1e40);
        isTrue(maxBorrow(amount, less, lltv) <= allowed, "Morpho never lends beyond 1 - maintenance");
    }
}
