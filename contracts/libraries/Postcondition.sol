// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralParameters} from "../interfaces/ICollateralParameters.sol";
import {Effective} from "./Effective.sol";
import {Toxicity} from "./Toxicity.sol";

/// @title What must be true after any write, whoever made it.
/// @notice Looks at effects, not at fields: it reads the market back as consumers will and compares that with what
/// they read before. In March 2026 a lender's oracle update passed a bound on each field while a limited ratio was
/// stored with an unlimited timestamp, and 10 938 wstETH were liquidated; a check of the effect would have stopped it.
/// @dev No legal input can fail here: UpdateCheck and LimitsCheck refuse first. A failure is a bug of this contract,
/// so the whole transaction reverts, neighbours included: with a bug of unknown reach, nothing is written.
library Postcondition {
    /// @notice Reverts with PostconditionFailed unless `written` may follow `before` at `time`.
    /// @param before the market as stored before the write; all zero when it is being listed
    /// @param heldNanoBps effective maintenance before the write, under the limits of before
    /// @param written the market as read back from storage
    /// @param limits the limits as read back from storage
    function enforce(
        uint16 marketId,
        ICollateralParameters.MarketState memory before,
        uint256 heldNanoBps,
        ICollateralParameters.MarketState memory written,
        ICollateralParameters.Limits memory limits,
        uint256 time
    ) internal pure {
        ICollateralParameters.Haircuts memory reads = Effective.haircutsAt(written, limits, time);
        uint256 nanoBps = Effective.maintenanceNanoBpsAt(written, limits, time);
        uint256 initial = written.initialBps;
        uint256 target = written.maintenanceTargetBps;
        uint256 bonus = limits.liquidationBonusBps;
        bool listing = before.collateral == address(0);

        _require(listing || nanoBps == heldNanoBps, marketId, "maintenance moved by a write", nanoBps, heldNanoBps);
        _require(reads.maintenanceBps <= reads.initialBps, marketId, "maintenance above initial", reads.maintenanceBps, reads.initialBps);
        _require(reads.initialBps >= initial, marketId, "initial reads looser than written", reads.initialBps, initial);
        uint256 higher = target > reads.maintenanceBps ? target : reads.maintenanceBps;
        _require(initial >= higher + limits.minGapBps, marketId, "gap", initial, higher + limits.minGapBps);
        _requireWithin(marketId, "initial bounds", initial, before.initialBps, limits.minInitialBps, limits.maxInitialBps, listing);
        _requireWithin(marketId, "maintenance bounds", target, before.maintenanceTargetBps, limits.minMaintenanceBps, limits.maxMaintenanceBps, listing);
        _require(!Toxicity.isToxic(target, bonus), marketId, "toxic target", target, bonus);
        _require(!Toxicity.isToxic(reads.maintenanceBps, bonus), marketId, "toxic maintenance", reads.maintenanceBps, bonus);
        _require(written.asOf >= before.asOf, marketId, "asOf went back", written.asOf, before.asOf);
        if (listing) return;
        _require(written.collateral == before.collateral, marketId, "collateral changed", uint160(written.collateral), uint160(before.collateral));
        _require(written.debt == before.debt, marketId, "debt changed", uint160(written.debt), uint160(before.debt));
    }

    /// @dev Inside the bounds, or (after governance moved the bounds) no further outside than before.
    function _requireWithin(
        uint16 marketId,
        string memory what,
        uint256 value,
        uint256 previous,
        uint256 lowest,
        uint256 highest,
        bool listing
    ) private pure {
        if (!listing && previous < lowest) lowest = previous;
        if (!listing && previous > highest) highest = previous;
        _require(value >= lowest, marketId, what, value, lowest);
        _require(value <= highest, marketId, what, value, highest);
    }

    function _require(bool holds, uint16 marketId, string memory what, uint256 given, uint256 allowed) private pure {
        if (!holds) revert ICollateralParameters.PostconditionFailed(marketId, what, given, allowed);
    }
}
