// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev Basis points in one.
uint256 constant BPS_ONE = 10_000;

/// @dev nanoBps in one basis point.
uint256 constant NANO = 1e9;

/// @dev Seconds in the day that speeds and budgets are quoted in.
uint256 constant DAY = 86_400;

/// @dev Whole basis points, rounded up: against the borrower, as every haircut is.
function toBpsUp(uint256 nanoBps) pure returns (uint256) {
    return (nanoBps + NANO - 1) / NANO;
}
