// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {minuteOf} from "../libraries/Units.sol";
import {Follow} from "./Follow.sol";
import {IParameters} from "./IParameters.sol";
import {Postcondition} from "./Postcondition.sol";
import {get, M} from "./Words.sol";

/// @title The one storage layout, and the one write of a market.
abstract contract Store is IParameters {
    /// @dev What nobody asks for in a block.
    struct Assets {
        address collateral;
        address debt;
        /// @dev Hour from which a guardian may set a mode again; counts while the mode is one that a challenge set.
        uint96 cooledAt;
        address probe;
    }

    struct Account { uint256 word; }

    /// @dev Ids count from 1. With more, `CurrentParameters.move` and `setLimits`, which look at each, could outgrow a transaction.
    uint256 internal constant MAX_MARKETS = 512;

    /// @dev By id, as many as an entry can name; those above MAX_MARKETS, and 0, stay empty.
    uint256[1 << 16] internal _markets;
    uint256[64] internal _classes;
    mapping(address holder => Account) internal _accounts;
    mapping(address collateral => mapping(address debt => uint16 marketId)) internal _marketOf;
    mapping(uint256 marketId => Assets) internal _assets;
    /// @inheritdoc IParameters
    uint16 public marketCount;

    /// @dev The word of any id of 16 bits, without the question whether it is in the array: 30 gas of each market and each read.
    function _market(uint256 id) internal view returns (uint256 market) {
        assembly ("memory-safe") { market := sload(add(_markets.slot, id)) }
    }

    /// @dev The same of any class of 6 bits.
    function _class(uint256 id) internal view returns (uint256 class) {
        assembly ("memory-safe") { class := sload(add(_classes.slot, id)) }
    }

    /// @dev Reverts for an id never listed, and for one delisted.
    function _listed(uint16 marketId) internal view returns (uint256 market) {
        market = _market(marketId);
        if (get(market, M.GENERATION) == 0) revert UnknownMarket(marketId);
    }

    /// @dev The only place where a market is stored; every path ends here, and so under the post-condition. Parameters as there.
    function _store(
        uint256 id,
        uint256 before,
        uint256 next,
        uint256 maintenance,
        uint256 class,
        uint256 may,
        uint256 step,
        uint256 raise
    ) internal {
        assembly ("memory-safe") { sstore(add(_markets.slot, id), next) }
        Postcondition.enforce(id, before, _market(id), maintenance, class, may, step, raise);
    }

    /// @dev The same on a path that changes no value of the market: `may` beside what time changes.
    function _storeAside(uint256 id, uint256 before, uint256 next, uint256 may) internal {
        uint256 maintenance = Follow.maintenance(before, Follow.until(before, minuteOf(block.timestamp)));
        _store(id, before, next, maintenance, 0, may | M.BY_TIME, 0, 0);
    }
}
