// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Something with `decimals` of any length and value, and nothing else.
/// @notice Warning: for replicas and tests only.
contract MockBadDecimals {
    bytes private _answer;

    constructor(bytes memory answer) {
        _answer = answer;
    }

    /// @notice Returns the bytes as they are; without any it reverts.
    fallback(bytes calldata) external returns (bytes memory) {
        require(_answer.length > 0);
        return _answer;
    }
}
