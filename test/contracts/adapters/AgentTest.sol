// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {vm} from "../support/Vm.sol";
import {AdapterTest} from "./AdapterTest.sol";

/// @dev A market whose time passes, and whose data are fresh where nothing is said of them.
abstract contract AgentTest is AdapterTest {
    /// @dev The clock of the test. `block.timestamp` is not read after a warp: the optimizer may reuse an old one.
    uint256 internal clock = START;

    function pass(uint256 duration) internal {
        clock += duration;
        vm.warp(clock);
    }

    function set(uint256 initialBps, uint256 maintenanceBps) internal override {
        set(initialBps, maintenanceBps, clock, IHaircuts.Mode.NORMAL);
    }
}
