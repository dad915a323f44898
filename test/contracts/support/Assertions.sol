// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev Small assertions whose failure prints the sentence that did not hold, and both numbers.
abstract contract Assertions {
    error Fails(string sentence);
    error FailsEqual(string sentence, uint256 got, uint256 expected);
    error FailsAtMost(string sentence, uint256 got, uint256 limit);

    function isTrue(bool holds, string memory sentence) internal pure {
        if (!holds) revert Fails(sentence);
    }

    function equal(uint256 got, uint256 expected, string memory sentence) internal pure {
        if (got != expected) revert FailsEqual(sentence, got, expected);
    }

    function atMost(uint256 got, uint256 limit, string memory sentence) internal pure {
        if (got > limit) revert FailsAtMost(sentence, got, limit);
    }

    /// @dev A pseudo-random number of [low, high] out of any fuzzed number.
    function bound(uint256 seed, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + seed % (high - low + 1);
    }
}
