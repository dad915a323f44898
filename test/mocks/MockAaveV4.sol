// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAaveHub, IAaveSpoke} from "../../contracts/interfaces/adapters/IAaveV4.sol";

/// @title One spoke of Aave v4, its hub and both configurators, each at an address of its own, with one position a user at a price of 1.
/// @notice Warning: for tests only, and without roles. It follows `Spoke`, `Hub` and the configurators in what they refuse, in which
/// configuration a position is bound to, and when; a position's health is collateral x factor against debt.
contract MockAaveV4 {
    /// @dev an Aave that does not do what it is told, for testing post-conditions
    enum Fault {
        NONE,
        FACTOR_OFF_BY_ONE,
        BONUS_MOVED,
        FEE_MOVED,
        KEY_SKIPPED,
        OLD_MOVED,
        NEWEST_MOVED,
        FLAGS_MOVED,
        CAP_KEPT,
        DRAW_CAP_MOVED
    }

    struct Position {
        uint256 collateral;
        uint256 debt;
        uint32 key;
    }

    uint256 public constant RESERVE = 7;
    uint256 public constant ASSET = 3;

    address public immutable spoke = address(new MockAaveV4Door());
    address public immutable hub = address(new MockAaveV4Door());
    address public immutable spokeConfigurator = address(new MockAaveV4Door());
    address public immutable hubConfigurator = address(new MockAaveV4Door());

    Fault public fault;
    uint256 public writes;
    address private immutable _underlying;
    IAaveSpoke.Reserve private _reserve;
    IAaveHub.SpokeConfig private _config;
    mapping(uint32 key => IAaveSpoke.DynamicReserveConfig) private _dynamic;
    mapping(address user => Position) public positionOf;
    uint256 private _added;

    error AssetNotListed();
    error ReserveNotListed();
    error DynamicConfigKeyUninitialized();
    error MaximumDynamicConfigKeyReached();
    error InvalidCollateralFactor();
    error InvalidCollateralFactorAndMaxLiquidationBonus();
    error HealthFactorBelowThreshold();
    error ReservePaused();
    error ReserveFrozen();
    error NoSuchCallHere(address door);

    /// @dev Where it is called through a door, through this one.
    modifier at(address door) {
        bool isDoor = msg.sender == spoke || msg.sender == hub || msg.sender == spokeConfigurator
            || msg.sender == hubConfigurator;
        if (isDoor && msg.sender != door) revert NoSuchCallHere(msg.sender);
        _;
    }

    constructor(address underlying, uint8 decimals, uint16 factor, uint32 bonus) {
        _underlying = underlying;
        _reserve = IAaveSpoke.Reserve(underlying, hub, uint16(ASSET), decimals, 0, 4, 0);
        _config = IAaveHub.SpokeConfig(type(uint40).max, 500, 100, true, false);
        _dynamic[0] = IAaveSpoke.DynamicReserveConfig(factor, bonus, 1_000);
    }

    function setFault(Fault next) external {
        fault = next;
    }

    function setAdded(uint256 amount) external {
        _added = amount;
    }

    function setFlags(bool paused, bool frozen) external {
        _reserve.flags = (paused ? 1 : 0) | (frozen ? 2 : 0) | 4;
    }

    function setSpoke(bool active, bool halted) external {
        (_config.active, _config.halted) = (active, halted);
    }

    /// @dev As after so many configurations, of which none but the newest is there.
    function setNewest(uint32 key) external {
        _dynamic[key] = _dynamic[_reserve.dynamicConfigKey];
        _reserve.dynamicConfigKey = key;
    }

    // The hub.

    function getAssetId(address underlying) external view at(hub) returns (uint256) {
        if (underlying != _underlying) revert AssetNotListed();
        return ASSET;
    }

    function getAssetUnderlyingAndDecimals(uint256 assetId) external view at(hub) returns (address, uint8) {
        return assetId == ASSET ? (_underlying, _reserve.decimals) : (address(0), 0);
    }

    /// @dev Nothing where it is not listed.
    function getSpokeConfig(uint256 assetId, address ofSpoke)
        external
        view
        at(hub)
        returns (IAaveHub.SpokeConfig memory config)
    {
        if (assetId == ASSET && ofSpoke == spoke) config = _config;
    }

    function getSpokeAddedAssets(uint256 assetId, address ofSpoke) external view at(hub) returns (uint256) {
        return assetId == ASSET && ofSpoke == spoke ? _added : 0;
    }

    function updateSpokeAddCap(address ofHub, uint256 assetId, address ofSpoke, uint256 addCap)
        external
        at(hubConfigurator)
    {
        if (ofHub != hub || assetId != ASSET || ofSpoke != spoke) revert AssetNotListed();
        require(addCap <= type(uint40).max);
        ++writes;
        if (fault != Fault.CAP_KEPT) _config.addCap = uint40(addCap);
        if (fault == Fault.DRAW_CAP_MOVED) ++_config.drawCap;
    }

    // The spoke.

    function getReserveId(address ofHub, uint256 assetId) external view at(spoke) returns (uint256) {
        if (ofHub != hub || assetId != ASSET) revert ReserveNotListed();
        return RESERVE;
    }

    function getReserve(uint256 reserveId) external view at(spoke) returns (IAaveSpoke.Reserve memory) {
        if (reserveId != RESERVE) revert ReserveNotListed();
        return _reserve;
    }

    function getDynamicReserveConfig(uint256 reserveId, uint32 key)
        external
        view
        at(spoke)
        returns (IAaveSpoke.DynamicReserveConfig memory)
    {
        if (reserveId != RESERVE) revert ReserveNotListed();
        return _dynamic[key];
    }

    function addCollateralFactor(address ofSpoke, uint256 reserveId, uint16 factor)
        external
        at(spokeConfigurator)
        returns (uint32 key)
    {
        if (ofSpoke != spoke || reserveId != RESERVE) revert ReserveNotListed();
        ++writes;
        uint32 old = _reserve.dynamicConfigKey;
        if (old == type(uint32).max) revert MaximumDynamicConfigKeyReached();
        IAaveSpoke.DynamicReserveConfig memory next = _dynamic[old];
        next.collateralFactor = factor;
        _requireValid(next);
        key = old + (fault == Fault.KEY_SKIPPED ? 2 : 1);
        _reserve.dynamicConfigKey = key;
        _dynamic[key] = _faulty(next);
        if (fault == Fault.OLD_MOVED) --_dynamic[old].collateralFactor;
    }

    /// @dev Of the newest, too, and upwards.
    function updateCollateralFactor(address ofSpoke, uint256 reserveId, uint32 key, uint16 factor)
        external
        at(spokeConfigurator)
    {
        if (ofSpoke != spoke || reserveId != RESERVE) revert ReserveNotListed();
        ++writes;
        IAaveSpoke.DynamicReserveConfig memory next = _dynamic[key];
        if (next.maxLiquidationBonus == 0) revert DynamicConfigKeyUninitialized();
        if (factor == 0) revert InvalidCollateralFactor();
        next.collateralFactor = factor;
        _requireValid(next);
        _dynamic[key] = _faulty(next);
        if (fault == Fault.NEWEST_MOVED) --_dynamic[_reserve.dynamicConfigKey].collateralFactor;
    }

    function _requireValid(IAaveSpoke.DynamicReserveConfig memory next) private pure {
        uint256 product = uint256(next.maxLiquidationBonus) * next.collateralFactor;
        if (next.collateralFactor >= 10_000 || next.maxLiquidationBonus < 10_000 || (product + 9_999) / 10_000 >= 10_000) {
            revert InvalidCollateralFactorAndMaxLiquidationBonus();
        }
    }

    function _faulty(IAaveSpoke.DynamicReserveConfig memory next)
        private
        returns (IAaveSpoke.DynamicReserveConfig memory)
    {
        if (fault == Fault.FACTOR_OFF_BY_ONE) ++next.collateralFactor;
        if (fault == Fault.BONUS_MOVED) ++next.maxLiquidationBonus;
        if (fault == Fault.FEE_MOVED) ++next.liquidationFee;
        if (fault == Fault.FLAGS_MOVED) _reserve.flags ^= 8;
        return next;
    }

    // Positions.

    /// @notice Supplies and enables, or supplies more: what is enabled already keeps its configuration.
    function supply(address user, uint256 amount) external {
        if (_reserve.flags & 3 != 0) revert ReserveFrozen();
        Position storage position = positionOf[user];
        if (position.collateral == 0) position.key = _reserve.dynamicConfigKey;
        position.collateral += amount;
    }

    /// @notice Borrows another asset against it, frozen or paused as it may be, or with a debt lets go of collateral: refreshes the
    /// configuration, and refuses what it leaves unhealthy.
    function borrow(address user, uint256 amount) external {
        positionOf[user].debt += amount;
        _refresh(user);
    }

    function repay(address user, uint256 amount) external {
        positionOf[user].debt -= amount;
    }

    function withdraw(address user, uint256 amount) external {
        if (_reserve.flags & 1 != 0) revert ReservePaused();
        positionOf[user].collateral -= amount;
        _refresh(user);
    }

    function _refresh(address user) private {
        positionOf[user].key = _reserve.dynamicConfigKey;
        if (isLiquidatable(user)) revert HealthFactorBelowThreshold();
    }

    function isLiquidatable(address user) public view returns (bool) {
        Position memory position = positionOf[user];
        return position.collateral * _dynamic[position.key].collateralFactor < position.debt * 10_000;
    }
}

/// @title An address of the mock: passes every call on to it, so that it sees where it was called.
contract MockAaveV4Door {
    address private immutable _to = msg.sender;

    fallback() external {
        (bool ok, bytes memory data) = _to.call(msg.data);
        assembly ("memory-safe") {
            switch ok
            case 0 { revert(add(data, 32), mload(data)) }
            default { return(add(data, 32), mload(data)) }
        }
    }
}
