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
        bool listing = before.collateral == address(0);
        if (listing) {
            (before.initialBps, before.maintenanceTargetBps) = (limits.minInitialBps, limits.minMaintenanceBps);
        } else {
            uint256 nanoBps = Effective.maintenanceNanoBpsAt(written, limits, time);
            _require(nanoBps == heldNanoBps, marketId, "maintenance moved by a write", nanoBps, heldNanoBps);
            _requireSameAssets(marketId, before, written);
        }
        _requireWithinBounds(marketId, before, written, limits);
        _requireSound(marketId, Effective.haircutsAt(written, limits, time), written, limits);
        _require(written.asOf >= before.asOf, marketId, "asOf went back", written.asOf, before.asOf);
    }

    /// @dev What is read: two-sided, with its gap, and never toxic.
    function _requireSound(
        uint16 marketId,
        ICollateralParameters.Haircuts memory reads,
        ICollateralParameters.MarketState memory written,
        ICollateralParameters.Limits memory limits
    ) private pure {
        uint256 maintenance = reads.maintenanceBps;
        uint256 initial = written.initialBps;
        uint256 target = written.maintenanceTargetBps;
        uint256 bonus = limits.liquidationBonusBps;
        _require(maintenance <= reads.initialBps, marketId, "maintenance above initial", maintenance, reads.initialBps);
        _require(reads.initialBps >= initial, marketId, "initial reads looser than written", reads.initialBps, initial);
        uint256 lowest = (target > maintenance ? target : maintenance) + limits.minGapBps;
        _require(initial >= lowest, marketId, "gap", initial, lowest);
        _require(!Toxicity.isToxic(target, bonus), marketId, "toxic target", target, bonus);
        _require(!Toxicity.isToxic(maintenance, bonus), marketId, "toxic maintenance", maintenance, bonus);
    }

    /// @dev Inside the bounds, or (after governance moved the bounds) no further outside than before.
    function _requireWithinBounds(
        uint16 marketId,
        ICollateralParameters.MarketState memory before,
        ICollateralParameters.MarketState memory written,
        ICollateralParameters.Limits memory limits
    ) private pure {
        (uint256 value, uint256 previous) = (written.initialBps, before.initialBps);
        uint256 lowest = previous < limits.minInitialBps ? previous : limits.minInitialBps;
        uint256 highest = previous > limits.maxInitialBps ? previous : limits.maxInitialBps;
        _require(value >= lowest, marketId, "initial below bounds", value, lowest);
        _require(value <= highest, marketId, "initial above bounds", value, highest);

        (value, previous) = (written.maintenanceTargetBps, before.maintenanceTargetBps);
        lowest = previous < limits.minMaintenanceBps ? previous : limits.minMaintenanceBps;
        highest = previous > limits.maxMaintenanceBps ? previous : limits.maxMaintenanceBps;
        _require(value >= lowest, marketId, "maintenance below bounds", value, lowest);
        _require(value <= highest, marketId, "maintenance above bounds", value, highest);
    }

    function _requireSameAssets(
        uint16 marketId,
        ICollateralParameters.MarketState memory before,
        ICollateralParameters.MarketState memory written
    ) private pure {
        (uint160 given, uint160 allowed) = (uint160(written.collateral), uint160(before.collateral));
        _require(given == allowed, marketId, "collateral changed", given, allowed);
        (given, allowed) = (uint160(written.debt), uint160(before.debt));
        _require(given == allowed, marketId, "debt changed", given, allowed);
    }

    function _require(bool holds, uint16 marketId, string memory what, uint256 given, uint256 allowed) private pure {
        if (!holds) revert ICollateralParameters.PostconditionFailed(marketId, what, given, allowed);
    }
}
