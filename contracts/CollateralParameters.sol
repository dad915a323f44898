// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ICollateralParameters} from "./interfaces/ICollateralParameters.sol";
import {Effective} from "./libraries/Effective.sol";
import {LimitsCheck} from "./libraries/LimitsCheck.sol";
import {LooseningBudget} from "./libraries/LooseningBudget.sol";
import {Postcondition} from "./libraries/Postcondition.sol";
import {NANO} from "./libraries/Units.sol";
import {UpdateCheck} from "./libraries/UpdateCheck.sol";

/// @title CollateralParameters
/// @notice See ICollateralParameters for what it promises, contracts/README.md for who may do what. Every write ends in
/// `_write`, which reads the market back as consumers do and reverts if the effect is not a legal one.
contract CollateralParameters is ICollateralParameters, AccessControl {
    using Effective for MarketState;

    /// @notice May write batches inside the limits.
    bytes32 public constant KEEPER_ROLE = keccak256("KEEPER_ROLE");
    /// @notice May make any market safer, and nothing else.
    bytes32 public constant GUARDIAN_ROLE = keccak256("GUARDIAN_ROLE");
    /// @notice The US dollar as a debt asset (ISO 4217 number, as in ERC-7726).
    address public constant USD = address(840);

    /// @inheritdoc ICollateralParameters
    uint64 public sequence;
    /// @inheritdoc ICollateralParameters
    uint16 public marketCount;
    /// @inheritdoc ICollateralParameters
    mapping(address collateral => mapping(address debt => uint16 marketId)) public marketOf;
    mapping(uint16 marketId => MarketState) private _markets;
    mapping(uint16 marketId => Limits) private _limits;

    /// @param governance a timelock: lists, bounds, sets modes, grants roles
    /// @param keeper hot key that writes batches
    /// @param guardian key that may only make markets safer
    /// @param markets first markets; the deployer never holds a role, so they cannot be listed by it later
    constructor(address governance, address keeper, address guardian, MarketListing[] memory markets) {
        if (governance == address(0)) revert ZeroAddress("governance");
        if (keeper == address(0)) revert ZeroAddress("keeper");
        if (guardian == address(0)) revert ZeroAddress("guardian");
        _grantRole(DEFAULT_ADMIN_ROLE, governance);
        _grantRole(KEEPER_ROLE, keeper);
        _grantRole(GUARDIAN_ROLE, guardian);
        for (uint256 i; i < markets.length; ++i) _list(markets[i]);
    }

    // ------------------------------------------------------------------------------------------------------- reads

    /// @inheritdoc ICollateralParameters
    function haircuts(uint16 marketId) public view returns (Haircuts memory) {
        return _known(marketId).haircutsAt(_limits[marketId], block.timestamp);
    }

    /// @inheritdoc ICollateralParameters
    function haircuts(address collateral, address debt) external view returns (Haircuts memory) {
        uint16 marketId = marketOf[collateral][debt];
        if (marketId == 0) revert UnknownPair(collateral, debt);
        return haircuts(marketId);
    }

    /// @inheritdoc ICollateralParameters
    function haircutsMany(uint16[] calldata marketIds) external view returns (Haircuts[] memory many) {
        many = new Haircuts[](marketIds.length);
        for (uint256 i; i < marketIds.length; ++i) many[i] = haircuts(marketIds[i]);
    }

    /// @inheritdoc ICollateralParameters
    function tryHaircuts(uint16 marketId) external view returns (bool known, Haircuts memory) {
        if (_isKnown(marketId)) return (true, haircuts(marketId));
        return (false, Haircuts({initialBps: 10_000, maintenanceBps: 0, asOf: 0, mode: Mode.NO_NEW_RISK}));
    }

    /// @inheritdoc ICollateralParameters
    function marketState(uint16 marketId) external view returns (MarketState memory) {
        return _known(marketId);
    }

    /// @inheritdoc ICollateralParameters
    function limitsOf(uint16 marketId) external view returns (Limits memory) {
        _known(marketId);
        return _limits[marketId];
    }

    /// @inheritdoc ICollateralParameters
    function previewUpdate(MarketUpdate calldata next) public view returns (SkipReason, uint256, uint256) {
        if (!_isKnown(next.marketId)) return (SkipReason.UNKNOWN_MARKET, next.marketId, marketCount);
        return UpdateCheck.check(_markets[next.marketId], _limits[next.marketId], next, block.timestamp);
    }

    // ------------------------------------------------------------------------------------------------------ writes

    /// @inheritdoc ICollateralParameters
    function update(Batch calldata batch) external onlyRole(KEEPER_ROLE) {
        // Replay, reordering, and locking the door by jumping ahead.
        if (batch.sequence != sequence + 1) revert WrongSequence(batch.sequence, sequence + 1);
        // A batch held back in a mempool until the market has turned.
        if (block.timestamp > batch.deadline) revert DeadlinePassed(batch.deadline, block.timestamp);
        // A sequence number spent on nothing.
        if (batch.updates.length == 0) revert EmptyBatch();

        sequence = batch.sequence;
        SkipReason first;
        uint256 skipped;
        for (uint256 i; i < batch.updates.length; ++i) {
            SkipReason reason = _apply(batch.updates[i], batch.sequence);
            if (reason != SkipReason.NONE) ++skipped;
            if (i == 0) first = reason;
        }
        if (skipped == batch.updates.length) revert NoMarketApplied(batch.updates[0].marketId, first);

        emit BatchApplied(
            batch.sequence, batch.evidence, batch.modelVersion, msg.sender, batch.updates.length - skipped, skipped
        );
    }

    /// @inheritdoc ICollateralParameters
    function setMode(uint16 marketId, Mode mode) external {
        MarketState memory next = _known(marketId);
        if (!hasRole(DEFAULT_ADMIN_ROLE, msg.sender)) {
            _checkRole(GUARDIAN_ROLE);
            // A stolen guardian key re-opening what was closed.
            if (mode <= next.mode) revert ModeNotSafer(marketId, mode, next.mode);
        }
        Limits memory limits = _limits[marketId];

        next.settle(limits, block.timestamp);
        next.mode = mode;
        _write(marketId, next, limits);
        emit ModeChanged(marketId, mode, msg.sender, next.maintenanceNanoBps);
    }

    /// @inheritdoc ICollateralParameters
    function listMarket(MarketListing calldata listing) external onlyRole(DEFAULT_ADMIN_ROLE) returns (uint16) {
        return _list(listing);
    }

    /// @inheritdoc ICollateralParameters
    function setLimits(uint16 marketId, Limits calldata limits) external onlyRole(DEFAULT_ADMIN_ROLE) {
        MarketState memory next = _known(marketId);
        Limits memory previous = _limits[marketId];
        next.settle(previous, block.timestamp);
        LimitsCheck.requireConsistent(limits);
        LimitsCheck.requireHolds(limits, next);

        uint256 capacity = LooseningBudget.capacityNanoBps(limits.looseningBudgetBpsPerDay);
        if (next.budgetNanoBps > capacity) next.budgetNanoBps = uint64(capacity);
        _limits[marketId] = limits;
        _write(marketId, next, previous);
        emit LimitsChanged(marketId, limits, next.maintenanceNanoBps, next.budgetNanoBps);
    }

    // ---------------------------------------------------------------------------------------------------- internal

    /// @dev One market of a batch: applied whole, or skipped with the reason.
    function _apply(MarketUpdate calldata given, uint64 batchSequence) private returns (SkipReason) {
        uint16 marketId = given.marketId;
        (SkipReason reason, uint256 value, uint256 allowed) = previewUpdate(given);
        if (reason != SkipReason.NONE) {
            emit MarketSkipped(marketId, batchSequence, reason, value, allowed);
            return reason;
        }

        Limits memory limits = _limits[marketId];
        MarketState memory next = _markets[marketId];
        next.settle(limits, block.timestamp);
        if (given.initialBps < next.initialBps) {
            next.budgetNanoBps -= uint64((next.initialBps - given.initialBps) * NANO);
        }
        next.initialBps = given.initialBps;
        next.maintenanceTargetBps = given.maintenanceTargetBps;
        next.asOf = given.asOf;
        next.confidenceBps = given.confidenceBps;
        next.sources = given.sources;
        _write(marketId, next, limits);
        emit MarketUpdated(
            marketId,
            batchSequence,
            next.initialBps,
            next.maintenanceTargetBps,
            next.maintenanceNanoBps,
            next.budgetNanoBps,
            next.asOf,
            next.confidenceBps,
            next.sources
        );
        return SkipReason.NONE;
    }

    function _list(MarketListing memory listing) private returns (uint16 marketId) {
        (address collateral, address debt) = (listing.collateral, listing.debt);
        // A mistyped address, or a token on another chain.
        if (collateral.code.length == 0) revert NotAnAsset(collateral);
        if (debt != USD && debt.code.length == 0) revert NotAnAsset(debt);
        if (marketOf[collateral][debt] != 0) revert MarketExists(collateral, debt, marketOf[collateral][debt]);
        Limits memory limits = listing.limits;
        LimitsCheck.requireConsistent(limits);
        uint256 oldest = block.timestamp > limits.maxAgeSeconds ? block.timestamp - limits.maxAgeSeconds : 0;

        MarketState memory next;
        MarketUpdate memory first;
        (first.initialBps, first.maintenanceTargetBps) = (listing.initialBps, listing.maintenanceBps);
        (SkipReason reason, uint256 given, uint256 allowed) =
            UpdateCheck.checkValues(next, limits, first, block.timestamp);
        if (reason != SkipReason.NONE) revert BadListing(reason, given, allowed);

        next.collateral = collateral;
        next.debt = debt;
        next.initialBps = listing.initialBps;
        next.maintenanceTargetBps = listing.maintenanceBps;
        next.maintenanceNanoBps = uint64(listing.maintenanceBps * NANO);
        next.maintenanceTime = uint40(block.timestamp);
        next.asOf = uint40(oldest);
        next.budgetNanoBps = uint64(LooseningBudget.capacityNanoBps(limits.looseningBudgetBpsPerDay));
        next.budgetTime = uint40(block.timestamp);

        marketId = ++marketCount;
        marketOf[collateral][debt] = marketId;
        _limits[marketId] = limits;
        _write(marketId, next, limits);
        emit MarketListed(marketId, collateral, debt, listing.initialBps, listing.maintenanceBps, next.asOf);
        emit LimitsChanged(marketId, limits, next.maintenanceNanoBps, next.budgetNanoBps);
    }

    /// @dev The only place where a market is stored; every path ends here, and so under the post-condition.
    /// @param previous the limits under which the market was read until now
    function _write(uint16 marketId, MarketState memory next, Limits memory previous) private {
        MarketState memory before = _markets[marketId];
        uint256 heldNanoBps = before.maintenanceNanoBpsAt(previous, block.timestamp);
        _markets[marketId] = next;
        Postcondition.enforce(
            marketId, before, heldNanoBps, _markets[marketId], _limits[marketId], block.timestamp
        );
    }

    function _isKnown(uint16 marketId) private view returns (bool) {
        return marketId != 0 && marketId <= marketCount;
    }

    function _known(uint16 marketId) private view returns (MarketState memory) {
        if (!_isKnown(marketId)) revert UnknownMarket(marketId);
        return _markets[marketId];
    }
}
