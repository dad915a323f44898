// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {BidAskQuoter} from "../../../contracts/adapters/BidAskQuoter.sol";
import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {IPriceOracle} from "../../../contracts/interfaces/adapters/IPriceOracle.sol";
import {MockPriceOracle} from "../../mocks/MockPriceOracle.sol";
import {vm} from "../support/Vm.sol";
import {AdapterTest} from "./AdapterTest.sol";
import {LikeAEulerVault} from "./Consumers.sol";

contract BidAskQuoterTest is AdapterTest {
    MockPriceOracle private prices;
    BidAskQuoter private quoter;
    address private base;

    function setUp() public override {
        super.setUp();
        prices = new MockPriceOracle();
        quoter = new BidAskQuoter(parameters, prices);
        base = address(weth);
        // 1 WETH (18 decimals) = 2000 USD (18 decimals in Euler's convention)
        prices.set(base, USD, 2_000e18, 0);
        prices.set(USD, base, 0.0005e18, 0);
    }

    function test_the_bid_sees_the_initial_haircut_and_the_mid_does_not() public view {
        (uint256 bid, uint256 ask) = quoter.getQuotes(1e18, base, USD);
        equal(bid, 1_560e18, "22 % off 2000 USD");
        equal(ask, 2_000e18, "the ask of the collateral is the price");
        equal(quoter.getQuote(1e18, base, USD), 2_000e18, "liquidations see the mid");
    }

    function test_debt_read_the_other_way_round_sees_the_same_haircut_in_its_ask() public view {
        (uint256 bid, uint256 ask) = quoter.getQuotes(1_560e18, USD, base);
        equal(ask, 1e18, "1560 USD of debt take 1 WETH of collateral");
        equal(bid, 0, "USD as collateral against WETH is not listed: nothing is lent against it");
    }

    function test_the_spread_of_the_price_is_kept() public {
        prices.set(base, USD, 2_000e18, 100);
        (uint256 bid, uint256 ask) = quoter.getQuotes(1e18, base, USD);
        equal(bid, 1_552.2e18, "22 % off the bid of 1990 USD");
        equal(ask, 2_010e18, "the ask of the price");
    }

    function test_a_pair_listed_both_ways_has_both_haircuts() public {
        parameters.set(USD, base, IHaircuts.Haircuts(1_000, 500, uint40(START), IHaircuts.Mode.NORMAL));
        (uint256 bid, uint256 ask) = quoter.getQuotes(1e18, base, USD);
        equal(bid, 1_560e18, "22 % as collateral");
        equal(ask, 2_222_222222222222222223, "10 % as debt, rounded up");
    }

    function test_an_unlisted_pair_is_refused_by_Eulers_name() public {
        address other = address(0xBEEF);
        prices.set(other, USD, 1e18, 0);
        equal(quoter.getQuote(1e18, other, USD), 1e18, "its price is known");
        vm.expectRevert(abi.encodeWithSelector(IPriceOracle.PriceOracle_NotSupported.selector, other, USD));
        quoter.getQuotes(1e18, other, USD);
    }

    function test_a_closed_market_lends_nothing_and_its_mid_stays() public {
        for (uint256 mode = 1; mode <= 2; ++mode) {
            set(10_000, 1_800, START - 60, IHaircuts.Mode(mode));
            (uint256 bid,) = quoter.getQuotes(1e18, base, USD);
            equal(bid, 0, "nothing is lent");
            (, uint256 ask) = quoter.getQuotes(1, USD, base);
            equal(ask, type(uint256).max, "the least debt takes more than there is");
            equal(quoter.getQuote(1e18, base, USD), 2_000e18, "liquidations go on at the mid");
        }
    }

    function test_in_a_vault_the_haircut_stops_new_debt_and_liquidates_nobody() public {
        LikeAEulerVault vault = new LikeAEulerVault(quoter, USD);
        isTrue(vault.passesStatusCheck(1e18, base, 1_403e18), "90 % of the bid of 1560 USD is 1404");
        isTrue(!vault.passesStatusCheck(1e18, base, 1_404e18), "and not more");
        set(10_000, 9_000, START - 60, IHaircuts.Mode.FROZEN);
        isTrue(!vault.passesStatusCheck(1e18, base, 1), "closed: no new debt");
        isTrue(!vault.isLiquidatable(1e18, base, 1_859e18), "93 % of the mid of 2000 USD is 1860, as ever");
        isTrue(vault.isLiquidatable(1e18, base, 1_860e18), "and the price still liquidates");
    }

    function test_a_dead_price_stops_both() public {
        prices.set(base, USD, 0, 0);
        bytes memory refusal = abi.encodeWithSelector(IPriceOracle.PriceOracle_NotSupported.selector, base, USD);
        vm.expectRevert(refusal);
        quoter.getQuotes(1e18, base, USD);
        vm.expectRevert(refusal);
        quoter.getQuote(1e18, base, USD);
    }

    function test_fuzz_decimals_6_8_and_18_quote_alike(uint256 seed, uint16 initial) public {
        uint8[3] memory decimals = [6, 8, 18];
        uint256 initialBps = bound(initial, 0, 10_000);
        set(initialBps, 0);
        for (uint256 i; i < 3; ++i) {
            for (uint256 j; j < 3; ++j) {
                // 2000 quote for 1 base, whatever their decimals
                prices.set(base, USD, 2_000 * 10 ** decimals[j] * 1e18 / 10 ** decimals[i], 0);
                uint256 whole = bound(seed, 1, 1e9);
                (uint256 bid,) = quoter.getQuotes(whole * 10 ** decimals[i], base, USD);
                uint256 exact = whole * 2_000 * 10 ** decimals[j] * (10_000 - initialBps) / 10_000;
                equal(bid, exact, "the haircut is the same share in all decimals");
            }
        }
    }

    function test_fuzz_rounding_is_against_the_borrower(uint128 amount, uint128 perWad, uint16 initial) public {
        prices.set(base, USD, uint256(perWad) + 1, 0);
        prices.set(USD, base, uint256(perWad) + 1, 0);
        uint256 initialBps = bound(initial, 0, 9_999);
        set(initialBps, 0);
        uint256 mid = prices.getQuote(amount, base, USD);
        (uint256 bid,) = quoter.getQuotes(amount, base, USD);
        isTrue(bid * 10_000 <= mid * (10_000 - initialBps), "the bid is never above mid x (1 - initial)");
        isTrue((bid + 1) * 10_000 > mid * (10_000 - initialBps), "and less than one unit below it");
        (, uint256 ask) = quoter.getQuotes(amount, USD, base);
        isTrue(ask * (10_000 - initialBps) >= mid * 10_000, "the ask is never below mid / (1 - initial)");
        isTrue(ask == 0 || (ask - 1) * (10_000 - initialBps) < mid * 10_000, "and less than one unit above it");
    }

    function test_fuzz_nothing_overflows_and_more_haircut_never_lends_more(
        uint256 amount,
        uint256 perWad,
        uint16 a,
        uint16 b
    ) public {
        // Any price and amount whose mid exists at all.
        perWad = bound(perWad, 1, type(uint256).max - 1);
        amount = bound(amount, 0, type(uint256).max - 1);
        if (amount / 1e18 >= type(uint256).max / perWad / 2) amount = amount % 1e18 * 1e17 / perWad;
        prices.set(base, USD, perWad, 0);
        prices.set(USD, base, perWad, 0);
        (uint256 low, uint256 high) = (bound(a, 0, 10_000), bound(b, 0, 10_000));
        if (low > high) (low, high) = (high, low);
        set(low, 0);
        (uint256 bidLow,) = quoter.getQuotes(amount, base, USD);
        (, uint256 askLow) = quoter.getQuotes(amount, USD, base);
        set(high, 0);
        (uint256 bidHigh,) = quoter.getQuotes(amount, base, USD);
        (, uint256 askHigh) = quoter.getQuotes(amount, USD, base);
        isTrue(bidHigh <= bidLow, "the bid falls with the haircut");
        isTrue(askHigh >= askLow, "the ask rises with the haircut");
    }
}
