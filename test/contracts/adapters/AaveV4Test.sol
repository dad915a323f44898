// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AaveV4Agent} from "../../../contracts/adapters/AaveV4Agent.sol";
import {MockAaveV4} from "../../mocks/MockAaveV4.sol";
import {AgentTest} from "./AgentTest.sol";

/// @dev A reserve of WETH at a collateral factor of 80.5 %, bonus 5 %, haircuts 25 % and 23 %, and an agent that steps 25 bp in
/// four hours.
abstract contract AaveV4Test is AgentTest {
    address internal constant ALICE = address(0xA11CE);

    MockAaveV4 internal market;
    AaveV4Agent internal agent;
    AaveV4Agent.Places internal places;

    function setUp() public virtual override {
        super.setUp();
        list(18);
        agent = deploy(AaveV4Agent.Settings(25, 4 hours, 20, 6 hours));
        set(2_500, 2_300);
        parameters.setLimit(1, 4_096, true);
        market.setAdded(3_000.9e18);
    }

    function list(uint8 decimals) internal {
        market = new MockAaveV4(address(weth), decimals, 8_050, 10_500);
        places = AaveV4Agent.Places(market.spoke(), market.hub(), market.spokeConfigurator(), market.hubConfigurator());
    }

    function deploy(AaveV4Agent.Settings memory settings) internal returns (AaveV4Agent) {
        return new AaveV4Agent(parameters, places, USD, settings);
    }

    function sync(bool changed) internal {
        (uint256 target,, bool changes) = agent.preview(address(weth));
        isTrue(changes == changed, "the preview says so");
        isTrue(agent.sync(address(weth)) == changed, changed ? "the call changes something" : "nothing is to change");
        equal(factor(newest()), target, "and to what");
    }

    function lower(uint32 key, bool changed) internal {
        uint32[] memory keys = agent.lowerable(address(weth), key, key + 1);
        isTrue(keys.length == (changed ? 1 : 0) && (!changed || keys[0] == key), "the list says so");
        isTrue(agent.lower(address(weth), key) == changed, changed ? "the call changes something" : "nothing is due");
    }

    function newest() internal view returns (uint32) {
        return market.getReserve(7).dynamicConfigKey;
    }

    function factor(uint32 key) internal view returns (uint256) {
        return market.getDynamicReserveConfig(7, key).collateralFactor;
    }

    /// @dev By Aave's governance: a new configuration, an old one changed, and the cap.
    function add(uint256 next) internal {
        market.addCollateralFactor(market.spoke(), 7, uint16(next));
    }

    function update(uint32 key, uint256 next) internal {
        market.updateCollateralFactor(market.spoke(), 7, key, uint16(next));
    }

    function setCap(uint256 cap) internal {
        market.updateSpokeAddCap(market.hub(), 3, market.spoke(), cap);
    }
}
