// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterTypes} from "../interfaces/IParameterTypes.sol";
import {Lane} from "./Group.sol";
import {RiskClass} from "./RiskClass.sol";
import {max, min} from "./Units.sol";

/// @title What the keeper may not write.
/// @notice Pure: what is stored, the limits and the values in; the first broken rule out. Rules that hold a value back
/// from loosening never stop a tightening.
library UpdateCheck {
    /// @notice Bounds and gap of the values themselves; also for the first values of a new market and for overrides.
    /// @dev The lower bounds are strict: tightening is instant, so nothing keeps a value from reaching them. The
    /// upper bounds yield to what is stored: loosening down to a bound that governance has just lowered takes many
    /// steps, and refusing the steps would lock the market.
    function ofValues(Lane stored, uint256 maintenance, uint256 initial, uint256 target, RiskClass class)
        internal
        pure
        returns (IParameterTypes.SkipReason)
    {
        unchecked {
            if (initial < class.minInitial()) return IParameterTypes.SkipReason.INITIAL_OUT_OF_BOUNDS;
            if (initial > class.maxInitial() && initial > stored.initial()) {
                return IParameterTypes.SkipReason.INITIAL_OUT_OF_BOUNDS;
            }
            if (target < class.minMaintenance()) return IParameterTypes.SkipReason.MAINTENANCE_OUT_OF_BOUNDS;
            if (target > class.maxMaintenance() && target > stored.target()) {
                return IParameterTypes.SkipReason.MAINTENANCE_OUT_OF_BOUNDS;
            }
            if (initial < max(target, maintenance) + class.minGap()) return IParameterTypes.SkipReason.GAP_TOO_SMALL;
            return IParameterTypes.SkipReason.NONE;
        }
    }

    /// @notice Step, breaker and the market's own budget, on loosening only.
    /// @dev A target above effective maintenance is a tightening still under way; taking it back has moved nothing
    /// yet, so loosening of the target counts from the lower of the two. Otherwise one wrong tightening would have to
    /// be walked back step by step while maintenance goes on climbing towards it.
    function ofLoosening(
        Lane stored,
        uint256 maintenance,
        uint256 initial,
        uint256 target,
        uint256 step,
        uint256 budgetLeft,
        bool tightenOnly
    ) internal pure returns (IParameterTypes.SkipReason) {
        unchecked {
            uint256 was = stored.initial();
            uint256 from = min(stored.target(), maintenance);
            if (initial + step < was || target + step < from) return IParameterTypes.SkipReason.STEP_TOO_LARGE;
            if (tightenOnly && (initial < was || target < from)) return IParameterTypes.SkipReason.TIGHTEN_ONLY;
            if (initial + budgetLeft < was) return IParameterTypes.SkipReason.LOOSENING_BUDGET_SPENT;
            return IParameterTypes.SkipReason.NONE;
        }
    }
}
