// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev Fields of Aave's reserve configuration, one word (ReserveConfiguration.sol).
library AaveWord {
    uint256 private constant THRESHOLD = 16;
    uint256 private constant FROZEN = 57;
    /// @dev A bit that the agent has nothing to do with: whether borrowing is enabled.
    uint256 internal constant BORROWING_ENABLED = 1 << 58;

    function ltv(uint256 configuration) internal pure returns (uint256) {
        return uint16(configuration);
    }

    function liquidationThreshold(uint256 configuration) internal pure returns (uint256) {
        return uint16(configuration >> THRESHOLD);
    }

    function supplyCap(uint256 configuration) internal pure returns (uint256) {
        return configuration >> 116 & (1 << 36) - 1;
    }

    function isFrozen(uint256 configuration) internal pure returns (bool) {
        return configuration >> FROZEN & 1 == 1;
    }
}
