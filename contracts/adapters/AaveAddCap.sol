// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {IAaveHub, IAaveHubConfigurator} from "../interfaces/adapters/IAaveV4.sol";

/// @title Carries the exposure limit into how much one spoke of Aave v4 may add to a hub.
/// @notice What AaveSupplyCap does in v3, with v4's own "no cap", 2^40 - 1, so that a cap of 0 is one.
///
/// | state | add cap of the spoke, whole tokens |
/// |---|---|
/// | may grow | the limit |
/// | closed or stale: no more | what is supplied now, rounded down, if that is less; only down |
/// | Aave's own cap, the last one set by another hand | never above it |
///
/// A cap below what is supplied stops supplying and forces nobody out. A call that changes nothing writes nothing.
/// @dev *Safety*: the parameter contract's limits, Aave's contracts. *Liveness*: somebody calls `syncSupplyCap`.
abstract contract AaveAddCap {
    struct Caps {
        /// @dev last set by this contract, and last seen that it had not set
        uint40 own;
        uint40 others;
    }

    IHaircuts public immutable parameters;
    /// @notice The debt side of the markets used, e.g. address(840) for USD.
    address public immutable debt;
    address internal immutable _spoke;
    IAaveHub public immutable hub;
    IAaveHubConfigurator public immutable hubConfigurator;

    mapping(address asset => Caps) public capsOf;

    /// @notice A new cap, after reading it back. `highest`: Aave's own, 2^40 - 1 when there is none.
    event SupplyCapSynced(address indexed asset, uint256 cap, uint256 highest, bool mayGrow);

    error UnknownPair(address collateral, address debt);
    /// @dev Aave does not read as it was set.
    error EffectDiffers(string what, uint256 given, uint256 allowed);

    constructor(IHaircuts parameters_, address debt_, address spoke_, address hub_, address hubConfigurator_) {
        parameters = parameters_;
        debt = debt_;
        _spoke = spoke_;
        hub = IAaveHub(hub_);
        hubConfigurator = IAaveHubConfigurator(hubConfigurator_);
    }

    /// @notice The cap that `syncSupplyCap` would leave, in whole tokens, and whether that is a change.
    function previewSupplyCap(address asset) external view returns (uint256 cap, bool changes) {
        uint256 assetId = hub.getAssetId(asset);
        uint256 present = hub.getSpokeConfig(assetId, _spoke).addCap;
        (cap,,) = _capOf(asset, assetId, present);
        changes = cap != present;
    }

    /// @notice Brings the spoke's add cap for one asset to its exposure limit. Anyone. Returns false, and writes nothing to
    /// Aave, when it is there.
    function syncSupplyCap(address asset) external returns (bool changed) {
        uint256 assetId = hub.getAssetId(asset);
        IAaveHub.SpokeConfig memory before = hub.getSpokeConfig(assetId, _spoke);
        (uint256 cap, uint256 highest, bool mayGrow) = _capOf(asset, assetId, before.addCap);
        capsOf[asset] = Caps(uint40(cap), uint40(highest));
        if (cap == before.addCap) return false;

        hubConfigurator.updateSpokeAddCap(address(hub), assetId, _spoke, cap);
        IAaveHub.SpokeConfig memory after_ = hub.getSpokeConfig(assetId, _spoke);
        if (after_.addCap != cap) revert EffectDiffers("add cap", after_.addCap, cap);
        before.addCap = after_.addCap;
        if (keccak256(abi.encode(before)) != keccak256(abi.encode(after_))) revert EffectDiffers("spoke", 1, 0);
        emit SupplyCapSynced(asset, cap, highest, mayGrow);
        return true;
    }

    /// @dev The table above.
    function _capOf(address asset, uint256 assetId, uint256 present)
        private
        view
        returns (uint256 cap, uint256 highest, bool mayGrow)
    {
        uint16 marketId = parameters.marketOf(asset, debt);
        if (marketId == 0) revert UnknownPair(asset, debt);
        Caps memory caps = capsOf[asset];
        // By another hand: from now on that is the most.
        highest = present == caps.own ? caps.others : present;
        (cap, mayGrow) = parameters.exposureLimit(marketId);
        if (!mayGrow) {
            (, uint8 decimals) = hub.getAssetUnderlyingAndDecimals(assetId);
            cap = Math.min(cap, hub.getSpokeAddedAssets(assetId, _spoke) / 10 ** decimals);
            cap = Math.min(cap, present);
        }
        cap = Math.min(cap, highest);
    }
}
