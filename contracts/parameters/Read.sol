// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {BPS_ONE, min, minuteOf, timeOf} from "../libraries/Units.sol";
import {Follow} from "./Follow.sol";
import {IParameters} from "./IParameters.sol";
import {Store} from "./Store.sol";
import {C, get, M, tokensOf} from "./Words.sol";

/// @title What consumers read. No read makes an external call, and while the data is fresh one slot is all it needs.
abstract contract Read is Store {
    /// @inheritdoc IHaircuts
    function haircuts(uint16 marketId) external view returns (Haircuts calldata) {
        uint256 market = _market(marketId);
        if (market == 0) revert UnknownMarket(marketId);
        _end(market);
    }

    /// @inheritdoc IHaircuts
    function haircuts(address collateral, address debt) external view returns (Haircuts calldata) {
        uint256 market = _market(_marketOf[collateral][debt]);
        if (market == 0) revert UnknownPair(collateral, debt);
        _end(market);
    }

    /// @inheritdoc IHaircuts
    function haircutsMany(uint16[] calldata marketIds) external view returns (Haircuts[] memory many) {
        many = new Haircuts[](marketIds.length);
        for (uint256 i; i < marketIds.length; ++i) {
            uint256 market = _market(marketIds[i]);
            if (market == 0) revert UnknownMarket(marketIds[i]);
            (, many[i]) = _try(market);
        }
    }

    /// @inheritdoc IHaircuts
    function tryHaircuts(uint16 marketId) external view returns (bool, Haircuts memory) {
        return _try(_market(marketId));
    }

    /// @inheritdoc IHaircuts
    function tryHaircuts(address collateral, address debt) external view returns (bool, Haircuts memory) {
        return _try(_market(_marketOf[collateral][debt]));
    }

    /// @inheritdoc IHaircuts
    function marketOf(address collateral, address debt) external view returns (uint16) {
        return _marketOf[collateral][debt];
    }

    /// @inheritdoc IHaircuts
    function exposureLimit(uint16 marketId) external view returns (uint256 tokens, bool mayGrow) {
        uint256 market = _market(marketId);
        uint256 minute = minuteOf(block.timestamp);
        if (market == 0) return (0, false);
        mayGrow = Follow.mode(market, minute) == 0 && !Follow.isStale(market, minute);
        return (tokensOf(0xffff - get(market, M.LIMIT)), mayGrow);
    }

    /// @inheritdoc IParameters
    function storedMarket(uint16 marketId) external view returns (uint256, address, address, address) {
        Assets storage assets = _assets[marketId];
        return (_market(marketId), assets.collateral, assets.debt, assets.probe);
    }

    /// @inheritdoc IParameters
    function storedWriter(address holder) external view returns (uint256) {
        return _accounts[holder].word;
    }

    /// @inheritdoc IParameters
    function storedClass(uint8 classId) external view returns (uint256) {
        return classId < _classes.length ? _classes[classId] : 0;
    }

    /// @dev An id never listed lends nothing and liquidates nobody.
    function _try(uint256 market) private view returns (bool, Haircuts memory) {
        if (market == 0) return (false, Haircuts(uint16(BPS_ONE), 0, 0, Mode.NO_NEW_RISK));
        (uint256 initial, uint256 maintenance, uint256 asOf, uint256 mode) = _read(market);
        return (true, Haircuts(uint16(initial), uint16(maintenance), uint40(asOf), Mode(mode)));
    }

    /// @dev Ends the call with what is read. Clearing, filling and encoding a struct would be 400 of 1800 gas, in every read.
    function _end(uint256 market) private view {
        (uint256 initial, uint256 maintenance, uint256 asOf, uint256 mode) = _read(market);
        assembly ("memory-safe") {
            let at := mload(64)
            mstore(at, initial)
            mstore(add(at, 32), maintenance)
            mstore(add(at, 64), asOf)
            mstore(add(at, 96), mode)
            return(at, 128)
        }
    }

    function _read(uint256 market)
        private view returns (uint256 initial, uint256 maintenance, uint256 asOf, uint256 mode) {
        unchecked {
            uint256 to = minuteOf(block.timestamp);
            initial = get(market, M.INITIAL);
            asOf = Follow.asOf(market);
            if (get(market, M.MODE) != 0) {
                mode = Follow.mode(market, to);
                if (mode != 0) initial = BPS_ONE;
            }
            if (to > asOf + get(market, M.TTL) * 60) (initial, to) = _stale(initial, market, to);
            maintenance = Follow.maintenance(market, to);
            asOf = timeOf(asOf);
        }
    }

    /// @dev Initial of data that may be stale, and the minute at which maintenance stopped. Once stale, initial rises on a
    /// straight line from the stored value to the stale cap, rounded up, and is never below the stored value.
    function _stale(uint256 initial, uint256 market, uint256 minute) private view returns (uint256, uint256) {
        unchecked {
            uint256 to = Follow.until(market, minute);
            // While governance holds the values they do not age.
            uint256 past = minute - min(minute, Follow.newest(market) + get(market, M.TTL) * 60);
            uint256 class = _class(get(market, M.CLASS));
            uint256 cap = get(class, C.STALE_CAP);
            uint256 decay = get(class, C.DECAY) * 60;
            if (initial >= cap) return (initial, to);
            if (past >= decay) return (cap, to);
            return (initial + ((cap - initial) * past + decay - 1) / decay, to);
        }
    }
}
