// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {IAavePool, IAavePoolAddressesProvider, IAavePoolConfigurator} from "../interfaces/adapters/IAaveV3.sol";

/// @title Carries the exposure limit into the supply caps of an Aave v3 market.
/// @notice The limit is on what is held as collateral, and in Aave a reserve's supply is what can be collateral: so it becomes the
/// *supply* cap. The borrow cap bounds the reserve as a debt, of which the limit says nothing, and is left alone.
///
/// | state | supply cap |
/// |---|---|
/// | may grow | the limit |
/// | closed or stale: no more | what is supplied now, rounded down, if that is less; only down |
/// | Aave's own cap, the last one set by another hand | never above it |
///
/// In whole tokens, never below 1: in Aave 0 means no cap at all. A cap below what is supplied stops supplying and forces nobody
/// out. Of a reserve frozen by Aave it is kept up to date; nothing is supplied there. A call that changes nothing writes nothing.
/// @dev *Safety*: the parameter contract's limits, Aave's contracts. *Liveness*: somebody calls `syncSupplyCap`.
abstract contract AaveSupplyCap {
    struct Caps {
        /// @dev last set by this contract, and last seen that it had not set; 0: none
        uint40 own;
        uint40 others;
    }

    /// @dev Bits of the cap in a reserve's configuration, and the greatest that fits.
    uint256 private constant SUPPLY_CAP_BIT = 116;
    uint256 private constant MOST = (1 << 36) - 1;
    uint256 private constant DECIMALS_BIT = 48;

    IHaircuts public immutable parameters;
    IAavePoolAddressesProvider public immutable provider;
    /// @notice The debt side of the markets used, e.g. address(840) for USD.
    address public immutable debt;

    mapping(address asset => Caps) public capsOf;

    /// @notice A new cap, after reading it back. `highest`: Aave's own, 0 when there is none.
    event SupplyCapSynced(address indexed asset, uint256 cap, uint256 highest, bool mayGrow);

    error UnknownPair(address collateral, address debt);
    /// @dev The pool does not read as it was set.
    error EffectDiffers(string what, uint256 given, uint256 allowed);

    constructor(IHaircuts parameters_, IAavePoolAddressesProvider provider_, address debt_) {
        parameters = parameters_;
        provider = provider_;
        debt = debt_;
    }

    /// @notice The cap that `syncSupplyCap` would leave, in whole tokens, and whether that is a change.
    function previewSupplyCap(address asset) external view returns (uint256 cap, bool changes) {
        uint256 word = _configurationOf(asset);
        (cap,,) = _capOf(asset, word);
        changes = cap != _capIn(word);
    }

    /// @notice Brings the supply cap of one reserve to its exposure limit. Anyone. Returns false, and writes nothing to Aave,
    /// when it is there.
    function syncSupplyCap(address asset) external returns (bool changed) {
        uint256 before = _configurationOf(asset);
        (uint256 cap, uint256 highest, bool mayGrow) = _capOf(asset, before);
        capsOf[asset] = Caps(uint40(cap), uint40(highest));
        if (cap == _capIn(before)) return false;

        IAavePoolConfigurator(provider.getPoolConfigurator()).setSupplyCap(asset, cap);
        uint256 word = _configurationOf(asset);
        if (_capIn(word) != cap) revert EffectDiffers("supply cap", _capIn(word), cap);
        uint256 moved = (word ^ before) & ~(MOST << SUPPLY_CAP_BIT);
        if (moved != 0) revert EffectDiffers("other bits", moved, 0);
        emit SupplyCapSynced(asset, cap, highest, mayGrow);
        return true;
    }

    /// @dev The table above.
    function _capOf(address asset, uint256 word) private view returns (uint256 cap, uint256 highest, bool mayGrow) {
        uint16 marketId = parameters.marketOf(asset, debt);
        if (marketId == 0) revert UnknownPair(asset, debt);
        Caps memory caps = capsOf[asset];
        uint256 present = _capIn(word);
        // By another hand: from now on that is the most.
        highest = present == caps.own ? caps.others : present;
        (cap, mayGrow) = parameters.exposureLimit(marketId);
        if (!mayGrow) {
            cap = Math.min(cap, _suppliedOf(asset) / 10 ** ((word >> DECIMALS_BIT) & 0xff));
            if (present != 0) cap = Math.min(cap, present);
        }
        cap = Math.max(1, Math.min(cap, highest == 0 ? MOST : highest));
    }

    function _suppliedOf(address asset) private view returns (uint256) {
        (,,,,,,,, address aToken) = IAavePool(provider.getPool()).getReserveData(asset);
        return IERC20(aToken).totalSupply();
    }

    function _configurationOf(address asset) internal view returns (uint256) {
        return IAavePool(provider.getPool()).getConfiguration(asset);
    }

    function _capIn(uint256 word) private pure returns (uint256) {
        return (word >> SUPPLY_CAP_BIT) & MOST;
    }
}
