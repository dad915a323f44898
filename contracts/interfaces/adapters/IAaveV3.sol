// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Where a market of Aave v3 keeps its contracts.
interface IAavePoolAddressesProvider {
    function getPool() external view returns (address);

    function getPoolConfigurator() external view returns (address);
}

/// @title What is read of a pool.
interface IAavePool {
    /// @notice The configuration word of a reserve. Bits 0-15 LTV, 16-31 liquidation threshold, 32-47 liquidation
    /// bonus (all basis points, the bonus above 10000), 48-55 decimals, 57 frozen, 60 paused, 116-151 supply cap (whole tokens,
    /// 0: none). The same in 3.0 to 3.6.
    function getConfiguration(address asset) external view returns (uint256 data);

    /// @notice The reserve; of its words the first nine, which are the same in 3.0 to 3.6.
    function getReserveData(address asset)
        external
        view
        returns (
            uint256 configuration,
            uint256 liquidityIndex,
            uint256 currentLiquidityRate,
            uint256 variableBorrowIndex,
            uint256 currentVariableBorrowRate,
            uint256 currentStableBorrowRate,
            uint256 lastUpdateTimestamp,
            uint256 id,
            address aToken
        );
}

/// @title What is called of a pool configurator.
interface IAavePoolConfigurator {
    /// @notice Sets the three. RISK_ADMIN or POOL_ADMIN. From 3.1 on, while a reserve is frozen, `ltv` is kept as
    /// pending and the effective one stays 0; before, it is effective at once.
    function configureReserveAsCollateral(
        address asset,
        uint256 ltv,
        uint256 liquidationThreshold,
        uint256 liquidationBonus
    ) external;

    /// @notice Sets the most that may be supplied, whole tokens, 0: no limit. RISK_ADMIN or POOL_ADMIN.
    function setSupplyCap(address asset, uint256 newSupplyCap) external;

    /// @notice The LTV that waits for a frozen or LTV-zeroed reserve. Exists from 3.1 on.
    function getPendingLtv(address asset) external view returns (uint256);
}
