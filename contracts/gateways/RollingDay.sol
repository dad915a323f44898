// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title At most so many in any 24 hours.
/// @notice Remembers when the last `limit` were taken; one more is allowed once the oldest of them is a day old. Exact
/// for every 24 hours, where a counter per calendar day would allow twice as many around midnight.
library RollingDay {
    struct Ring {
        uint256 next;
        mapping(uint256 place => uint256 time) taken;
    }

    /// @notice The time from which one more is allowed, in the past if it is now.
    function freeFrom(Ring storage ring, uint256 limit) internal view returns (uint256) {
        uint256 oldest = ring.taken[ring.next % limit];
        return oldest == 0 ? 0 : oldest + 1 days;
    }

    /// @notice Takes one now.
    function take(Ring storage ring, uint256 limit) internal {
        ring.taken[ring.next % limit] = block.timestamp;
        unchecked {
            ++ring.next;
        }
    }
}
