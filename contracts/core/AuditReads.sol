// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParametersModule} from "../interfaces/IParametersModule.sol";
import {Group, Lane, LANES} from "../libraries/Group.sol";
import {Own, OwnLayout} from "../libraries/Side.sol";
import {timeOf} from "../libraries/Units.sol";
import {LaneWriter} from "./LaneWriter.sol";

/// @title What auditors and keepers read.
abstract contract AuditReads is IParametersModule, LaneWriter {
    /// @inheritdoc IParametersModule
    function marketState(uint16 marketId) external view returns (MarketState memory state) {
        (Group group, uint256 index, uint256 at) = _known(marketId);
        Lane lane = group.lane(index);
        Own own = _sides[at].own(index);
        state.collateral = _pairs[marketId].collateral;
        state.debt = _pairs[marketId].debt;
        state.initialBps = uint16(lane.initial());
        state.maintenanceTargetBps = uint16(lane.target());
        state.maintenanceBps = uint16(lane.maintenance());
        state.maintenanceTime = uint40(timeOf(group.settled()));
        state.asOf = uint40(timeOf(lane.own() ? own.asOf() : group.asOf()));
        state.mode = Mode(own.mode());
        uint256 until = own.until();
        state.modeUntil = until == OwnLayout.FOREVER ? type(uint40).max : until == 0 ? 0 : uint40(timeOf(until * 60));
        state.challenged = own.challenged();
        state.spentBps = uint16(group.spent());
        state.classId = uint8(group.class());
        uint256 quality = _quality[at / 3] >> ((at % 3 * LANES + index) * 16);
        state.sources = uint16(quality & 0x7ff);
        state.confidence = uint8((quality >> 11) & 0x1f);
    }

    /// @inheritdoc IParametersModule
    function limitsOf(uint16 marketId) external view returns (Limits memory, ProfileValues memory) {
        (Group group,,) = _known(marketId);
        return (_classes[group.class()].unpack(), _profileOf(group.class()).unpack());
    }

    /// @inheritdoc IParametersModule
    function limitsOfClass(uint8 classId) external view returns (Limits memory) {
        return _classes[classId].unpack();
    }

    /// @inheritdoc IParametersModule
    function profile(uint8 index) external view returns (ProfileValues memory) {
        return _profileOf(index).unpack();
    }

    /// @inheritdoc IParametersModule
    function sequencer() external view returns (SequencerValues memory) {
        return SequencerValues(_sequencer.feed(), uint32(_sequencer.grace()));
    }

    /// @inheritdoc IParametersModule
    function door() external view returns (DoorState memory) {
        return _door.unpack();
    }

    /// @inheritdoc IParametersModule
    function marketCount() external view returns (uint16) {
        return _marketCount;
    }

    /// @inheritdoc IParametersModule
    function groupCount() external view returns (uint16) {
        return _groupCount;
    }

    /// @notice The contract asked before initial of this market loosens, or zero.
    function probeOf(uint256 marketId) external view returns (address) {
        return _probeOf[marketId];
    }

    /// @inheritdoc IParametersModule
    function previewUpdate(MarketUpdate calldata next, bool quorum)
        external
        view
        returns (SkipReason, uint256, uint256)
    {
        return _preview(next, quorum);
    }
}
