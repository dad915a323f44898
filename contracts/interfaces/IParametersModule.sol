// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterEvents} from "./IParameterEvents.sol";
import {IParameterTypes} from "./IParameterTypes.sol";

/// @title What governance, guardians and auditors ask for; called at the address of the parameter contract.
interface IParametersModule is IParameterTypes, IParameterEvents {
    /// @notice The stored state of one market, for auditors and keepers. Reverts with UnknownMarket.
    function marketState(uint16 marketId) external view returns (MarketState memory);

    /// @notice Limits of the market's class and what it does between writes. Reverts with UnknownMarket.
    function limitsOf(uint16 marketId) external view returns (Limits memory, ProfileValues memory);

    /// @notice Limits of a class; all zero when it was never defined.
    function limitsOfClass(uint8 classId) external view returns (Limits memory);

    /// @notice One of the four profiles fixed at deployment.
    function profile(uint8 index) external view returns (ProfileValues memory);

    /// @notice The sequencer's uptime feed and the grace after an outage; all zero where there is none.
    function sequencer() external view returns (SequencerValues memory);

    /// @notice Highest market id that may have been listed. Ids of a group not full yet are skipped.
    function marketCount() external view returns (uint16);

    /// @notice Groups in use: market `id` is lane `(id - 1) % 5` of group `(id - 1) / 5`.
    function groupCount() external view returns (uint16);

    /// @notice Place in the order of batches, generation of listings, aggregate budget, breaker.
    function door() external view returns (DoorState memory);

    /// @notice What `update` would say of one market now, by the hot key (`quorum` false) or by the quorum: NONE, or
    /// the first broken rule with the value given and the nearest allowed. Aggregate budget and probe included.
    function previewUpdate(MarketUpdate calldata next, bool quorum)
        external
        view
        returns (SkipReason reason, uint256 given, uint256 allowed);

    /// @notice Sets the mode of a market. Governance: any, until changed. Guardian: only safer than now, for
    /// GUARDIAN_HOURS, not again within COOLDOWN_HOURS of its lapse (of the challenge's, when one came in that time),
    /// and not over a mode that governance set. Challenger: only NORMAL -> NO_NEW_RISK, for CHALLENGE_HOURS.
    function setMode(uint16 marketId, Mode mode) external;

    /// @notice Lists a pair and returns its id. LISTER_ROLE.
    /// @dev The values count as data of the class's greatest age: valid at once, replaced by the first update.
    function listMarket(MarketListing calldata listing) external returns (uint16 marketId);

    /// @notice Defines or replaces the limits of a class. Governance; the guardian may only make them tighter.
    /// @dev Never moves a value. A gap or bonus that present values break is refused: first let the keeper tighten.
    function setLimits(uint8 classId, Limits calldata limits) external;

    /// @notice Moves a group of five markets to another class (and so, maybe, to another profile). Governance.
    function setClass(uint16 group, uint8 classId) external;

    /// @notice Writes values past the keeper's step and budget and holds them until `until`. Governance. Bounds and gap
    /// hold, maintenance keeps its speed, and while the breaker is tripped nothing loosens. A roll back to the last
    /// known good values is one call of it (scripts/rollBack.ts builds it from the events).
    function overrideMarkets(ManualOverride[] calldata values) external;

    /// @notice Sets the aggregate loosening budgets of a window. Governance; the guardian may only lower them.
    function setAggregateBudget(uint24 hotBps, uint24 quorumBps) external;

    /// @notice Lets values loosen again after the breaker has tripped. Governance.
    function resetBreaker() external;

    /// @notice Sets the contract asked before initial of this market loosens; zero: none. Governance.
    function setProbe(uint16 marketId, address probe) external;
}
