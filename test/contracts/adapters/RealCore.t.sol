// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AaveV3Agent} from "../../../contracts/adapters/AaveV3Agent.sol";
import {BidAskQuoter} from "../../../contracts/adapters/BidAskQuoter.sol";
import {HaircutFactorFeed} from "../../../contracts/adapters/HaircutFactorFeed.sol";
import {HaircutFeed} from "../../../contracts/adapters/HaircutFeed.sol";
import {HaircutPriceFeed} from "../../../contracts/adapters/HaircutPriceFeed.sol";
import {MorphoHaircutOracle} from "../../../contracts/adapters/MorphoHaircutOracle.sol";
import {RiskOraclePublisher} from "../../../contracts/adapters/RiskOraclePublisher.sol";
import {AggregatorV3Interface} from "../../../contracts/interfaces/AggregatorV3Interface.sol";
import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {IAavePoolAddressesProvider} from "../../../contracts/interfaces/adapters/IAaveV3.sol";
import {IPriceOracle} from "../../../contracts/interfaces/adapters/IPriceOracle.sol";
import {MockAaveMarket} from "../../mocks/MockAaveMarket.sol";
import {MockPriceFeed} from "../../mocks/MockPriceFeed.sol";
import {MockPriceOracle} from "../../mocks/MockPriceOracle.sol";
import {IParameterTypes as Types} from "../../../contracts/interfaces/IParameterTypes.sol";
import {ParametersTest} from "../support/ParametersWorld.sol";
import {vm} from "../support/Vm.sol";
import {AaveWord} from "./AaveWord.sol";

/// @dev Every adapter on the real parameter contract, in every state a market can be in: the table of the README.
contract RealCoreTest is ParametersTest {
    uint16 private constant UNLISTED = 13;

    IHaircuts private core;
    address private weth;
    MockAaveMarket private aave;
    MockPriceOracle private prices;
    BidAskQuoter private quoter;
    AaveV3Agent private agent;
    MorphoHaircutOracle private morpho;
    RiskOraclePublisher private publisher;
    HaircutFactorFeed private factor;
    HaircutPriceFeed private price;
    uint256 private pricedAt;

    function setUp() public override {
        super.setUp();
        core = IHaircuts(address(parameters));
        weth = address(tokens[0]);
        prices = new MockPriceOracle();
        prices.set(weth, USD, 2_000e18, 0);
        prices.setPrice(2_000e24);
        MockPriceFeed feed = new MockPriceFeed("ETH / USD", 8);
        feed.setAnswer(2_000e8);
        pricedAt = block.timestamp;
        aave = new MockAaveMarket(true);
        aave.put(weth, 8_050, 8_300, 10_500);

        quoter = new BidAskQuoter(core, prices);
        agent = new AaveV3Agent(
            core,
            IAavePoolAddressesProvider(address(aave)),
            USD,
            AaveV3Agent.Settings({maxThresholdStepBps: 25, stepSeconds: 4 hours, minGapBps: 200, maxAgeSeconds: 6 hours})
        );
        morpho = new MorphoHaircutOracle(core, 1, prices, 0.86e18);
        publisher = new RiskOraclePublisher(core, USD);
        factor = new HaircutFactorFeed(core, 1, HaircutFeed.Side.INITIAL);
        price = new HaircutPriceFeed(core, 1, HaircutFeed.Side.MAINTENANCE, AggregatorV3Interface(address(feed)));
    }

    /// @dev Asserts what all adapters answer for an initial haircut and a maintenance haircut.
    function answers(uint256 initialBps, uint256 maintenanceBps, string memory state) private view {
        (uint256 bid, uint256 ask) = quoter.getQuotes(1e18, weth, USD);
        equal(bid, 2_000e18 * (10_000 - initialBps) / 10_000, state);
        equal(ask, 2_000e18, state);
        equal(quoter.getQuote(1e18, weth, USD), 2_000e18, state);
        equal(morpho.price(), uint256(2_000e24) * (10_000 - maintenanceBps) / 8_600, state);
        equal(published("ltv"), 10_000 - initialBps, state);
        equal(published("liquidationThreshold"), 10_000 - maintenanceBps, state);
        (, int256 answer,, uint256 updatedAt,) = factor.latestRoundData();
        equal(uint256(answer), (10_000 - initialBps) * 1e14, state);
        equal(updatedAt, parameters.haircuts(1).asOf, state);
        (, answer,, updatedAt,) = price.latestRoundData();
        equal(uint256(answer), 2_000e8 * (10_000 - maintenanceBps) / 10_000, state);
        equal(updatedAt, pricedAt, "a dead keeper does not age the maintenance side");
    }

    function published(string memory kind) private view returns (uint256) {
        return abi.decode(publisher.getLatestUpdateByParameterAndMarket(kind, weth).newValue, (uint256));
    }

    function aaveReads(uint256 ltv, uint256 threshold, string memory state) private {
        agent.sync(weth);
        equal(AaveWord.ltv(aave.getConfiguration(weth)), ltv, state);
        equal(AaveWord.liquidationThreshold(aave.getConfiguration(weth)), threshold, state);
    }

    function test_fresh_and_tightened_in_the_same_block() public {
        answers(2_200, 1_800, "fresh");
        aaveReads(7_800, 8_275, "fresh");
        send(change(1, 3_000, 2_500));
        answers(3_000, 1_800, "initial at once, maintenance not in its block");
        aaveReads(7_000, 8_275, "LTV at once, LT had its step");
        passAlive(1 days);
        answers(3_000, 1_950, "150 bp of ramp after a day");
        aaveReads(7_000, 8_250, "one more step");
    }

    function test_a_dead_keeper_closes_new_risk_and_leaves_the_rest() public {
        answers(2_200, 1_800, "fresh");
        aaveReads(7_800, 8_275, "fresh");
        // The data is ten minutes old.
        pass(6 hours - 10 minutes);
        answers(2_200, 1_800, "not yet stale");
        pass(12 hours);
        answers(6_100, 1_800, "half-way to the cap of 100 %");
        aaveReads(3_900, 8_275, "LTV falls, LT stands still");
        pass(30 days);
        answers(10_000, 1_800, "long stale");
        aaveReads(0, 8_275, "closed, and LT stands still");
    }

    function test_closed_markets() public {
        setMode(1, Types.Mode.NO_NEW_RISK);
        answers(10_000, 1_800, "NO_NEW_RISK");
        aaveReads(0, 8_275, "closed, LT one step");
        pass(4 hours);
        send(restate(1));
        setMode(1, Types.Mode.FROZEN);
        answers(10_000, 1_800, "FROZEN");
        aaveReads(0, 8_275, "LT stands still");
        setMode(1, Types.Mode.NORMAL);
        answers(2_200, 1_800, "open again");
        aaveReads(7_800, 8_250, "open again, LT one step");
    }

    function test_unknown_markets() public {
        address other = address(0xBEEF);
        vm.expectRevert(abi.encodeWithSelector(IPriceOracle.PriceOracle_NotSupported.selector, other, USD));
        quoter.getQuotes(1e18, other, USD);
        vm.expectRevert(abi.encodeWithSelector(AaveV3Agent.UnknownPair.selector, other, USD));
        agent.sync(other);
        vm.expectRevert(abi.encodeWithSelector(RiskOraclePublisher.NoUpdate.selector, other, USD));
        publisher.getLatestUpdateByParameterAndMarket("ltv", other);
        vm.expectRevert(abi.encodeWithSelector(IHaircuts.UnknownMarket.selector, UNLISTED));
        new HaircutFactorFeed(core, UNLISTED, HaircutFeed.Side.INITIAL);
        vm.expectRevert(abi.encodeWithSelector(IHaircuts.UnknownMarket.selector, UNLISTED));
        new MorphoHaircutOracle(core, UNLISTED, prices, 0.86e18);
    }

    /// @dev Adapters speak `IHaircuts`, the contract `ICollateralParameters`: the answers are the same words.
    function test_both_interfaces_read_the_same_words() public view {
        bytes32 theirs = keccak256(abi.encode(parameters.haircuts(1)));
        isTrue(keccak256(abi.encode(core.haircuts(1))) == theirs, "by id");
        isTrue(keccak256(abi.encode(core.haircuts(weth, USD))) == theirs, "by pair");
        equal(core.marketOf(weth, USD), 1, "id of a pair");
        (bool known, IHaircuts.Haircuts memory unknown) = core.tryHaircuts(address(0xBEEF), USD);
        isTrue(!known && unknown.initialBps == 10_000 && unknown.maintenanceBps == 0, "unknown reads closed");
    }
}
