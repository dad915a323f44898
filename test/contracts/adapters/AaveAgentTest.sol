// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AaveV3Agent} from "../../../contracts/adapters/AaveV3Agent.sol";
import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {IAavePoolAddressesProvider} from "../../../contracts/interfaces/adapters/IAaveV3.sol";
import {MockAaveMarket} from "../../mocks/MockAaveMarket.sol";
import {AgentTest} from "./AgentTest.sol";
import {AaveWord} from "./AaveWord.sol";

/// @dev An Aave reserve of WETH at LTV 80.5 %, LT 83 %, bonus 5 %, haircuts 25 % and 23 %, and an agent that steps
/// 25 bp in four hours.
abstract contract AaveAgentTest is AgentTest {
    MockAaveMarket internal market;
    AaveV3Agent internal agent;

    function setUp() public virtual override {
        super.setUp();
        start(true);
    }

    function start(bool keepsPending) internal {
        market = new MockAaveMarket(keepsPending);
        market.put(address(weth), 8_050, 8_300, 10_500);
        agent = deploy(AaveV3Agent.Settings(25, 4 hours, 200, 6 hours));
        set(2_500, 2_300, START, IHaircuts.Mode.NORMAL);
    }

    function deploy(AaveV3Agent.Settings memory settings) internal returns (AaveV3Agent) {
        return new AaveV3Agent(parameters, IAavePoolAddressesProvider(address(market)), USD, settings);
    }

    function sync(bool changed) internal {
        isTrue(agent.sync(address(weth)) == changed, changed ? "the call changes something" : "nothing is to change");
    }

    function ltv() internal view returns (uint256) {
        return AaveWord.ltv(market.getConfiguration(address(weth)));
    }

    function threshold() internal view returns (uint256) {
        return AaveWord.liquidationThreshold(market.getConfiguration(address(weth)));
    }

    function reads(uint256 ltv_, uint256 threshold_, string memory sentence) internal view {
        equal(ltv(), ltv_, sentence);
        equal(threshold(), threshold_, sentence);
    }
}
