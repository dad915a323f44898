// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title A price feed with Chainlink's AggregatorV3 interface whose answer anyone can set.
/// @notice Warning: for replicas and tests only.
contract MockPriceFeed {
    struct Round {
        int256 answer;
        uint256 updatedAt;
    }

    uint8 public immutable decimals;
    uint256 public constant version = 4;
    string public description;
    uint80 public latestRound;
    mapping(uint80 roundId => Round) private _rounds;

    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    error NoDataPresent(uint80 roundId);

    constructor(string memory description_, uint8 decimals_) {
        description = description_;
        decimals = decimals_;
    }

    /// @notice Starts a new round with this answer, observed now.
    function setAnswer(int256 answer) external {
        setAnswerAt(answer, block.timestamp);
    }

    /// @notice Starts a new round with an answer observed at any time: stale and future data must be testable.
    function setAnswerAt(int256 answer, uint256 updatedAt) public {
        uint80 round = ++latestRound;
        _rounds[round] = Round(answer, updatedAt);
        emit AnswerUpdated(answer, round, updatedAt);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return getRoundData(latestRound);
    }

    /// @notice What readers of the older interface ask, Aave's oracle among them.
    function latestAnswer() external view returns (int256) {
        return _rounds[latestRound].answer;
    }

    function getRoundData(uint80 roundId) public view returns (uint80, int256, uint256, uint256, uint80) {
        Round memory round = _rounds[roundId];
        if (round.updatedAt == 0) revert NoDataPresent(roundId);
        return (roundId, round.answer, round.updatedAt, round.updatedAt, roundId);
    }
}
