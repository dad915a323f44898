// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircutProbe} from "../../contracts/interfaces/IHaircutProbe.sol";
import {ICollateralParameters} from "../../contracts/interfaces/ICollateralParameters.sol";

/// @title A keeper that sees what its update did to consumers in the very block of it.
/// @notice Warning: for tests only; anyone may send.
contract IncidentKeeper is IHaircutProbe {
    /// @notice Haircuts of the watched markets right before a batch and right after it, at one block time. `refusal`
    /// is empty when the batch was applied.
    event Watched(ICollateralParameters.Haircuts[] before, ICollateralParameters.Haircuts[] afterwards, bytes refusal);

    /// @notice What this contract says as a probe.
    bool public permits = true;

    function setPermits(bool permits_) external {
        permits = permits_;
    }

    /// @inheritdoc IHaircutProbe
    function mayLoosen(uint16, uint16, uint16) external view returns (bool) {
        return permits;
    }

    function send(ICollateralParameters parameters, ICollateralParameters.Batch calldata batch, uint16[] calldata watched)
        external
    {
        ICollateralParameters.Haircuts[] memory before = parameters.haircutsMany(watched);
        bytes memory refusal;
        try parameters.update(batch) {}
        catch (bytes memory reason) {
            refusal = reason;
        }
        emit Watched(before, parameters.haircutsMany(watched), refusal);
    }
}
