// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {EntryLayout} from "../libraries/Entry.sol";
import {Group, Lane, LaneLayout, LANES} from "../libraries/Group.sol";
import {LimitsCheck} from "../libraries/LimitsCheck.sol";
import {Reasons} from "../libraries/Reasons.sol";
import {RiskClass, RiskClassLayout} from "../libraries/RiskClass.sol";
import {OwnLayout, Side} from "../libraries/Side.sol";
import {minuteOf, timeOf} from "../libraries/Units.sol";
import {UpdateCheck} from "../libraries/UpdateCheck.sol";
import {LaneWriter} from "./LaneWriter.sol";

/// @title What governance does, without the question who may.
abstract contract Governing is LaneWriter {
    /// @notice The US dollar as a debt asset (ISO 4217 number, as in ERC-7726).
    address public constant USD = address(840);
    /// @notice How far ahead an override may reach.
    uint256 public constant MAX_OVERRIDE = 30 days;

    uint256 private constant ANY_STEP = 0x3fff;

    function _setLimits(uint8 classId, Limits memory limits) internal {
        if (classId >= _classes.length) revert UnknownClass(classId);
        LimitsCheck.requireConsistent(limits, _profileOf(classId).unpack());
        uint256 minute = minuteOf(block.timestamp);
        for (uint256 at; at < _groupCount; ++at) {
            if (_groups[at].class() == classId) LimitsCheck.requireHolds(limits, _settle(at, minute));
        }
        _classes[classId] = RiskClassLayout.pack(limits);
        emit LimitsChanged(classId, limits, msg.sender);
    }

    function _list(MarketListing memory listing) internal returns (uint16 marketId) {
        (address collateral, address debt) = (listing.collateral, listing.debt);
        // A mistyped address, or a token on another chain.
        if (collateral.code.length == 0) revert NotAnAsset(collateral);
        if (debt != USD && debt.code.length == 0) revert NotAnAsset(debt);
        if (_marketOf[collateral][debt] != 0) revert MarketExists(collateral, debt, _marketOf[collateral][debt]);
        uint8 classId = listing.classId;
        if (classId >= _classes.length || !_classes[classId].defined()) revert UnknownClass(classId);
        uint256 at = listing.group;
        if (at > _groupCount || at > EntryLayout.LAST_GROUP) revert UnknownGroup(listing.group, _groupCount);

        uint256 minute = minuteOf(block.timestamp);
        RiskClass class = _classes[classId];
        uint256 asOf = minute - class.maxAge();
        Group before;
        if (at == _groupCount) {
            _groupCount = uint16(at + 1);
            before = before.withHeader(minute, asOf, 0, classId);
        } else {
            before = _groups[at];
            if (before.class() != classId) revert WrongGroupClass(listing.group, classId, uint8(before.class()));
            _groups[at] = before = _settle(at, minute);
        }
        uint256 index;
        while (index < LANES && before.lane(index).listed()) ++index;
        if (index == LANES) revert GroupFull(listing.group);
        marketId = uint16(_idOf(at, index));
        _requireValues(marketId, Lane.wrap(0), listing.maintenanceBps, listing.initialBps, listing.maintenanceBps, class);

        _sides[at] = _sides[at].withOwn(index, OwnLayout.pack(asOf, 0, false, 0));
        Lane lane = LaneLayout.pack(listing.initialBps, listing.maintenanceBps, listing.maintenanceBps, true);
        Group next = before.withLane(index, lane);
        _marketOf[collateral][debt] = marketId;
        _pairs[marketId] = Pair(collateral, debt);
        if (marketId > _marketCount) _marketCount = marketId;
        DoorState memory state = _door.unpack();
        ++state.generation;
        _door = _door.withState(state);
        _write(at, next, next, 0, class, 0, minute);
        emit MarketListed(
            marketId, collateral, debt, classId, listing.initialBps, listing.maintenanceBps, uint40(timeOf(asOf))
        );
    }

    function _override(ManualOverride calldata value, bool tightenOnly) internal {
        (Group before, uint256 index, uint256 at) = _known(value.marketId);
        uint256 minute = minuteOf(block.timestamp);
        uint256 latest = block.timestamp + MAX_OVERRIDE;
        if (value.until < block.timestamp || value.until > latest) {
            revert BadUntil(value.marketId, value.until, block.timestamp, latest);
        }
        Group next = _settle(at, minute);
        RiskClass class = _classes[before.class()];
        Lane lane = next.lane(index);
        (uint256 initial, uint256 target) = (value.initialBps, value.maintenanceTargetBps);
        _requireValues(value.marketId, lane, lane.maintenance(), initial, target, class);
        SkipReason reason =
            UpdateCheck.ofLoosening(lane, lane.maintenance(), initial, target, ANY_STEP, ANY_STEP, tightenOnly);
        if (reason != SkipReason.NONE) _refuse(value.marketId, reason, lane, lane.maintenance(), initial, target, class);

        next = next.withLane(index, LaneLayout.pack(initial, target, lane.maintenance(), true));
        Side side = _sides[at];
        _sides[at] = side.withOwn(index, side.own(index).withAsOf(minuteOf(value.until)));
        _write(at, before, next, _guards(1 << index), class, ANY_STEP, minute);
        emit MarketOverridden(value.marketId, value.initialBps, value.maintenanceTargetBps, value.until);
    }

    function _requireValues(
        uint16 marketId,
        Lane stored,
        uint256 maintenance,
        uint256 initial,
        uint256 target,
        RiskClass class
    ) internal pure {
        SkipReason reason = UpdateCheck.ofValues(stored, maintenance, initial, target, class);
        if (reason != SkipReason.NONE) _refuse(marketId, reason, stored, maintenance, initial, target, class);
    }

    function _refuse(
        uint16 marketId,
        SkipReason reason,
        Lane stored,
        uint256 maintenance,
        uint256 initial,
        uint256 target,
        RiskClass class
    ) private pure {
        (uint256 given, uint256 allowed) =
            Reasons.nearest(uint8(reason), stored, maintenance, initial, target, class, 0, 0);
        revert BadValues(marketId, reason, given, allowed);
    }
}
