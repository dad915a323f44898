// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev Many reads of one contract in one call, for tests that compare every read after every step.
contract ManyReads {
    /// @notice Answers in the order of the calls; of one that reverts, what it reverts with.
    function read(address target, bytes[] calldata calls) external view returns (bytes[] memory answers) {
        answers = new bytes[](calls.length);
        for (uint256 i; i < calls.length; ++i) (, answers[i]) = target.staticcall(calls[i]);
    }
}
