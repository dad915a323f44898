// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {MockERC20} from "../../mocks/MockERC20.sol";
import {MockHaircuts} from "../../mocks/MockHaircuts.sol";
import {Assertions} from "../support/Assertions.sol";
import {vm} from "../support/Vm.sol";

/// @dev A calm market WETH/USD at initial 22 % and maintenance 18 %, data one minute old.
abstract contract AdapterTest is Assertions {
    address internal constant USD = address(840);
    uint256 internal constant START = 1_770_000_000;

    MockHaircuts internal parameters;
    MockERC20 internal weth;

    function setUp() public virtual {
        vm.warp(START);
        parameters = new MockHaircuts();
        weth = new MockERC20("Wrapped Ether", "WETH", 18);
        set(2_200, 1_800);
    }

    function set(uint256 initialBps, uint256 maintenanceBps) internal virtual {
        set(initialBps, maintenanceBps, START - 60, IHaircuts.Mode.NORMAL);
    }

    function set(uint256 initialBps, uint256 maintenanceBps, uint256 asOf, IHaircuts.Mode mode) internal {
        parameters.set(
            address(weth),
            USD,
            IHaircuts.Haircuts(uint16(initialBps), uint16(maintenanceBps), uint40(asOf), mode)
        );
    }
}
