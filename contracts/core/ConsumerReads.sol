// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParametersCore} from "../interfaces/IParametersCore.sol";
import {DoorWord} from "../libraries/DoorWord.sol";
import {MarketBook} from "./MarketBook.sol";

/// @title What consumers read.
abstract contract ConsumerReads is IParametersCore, MarketBook {
    /// @inheritdoc IParametersCore
    function haircuts(uint16 marketId) external view returns (Haircuts memory) {
        (bool known, uint256 initial, uint256 maintenance, uint256 asOf, uint256 mode) = _read(marketId);
        if (!known) revert UnknownMarket(marketId);
        _answer(initial, maintenance, asOf, mode);
    }

    /// @inheritdoc IParametersCore
    function haircuts(address collateral, address debt) external view returns (Haircuts memory) {
        (bool known, uint256 initial, uint256 maintenance, uint256 asOf, uint256 mode) =
            _read(_marketOf[collateral][debt]);
        if (!known) revert UnknownPair(collateral, debt);
        _answer(initial, maintenance, asOf, mode);
    }

    /// @inheritdoc IParametersCore
    function haircutsMany(uint16[] calldata marketIds) external view returns (Haircuts[] memory many) {
        many = new Haircuts[](marketIds.length);
        for (uint256 i; i < marketIds.length; ++i) {
            (bool known, uint256 initial, uint256 maintenance, uint256 asOf, uint256 mode) = _read(marketIds[i]);
            if (!known) revert UnknownMarket(marketIds[i]);
            many[i] = Haircuts(uint16(initial), uint16(maintenance), uint40(asOf), Mode(mode));
        }
    }

    /// @inheritdoc IParametersCore
    function tryHaircuts(uint16 marketId) external view returns (bool, Haircuts memory) {
        (bool known, uint256 initial, uint256 maintenance, uint256 asOf, uint256 mode) = _read(marketId);
        _answer(known, initial, maintenance, asOf, mode);
    }

    /// @inheritdoc IParametersCore
    function tryHaircuts(address collateral, address debt) external view returns (bool, Haircuts memory) {
        (bool known, uint256 initial, uint256 maintenance, uint256 asOf, uint256 mode) =
            _read(_marketOf[collateral][debt]);
        _answer(known, initial, maintenance, asOf, mode);
    }

    /// @inheritdoc IParametersCore
    function marketOf(address collateral, address debt) external view returns (uint16) {
        return _marketOf[collateral][debt];
    }

    /// @inheritdoc IParametersCore
    function sequence() external view returns (uint64) {
        return uint64(_door.sequence());
    }

    /// @dev Ends the call with one `Haircuts`, without building it in memory first and encoding it from there.
    function _answer(uint256 initial, uint256 maintenance, uint256 asOf, uint256 mode) private pure {
        assembly ("memory-safe") {
            let at := mload(64)
            mstore(at, initial)
            mstore(add(at, 32), maintenance)
            mstore(add(at, 64), asOf)
            mstore(add(at, 96), mode)
            return(at, 128)
        }
    }

    /// @dev The same with `known` before it.
    function _answer(bool known, uint256 initial, uint256 maintenance, uint256 asOf, uint256 mode) private pure {
        assembly ("memory-safe") {
            let at := mload(64)
            mstore(at, known)
            mstore(add(at, 32), initial)
            mstore(add(at, 64), maintenance)
            mstore(add(at, 96), asOf)
            mstore(add(at, 128), mode)
            return(at, 160)
        }
    }
}
