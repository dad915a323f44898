// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Toxicity} from "../libraries/Toxicity.sol";
import {BPS_ONE, max, min} from "../libraries/Units.sol";
import {Follow} from "./Follow.sol";
import {IParameters} from "./IParameters.sol";
import {C, get, M} from "./Words.sol";

/// @title What governance may not set.
/// @notice Refuses limits that cross or contradict each other, each with the field, the value given and the nearest allowed.
library ClassLimits {
    /// @notice The word of a class; what its fields hold (8191, 4095, 255, 63) bounds what has no nearer bound. Reverts with BadLimits unless the limits make sense among themselves.
    function pack(IParameters.Limits memory l) internal pure returns (uint256 word) {
        _require(l);
        word = l.minMaintenanceBps | l.minInitialBps << 14 | l.maxMaintenanceBps << 29 | l.maxInitialBps << 43;
        word |= l.tightenSpeedBpsPer30Days << 57 | l.loosenSpeedBpsPer30Days << 69 | l.ttlHours << 81;
        word |= l.decayHours << 87 | l.staleInitialCapBps << 93 | l.minGapBps << 107 | l.liquidationBonusBps << 119;
        word |= l.maxAgeMinutes << 132 | l.hotStepBps << 144 | l.hotBudgetBps << 156 | l.hotRaiseStep << 164;
        word |= l.hotRaiseBudget << 176 | l.quorumStepBps << 188 | l.quorumBudgetBps << 200;
        word |= l.quorumRaiseStep << 208 | l.quorumRaiseBudget << 220;
    }

    /// @notice Reverts with BadLimits when the values of a market would break the gap or the bonus of a class now: these relate
    /// values to each other and to liquidations, so they hold from the block in which they are set.
    function requireHolds(uint256 class, uint256 market, uint256 minute) internal pure {
        uint256 target = get(market, M.TARGET);
        uint256 maintenance = Follow.maintenance(market, Follow.until(market, minute));
        _atMost("minGapBps", get(class, C.GAP), get(market, M.INITIAL) - max(maintenance, target));
        uint256 lower = min(maintenance, target);
        uint256 bonus = get(class, C.BONUS);
        // Greatest bonus with (10000 - lower)(10000 + bonus) < 10^8.
        uint256 allowed = (BPS_ONE * BPS_ONE - 1) / (BPS_ONE - lower) - BPS_ONE;
        if (Toxicity.isToxic(lower, bonus)) revert IParameters.BadLimits("liquidationBonusBps", bonus, allowed);
    }

    /// @notice Reverts with BadLimits when the market is stale and what it reads for new risk would be lower in `class` than in `was`.
    function requireNoFresher(uint256 class, uint256 was, uint256 market, uint256 minute) internal pure {
        if (!Follow.isStale(market, minute)) return;
        _atMost("decayHours", get(class, C.DECAY), get(was, C.DECAY));
        _atLeast("staleInitialCapBps", get(class, C.STALE_CAP), get(was, C.STALE_CAP));
    }

    function _require(IParameters.Limits memory l) private pure {
        _atMost("maxInitialBps", l.maxInitialBps, BPS_ONE);
        _atMost("minInitialBps", l.minInitialBps, l.maxInitialBps);
        // 0 is what an undefined class has.
        _atLeast("minInitialBps", l.minInitialBps, 1);
        _atMost("minMaintenanceBps", l.minMaintenanceBps, l.maxMaintenanceBps);
        _atMost("maxMaintenanceBps", l.maxMaintenanceBps, 8_191);
        // A gap of 0 would make a position opened at the limit liquidatable in the same block.
        _atLeast("minGapBps", l.minGapBps, 1);
        _atMost("minGapBps", l.minGapBps, 4_095);
        // Thirty days' notice: who opens a position at the limit is the whole gap away from liquidation.
        _atMost("tightenSpeedBpsPer30Days", l.tightenSpeedBpsPer30Days, l.minGapBps);
        _atMost("loosenSpeedBpsPer30Days", l.loosenSpeedBpsPer30Days, 4_095);
        // Otherwise no initial haircut would be legal above the highest maintenance.
        _atLeast("maxInitialBps", l.maxInitialBps, l.maxMaintenanceBps + l.minGapBps);
        _atMost("liquidationBonusBps", l.liquidationBonusBps, 8_191);
        // Otherwise a liquidation at the lowest maintenance would leave bad debt behind.
        _atLeast("minMaintenanceBps", l.minMaintenanceBps, Toxicity.lowestMaintenanceBps(l.liquidationBonusBps));
        // A division by the decay stands in the read path, which must never revert.
        _atLeast("decayHours", l.decayHours, 1);
        _atMost("decayHours", l.decayHours, 63);
        _atMost("ttlHours", l.ttlHours, 63);
        _atLeast("maxAgeMinutes", l.maxAgeMinutes, 1);
        // Otherwise an update could be stale when it is accepted.
        _atLeast("ttlHours", l.ttlHours * 60, l.maxAgeMinutes);
        _atMost("staleInitialCapBps", l.staleInitialCapBps, BPS_ONE);
        // Otherwise a dead writer would be better for a borrower than a live one.
        _atLeast("staleInitialCapBps", l.staleInitialCapBps, l.maxInitialBps);
        // The quorum's are at least the hot key's.
        _atMost("quorumStepBps", l.quorumStepBps, 4_095);
        _atMost("hotStepBps", l.hotStepBps, l.quorumStepBps);
        _atMost("quorumBudgetBps", l.quorumBudgetBps, 255);
        _atMost("hotBudgetBps", l.hotBudgetBps, l.quorumBudgetBps);
        _atMost("quorumRaiseStep", l.quorumRaiseStep, 4_095);
        _atMost("hotRaiseStep", l.hotRaiseStep, l.quorumRaiseStep);
        _atMost("quorumRaiseBudget", l.quorumRaiseBudget, 4_095);
        _atMost("hotRaiseBudget", l.hotRaiseBudget, l.quorumRaiseBudget);
    }

    function _atMost(string memory what, uint256 given, uint256 allowed) private pure {
        if (given > allowed) revert IParameters.BadLimits(what, given, allowed);
    }

    function _atLeast(string memory what, uint256 given, uint256 allowed) private pure {
        if (given < allowed) revert IParameters.BadLimits(what, given, allowed);
    }
}
