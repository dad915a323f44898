// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Why one market of a batch was left as it was. The rest of the batch is applied.
/// @notice Checked in this order, the first failure counts. Each comes with the value given and the nearest allowed. An entry
/// that loosens none of the three numbers is never refused for a reason after GAP_TOO_SMALL.
library R {
    /// @dev never listed, or delisted. given: market id; allowed: 0
    uint256 internal constant UNKNOWN_MARKET = 1;
    /// @dev made before the market was moved to its present class. given and allowed: generation
    uint256 internal constant WRONG_GENERATION = 2;
    /// @dev given: asOf, allowed: now, both minutes
    uint256 internal constant ASOF_IN_FUTURE = 3;
    /// @dev given: asOf, allowed: oldest, both minutes
    uint256 internal constant ASOF_TOO_OLD = 4;
    /// @dev one of the three is beyond its bound. given: the three numbers, allowed: the loosest ones (layout: N)
    uint256 internal constant TOO_LOOSE = 5;
    /// @dev given: the three numbers, allowed: the tightest ones; what is tighter already may stay
    uint256 internal constant TOO_TIGHT = 6;
    /// @dev given: initial, allowed: lowest initial above max(target, effective maintenance)
    uint256 internal constant GAP_TOO_SMALL = 7;
    /// @dev not newer than the stored data. given: asOf, allowed: earliest, both minutes
    uint256 internal constant ASOF_NOT_INCREASING = 8;
    /// @dev governance holds the values. given: now, allowed: when it no longer does, both minutes
    uint256 internal constant HELD = 9;
    /// @dev the writer has tripped, or a guardian lets nothing loosen in the class. given: class id, allowed: 0
    uint256 internal constant TIGHTEN_ONLY = 10;
    /// @dev past a single step or the market's budget of this window. given: the three numbers, allowed: the loosest that
    /// both reach (layout: N)
    uint256 internal constant STEP_TOO_LARGE = 11;
    /// @dev the writer's budget of this window. given: the loosening; allowed: what is left, both basis points
    uint256 internal constant AGGREGATE_SPENT = 12;
    /// @dev given: initial, allowed: the initial stored
    uint256 internal constant PROBE_REFUSED = 13;
}
