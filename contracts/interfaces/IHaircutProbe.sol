// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title A second opinion on loosening one market.
interface IHaircutProbe {
    /// @notice Whether initial may go down from `fromBps` to `toBps`. Asked with 100 000 gas and without the right to
    /// write; no answer, or one that is not `true`, refuses.
    function mayLoosen(uint16 marketId, uint16 fromBps, uint16 toBps) external view returns (bool);
}
