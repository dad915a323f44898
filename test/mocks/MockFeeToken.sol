// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {MockERC20} from "./MockERC20.sol";

/// @title A token that keeps a part of what is transferred, in, out or both.
/// @notice Warning: for replicas and tests only.
contract MockFeeToken is MockERC20 {
    uint256 public inFeeBps;
    uint256 public outFeeBps;

    constructor() MockERC20("Fee", "FEE", 18) {}

    /// @param inBps fee of `transferFrom`
    /// @param outBps fee of `transfer`
    function setFees(uint256 inBps, uint256 outBps) external {
        (inFeeBps, outFeeBps) = (inBps, outBps);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        _burn(msg.sender, amount * outFeeBps / 10_000);
        return super.transfer(to, amount - amount * outFeeBps / 10_000);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        _burn(from, amount * inFeeBps / 10_000);
        return super.transferFrom(from, to, amount - amount * inFeeBps / 10_000);
    }
}
