// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title A sequencer's uptime feed behind a proxy with phases, as Chainlink has them; anyone can write its rounds.
/// @notice Warning: for tests only.
contract MockSequencerFeed {
    /// @notice What a call does: its round; a revert with words that look like one; the round without its last word; burn
    /// all gas it gets; 100 000 bytes of revert; its round, for 70 000 gas.
    enum Failure {
        NONE,
        REVERT,
        SHORT,
        BURN,
        BOMB,
        SLOW
    }

    struct Round {
        uint256 answer;
        uint256 startedAt;
    }

    uint16 public phase = 1;
    uint64 public latest;
    Failure public failure;
    /// @notice Calls of older rounds fail too; otherwise only the latest does.
    bool public alsoOlder;
    mapping(uint256 id => Round) private _rounds;

    error NoDataPresent(uint80 roundId);

    constructor() {
        report(0, 1);
    }

    /// @notice Up (0) or down (1), or anything else, since a time.
    function report(uint256 answer, uint256 startedAt) public {
        _rounds[_id(++latest)] = Round(answer, startedAt);
    }

    /// @notice Up or down from now on.
    function set(bool up) external {
        report(up ? 0 : 1, block.timestamp);
    }

    /// @notice Another feed behind the same address, in its first round.
    function nextPhase(uint256 answer, uint256 startedAt) external {
        ++phase;
        latest = 0;
        report(answer, startedAt);
    }

    function fail(Failure failure_) external {
        (failure, alsoOlder) = (failure_, false);
    }

    /// @notice Only the calls of older rounds fail.
    function failOlder(Failure failure_) external {
        (failure, alsoOlder) = (failure_, true);
    }

    function latestRoundData() external view {
        _answer(_id(latest), alsoOlder ? Failure.NONE : failure);
    }

    function getRoundData(uint80 roundId) external view {
        _answer(roundId, failure);
    }

    function _id(uint64 round) private view returns (uint256) {
        return uint256(phase) << 64 | round;
    }

    function _answer(uint256 id, Failure how) private view {
        Round memory round = _rounds[id];
        bool present = id >> 64 == phase && uint64(id) != 0 && uint64(id) <= latest;
        if ((how == Failure.NONE || how == Failure.SLOW) && !present) revert NoDataPresent(uint80(id));
        if (how == Failure.BURN) while (true) {}
        if (how == Failure.SLOW) for (uint256 end = gasleft() - 70_000; gasleft() > end;) {}
        bytes memory words = abi.encode(id, round.answer, round.startedAt, block.timestamp, id);
        assembly {
            let start := add(words, 32)
            switch how
            case 1 { revert(start, 160) }
            case 2 { return(start, 128) }
            case 4 { revert(start, 100000) }
            default { return(start, 160) }
        }
    }
}
