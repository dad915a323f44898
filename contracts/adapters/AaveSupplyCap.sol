// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {IAavePool, IAavePoolAddressesProvider, IAavePoolConfigurator} from "../interfaces/adapters/IAaveV3.sol";
import {ExposureCap} from "./ExposureCap.sol";

/// @title The exposure limit as the supply caps of an Aave v3 market.
/// @notice In Aave v3 a cap of 0 means no cap at all, so it is never below 1. Of a reserve frozen by Aave it is kept up to date;
/// nothing is supplied there.
abstract contract AaveSupplyCap is ExposureCap {
    /// @dev Bits of the cap in a reserve's configuration, and the greatest that fits.
    uint256 private constant SUPPLY_CAP_BIT = 116;
    uint256 private constant MOST = (1 << 36) - 1;
    uint256 private constant DECIMALS_BIT = 48;

    IAavePoolAddressesProvider public immutable provider;

    constructor(IHaircuts parameters_, IAavePoolAddressesProvider provider_, address debt_)
        ExposureCap(parameters_, debt_, 0, MOST)
    {
        provider = provider_;
    }

    function _capAt(address asset) internal view override returns (uint256) {
        return _capIn(_configurationOf(asset));
    }

    function _suppliedOf(address asset) internal view override returns (uint256) {
        (uint256 word,,,,,,,, address aToken) = IAavePool(provider.getPool()).getReserveData(asset);
        return IERC20(aToken).totalSupply() / 10 ** ((word >> DECIMALS_BIT) & 0xff);
    }

    function _setCap(address asset, uint256 cap) internal override {
        uint256 before = _configurationOf(asset);
        IAavePoolConfigurator(provider.getPoolConfigurator()).setSupplyCap(asset, cap);
        uint256 word = _configurationOf(asset);
        if (_capIn(word) != cap) revert EffectDiffers("supply cap", _capIn(word), cap);
        uint256 moved = (word ^ before) & ~(MOST << SUPPLY_CAP_BIT);
        if (moved != 0) revert EffectDiffers("other bits", moved, 0);
    }

    function _configurationOf(address asset) internal view returns (uint256) {
        return IAavePool(provider.getPool()).getConfiguration(asset);
    }

    function _capIn(uint256 word) private pure returns (uint256) {
        return (word >> SUPPLY_CAP_BIT) & MOST;
    }
}
