// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title The reading side of the risk oracles that protocol stewards, injectors and hubs consume.
/// @dev Field order and types are those of the deployed oracles (`address market`), so the ABI is the same.
interface IRiskOracle {
    struct RiskParameterUpdate {
        /// @dev seconds; consumers refuse an update that is older than their expiration period
        uint256 timestamp;
        bytes newValue;
        string referenceId;
        bytes previousValue;
        string updateType;
        /// @dev consumers refuse an id they have executed before, or one not above the last executed
        uint256 updateId;
        address market;
        bytes additionalData;
    }

    function getAllUpdateTypes() external view returns (string[] memory);

    /// @notice The latest update. Reverts when there is none: consumers rely on that and skip the market.
    function getLatestUpdateByParameterAndMarket(string memory updateType, address market)
        external
        view
        returns (RiskParameterUpdate memory);

    /// @notice The update with an id. Reverts when there is none.
    function getUpdateById(uint256 updateId) external view returns (RiskParameterUpdate memory);

    /// @notice True when `sender` may publish.
    function isAuthorized(address sender) external view returns (bool);
}
