// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title What is read of a spoke of Aave v4: where positions are, and how far each collateral counts.
/// @notice A reserve has numbered dynamic configurations. Enabling a collateral binds it to the newest one; borrowing, withdrawing
/// one and disabling one bind *every* collateral of the position to its newest, and a spoke refuses these where they leave
/// it unhealthy; until then each keeps the one it has. Supplying, repaying and liquidating bind nothing. At a factor of 0 a
/// collateral is neither counted nor seized.
/// @dev Held to the ABI that Aave publishes (@aave-dao/aave-address-book, ISpokeV4_ABI) by `test/adapters/aaveV4.test.ts`.
interface IAaveSpoke {
    struct Reserve {
        address underlying;
        address hub;
        uint16 assetId;
        uint8 decimals;
        uint24 collateralRisk;
        /// @dev from the lowest bit: paused (not even liquidated), frozen (not supplied or enabled, but lent against), borrowable,
        /// receiveSharesEnabled
        uint8 flags;
        /// @dev the newest
        uint32 dynamicConfigKey;
    }

    struct DynamicReserveConfig {
        /// @dev basis points; of lending and of liquidating alike
        uint16 collateralFactor;
        /// @dev basis points, at least 10000; collateralFactor x this, rounded up, is less than 100 %; 0: no such configuration
        uint32 maxLiquidationBonus;
        uint16 liquidationFee;
    }

    function getReserveId(address hub, uint256 assetId) external view returns (uint256);

    function getReserve(uint256 reserveId) external view returns (Reserve memory);

    function getDynamicReserveConfig(uint256 reserveId, uint32 dynamicConfigKey)
        external
        view
        returns (DynamicReserveConfig memory);
}

/// @title What is read of a hub: where assets are, and how much of each a spoke may add.
/// @dev Held to IHubV4_ABI.
interface IAaveHub {
    struct SpokeConfig {
        /// @dev whole tokens; `MAX_ALLOWED_SPOKE_CAP`, 2^40 - 1, is no cap
        uint40 addCap;
        uint40 drawCap;
        uint24 riskPremiumThreshold;
        bool active;
        bool halted;
    }

    function getAssetId(address underlying) external view returns (uint256);

    function getAssetUnderlyingAndDecimals(uint256 assetId) external view returns (address underlying, uint8 decimals);

    function getSpokeConfig(uint256 assetId, address spoke) external view returns (SpokeConfig memory);

    function getSpokeAddedAssets(uint256 assetId, address spoke) external view returns (uint256);
}

/// @title What is called of the spokes' configurator; each function by a role of its own in Aave's access manager.
/// @dev Held to ISpokeConfigurator_ABI.
interface IAaveSpokeConfigurator {
    /// @notice A new configuration: the newest with another collateral factor, 0 allowed.
    function addCollateralFactor(address spoke, uint256 reserveId, uint16 collateralFactor)
        external
        returns (uint32 dynamicConfigKey);

    /// @notice Changes a configuration that positions may be bound to; 0 is refused.
    function updateCollateralFactor(
        address spoke,
        uint256 reserveId,
        uint32 dynamicConfigKey,
        uint16 collateralFactor
    ) external;
}

/// @title What is called of the hubs' configurator.
/// @dev Held to IHubConfigurator_ABI.
interface IAaveHubConfigurator {
    function updateSpokeAddCap(address hub, uint256 assetId, address spoke, uint256 addCap) external;
}
