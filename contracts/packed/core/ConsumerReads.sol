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
        return Haircuts(uint16(initial), uint16(maintenance), uint40(asOf), Mode(mode));
    }

    /// @inheritdoc IParametersCore
    function haircuts(address collateral, address debt) external view returns (Haircuts memory) {
        (bool known, uint256 initial, uint256 maintenance, uint256 asOf, uint256 mode) =
            _read(_marketOf[collateral][debt]);
        if (!known) revert UnknownPair(collateral, debt);
        return Haircuts(uint16(initial), uint16(maintenance), uint40(asOf), Mode(mode));
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
        return (known, Haircuts(uint16(initial), uint16(maintenance), uint40(asOf), Mode(mode)));
    }

    /// @inheritdoc IParametersCore
    function tryHaircuts(address collateral, address debt) external view returns (bool, Haircuts memory) {
        (bool known, uint256 initial, uint256 maintenance, uint256 asOf, uint256 mode) =
            _read(_marketOf[collateral][debt]);
        return (known, Haircuts(uint16(initial), uint16(maintenance), uint40(asOf), Mode(mode)));
    }

    /// @inheritdoc IParametersCore
    function marketOf(address collateral, address debt) external view returns (uint16) {
        return _marketOf[collateral][debt];
    }

    /// @inheritdoc IParametersCore
    function sequence() external view returns (uint64) {
        return uint64(_door.sequence());
    }
}
