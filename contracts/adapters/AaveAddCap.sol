// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {IAaveHub, IAaveHubConfigurator} from "../interfaces/adapters/IAaveV4.sol";
import {ExposureCap} from "./ExposureCap.sol";

/// @title The exposure limit as the add caps that one spoke of Aave v4 has at a hub.
/// @notice v4 has a "no cap" of its own, 2^40 - 1, and its emergency (`resetSpokeCaps`, `resetAssetCaps`) is a cap of 0: that one
/// is always Aave's, and stands until Aave sets another.
abstract contract AaveAddCap is ExposureCap {
    uint256 private constant NO_CAP = type(uint40).max;

    IAaveHub public immutable hub;
    IAaveHubConfigurator public immutable hubConfigurator;
    address private immutable _spoke;

    constructor(IHaircuts parameters_, address debt_, address spoke_, address hub_, address hubConfigurator_)
        ExposureCap(parameters_, debt_, NO_CAP, NO_CAP)
    {
        _spoke = spoke_;
        hub = IAaveHub(hub_);
        hubConfigurator = IAaveHubConfigurator(hubConfigurator_);
    }

    function _capAt(address asset) internal view override returns (uint256) {
        return hub.getSpokeConfig(hub.getAssetId(asset), _spoke).addCap;
    }

    function _suppliedOf(address asset) internal view override returns (uint256) {
        uint256 assetId = hub.getAssetId(asset);
        (, uint8 decimals) = hub.getAssetUnderlyingAndDecimals(assetId);
        return hub.getSpokeAddedAssets(assetId, _spoke) / 10 ** decimals;
    }

    function _setCap(address asset, uint256 cap) internal override {
        uint256 assetId = hub.getAssetId(asset);
        IAaveHub.SpokeConfig memory before = hub.getSpokeConfig(assetId, _spoke);
        hubConfigurator.updateSpokeAddCap(address(hub), assetId, _spoke, cap);
        IAaveHub.SpokeConfig memory after_ = hub.getSpokeConfig(assetId, _spoke);
        if (after_.addCap != cap) revert EffectDiffers("add cap", after_.addCap, cap);
        before.addCap = after_.addCap;
        if (keccak256(abi.encode(before)) != keccak256(abi.encode(after_))) revert EffectDiffers("spoke", 1, 0);
    }
}
