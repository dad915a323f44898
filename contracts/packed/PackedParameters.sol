// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Governing} from "./core/Governing.sol";
import {MarketBook} from "./core/MarketBook.sol";
import {IPackedParameters} from "./interfaces/IPackedParameters.sol";
import {DoorLayout} from "./libraries/DoorWord.sol";
import {Group, Lane} from "./libraries/Group.sol";
import {LimitsCheck} from "./libraries/LimitsCheck.sol";
import {Postcondition} from "./libraries/Postcondition.sol";
import {Profile, ProfileLayout} from "./libraries/Profile.sol";
import {Own, OwnLayout, Side} from "./libraries/Side.sol";
import {minuteOf, timeOf} from "./libraries/Units.sol";

/// @title PackedParameters
/// @notice See IPackedParameters for what it promises, contracts/README.md for who may do what. Reading and
/// storing: core/MarketBook.sol; applying a batch: core/BatchWriter.sol; here: the powers.
contract PackedParameters is Governing, AccessControl {
    /// @notice May write batches inside the hot-key limits.
    bytes32 public constant KEEPER_ROLE = keccak256("KEEPER_ROLE");
    /// @notice May write batches inside the quorum's limits.
    bytes32 public constant QUORUM_ROLE = keccak256("QUORUM_ROLE");
    /// @notice May make any market safer for a time, and nothing else.
    bytes32 public constant GUARDIAN_ROLE = keccak256("GUARDIAN_ROLE");
    /// @notice May close a market to new risk for a short time, on proof (see Challenge).
    bytes32 public constant CHALLENGER_ROLE = keccak256("CHALLENGER_ROLE");
    /// @notice May list markets (see ListingGate).
    bytes32 public constant LISTER_ROLE = keccak256("LISTER_ROLE");
    /// @notice How long a guardian's mode holds, at most, in hours; it ends on the full hour.
    uint256 public constant GUARDIAN_HOURS = 72;
    /// @notice Hours after a guardian's mode has lapsed in which it cannot be set again.
    uint256 public constant COOLDOWN_HOURS = 24;
    /// @notice How long a challenge closes a market, at most, in hours.
    uint256 public constant CHALLENGE_HOURS = 6;

    /// @param governance a timelock: lists, bounds, sets modes, grants roles
    /// @param keeper hot key that writes batches
    /// @param quorum door that checks k-of-n signatures, or zero
    /// @param guardian key that may only make markets safer
    /// @param profiles one to four; nobody can change them later
    /// @param classes first risk classes
    /// @param markets first markets; the deployer never holds a role, so they cannot be listed by it later
    constructor(
        address governance,
        address keeper,
        address quorum,
        address guardian,
        ProfileValues[] memory profiles,
        ClassListing[] memory classes,
        MarketListing[] memory markets
    ) MarketBook(_packProfiles(profiles)) {
        if (governance == address(0)) revert ZeroAddress("governance");
        if (keeper == address(0)) revert ZeroAddress("keeper");
        if (guardian == address(0)) revert ZeroAddress("guardian");
        _grantRole(DEFAULT_ADMIN_ROLE, governance);
        _grantRole(KEEPER_ROLE, keeper);
        if (quorum != address(0)) _grantRole(QUORUM_ROLE, quorum);
        _grantRole(GUARDIAN_ROLE, guardian);
        for (uint256 i; i < profiles.length; ++i) emit ProfileFixed(uint8(i), profiles[i]);
        for (uint256 i; i < classes.length; ++i) _setLimits(classes[i].classId, classes[i].limits);
        for (uint256 i; i < markets.length; ++i) _list(markets[i]);
    }

    // ------------------------------------------------------------------------------------------------------- batches

    /// @inheritdoc IPackedParameters
    function update(Batch calldata batch) external onlyRole(KEEPER_ROLE) {
        _applyBatch(batch, false);
    }

    /// @inheritdoc IPackedParameters
    function updateByQuorum(Batch calldata batch) external onlyRole(QUORUM_ROLE) {
        _applyBatch(batch, true);
    }

    /// @inheritdoc IPackedParameters
    function previewUpdate(MarketUpdate calldata next, bool quorum)
        external
        view
        returns (SkipReason, uint256, uint256)
    {
        return _preview(next, quorum);
    }

    // --------------------------------------------------------------------------------------------------------- modes

    /// @inheritdoc IPackedParameters
    function setMode(uint16 marketId, Mode mode) external {
        (Group group, uint256 index, uint256 at) = _known(marketId);
        uint256 minute = minuteOf(block.timestamp);
        Side side = _sides[at];
        Own own = side.own(index);
        (uint256 until, bool challenge) = _modeUntil(marketId, mode, own, minute);
        bool keeps = group.lane(index).own();
        Group next = _settle(at, minute);
        uint256 asOf = keeps ? own.asOf() : group.asOf();
        side = side.withOwn(index, OwnLayout.pack(asOf, uint256(mode), challenge, until));
        next = next.withLane(index, _withOwn(next.lane(index)));
        _sides[at] = side;
        _write(at, group, next, 0, _classes[group.class()], 0, minute);
        emit ModeChanged(marketId, mode, msg.sender, until == OwnLayout.FOREVER ? type(uint40).max : uint40(timeOf(until * 60)));
    }

    /// @dev The hour at which the mode lapses, and whether a challenge set it; reverts when the caller may not.
    function _modeUntil(uint16 marketId, Mode mode, Own own, uint256 minute)
        private
        view
        returns (uint256 until, bool challenge)
    {
        if (hasRole(DEFAULT_ADMIN_ROLE, msg.sender)) return (OwnLayout.FOREVER, false);
        Mode current = Mode(own.modeAt(minute));
        if (hasRole(CHALLENGER_ROLE, msg.sender)) {
            if (mode != Mode.NO_NEW_RISK || current != Mode.NORMAL) revert ModeNotSafer(marketId, mode, current);
            return (minute / 60 + CHALLENGE_HOURS, true);
        }
        _checkRole(GUARDIAN_ROLE);
        // A stolen guardian key re-opening what was closed.
        if (mode <= current) revert ModeNotSafer(marketId, mode, current);
        // A guardian's own closing is not made longer by making it stricter; a challenge's is.
        if (current != Mode.NORMAL && !own.challenged()) {
            // Governance's closing does not lapse, and a guardian's freeze always does.
            if (own.until() == OwnLayout.FOREVER) revert HeldByGovernance(marketId, current);
            return (own.until(), false);
        }
        uint256 cool = own.mode() == 0 || own.challenged() ? 0 : own.until() + COOLDOWN_HOURS;
        if (minute / 60 < cool) revert GuardianCoolingDown(marketId, timeOf(cool * 60));
        return (minute / 60 + GUARDIAN_HOURS, false);
    }

    // ---------------------------------------------------------------------------------------------------- governance

    /// @inheritdoc IPackedParameters
    function listMarket(MarketListing calldata listing) external onlyRole(LISTER_ROLE) returns (uint16) {
        return _list(listing);
    }

    /// @inheritdoc IPackedParameters
    function setLimits(uint8 classId, Limits calldata limits) external {
        if (!hasRole(DEFAULT_ADMIN_ROLE, msg.sender)) {
            _checkRole(GUARDIAN_ROLE);
            if (classId >= _classes.length || !_classes[classId].defined()) revert UnknownClass(classId);
            LimitsCheck.requireTighter(_classes[classId].unpack(), limits);
        }
        _setLimits(classId, limits);
    }

    /// @inheritdoc IPackedParameters
    function setClass(uint16 group, uint8 classId) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (group >= groupCount) revert UnknownGroup(group, groupCount);
        if (classId >= _classes.length || !_classes[classId].defined()) revert UnknownClass(classId);
        uint256 minute = minuteOf(block.timestamp);
        Group before = _groups[group];
        Group next = _settle(group, minute);
        LimitsCheck.requireHolds(_classes[classId].unpack(), next);
        // Until now it moved at the speeds of the old class.
        (uint256 up, uint256 down) = _allowed(before, minute);
        before = before.withHeader(before.settled(), before.asOf(), before.spent(), classId);
        next = next.withHeader(minute, next.asOf(), next.spent(), classId);
        _store(group, before, next, 0, Postcondition.Allowance(_classes[classId], 0, up, down, minute));
        emit ClassChanged(group, classId);
    }

    /// @inheritdoc IPackedParameters
    function overrideMarkets(ManualOverride[] calldata values) external onlyRole(DEFAULT_ADMIN_ROLE) {
        bool tightenOnly = _door.unpack().tightenOnly;
        for (uint256 i; i < values.length; ++i) _override(values[i], tightenOnly);
    }

    /// @inheritdoc IPackedParameters
    function setAggregateBudget(uint24 hotBps, uint24 quorumBps) external {
        DoorState memory state = _door.unpack();
        if (!hasRole(DEFAULT_ADMIN_ROLE, msg.sender)) {
            _checkRole(GUARDIAN_ROLE);
            if (hotBps > state.aggregateBps) revert NotTighter("aggregateBps", hotBps, state.aggregateBps);
            if (quorumBps > state.quorumAggregateBps) {
                revert NotTighter("quorumAggregateBps", quorumBps, state.quorumAggregateBps);
            }
        }
        (state.aggregateBps, state.quorumAggregateBps) = (hotBps, quorumBps);
        _door = DoorLayout.pack(state);
        emit AggregateBudgetChanged(hotBps, quorumBps, msg.sender);
    }

    /// @inheritdoc IPackedParameters
    function resetBreaker() external onlyRole(DEFAULT_ADMIN_ROLE) {
        DoorState memory state = _door.unpack();
        state.tightenOnly = false;
        _door = DoorLayout.pack(state);
        emit BreakerReset();
    }

    /// @inheritdoc IPackedParameters
    function setProbe(uint16 marketId, address probe) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _known(marketId);
        if (probe != address(0) && probe.code.length == 0) revert NotAnAsset(probe);
        probeOf[marketId] = probe;
        emit ProbeChanged(marketId, probe);
    }

    // ------------------------------------------------------------------------------------------------------ internal

    function _packProfiles(ProfileValues[] memory profiles) private pure returns (uint256 packed) {
        if (profiles.length == 0 || profiles.length > 4) revert BadLimits("profiles", profiles.length, 4);
        for (uint256 i; i < 4; ++i) {
            ProfileValues memory values = profiles[i < profiles.length ? i : 0];
            LimitsCheck.requireProfile(values);
            packed |= Profile.unwrap(ProfileLayout.pack(values)) << (i * 64);
        }
    }

    function _withOwn(Lane lane) private pure returns (Lane) {
        return Lane.wrap(Lane.unwrap(lane) | 1 << 40);
    }
}
