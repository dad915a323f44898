// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title The least a contract can do: two mappings and an event, for one trusted key.
/// @notice Warning: a yardstick for gas, without any guard.
contract NaiveParameters {
    address public immutable keeper = msg.sender;
    mapping(uint16 marketId => uint256) public initialOf;
    mapping(uint16 marketId => uint256) public maintenanceOf;

    event Updated(uint16 indexed marketId, uint256 initialBps, uint256 maintenanceBps);

    error NotKeeper(address sender);

    function update(uint16[] calldata marketIds, uint256[] calldata initials, uint256[] calldata maintenances) external {
        if (msg.sender != keeper) revert NotKeeper(msg.sender);
        for (uint256 i; i < marketIds.length; ++i) {
            initialOf[marketIds[i]] = initials[i];
            maintenanceOf[marketIds[i]] = maintenances[i];
            emit Updated(marketIds[i], initials[i], maintenances[i]);
        }
    }

    function haircuts(uint16 marketId) external view returns (uint256 initialBps, uint256 maintenanceBps) {
        return (initialOf[marketId], maintenanceOf[marketId]);
    }
}
