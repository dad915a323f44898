// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title A price feed that fails in one of the ways a feed can.
/// @notice Warning: for replicas and tests only.
contract MockBrokenFeed {
    /// @notice REVERT with words that look like a round; SHORT: a round without its last word; BURN all gas it gets;
    /// BOMB: 100 000 bytes; INCOMPLETE: a good latest round, but round 1 has an answer and no time.
    enum Failure {
        REVERT,
        SHORT,
        BURN,
        BOMB,
        INCOMPLETE
    }

    uint8 public constant decimals = 8;
    Failure public failure;

    function fail(Failure failure_) external {
        failure = failure_;
    }

    function latestRoundData() external view {
        _answer(3);
    }

    function getRoundData(uint80 roundId) external view {
        _answer(roundId);
    }

    function _answer(uint80 roundId) private view {
        Failure how = failure;
        if (how == Failure.BURN) while (true) {}
        uint256 time = how == Failure.INCOMPLETE && roundId == 1 ? 0 : block.timestamp;
        bytes memory round = abi.encode(roundId, roundId == 1 ? 1_000e8 : 3_000e8, time, time, roundId);
        assembly {
            let start := add(round, 0x20)
            switch how
            case 0 { revert(start, 0xa0) }
            case 1 { return(start, 0x80) }
            case 3 { revert(start, 100000) }
            default { return(start, 0xa0) }
        }
    }
}
