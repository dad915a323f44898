// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {AuditReads} from "./core/AuditReads.sol";
import {Governing} from "./core/Governing.sol";
import {MarketBook} from "./core/MarketBook.sol";
import {IParametersModule} from "./interfaces/IParametersModule.sol";
import {AllowanceLayout} from "./libraries/Allowance.sol";
import {Group, Lane} from "./libraries/Group.sol";
import {LimitsCheck} from "./libraries/LimitsCheck.sol";
import {ProfileLayout} from "./libraries/Profile.sol";
import {Sequencer} from "./libraries/Sequencer.sol";
import {Own, OwnLayout, Side} from "./libraries/Side.sol";
import {minuteOf, timeOf} from "./libraries/Units.sol";

/// @title The powers over the parameter contract, and what auditors read of it.
/// @notice Code without a state of its own: CollateralParameters makes it in its constructor and runs it on its own storage.
/// Called at its own address nobody holds a role, no market is listed and nothing can be set.
contract ParametersModule is Governing, AuditReads, AccessControl {
    /// @dev `genesis` outside of a constructor.
    error OnlyAtGenesis();

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

    /// @param profiles those of the contract that makes it, packed
    /// @param sequencer its sequencer, packed
    constructor(uint256 profiles, Sequencer sequencer) MarketBook(profiles, sequencer) {}

    /// @notice Roles, classes and markets of a contract that is being constructed. Afterwards nobody can call it: only
    /// in a constructor does an address have no code.
    function genesis(
        address governance,
        address keeper,
        address quorum,
        address guardian,
        ProfileValues[] calldata profiles,
        SequencerValues calldata sequencer_,
        ClassListing[] calldata classes,
        MarketListing[] calldata markets
    ) external {
        if (address(this).code.length != 0) revert OnlyAtGenesis();
        if (governance == address(0)) revert ZeroAddress("governance");
        if (keeper == address(0)) revert ZeroAddress("keeper");
        if (guardian == address(0)) revert ZeroAddress("guardian");
        _grantRole(DEFAULT_ADMIN_ROLE, governance);
        _grantRole(KEEPER_ROLE, keeper);
        if (quorum != address(0)) _grantRole(QUORUM_ROLE, quorum);
        _grantRole(GUARDIAN_ROLE, guardian);
        for (uint256 i; i < profiles.length; ++i) emit ProfileFixed(uint8(i), profiles[i]);
        if (sequencer_.feed != address(0)) emit SequencerFixed(sequencer_);
        for (uint256 i; i < classes.length; ++i) _setLimits(classes[i].classId, classes[i].limits);
        for (uint256 i; i < markets.length; ++i) _list(markets[i]);
    }

    // --------------------------------------------------------------------------------------------------------- modes

    /// @inheritdoc IParametersModule
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
        uint256 cool = own.mode() == 0 || own.challenged() ? 0 : own.until() + COOLDOWN_HOURS;
        if (hasRole(CHALLENGER_ROLE, msg.sender)) {
            if (mode != Mode.NO_NEW_RISK || current != Mode.NORMAL) revert ModeNotSafer(marketId, mode, current);
            // In a guardian's cool-down it is not marked as a challenge, and the cool-down counts from its lapse.
            return (minute / 60 + CHALLENGE_HOURS, minute / 60 >= cool);
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
        if (minute / 60 < cool) revert GuardianCoolingDown(marketId, timeOf(cool * 60));
        return (minute / 60 + GUARDIAN_HOURS, false);
    }

    // ---------------------------------------------------------------------------------------------------- governance

    /// @inheritdoc IParametersModule
    function listMarket(MarketListing calldata listing) external onlyRole(LISTER_ROLE) returns (uint16) {
        return _list(listing);
    }

    /// @inheritdoc IParametersModule
    function setLimits(uint8 classId, Limits calldata limits) external {
        if (!hasRole(DEFAULT_ADMIN_ROLE, msg.sender)) {
            _checkRole(GUARDIAN_ROLE);
            if (classId >= _classes.length || !_classes[classId].defined()) revert UnknownClass(classId);
            LimitsCheck.requireTighter(_classes[classId].unpack(), limits);
        }
        _setLimits(classId, limits);
    }

    /// @inheritdoc IParametersModule
    function setClass(uint16 group, uint8 classId) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (group >= _groupCount) revert UnknownGroup(group, _groupCount);
        if (classId >= _classes.length || !_classes[classId].defined()) revert UnknownClass(classId);
        uint256 minute = minuteOf(block.timestamp);
        Group before = _groups[group];
        Group next = _settle(group, minute);
        LimitsCheck.requireHolds(_classes[classId].unpack(), next);
        // Until now it moved at the speeds of the old class.
        (uint256 up, uint256 down) = _allowed(before, minute);
        before = before.withHeader(before.settled(), before.asOf(), before.spent(), classId);
        next = next.withHeader(minute, next.asOf(), next.spent(), classId);
        _store(group, before, next, 0, AllowanceLayout.pack(_classes[classId], 0, 0, up, down, minute));
        emit ClassChanged(group, classId);
    }

    /// @inheritdoc IParametersModule
    function overrideMarkets(ManualOverride[] calldata values) external onlyRole(DEFAULT_ADMIN_ROLE) {
        bool tightenOnly = _door.unpack().tightenOnly;
        for (uint256 i; i < values.length; ++i) _override(values[i], tightenOnly);
    }

    /// @inheritdoc IParametersModule
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
        _door = _door.withState(state);
        emit AggregateBudgetChanged(hotBps, quorumBps, msg.sender);
    }

    /// @inheritdoc IParametersModule
    function resetBreaker() external onlyRole(DEFAULT_ADMIN_ROLE) {
        DoorState memory state = _door.unpack();
        state.tightenOnly = false;
        _door = _door.withState(state);
        emit BreakerReset();
    }

    /// @inheritdoc IParametersModule
    function setProbe(uint16 marketId, address probe) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _known(marketId);
        if (probe != address(0) && probe.code.length == 0) revert NotAnAsset(probe);
        _probeOf[marketId] = probe;
        emit ProbeChanged(marketId, probe);
    }

    // ------------------------------------------------------------------------------------------------------ internal

    /// @dev Batches look into the door and `_doorsOf` alone.
    function _grantRole(bytes32 role, address account) internal override returns (bool) {
        if (role == KEEPER_ROLE) _door = _door.withLastKeeper(account);
        _doorsOf[account] |= _doorOf(role);
        return super._grantRole(role, account);
    }

    function _revokeRole(bytes32 role, address account) internal override returns (bool) {
        if (role == KEEPER_ROLE && _door.isLastKeeper(account)) _door = _door.withLastKeeper(address(0));
        _doorsOf[account] &= ~_doorOf(role);
        return super._revokeRole(role, account);
    }

    function _doorOf(bytes32 role) private pure returns (uint256) {
        return role == KEEPER_ROLE ? HOT_DOOR : role == QUORUM_ROLE ? QUORUM_DOOR : 0;
    }

    function _withOwn(Lane lane) private pure returns (Lane) {
        return Lane.wrap(Lane.unwrap(lane) | 1 << 40);
    }
}
