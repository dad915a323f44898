// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {MockERC20} from "./MockERC20.sol";

/// @title A token whose balances are shares times an index that anyone can move.
/// @notice Warning: for replicas and tests only.
contract MockRebasingToken is MockERC20 {
    uint256 public indexE18 = 1e18;

    constructor() MockERC20("Rebasing", "REB", 18) {}

    function rebase(uint256 indexE18_) external {
        indexE18 = indexE18_;
    }

    function balanceOf(address account) public view override returns (uint256) {
        return super.balanceOf(account) * indexE18 / 1e18;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount * 1e18 / indexE18);
    }
}
