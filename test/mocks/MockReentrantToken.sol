// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {MockERC20} from "./MockERC20.sol";

/// @title A token that calls back somebody whenever it moves, as those with hooks do (ERC-777).
/// @notice Warning: for replicas and tests only.
contract MockReentrantToken is MockERC20 {
    address public target;
    bytes public data;
    /// @notice Whether the last call back went through, and what it returned.
    bool public went;
    bytes public answer;

    constructor() MockERC20("Reentrant", "RE", 18) {}

    function callBack(address target_, bytes calldata data_) external {
        (target, data) = (target_, data_);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (target != address(0)) (went, answer) = target.call(data);
    }
}
