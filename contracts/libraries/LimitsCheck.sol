// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterEvents} from "../interfaces/IParameterEvents.sol";
import {IParameterTypes} from "../interfaces/IParameterTypes.sol";
import {Group, GroupLayout, Lane, LANES} from "./Group.sol";
import {SequencerFeed} from "./Sequencer.sol";
import {Toxicity} from "./Toxicity.sol";
import {BPS_ONE, max, min, WINDOWS_TOUCHED} from "./Units.sol";

/// @title What governance may not set.
/// @notice Refuses limits that cross or contradict each other, each with the name of the field, the value given and
/// the nearest value allowed.
library LimitsCheck {
    uint256 private constant MAX_MAINTENANCE = 8_191;
    uint256 private constant MAX_SPEED = 2_000;
    /// @dev What 12, 13 and 8 bits hold.
    uint256 private constant MAX_12 = 4_095;
    uint256 private constant MIN_GRACE = 5 minutes;
    uint256 private constant MAX_GRACE = 1 days;
    uint256 private constant MAX_BUDGET = 255 * WINDOWS_TOUCHED;

    /// @notice Reverts with BadLimits unless the profile makes sense.
    function requireProfile(IParameterTypes.ProfileValues memory values) public pure {
        _atMost("tightenSpeedBpsPerDay", values.tightenSpeedBpsPerDay, MAX_SPEED);
        _atMost("loosenSpeedBpsPerDay", values.loosenSpeedBpsPerDay, MAX_SPEED);
        _atMost("staleInitialCapBps", values.staleInitialCapBps, BPS_ONE);
        // A division by decay stands in the read path, which must never revert.
        _atLeast("decaySeconds", values.decaySeconds, 60);
        _atLeast("ttlSeconds", values.ttlSeconds, 60);
        _multiple("decaySeconds", values.decaySeconds, 60);
        _multiple("ttlSeconds", values.ttlSeconds, 60);
        // Data older than GroupLayout.MAX_AGE minutes reads as that old: by then nothing may still be moving.
        uint256 longest = GroupLayout.MAX_AGE * 60;
        _atMost("ttlSeconds + decaySeconds", uint256(values.ttlSeconds) + values.decaySeconds, longest);
    }

    /// @notice Reverts with BadLimits or BadSequencerFeed unless there is no sequencer, or a feed that answers and a grace.
    function requireSequencer(IParameterTypes.SequencerValues memory values) public view {
        if (values.feed == address(0)) {
            _atMost("sequencer graceSeconds", values.graceSeconds, 0);
            return;
        }
        // Without a grace, the first to be served after an outage are those who liquidate.
        _atLeast("sequencer graceSeconds", values.graceSeconds, MIN_GRACE);
        _atMost("sequencer graceSeconds", values.graceSeconds, MAX_GRACE);
        if (!SequencerFeed.pack(values.feed, values.graceSeconds).answers()) {
            revert IParameterEvents.BadSequencerFeed(values.feed);
        }
    }

    /// @notice Reverts with BadLimits unless the limits make sense among themselves and with the profile.
    function requireConsistent(IParameterTypes.Limits memory limits, IParameterTypes.ProfileValues memory profile)
        public
        pure
    {
        _atMost("maxInitialBps", limits.maxInitialBps, BPS_ONE);
        _atMost("minInitialBps", limits.minInitialBps, limits.maxInitialBps);
        _atMost("minMaintenanceBps", limits.minMaintenanceBps, limits.maxMaintenanceBps);
        _atMost("maxMaintenanceBps", limits.maxMaintenanceBps, MAX_MAINTENANCE);
        // A gap of 0 would make a position opened at the limit liquidatable in the same block.
        _atLeast("minGapBps", limits.minGapBps, 1);
        _atMost("minGapBps", limits.minGapBps, MAX_12);
        // Otherwise no initial haircut would be legal above the highest maintenance.
        _atLeast("maxInitialBps", limits.maxInitialBps, uint256(limits.maxMaintenanceBps) + limits.minGapBps);
        _atMost("liquidationBonusBps", limits.liquidationBonusBps, MAX_MAINTENANCE);
        // Otherwise a liquidation at the lowest maintenance would leave bad debt behind.
        uint256 lowest = Toxicity.lowestMaintenanceBps(limits.liquidationBonusBps);
        _atLeast("minMaintenanceBps", limits.minMaintenanceBps, lowest);
        _atMost("quorumLooseningStepBps", limits.quorumLooseningStepBps, MAX_12);
        _atMost("maxLooseningStepBps", limits.maxLooseningStepBps, limits.quorumLooseningStepBps);
        _atMost("quorumLooseningBudgetBpsPerDay", limits.quorumLooseningBudgetBpsPerDay, MAX_BUDGET);
        _multiple("quorumLooseningBudgetBpsPerDay", limits.quorumLooseningBudgetBpsPerDay, WINDOWS_TOUCHED);
        uint256 budget = limits.looseningBudgetBpsPerDay;
        _atMost("looseningBudgetBpsPerDay", budget, limits.quorumLooseningBudgetBpsPerDay);
        _multiple("looseningBudgetBpsPerDay", budget, WINDOWS_TOUCHED);
        _atLeast("maxAgeSeconds", limits.maxAgeSeconds, 60);
        _multiple("maxAgeSeconds", limits.maxAgeSeconds, 60);
        // Otherwise an update could be stale when it is accepted.
        _atLeast("ttlSeconds", profile.ttlSeconds, limits.maxAgeSeconds);
        // Otherwise a dead keeper would be better for a borrower than a live one.
        _atLeast("staleInitialCapBps", profile.staleInitialCapBps, limits.maxInitialBps);
    }

    /// @notice Reverts with BadLimits when values of a group, settled now, would break the gap or the bonus: these
    /// relate values to each other and to liquidations, so they hold from the block in which they are set.
    function requireHolds(IParameterTypes.Limits memory limits, Group settled) public pure {
        uint256 lowest = Toxicity.lowestMaintenanceBps(limits.liquidationBonusBps);
        for (uint256 i; i < LANES; ++i) {
            Lane lane = settled.lane(i);
            if (!lane.listed()) continue;
            _atMost("minGapBps", limits.minGapBps, lane.initial() - max(lane.maintenance(), lane.target()));
            uint256 lower = min(lane.maintenance(), lane.target());
            // Greatest bonus with (10000 - lower)(10000 + bonus) < 10^8.
            uint256 allowed = (BPS_ONE * BPS_ONE - 1) / (BPS_ONE - lower) - BPS_ONE;
            if (lower < lowest) {
                revert IParameterEvents.BadLimits("liquidationBonusBps", limits.liquidationBonusBps, allowed);
            }
        }
    }

    /// @notice Reverts with NotTighter unless `next` loosens less and demands more than `previous`, and moves nothing
    /// that could carry a position towards liquidation.
    function requireTighter(IParameterTypes.Limits memory previous, IParameterTypes.Limits memory next) public pure {
        _tighter("minInitialBps", next.minInitialBps, previous.minInitialBps, true);
        _tighter("maxInitialBps", next.maxInitialBps, previous.maxInitialBps, true);
        _same("minMaintenanceBps", next.minMaintenanceBps, previous.minMaintenanceBps);
        _same("maxMaintenanceBps", next.maxMaintenanceBps, previous.maxMaintenanceBps);
        _same("minGapBps", next.minGapBps, previous.minGapBps);
        _same("liquidationBonusBps", next.liquidationBonusBps, previous.liquidationBonusBps);
        _tighter("maxLooseningStepBps", next.maxLooseningStepBps, previous.maxLooseningStepBps, false);
        _tighter("quorumLooseningStepBps", next.quorumLooseningStepBps, previous.quorumLooseningStepBps, false);
        _tighter("looseningBudgetBpsPerDay", next.looseningBudgetBpsPerDay, previous.looseningBudgetBpsPerDay, false);
        _tighter(
            "quorumLooseningBudgetBpsPerDay",
            next.quorumLooseningBudgetBpsPerDay,
            previous.quorumLooseningBudgetBpsPerDay,
            false
        );
        _same("maxAgeSeconds", next.maxAgeSeconds, previous.maxAgeSeconds);
        _same("probed", next.probed ? 1 : 0, previous.probed ? 1 : 0);
    }

    function _atMost(string memory what, uint256 given, uint256 allowed) private pure {
        if (given > allowed) revert IParameterEvents.BadLimits(what, given, allowed);
    }

    function _atLeast(string memory what, uint256 given, uint256 allowed) private pure {
        if (given < allowed) revert IParameterEvents.BadLimits(what, given, allowed);
    }

    function _multiple(string memory what, uint256 given, uint256 unit) private pure {
        if (given % unit != 0) revert IParameterEvents.BadLimits(what, given, given - given % unit);
    }

    function _same(string memory what, uint256 given, uint256 allowed) private pure {
        if (given != allowed) revert IParameterEvents.NotTighter(what, given, allowed);
    }

    function _tighter(string memory what, uint256 given, uint256 allowed, bool higher) private pure {
        if (higher ? given < allowed : given > allowed) revert IParameterEvents.NotTighter(what, given, allowed);
    }
}
