// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

/// @title A vault of OpenZeppelin whose shares have more decimals than its asset, and which says its rate by a function of its own too.
/// @notice Warning: for tests only.
contract MockVault is ERC4626 {
    uint8 private immutable _offset;

    constructor(IERC20 asset_, uint8 offset) ERC20("Vault", "VLT") ERC4626(asset_) {
        _offset = offset;
    }

    /// @notice As wstETH says what one token is worth: 18 decimals, whatever those of the asset are.
    function stEthPerToken() external view returns (uint256) {
        uint256 assets = convertToAssets(10 ** decimals());
        return assets * 1e18 / 10 ** (decimals() - _offset);
    }

    function _decimalsOffset() internal view override returns (uint8) {
        return _offset;
    }
}
