// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AaveV4Agent} from "../../../contracts/adapters/AaveV4Agent.sol";
import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {MockAaveV4} from "../../mocks/MockAaveV4.sol";
import {Change, Writes} from "../support/Writes.sol";
import {vm} from "../support/Vm.sol";
import {AaveAgentTest} from "./AaveAgentTest.sol";
import {AdapterTest} from "./AdapterTest.sol";

/// @dev The functions of adapters that change anything, and the one that does several of these. Anyone may call them; what they write is what was known of one asset.
contract AdapterPermissionsTest is AaveAgentTest, Writes {
    uint256 private constant CAPS = 0;
    uint256 private constant PROGRESS = 1;

    function setUp() public override {
        super.setUp();
        rule("sync(address)", 1);
        rule("syncSupplyCap(address)", 1);
        rule("multicall(bytes[])", 1);
    }

    function testFuzz_a_call_changes_what_is_known_of_its_asset_and_nothing_else(uint256 seed, address caller) public {
        vm.assume(caller != address(0));
        pass(bound(seed >> 8, 0, 1 days));
        if (seed & 1 == 0) set(bound(seed >> 32, 2_300, 4_000), bound(seed >> 48, 1_800, 2_100));
        uint256 at = (seed >> 1) % 2;
        address asset = seed & 4 == 0 ? address(weth) : address(uint160(seed >> 64));
        bytes memory data = abi.encodeWithSelector(rules[at].selector, asset);
        (bool ok, Change[] memory changes) = changesOf(address(agent), caller, data);
        isTrue(!ok || asset == address(weth), "of an asset without a market nothing is set");
        isTrue(ok || changes.length == 0, "what is refused changes nothing");
        bytes32 slot = keccak256(abi.encode(asset, at == 0 ? PROGRESS : CAPS));
        for (uint256 i; i < changes.length; ++i) isTrue(changes[i].slot == slot, rules[at].signature);
    }

    function testFuzz_several_calls_at_once_change_what_each_of_them_does(bytes memory other, address caller) public {
        vm.assume(caller != address(0));
        set(3_000, 2_300);
        bytes[] memory calls = new bytes[](3);
        calls[0] = abi.encodeWithSelector(rules[0].selector, address(weth));
        calls[1] = abi.encodeWithSelector(rules[1].selector, address(weth));
        calls[2] = other;
        (bool ok, Change[] memory changes) = changesOf(address(agent), caller, abi.encodeCall(agent.multicall, (calls)));
        isTrue(!ok && changes.length == 0, "what it does not have, it does not call, and nothing of the rest stays");
        calls[2] = calls[0];
        (ok, changes) = changesOf(address(agent), caller, abi.encodeCall(agent.multicall, (calls)));
        isTrue(ok && changes.length > 0, "anyone");
        for (uint256 i; i < changes.length; ++i) {
            bytes32 slot = changes[i].slot;
            bool known = slot == keccak256(abi.encode(weth, PROGRESS)) || slot == keccak256(abi.encode(weth, CAPS));
            isTrue(known, rules[2].signature);
        }
    }

    function test_anyone_can() public {
        for (uint256 at; at < 2; ++at) {
            set(3_000, 2_300);
            bytes memory data = abi.encodeWithSelector(rules[at].selector, address(weth));
            (bool ok,) = changesOf(address(agent), address(0x57A6), data);
            isTrue(ok, rules[at].signature);
        }
    }
}

/// @dev What the agent of Aave v4 changes: anyone may call, and it is what is known of one asset.
contract AaveV4PermissionsTest is AdapterTest, Writes {
    uint256 private constant CAPS = 0;
    uint256 private constant NEXT_KEY = 1;
    uint256 private constant OLD = 2;

    function setUp() public override {
        super.setUp();
        rule("sync(address)", 1);
        rule("syncSupplyCap(address)", 1);
        rule("lower(address,uint32)", 1);
    }

    function testFuzz_a_call_changes_what_is_known_of_its_asset_and_nothing_else(uint256 seed, address caller) public {
        vm.assume(caller != address(0));
        MockAaveV4 aave = new MockAaveV4(address(weth), 18, 8_050, 10_500);
        AaveV4Agent agent = new AaveV4Agent(
            parameters,
            AaveV4Agent.Places(aave.spoke(), aave.hub(), aave.spokeConfigurator(), aave.hubConfigurator()),
            USD,
            AaveV4Agent.Settings(25, 4 hours, 20, 6 hours)
        );
        aave.addCollateralFactor(aave.spoke(), 7, 8_000);
        parameters.setLimit(1, 4_096, seed & 1 == 0);
        set(bound(seed >> 8, 2_000, 4_000), 1_500, START, IHaircuts.Mode.NORMAL);
        uint256 at = (seed >> 1) % 3;
        address asset = seed & 8 == 0 ? address(weth) : address(uint160(seed >> 64));
        uint32 key = uint32(bound(seed >> 32, 0, 2));
        (bool ok, Change[] memory changes) =
            changesOf(address(agent), caller, abi.encodeWithSelector(rules[at].selector, asset, key));
        isTrue(!ok || asset == address(weth), "of an asset without a market nothing is set");
        isTrue(ok || changes.length == 0, "what is refused changes nothing");
        bytes32 olds = keccak256(abi.encode(asset, OLD));
        for (uint256 i; i < changes.length; ++i) {
            bytes32 slot = changes[i].slot;
            bool known = slot == keccak256(abi.encode(asset, at == 1 ? CAPS : NEXT_KEY)) && at != 2;
            for (uint256 old; at != 1 && old < 2; ++old) known = known || slot == keccak256(abi.encode(old, olds));
            isTrue(known, rules[at].signature);
        }
        isTrue(at != 2 || asset != address(weth) || key != 0 || changes.length == 1, "an old one is noted");
    }
}
