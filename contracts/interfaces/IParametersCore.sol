// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterEvents} from "./IParameterEvents.sol";
import {IParameterTypes} from "./IParameterTypes.sol";

/// @title What consumers and the keeper ask for in every block.
interface IParametersCore is IParameterTypes, IParameterEvents {
    // No read makes an external call; on a rollup only that of its sequencer's feed, which cannot make it revert.

    /// @notice Effective haircuts now, in basis points. Reverts with UnknownMarket on an id never listed.
    /// @dev Warning: check `mode`, not a haircut of 0 or 10000, to learn whether a market is closed or frozen.
    function haircuts(uint16 marketId) external view returns (Haircuts memory);

    /// @notice The same by pair; `debt` is address(840) for USD. Reverts with UnknownPair.
    function haircuts(address collateral, address debt) external view returns (Haircuts memory);

    /// @notice Several markets at one block. Reverts with UnknownMarket if any was never listed.
    function haircutsMany(uint16[] calldata marketIds) external view returns (Haircuts[] memory);

    /// @notice Effective haircuts, never reverting: an id never listed reads as `known` false, initial 10000,
    /// maintenance 0, asOf 0, NO_NEW_RISK, which lends nothing and liquidates nobody.
    function tryHaircuts(uint16 marketId) external view returns (bool known, Haircuts memory);

    /// @notice The soft read by pair.
    function tryHaircuts(address collateral, address debt) external view returns (bool known, Haircuts memory);

    /// @notice Id of a pair, 0 when it was never listed.
    function marketOf(address collateral, address debt) external view returns (uint16);

    /// @notice Number of the last batch.
    function sequence() external view returns (uint64);

    /// @notice Applies a batch inside the hot-key limits. KEEPER_ROLE.
    function update(Batch calldata batch) external;

    /// @notice Applies a batch inside the quorum's limits. QUORUM_ROLE (see QuorumDoor).
    function updateByQuorum(Batch calldata batch) external;

    /// @notice The contract that answers every call not listed here, on the storage and in the name of this one.
    function module() external view returns (address);
}
