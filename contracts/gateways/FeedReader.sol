// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";

/// @title Reading a price feed that may do anything.
/// @notice A feed that reverts, answers short or without end, burns gas, or says something that cannot be a price,
/// reads as "no price", never as a revert of the reader.
library FeedReader {
    /// @notice One round: positive answer, in the feed's own decimals, and when it was given.
    struct Price {
        uint256 answer;
        uint256 updatedAt;
    }

    /// @dev Real feeds need about 30 000.
    uint256 internal constant FEED_GAS = 150_000;
    /// @dev Above it an answer is no price, and products of it with a threshold could overflow.
    uint256 internal constant MAX_ANSWER = type(uint128).max;
    uint256 private constant WORDS = 5;

    /// @notice The latest price, if it is not older than `maxAge` seconds.
    function latest(address feed, uint256 maxAge) internal view returns (bool ok, Price memory price) {
        (ok, price) = _read(feed, abi.encodeCall(AggregatorV3Interface.latestRoundData, ()));
        ok = ok && block.timestamp - price.updatedAt <= maxAge;
    }

    /// @notice The price of a round that has been; all zero when there is none.
    function round(address feed, uint80 roundId) internal view returns (bool ok, Price memory price) {
        return _read(feed, abi.encodeCall(AggregatorV3Interface.getRoundData, (roundId)));
    }

    function _read(address feed, bytes memory call_) private view returns (bool ok, Price memory price) {
        uint256[WORDS] memory answer;
        uint256 size;
        assembly ("memory-safe") {
            // No more than the five words are copied, however much the feed returns.
            ok := staticcall(FEED_GAS, feed, add(call_, 0x20), mload(call_), answer, 0xa0)
            size := returndatasize()
        }
        // An account without code succeeds and returns nothing.
        if (!ok || size < WORDS * 32) return (false, price);
        (uint256 value, uint256 updatedAt) = (answer[1], answer[3]);
        // Negative answers are the greatest numbers here. A round that is not complete has no time.
        if (value == 0 || value > MAX_ANSWER || updatedAt == 0 || updatedAt > block.timestamp) return (false, price);
        return (true, Price(value, updatedAt));
    }
}
