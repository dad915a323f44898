// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {HaircutFactorFeed} from "../../../contracts/adapters/HaircutFactorFeed.sol";
import {HaircutFeed} from "../../../contracts/adapters/HaircutFeed.sol";
import {HaircutPriceFeed} from "../../../contracts/adapters/HaircutPriceFeed.sol";
import {AggregatorV3Interface} from "../../../contracts/interfaces/AggregatorV3Interface.sol";
import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {MockPriceFeed} from "../../mocks/MockPriceFeed.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {vm} from "../support/Vm.sol";
import {AdapterTest} from "./AdapterTest.sol";
import {LikeAFeedReader} from "./Consumers.sol";

contract FeedsTest is AdapterTest {
    MockPriceFeed private price;
    HaircutFactorFeed private factor;
    HaircutPriceFeed private initialPrice;

    function setUp() public override {
        super.setUp();
        price = new MockPriceFeed("ETH / USD", 8);
        price.setAnswerAt(2_000e8, START - 30);
        factor = new HaircutFactorFeed(parameters, 1, HaircutFeed.Side.INITIAL);
        initialPrice = priceLess(price);
    }

    function priceLess(MockPriceFeed feed) private returns (HaircutPriceFeed) {
        return new HaircutPriceFeed(parameters, 1, AggregatorV3Interface(address(feed)));
    }

    function answerOf(AggregatorV3Interface feed) private view returns (uint256 answer, uint256 updatedAt) {
        (uint80 round, int256 signed, uint256 startedAt, uint256 at, uint80 answeredIn) = feed.latestRoundData();
        isTrue(signed >= 0 && startedAt == at && answeredIn == round && round != 0, "the round is whole");
        isTrue(at <= block.timestamp, "the age is never in the future");
        return (uint256(signed), at);
    }

    function test_the_factor_is_what_may_be_lent_per_unit() public {
        (uint256 answer, uint256 updatedAt) = answerOf(factor);
        equal(answer, 0.78e18, "1 - 22 %");
        equal(updatedAt, START - 60, "as old as the data");
        equal(factor.decimals(), 18, "18 decimals");
        HaircutFactorFeed other = new HaircutFactorFeed(parameters, 1, HaircutFeed.Side.MAINTENANCE);
        (answer,) = answerOf(other);
        equal(answer, 0.82e18, "1 - 18 %");
    }

    function test_the_price_is_less_its_haircut_in_the_prices_decimals() public view {
        (uint256 answer, uint256 updatedAt) = answerOf(initialPrice);
        equal(answer, 1_560e8, "22 % off 2000 USD");
        equal(updatedAt, START - 60, "the data are older than the price");
        equal(initialPrice.decimals(), 8, "the decimals of the price");
    }

    function test_the_older_of_price_and_data_is_the_age() public {
        price.setAnswerAt(2_000e8, START - 900);
        (, uint256 updatedAt) = answerOf(initialPrice);
        equal(updatedAt, START - 900, "the price is older");
        price.setAnswerAt(2_000e8, START + 900);
        (, updatedAt) = answerOf(initialPrice);
        equal(updatedAt, START - 60, "a price from the future is not newer than the data");
    }

    function test_a_reader_that_checks_refuses_old_data_and_old_prices_and_closed_markets() public {
        LikeAFeedReader reader = new LikeAFeedReader(initialPrice, 6 hours);
        equal(reader.price(), 1_560e8, "fresh");
        vm.warp(START + 6 hours - 60);
        equal(reader.price(), 1_560e8, "as old as allowed");
        vm.warp(START + 6 hours - 59);
        vm.expectRevert(abi.encodeWithSelector(LikeAFeedReader.TooStale.selector, 6 hours + 1, 6 hours));
        reader.price();
        set(2_200, 1_800, START + 6 hours - 59, IHaircuts.Mode.NORMAL);
        equal(reader.price(), 1_560e8, "fresh data, a price of six hours ago");
        vm.warp(START + 6 hours - 29);
        vm.expectRevert(abi.encodeWithSelector(LikeAFeedReader.TooStale.selector, 6 hours + 1, 6 hours));
        reader.price();
        price.setAnswerAt(2_000e8, START + 6 hours - 29);
        set(10_000, 1_800, START + 6 hours - 29, IHaircuts.Mode.NO_NEW_RISK);
        vm.expectRevert(abi.encodeWithSelector(LikeAFeedReader.InvalidAnswer.selector));
        reader.price();
    }

    /// @dev Promise 2: maintenance is valid whatever the age of the data.
    function test_a_dead_keeper_does_not_age_the_maintenance_side() public {
        vm.warp(START + 30 days);
        price.setAnswerAt(2_000e8, START + 30 days - 30);
        HaircutFactorFeed other = new HaircutFactorFeed(parameters, 1, HaircutFeed.Side.MAINTENANCE);
        equal(new LikeAFeedReader(other, 1 hours).price(), 0.82e18, "a month of silence: who checks the age still liquidates");
        LikeAFeedReader lender = new LikeAFeedReader(initialPrice, 1 hours);
        vm.expectRevert(abi.encodeWithSelector(LikeAFeedReader.TooStale.selector, 30 days + 60, 1 hours));
        lender.price();
    }

    function test_a_price_that_is_not_positive_is_refused() public {
        int256[3] memory bad = [int256(0), -1, type(int256).min];
        for (uint256 i; i < 3; ++i) {
            price.setAnswer(bad[i]);
            vm.expectRevert(abi.encodeWithSelector(HaircutPriceFeed.PriceNotPositive.selector, bad[i]));
            initialPrice.latestRoundData();
        }
    }

    function test_a_dead_price_feed_stops_the_price_and_not_the_factor() public {
        MockPriceFeed dead = new MockPriceFeed("never answered", 8);
        HaircutPriceFeed feed = priceLess(dead);
        vm.expectRevert(abi.encodeWithSelector(MockPriceFeed.NoDataPresent.selector, 0));
        feed.latestRoundData();
        (uint256 answer,) = answerOf(factor);
        equal(answer, 0.78e18, "the factor needs no price");
    }

    function test_a_closed_market_answers_zero_on_the_initial_side_only() public {
        for (uint256 mode = 1; mode <= 2; ++mode) {
            set(10_000, 1_800, START - 60, IHaircuts.Mode(mode));
            (uint256 answer,) = answerOf(factor);
            equal(answer, 0, "nothing may be lent");
            (answer,) = answerOf(initialPrice);
            equal(answer, 0, "nothing may be lent");
            (answer,) = answerOf(new HaircutFactorFeed(parameters, 1, HaircutFeed.Side.MAINTENANCE));
            equal(answer, 0.82e18, "liquidations see what they saw");
        }
    }

    function test_every_block_is_a_round_and_only_the_present_one_is_kept() public {
        (uint80 round,,,,) = factor.latestRoundData();
        equal(round, START, "the block time");
        (uint80 again, int256 answer,,,) = factor.getRoundData(round);
        isTrue(again == round && answer == 0.78e18, "the present round can be read by id");
        vm.warp(START + 12);
        vm.expectRevert(abi.encodeWithSelector(HaircutFeed.RoundNotKept.selector, uint80(START), uint80(START + 12)));
        factor.getRoundData(round);
    }

    function test_a_feed_of_an_unknown_market_cannot_be_deployed() public {
        vm.expectRevert(abi.encodeWithSelector(IHaircuts.UnknownMarket.selector, 2));
        new HaircutFactorFeed(parameters, 2, HaircutFeed.Side.INITIAL);
        vm.expectRevert(abi.encodeWithSelector(IHaircuts.UnknownMarket.selector, 0));
        new HaircutPriceFeed(parameters, 0, AggregatorV3Interface(address(price)));
    }

    function test_descriptions_name_price_and_side() public view {
        same(initialPrice.description(), "ETH / USD less initial haircut");
        same(factor.description(), "1 - initial haircut");
        equal(factor.version(), 1, "version");
    }

    function same(string memory got, string memory expected) private pure {
        isTrue(keccak256(bytes(got)) == keccak256(bytes(expected)), expected);
    }

    function test_fuzz_prices_of_any_size_and_decimals(uint256 answer, uint8 decimals, uint16 a, uint16 b) public {
        answer = bound(answer, 1, uint256(type(int256).max));
        MockPriceFeed any = new MockPriceFeed("any", decimals);
        any.setAnswer(int256(answer));
        HaircutPriceFeed feed = priceLess(any);
        equal(feed.decimals(), decimals, "the decimals of the price");
        (uint256 low, uint256 high) = (bound(a, 0, 10_000), bound(b, 0, 10_000));
        if (low > high) (low, high) = (high, low);
        set(low, 0);
        (uint256 more,) = answerOf(feed);
        (uint256 moreFactor,) = answerOf(factor);
        set(high, 0);
        (uint256 less,) = answerOf(feed);
        (uint256 lessFactor,) = answerOf(factor);
        isTrue(less <= more && more <= answer, "the price falls with the haircut and is never above the price");
        isTrue(lessFactor <= moreFactor && moreFactor <= 1e18, "so does the factor");
        equal(moreFactor, (10_000 - low) * 1e14, "the factor is exact");
        equal(less, Math.mulDiv(answer, 10_000 - high, 10_000), "rounded down");
    }
}
