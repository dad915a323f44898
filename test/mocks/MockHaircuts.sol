// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../../contracts/interfaces/IHaircuts.sol";

/// @title Haircuts that anyone can set, for testing what reads them.
/// @notice Warning: for tests only. It keeps no limits: it must be able to return what the real contract never would.
contract MockHaircuts is IHaircuts {
    uint16 public marketCount;
    mapping(address collateral => mapping(address debt => uint16 marketId)) public marketOf;
    mapping(uint16 marketId => Haircuts) private _haircuts;
    mapping(uint16 marketId => uint256) private _tokens;
    mapping(uint16 marketId => bool) private _mayGrow;

    /// @notice Lists a pair or changes it.
    function set(address collateral, address debt, Haircuts memory next) external returns (uint16 marketId) {
        marketId = marketOf[collateral][debt];
        if (marketId == 0) marketOf[collateral][debt] = marketId = ++marketCount;
        _haircuts[marketId] = next;
    }

    function setLimit(uint16 marketId, uint256 tokens, bool mayGrow) external {
        (_tokens[marketId], _mayGrow[marketId]) = (tokens, mayGrow);
    }

    function exposureLimit(uint16 marketId) external view returns (uint256 tokens, bool mayGrow) {
        return (_tokens[marketId], _mayGrow[marketId]);
    }

    function haircuts(uint16 marketId) public view returns (Haircuts memory) {
        if (marketId == 0 || marketId > marketCount) revert UnknownMarket(marketId);
        return _haircuts[marketId];
    }

    function haircuts(address collateral, address debt) external view returns (Haircuts memory) {
        uint16 marketId = marketOf[collateral][debt];
        if (marketId == 0) revert UnknownPair(collateral, debt);
        return _haircuts[marketId];
    }

    function haircutsMany(uint16[] calldata marketIds) external view returns (Haircuts[] memory many) {
        many = new Haircuts[](marketIds.length);
        for (uint256 i; i < marketIds.length; ++i) many[i] = haircuts(marketIds[i]);
    }

    function tryHaircuts(uint16 marketId) public view returns (bool known, Haircuts memory) {
        if (marketId == 0 || marketId > marketCount) return (false, Haircuts(10_000, 0, 0, Mode.NO_NEW_RISK));
        return (true, _haircuts[marketId]);
    }

    function tryHaircuts(address collateral, address debt) external view returns (bool known, Haircuts memory) {
        return tryHaircuts(marketOf[collateral][debt]);
    }
}
