// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IHaircuts} from "../interfaces/IHaircuts.sol";

/// @title Carries the exposure limit into the supply cap of a lender.
/// @notice The limit is on what is held as collateral, and a lender's supply is what can be collateral: so it becomes the
/// *supply* cap. A borrow cap bounds the asset as a debt, of which the limit says nothing, and is left alone.
///
/// | state | supply cap, whole tokens |
/// |---|---|
/// | may grow | the limit |
/// | closed or stale: no more | what is supplied now, rounded down, if that is less; only down |
/// | the lender's own cap, the last one set by another hand | never above it |
/// | none of these leaves one whole token | 1; a 0 is of the lender's own hand: in v3 no cap at all, in v4 an emergency |
///
/// A cap below what is supplied stops supplying and forces nobody out. A call that changes nothing writes nothing.
/// @dev *Safety*: the parameter contract's limits, the lender's contracts. *Liveness*: somebody calls `syncSupplyCap`.
abstract contract ExposureCap {
    struct Caps {
        /// @dev last set by this contract, and last seen that it had not set
        uint40 own;
        uint40 others;
    }

    /// @dev what the lender reads as no cap, and the most that it takes
    uint256 private immutable _noCap;
    uint256 private immutable _mostCap;

    IHaircuts public immutable parameters;
    /// @notice The debt side of the markets used, e.g. address(840) for USD.
    address public immutable debt;

    mapping(address asset => Caps) public capsOf;

    /// @notice A new cap, after reading it back. `highest`: the lender's own, as the lender says it when there is none.
    event SupplyCapSynced(address indexed asset, uint256 cap, uint256 highest, bool mayGrow);

    error UnknownPair(address collateral, address debt);
    /// @dev The lender does not read as it was set.
    error EffectDiffers(string what, uint256 given, uint256 allowed);

    constructor(IHaircuts parameters_, address debt_, uint256 noCap, uint256 mostCap) {
        parameters = parameters_;
        debt = debt_;
        _noCap = noCap;
        _mostCap = mostCap;
    }

    /// @notice The cap that `syncSupplyCap` would leave, in whole tokens, and whether that is a change.
    function previewSupplyCap(address asset) external view returns (uint256 cap, bool changes) {
        uint256 present;
        (present, cap,,) = _capOf(asset);
        changes = cap != present;
    }

    /// @notice Brings the supply cap of one asset to its exposure limit. Anyone. Returns false, and writes nothing to the lender,
    /// when it is there.
    function syncSupplyCap(address asset) external returns (bool changed) {
        (uint256 present, uint256 cap, uint256 highest, bool mayGrow) = _capOf(asset);
        capsOf[asset] = Caps(uint40(cap), uint40(highest));
        if (cap == present) return false;

        _setCap(asset, cap);
        emit SupplyCapSynced(asset, cap, highest, mayGrow);
        return true;
    }

    /// @dev The table above.
    function _capOf(address asset)
        private
        view
        returns (uint256 present, uint256 cap, uint256 highest, bool mayGrow)
    {
        uint16 marketId = parameters.marketOf(asset, debt);
        if (marketId == 0) revert UnknownPair(asset, debt);
        present = _capAt(asset);
        Caps memory caps = capsOf[asset];
        // By another hand: from now on that is the most.
        highest = present == caps.own ? caps.others : present;
        (cap, mayGrow) = parameters.exposureLimit(marketId);
        if (!mayGrow) {
            cap = Math.min(cap, _suppliedOf(asset));
            if (present != _noCap) cap = Math.min(cap, present);
        }
        // Never a 0 of this contract: it could not be told from an emergency's, which this contract would later undo.
        cap = Math.min(Math.max(1, cap), highest == _noCap ? _mostCap : highest);
    }

    /// @dev The present cap, as the lender says it.
    function _capAt(address asset) internal view virtual returns (uint256);

    /// @dev What is supplied now, whole tokens, rounded down.
    function _suppliedOf(address asset) internal view virtual returns (uint256);

    /// @dev Sets it and reverts with `EffectDiffers` unless the lender reads so, and nothing else of the asset moved.
    function _setCap(address asset, uint256 cap) internal virtual;
}
