// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Euler's price oracle interface, which extends ERC-7726.
/// @dev Amounts in, amounts out, each in the token's own decimals. USD is address(840).
interface IPriceOracle {
    /// @dev Euler's own name for it; ERC-7726 calls the same OracleUnsupportedPair.
    error PriceOracle_NotSupported(address base, address quote);

    function name() external view returns (string memory);

    /// @notice How much `quote` equals `inAmount` of `base` at the mid price.
    function getQuote(uint256 inAmount, address base, address quote) external view returns (uint256 outAmount);

    /// @notice How much `quote` one gets for selling `inAmount` of `base`, and what one pays to buy it.
    function getQuotes(uint256 inAmount, address base, address quote)
        external
        view
        returns (uint256 bidOutAmount, uint256 askOutAmount);
}
