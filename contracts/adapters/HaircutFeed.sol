// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";
import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {BPS_ONE} from "../libraries/Units.sol";

/// @title What the two AggregatorV3 feeds share: one side of one market, and rounds that are blocks.
/// @notice A haircut moves between two updates (the ramp of maintenance, staleness, a closed market), so every block is
/// a round of its own: round ids are block times, always growing, and the answer of a round never changes. Only the
/// present round can be read; the past is in the parameter contract's events.
/// @dev On the initial side `updatedAt` is the time of the data, so that the staleness check every consumer has stops
/// new risk. On the maintenance side it is the block's time: old data do not make maintenance invalid, and a keeper
/// that is dead must stop nobody from liquidating. Who wants the age of the data there reads `asOf` in `haircuts`.
abstract contract HaircutFeed is AggregatorV3Interface {
    enum Side {
        INITIAL,
        MAINTENANCE
    }

    /// @inheritdoc AggregatorV3Interface
    uint256 public constant version = 1;

    IHaircuts public immutable parameters;
    uint16 public immutable marketId;
    Side public immutable side;

    /// @dev Rounds of the past are not kept. `kept` is the only round that can be read in this block.
    error RoundNotKept(uint80 given, uint80 kept);

    /// @dev Reverts with UnknownMarket, so that a feed of nothing cannot be deployed.
    constructor(IHaircuts parameters_, uint16 marketId_, Side side_) {
        parameters_.haircuts(marketId_);
        parameters = parameters_;
        marketId = marketId_;
        side = side_;
    }

    /// @inheritdoc AggregatorV3Interface
    function latestRoundData() public view returns (uint80, int256, uint256, uint256, uint80) {
        IHaircuts.Haircuts memory now_ = parameters.haircuts(marketId);
        (uint256 haircutBps, uint256 validAt) =
            side == Side.INITIAL ? (now_.initialBps, uint256(now_.asOf)) : (now_.maintenanceBps, block.timestamp);
        (uint256 answer, uint256 updatedAt) = _answer(BPS_ONE - haircutBps, validAt);
        uint80 round = uint80(block.timestamp);
        return (round, int256(answer), updatedAt, updatedAt, round);
    }

    /// @inheritdoc AggregatorV3Interface
    function getRoundData(uint80 roundId) external view returns (uint80, int256, uint256, uint256, uint80) {
        if (roundId != block.timestamp) revert RoundNotKept(roundId, uint80(block.timestamp));
        return latestRoundData();
    }

    /// @dev The answer for a share of `leftBps` basis points as of `validAt`, at most 2^255 - 1, and its time.
    function _answer(uint256 leftBps, uint256 validAt)
        internal
        view
        virtual
        returns (uint256 answer, uint256 updatedAt);

    function _sideName() internal view returns (string memory) {
        return side == Side.INITIAL ? "initial" : "maintenance";
    }
}
