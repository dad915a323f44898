// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Where one deposit of one probe lies, apart from all others, so that its balance is its own.
contract ProbeVault {
    address private immutable _gate = msg.sender;

    error OnlyGate(address given, address allowed);

    function release(IERC20 token, address to, uint256 amount) external {
        if (msg.sender != _gate) revert OnlyGate(msg.sender, _gate);
        SafeERC20.safeTransfer(token, to, amount);
    }
}
