// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {minuteOf} from "../libraries/Units.sol";
import {Follow} from "./Follow.sol";
import {IParameters} from "./IParameters.sol";
import {atLeast, C, get, M, N} from "./Words.sol";

/// @title What must be true after any write, whoever made it.
/// @notice Looks at effects, not at fields: what consumers read of the market now against what they read before. In March
/// 2026 a lender's oracle update passed a bound on each field while a limited ratio was stored with an unlimited timestamp,
/// and 10 938 wstETH were liquidated.
/// @dev No legal input can fail here: Judge and ClassLimits refuse first. A failure is a bug of this contract, so the whole
/// transaction reverts, neighbours included. It shares nothing with the write but the layout and what reads run.
library Postcondition {
    /// @notice Reverts with PostconditionFailed unless `written` may follow `before`.
    /// @param maintenance what a consumer read of `before` in this block
    /// @param class of the market; looked at only when its values may change
    /// @param may bits that this path may change
    /// @param step greatest loosening of initial on this path, basis points
    /// @param raise greatest raise of the exposure limit, notches
    function enforce(
        uint256 id,
        uint256 before,
        uint256 written,
        uint256 maintenance,
        uint256 class,
        uint256 may,
        uint256 step,
        uint256 raise
    ) internal view {
        unchecked {
            if ((before ^ written) & ~may != 0) _fail(id, "something else changed");
            // Where silence or this very block ends its way: there maintenance reads as it stands.
            uint256 to = get(written, M.SETTLED);
            uint256 minute = minuteOf(block.timestamp);
            if (to != minute) {
                if (to != Follow.until(before, minute)) _fail(id, "the clock is not of this block");
                // And stays there: a longer ttl would let it go on from the past.
                if (to != Follow.until(written, minute)) _fail(id, "silence counts");
            }
            if (get(written, M.MAINTENANCE) != maintenance) _fail(id, "maintenance moved at once");
            if (to - get(written, M.AGE) < get(before, M.SETTLED) - get(before, M.AGE)) _fail(id, "asOf went back");
            if (may & M.BY_UPDATE != M.BY_UPDATE) return;

            uint256 initial = get(written, M.INITIAL);
            uint256 gap = get(class, C.GAP);
            if (initial < maintenance + gap) _fail(id, "gap to maintenance");
            if (initial < get(written, M.TARGET) + gap) _fail(id, "gap to target");
            if (initial + step < get(before, M.INITIAL)) _fail(id, "initial loosened past its step");
            if (get(written, M.LIMIT) + raise < get(before, M.LIMIT)) _fail(id, "limit raised past its step");
            uint256 loosest = class & N.HAIRCUTS | get(written, M.LOOSEST_LIMIT) << 29;
            if (atLeast(written, loosest) != N.GUARDS) _fail(id, "looser than its bounds");
        }
    }

    function _fail(uint256 id, string memory what) private pure {
        revert IParameters.PostconditionFailed(uint16(id), what);
    }
}
