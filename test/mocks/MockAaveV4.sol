// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAaveHub, IAaveSpoke} from "../../contracts/interfaces/adapters/IAaveV4.sol";

/// @title One spoke of Aave v4, its hub and both configurators in one contract, with one position a user at a price of 1.
/// @notice Warning: for tests only, and without roles. It follows `Spoke` and the configurators in what they refuse, in which
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

    uint256 private constant RESERVE = 7;
    uint256 private constant ASSET = 3;

    Fault public fault;
    uint256 public writes;
    address private immutable _underlying;
    IAaveSpoke.Reserve private _reserve;
    IAaveHub.SpokeConfig private _config;
    mapping(uint32 key => IAaveSpoke.DynamicReserveConfig) private _dynamic;
    mapping(address user => Position) public positionOf;
    uint256 public getSpokeAddedAssets_;

    error AssetNotListed();
    error ReserveNotListed();
    error DynamicConfigKeyUninitialized();
    error InvalidCollateralFactor();
    error InvalidCollateralFactorAndMaxLiquidationBonus();
    error HealthFactorBelowThreshold();

    constructor(address underlying, uint8 decimals, uint16 factor, uint32 bonus) {
        _underlying = underlying;
        _reserve = IAaveSpoke.Reserve(underlying, address(this), uint16(ASSET), decimals, 0, 4, 0);
        _config = IAaveHub.SpokeConfig(type(uint40).max, 500, 100, true, false);
        _dynamic[0] = IAaveSpoke.DynamicReserveConfig(factor, bonus, 1_000);
    }

    function setFault(Fault next) external {
        fault = next;
    }

    function setAdded(uint256 amount) external {
        getSpokeAddedAssets_ = amount;
    }

    // The hub.

    function getAssetId(address underlying) external view returns (uint256) {
        if (underlying != _underlying) revert AssetNotListed();
        return ASSET;
    }

    function getAssetUnderlyingAndDecimals(uint256) external view returns (address, uint8) {
        return (_underlying, _reserve.decimals);
    }

    function getSpokeConfig(uint256, address) external view returns (IAaveHub.SpokeConfig memory) {
        return _config;
    }

    function getSpokeAddedAssets(uint256, address) external view returns (uint256) {
        return getSpokeAddedAssets_;
    }

    function updateSpokeAddCap(address, uint256, address, uint256 addCap) external {
        ++writes;
        if (fault != Fault.CAP_KEPT) _config.addCap = uint40(addCap);
        if (fault == Fault.DRAW_CAP_MOVED) ++_config.drawCap;
    }

    // The spoke.

    function getReserveId(address, uint256 assetId) external pure returns (uint256) {
        if (assetId != ASSET) revert ReserveNotListed();
        return RESERVE;
    }

    function getReserve(uint256) external view returns (IAaveSpoke.Reserve memory) {
        return _reserve;
    }

    function getDynamicReserveConfig(uint256, uint32 key)
        external
        view
        returns (IAaveSpoke.DynamicReserveConfig memory)
    {
        return _dynamic[key];
    }

    function addCollateralFactor(address, uint256, uint16 factor) external returns (uint32 key) {
        ++writes;
        uint32 old = _reserve.dynamicConfigKey;
        IAaveSpoke.DynamicReserveConfig memory next = _dynamic[old];
        next.collateralFactor = factor;
        _requireValid(next);
        key = old + (fault == Fault.KEY_SKIPPED ? 2 : 1);
        _reserve.dynamicConfigKey = key;
        _dynamic[key] = _faulty(next);
        if (fault == Fault.OLD_MOVED) --_dynamic[old].collateralFactor;
    }

    function updateCollateralFactor(address, uint256, uint32 key, uint16 factor) external {
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
        if (next.collateralFactor >= 10_000 || (product + 9_999) / 10_000 >= 10_000) {
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
        if (fault == Fault.FLAGS_MOVED) _reserve.flags ^= 1;
        return next;
    }

    // Positions.

    /// @notice Supplies and enables, or supplies more: what is enabled already keeps its configuration.
    function supply(address user, uint256 amount) external {
        Position storage position = positionOf[user];
        if (position.collateral == 0) position.key = _reserve.dynamicConfigKey;
        position.collateral += amount;
    }

    /// @notice Borrows, or with a debt lets go of collateral: refreshes the configuration, and refuses what it leaves unhealthy.
    function borrow(address user, uint256 amount) external {
        positionOf[user].debt += amount;
        _refresh(user);
    }

    function withdraw(address user, uint256 amount) external {
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
