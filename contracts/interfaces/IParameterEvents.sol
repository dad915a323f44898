// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterTypes} from "./IParameterTypes.sol";

/// @title What the parameter contract says.
/// @notice The events alone rebuild the state. Where a time is not in the event, it is the time of its block.
interface IParameterEvents {
    /// @notice A new market, NORMAL, its maintenance at its target.
    event MarketListed(
        uint16 indexed marketId,
        address indexed collateral,
        address indexed debt,
        uint8 classId,
        uint16 initialBps,
        uint16 maintenanceBps,
        uint40 asOf
    );
    event ProfileFixed(uint8 indexed profile, IParameterTypes.ProfileValues values);
    /// @notice On a rollup: the feed that says when its sequencer was up.
    event SequencerFixed(IParameterTypes.SequencerValues values);
    /// @notice New limits, in full.
    event LimitsChanged(uint8 indexed classId, IParameterTypes.Limits limits, address indexed by);
    event ClassChanged(uint16 indexed group, uint8 classId);
    /// @notice A batch was applied; `entries` are its markets as submitted. A `MarketSkipped` of the same sequence names
    /// each that was not.
    event BatchApplied(
        uint64 indexed sequence, bytes32 indexed evidence, address indexed sender, uint32 modelVersion, bytes entries
    );
    event MarketSkipped(
        uint16 indexed marketId,
        uint64 indexed sequence,
        IParameterTypes.SkipReason reason,
        uint256 given,
        uint256 allowed
    );
    /// @notice A new mode; `until` is type(uint40).max when it does not lapse.
    event ModeChanged(uint16 indexed marketId, IParameterTypes.Mode mode, address indexed by, uint40 until);
    event MarketOverridden(
        uint16 indexed marketId, uint16 initialBps, uint16 maintenanceTargetBps, uint40 until
    );
    event AggregateBudgetChanged(uint24 hotBps, uint24 quorumBps, address indexed by);
    /// @notice Too much was loosened at once: until governance resets the breaker, values only tighten.
    event BreakerTripped(uint64 indexed sequence, uint256 givenBps, uint256 allowedBps);
    event BreakerReset();
    event ProbeChanged(uint16 indexed marketId, address probe);

    error UnknownMarket(uint16 marketId);
    error UnknownPair(address collateral, address debt);
    error UnknownClass(uint8 classId);
    error UnknownGroup(uint16 group, uint16 groupCount);
    error WrongSequence(uint64 given, uint64 expected);
    error WrongGeneration(uint16 given, uint16 expected);
    error DeadlinePassed(uint40 deadline, uint256 now_);
    error EmptyBatch();
    /// @dev The bytes from `offset` on are not an entry (Entry.sol).
    error BadEntry(uint256 offset);
    /// @dev Every market of the batch was refused; `reason` is that of the first.
    error NoMarketApplied(uint16 marketId, IParameterTypes.SkipReason reason);
    error BadLimits(string what, uint256 given, uint256 allowed);
    /// @dev It has no code, or its latest round makes no sense.
    error BadSequencerFeed(address feed);
    /// @dev The first values of a new market, or those of an override, break the limits of the class.
    error BadValues(uint16 marketId, IParameterTypes.SkipReason reason, uint256 given, uint256 allowed);
    error BadUntil(uint16 marketId, uint40 given, uint256 earliest, uint256 latest);
    /// @dev Neither a contract nor (for the debt) USD.
    error NotAnAsset(address asset);
    error ZeroAddress(string what);
    error MarketExists(address collateral, address debt, uint16 marketId);
    error GroupFull(uint16 group);
    error WrongGroupClass(uint16 group, uint8 given, uint8 expected);
    /// @dev A bug of this contract, caught before anybody could read its effect: the whole transaction reverts.
    error PostconditionFailed(uint16 group, string what);
    error ModeNotSafer(uint16 marketId, IParameterTypes.Mode given, IParameterTypes.Mode current);
    /// @dev A guardian's mode lapses, and what governance closed does not: only governance makes it stricter.
    error HeldByGovernance(uint16 marketId, IParameterTypes.Mode current);
    error GuardianCoolingDown(uint16 marketId, uint256 until);
    error NotTighter(string what, uint256 given, uint256 allowed);
}
