// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title The one function that Morpho Blue asks of an oracle.
interface IMorphoOracle {
    /// @notice Price of one unit (10^0) of collateral in units of the loan token, scaled by 1e36. So one whole token
    /// against one whole token has 36 + loan decimals - collateral decimals decimals.
    function price() external view returns (uint256);
}
