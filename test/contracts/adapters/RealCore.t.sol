// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ExposureCap} from "../../../contracts/adapters/ExposureCap.sol";
import {AaveV3Agent} from "../../../contracts/adapters/AaveV3Agent.sol";
import {AaveV4Agent} from "../../../contracts/adapters/AaveV4Agent.sol";
import {BidAskQuoter} from "../../../contracts/adapters/BidAskQuoter.sol";
import {HaircutFactorFeed} from "../../../contracts/adapters/HaircutFactorFeed.sol";
import {HaircutFeed} from "../../../contracts/adapters/HaircutFeed.sol";
import {HaircutPriceFeed} from "../../../contracts/adapters/HaircutPriceFeed.sol";
import {RiskOraclePublisher} from "../../../contracts/adapters/RiskOraclePublisher.sol";
import {AggregatorV3Interface} from "../../../contracts/interfaces/AggregatorV3Interface.sol";
import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {IAavePoolAddressesProvider} from "../../../contracts/interfaces/adapters/IAaveV3.sol";
import {IPriceOracle} from "../../../contracts/interfaces/adapters/IPriceOracle.sol";
import {MockAaveMarket} from "../../mocks/MockAaveMarket.sol";
import {MockAaveV4} from "../../mocks/MockAaveV4.sol";
import {MockPriceFeed} from "../../mocks/MockPriceFeed.sol";
import {MockPriceOracle} from "../../mocks/MockPriceOracle.sol";
import {World} from "../parameters/World.sol";
import {vm} from "../support/Vm.sol";
import {AaveWord} from "./AaveWord.sol";

/// @dev Every adapter on the real parameter contract, in every state a market can be in: the table of the README.
contract RealCoreTest is World {
    uint16 private constant UNLISTED = 13;
    uint256 private constant TOKENS = 4_096;

    IHaircuts private core;
    address private weth;
    MockAaveMarket private aave;
    MockAaveV4 private aaveV4;
    AaveV4Agent private agentV4;
    BidAskQuoter private quoter;
    AaveV3Agent private agent;
    RiskOraclePublisher private publisher;
    HaircutFactorFeed private initialFactor;
    HaircutFactorFeed private maintenanceFactor;
    HaircutPriceFeed private price;

    function setUp() public {
        world();
        core = IHaircuts(address(parameters));
        weth = address(tokens[0]);
        MockPriceOracle prices = new MockPriceOracle();
        prices.set(weth, USD, 2_000e18, 0);
        MockPriceFeed feed = new MockPriceFeed("ETH / USD", 8);
        feed.setAnswer(2_000e8);
        aave = new MockAaveMarket(true);
        aave.put(weth, 8_050, 8_300, 10_500);
        aave.setTotalSupply(3_000e18);

        quoter = new BidAskQuoter(core, prices);
        agent = new AaveV3Agent(
            core,
            IAavePoolAddressesProvider(address(aave)),
            USD,
            AaveV3Agent.Settings({
                maxThresholdStepBps: 25,
                stepSeconds: 4 hours,
                minGapBps: 200,
                maxAgeSeconds: 24 hours
            })
        );
        aaveV4 = new MockAaveV4(weth, 18, 8_300, 10_500);
        aaveV4.setAdded(3_000e18);
        agentV4 = new AaveV4Agent(
            core,
            AaveV4Agent.Places(aaveV4.spoke(), aaveV4.hub(), aaveV4.spokeConfigurator(), aaveV4.hubConfigurator()),
            USD,
            AaveV4Agent.Settings({maxStepBps: 25, stepSeconds: 4 hours, leastRiseBps: 20, maxAgeSeconds: 24 hours})
        );
        publisher = new RiskOraclePublisher(core, USD);
        initialFactor = new HaircutFactorFeed(core, 1, HaircutFeed.Side.INITIAL);
        maintenanceFactor = new HaircutFactorFeed(core, 1, HaircutFeed.Side.MAINTENANCE);
        price = new HaircutPriceFeed(core, 1, AggregatorV3Interface(address(feed)));
    }

    /// @dev Asserts what all adapters answer for the two haircuts and a limit of 4096.
    function answers(uint256 initialBps, uint256 maintenanceBps, string memory state) private view {
        (uint256 bid, uint256 ask) = quoter.getQuotes(1e18, weth, USD);
        equal(bid, 2_000e18 * (10_000 - initialBps) / 10_000, state);
        equal(ask, 2_000e18, state);
        equal(quoter.getQuote(1e18, weth, USD), 2_000e18, state);
        equal(published("ltv"), 10_000 - initialBps, state);
        equal(published("liquidationThreshold"), 10_000 - maintenanceBps, state);
        equal(published("supplyCap"), TOKENS, state);
        (, int256 answer,, uint256 updatedAt,) = initialFactor.latestRoundData();
        equal(uint256(answer), (10_000 - initialBps) * 1e14, state);
        equal(updatedAt, parameters.haircuts(1).asOf, state);
        (, answer,, updatedAt,) = maintenanceFactor.latestRoundData();
        equal(uint256(answer), (10_000 - maintenanceBps) * 1e14, state);
        equal(updatedAt, clock, "a dead keeper does not age the maintenance side");
        (, answer,, updatedAt,) = price.latestRoundData();
        equal(uint256(answer), 2_000e8 * (10_000 - initialBps) / 10_000, state);
        isTrue(updatedAt <= parameters.haircuts(1).asOf, "the price less initial is as old as the data");
    }

    function published(string memory kind) private view returns (uint256) {
        return abi.decode(publisher.getLatestUpdateByParameterAndMarket(kind, weth).newValue, (uint256));
    }

    function aaveReads(uint256 ltv, uint256 threshold, uint256 cap, string memory state) private {
        agent.sync(weth);
        agent.syncSupplyCap(weth);
        uint256 configuration = aave.getConfiguration(weth);
        equal(AaveWord.ltv(configuration), ltv, state);
        equal(AaveWord.liquidationThreshold(configuration), threshold, state);
        equal(AaveWord.supplyCap(configuration), cap, state);
    }

    /// @dev Newest factor, that of the first configuration of all, and cap, after a call of each kind.
    function v4Reads(uint256 newest, uint256 oldest, uint256 cap, string memory state) private {
        agentV4.sync(weth);
        if (aaveV4.getReserve(7).dynamicConfigKey > 0) agentV4.lower(weth, 0);
        agentV4.syncSupplyCap(weth);
        uint32 key = aaveV4.getReserve(7).dynamicConfigKey;
        equal(aaveV4.getDynamicReserveConfig(7, key).collateralFactor, newest, state);
        equal(aaveV4.getDynamicReserveConfig(7, 0).collateralFactor, oldest, state);
        equal(aaveV4.getSpokeConfig(3, aaveV4.spoke()).addCap, cap, state);
    }

    function test_v4_fresh_and_tightened_has_its_notice_and_then_steps() public {
        v4Reads(7_600, 8_300, TOKENS, "fresh");
        send(KEEPER, entry(1, 3_000, 2_500, LIMIT));
        v4Reads(7_000, 8_300, TOKENS, "initial at once, the old one untouched");
        passAlive(30 days - 1 hours);
        v4Reads(7_000, 8_300, TOKENS, "within its notice");
        passAlive(1 hours);
        v4Reads(7_000, 8_275, TOKENS, "one step");
        passAlive(4 hours);
        send(KEEPER, entry(1, 3_000, 2_500, 1_024));
        v4Reads(7_000, 8_250, 1_024, "one more, and a lower limit at once, though more is supplied");
    }

    function test_v4_a_dead_keeper_closes_new_risk_and_leaves_the_rest() public {
        v4Reads(7_600, 8_300, TOKENS, "fresh");
        passAlive(30 days);
        v4Reads(7_600, 8_275, TOKENS, "past its notice");
        pass(24 hours - 10 minutes);
        v4Reads(7_600, 8_250, TOKENS, "not yet stale");
        pass(24 hours);
        agentV4.sync(weth);
        atMost(aaveV4.getDynamicReserveConfig(7, 2).collateralFactor, 4_100, "the newest falls");
        pass(30 days);
        v4Reads(500, 8_250, 3_000, "at the cap, the old one stands still, no more is supplied");
    }

    function test_v4_closed_and_delisted_markets() public {
        v4Reads(7_600, 8_300, TOKENS, "fresh");
        passAlive(30 days);
        setMode(1, IHaircuts.Mode.FROZEN, GOVERNANCE);
        v4Reads(0, 8_300, 3_000, "FROZEN: closed, the old one stands still");
        setMode(1, IHaircuts.Mode.NO_NEW_RISK, GOVERNANCE);
        v4Reads(0, 8_275, 3_000, "NO_NEW_RISK: closed, one step");
        setMode(1, IHaircuts.Mode.NORMAL, GOVERNANCE);
        v4Reads(7_600, 8_275, TOKENS, "open again");
        pass(4 hours);
        vm.prank(GOVERNANCE);
        parameters.delistMarket(1);
        v4Reads(0, 8_250, 3_000, "closed for ever, one step");
    }

    function test_fresh_and_tightened_in_the_same_block() public {
        answers(2_400, 1_800, "fresh");
        aaveReads(7_600, 8_275, TOKENS, "fresh");
        send(KEEPER, entry(1, 3_000, 2_500, LIMIT));
        answers(3_000, 1_800, "initial at once, maintenance not in its block");
        aaveReads(7_000, 8_275, TOKENS, "LTV at once, LT had its step");
        passAlive(10 days);
        answers(3_000, 1_900, "a third of the gap after ten days");
        aaveReads(7_000, 8_250, TOKENS, "one more step");
        send(KEEPER, entry(1, 3_000, 2_500, 1_024));
        aaveReads(7_000, 8_250, 1_024, "a lower limit at once, though more is supplied");
    }

    function test_a_dead_keeper_closes_new_risk_and_leaves_the_rest() public {
        answers(2_400, 1_800, "fresh");
        aaveReads(7_600, 8_275, TOKENS, "fresh");
        // The data is ten minutes old.
        pass(24 hours - 10 minutes);
        answers(2_400, 1_800, "not yet stale");
        aaveReads(7_600, 8_250, TOKENS, "not yet stale");
        pass(24 hours);
        answers(5_950, 1_800, "half-way to the cap of 95 %");
        aaveReads(4_050, 8_250, 3_000, "LTV falls, LT stands still, no more is supplied");
        pass(30 days);
        answers(9_500, 1_800, "long stale");
        aaveReads(500, 8_250, 3_000, "at the cap, and LT stands still");
    }

    function test_closed_markets() public {
        setMode(1, IHaircuts.Mode.NO_NEW_RISK, GOVERNANCE);
        answers(10_000, 1_800, "NO_NEW_RISK");
        aaveReads(0, 8_275, 3_000, "closed, LT one step");
        pass(4 hours);
        send(KEEPER, restate(1));
        setMode(1, IHaircuts.Mode.FROZEN, GOVERNANCE);
        answers(10_000, 1_800, "FROZEN");
        aaveReads(0, 8_275, 3_000, "LT stands still");
        setMode(1, IHaircuts.Mode.NORMAL, GOVERNANCE);
        answers(2_400, 1_800, "open again");
        aaveReads(7_600, 8_250, TOKENS, "open again, LT one step");
    }

    function test_delisted_markets() public {
        vm.prank(GOVERNANCE);
        parameters.delistMarket(1);
        answers(10_000, 1_800, "closed for ever, maintenance where it stood");
        aaveReads(0, 8_275, 3_000, "closed, LT one step");
    }

    function test_unknown_markets() public {
        address other = address(0xBEEF);
        vm.expectRevert(abi.encodeWithSelector(IPriceOracle.PriceOracle_NotSupported.selector, other, USD));
        quoter.getQuotes(1e18, other, USD);
        refused(address(agent), abi.encodeCall(agent.sync, (other)), other);
        refused(address(agent), abi.encodeCall(agent.preview, (other)), other);
        refused(address(agent), abi.encodeCall(agent.syncSupplyCap, (other)), other);
        refused(address(agentV4), abi.encodeCall(agentV4.sync, (other)), other);
        refused(address(agentV4), abi.encodeCall(agentV4.preview, (other)), other);
        refused(address(agentV4), abi.encodeCall(agentV4.lower, (other, 0)), other);
        refused(address(agentV4), abi.encodeCall(agentV4.lowerable, (other, 0, 1)), other);
        refused(address(agentV4), abi.encodeCall(agentV4.syncSupplyCap, (other)), other);
        refused(address(agentV4), abi.encodeCall(agentV4.previewSupplyCap, (other)), other);
        vm.expectRevert(abi.encodeWithSelector(RiskOraclePublisher.NoUpdate.selector, other, USD));
        publisher.getLatestUpdateByParameterAndMarket("ltv", other);
        vm.expectRevert(abi.encodeWithSelector(IHaircuts.UnknownMarket.selector, UNLISTED));
        new HaircutFactorFeed(core, UNLISTED, HaircutFeed.Side.INITIAL);
    }

    /// @dev By the contract of parameters, and not by the lender, which does not list it either.
    function refused(address at, bytes memory call_, address other) private {
        (bool ok, bytes memory reason) = at.call(call_);
        isTrue(!ok, "refused");
        isTrue(
            keccak256(reason) == keccak256(abi.encodeWithSelector(ExposureCap.UnknownPair.selector, other, USD)),
            "as an unknown pair"
        );
    }
}
