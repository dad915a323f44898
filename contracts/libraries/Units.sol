// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev Basis points in one.
uint256 constant BPS_ONE = 10_000;

/// @dev Where the contract's own calendar starts: 2015-01-01T00:00:00Z, before the first block of Ethereum.
uint256 constant EPOCH = 1_420_070_400;

/// @dev Minutes in a window of the loosening budgets: a third of a day, aligned to midnight UTC, so that a span of 24 hours
/// touches at most four.
uint256 constant WINDOW_MINUTES = 480;

/// @notice The whole minutes since EPOCH. The contract knows no finer time: everything it stores moves on the minute.
function minuteOf(uint256 time) pure returns (uint256) {
    unchecked {
        return (time - EPOCH) / 60;
    }
}

/// @notice The first second of a minute.
function timeOf(uint256 minute) pure returns (uint256) {
    unchecked {
        return EPOCH + minute * 60;
    }
}

function min(uint256 a, uint256 b) pure returns (uint256) {
    return a < b ? a : b;
}

function max(uint256 a, uint256 b) pure returns (uint256) {
    return a > b ? a : b;
}
