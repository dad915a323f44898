// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";
import {Follower} from "./Follower.sol";
import {EPOCH, max, min, minuteOf, timeOf} from "./Units.sol";

/// @dev On a rollup, the uptime feed of its sequencer (160 bits) and the grace after an outage (seconds, above it). 0: none.
type Sequencer is uint256;

using SequencerFeed for Sequencer global;

/// @title The minutes in which users of a rollup could act.
/// @notice While a sequencer is down nobody can repay, and right after it everybody tries to: neither time carries
/// maintenance. A feed's rounds say since when it has been up (answer 0) or down (answer 1); up time counts from the
/// grace after its start to the start of the next round. What is counted is a set of minutes that rounds only add to,
/// so settling in between changes nothing.
/// @dev The feed is not trusted. It can only take minutes away: what reverts, is short or endless, burns gas or makes no
/// sense ends the look back, and no minute before it counts. So maintenance stands, and what reads it does not revert.
library SequencerFeed {
    /// @dev Rounds looked at, from the latest back. Minutes before the last of them do not count.
    uint256 internal constant ROUNDS = 16;
    /// @dev For all of them. Chainlink's need about 20 000 for the first and 8 000 for each further one.
    uint256 internal constant FEED_GAS = 200_000;

    function pack(address feed_, uint256 grace_) internal pure returns (Sequencer) {
        return Sequencer.wrap(uint160(feed_) | grace_ << 160);
    }

    function isNone(Sequencer sequencer) internal pure returns (bool) {
        return Sequencer.unwrap(sequencer) == 0;
    }

    function feed(Sequencer sequencer) internal pure returns (address) {
        return address(uint160(Sequencer.unwrap(sequencer)));
    }

    /// @notice In seconds.
    function grace(Sequencer sequencer) internal pure returns (uint256) {
        return Sequencer.unwrap(sequencer) >> 160;
    }

    /// @notice Whether the feed's latest round makes sense now.
    function answers(Sequencer sequencer) internal view returns (bool ok) {
        (ok,,,,) = _ask(sequencer, 0, FEED_GAS);
    }

    /// @notice Ticks of two speeds in the minutes that count, of those between two minutes; the second is not after now.
    function ticks(Sequencer sequencer, uint256 tighten, uint256 loosen, uint256 from, uint256 to)
        internal
        view
        returns (uint256 up, uint256 down)
    {
        unchecked {
            (uint256 end, uint256 left, uint256 id) = (block.timestamp, FEED_GAS, 0);
            for (uint256 i; i < ROUNDS; ++i) {
                bool ok;
                uint256 answer;
                uint256 startedAt;
                (ok, id, answer, startedAt, left) = _ask(sequencer, id, left);
                if (!ok || startedAt > end) break;
                if (answer == 0) {
                    // Only minutes that lie in it whole.
                    uint256 first = max(from, minuteOf(max(startedAt, EPOCH) + sequencer.grace() + 59));
                    uint256 last = min(to, minuteOf(end));
                    up += Follower.between(tighten, first, last);
                    down += Follower.between(loosen, first, last);
                }
                // Before it is before `from`. Before the first round of a phase there is none.
                if (startedAt <= timeOf(from) || uint64(--id) == 0) break;
                end = startedAt;
            }
        }
    }

    /// @dev A round, the latest for 0, whether it makes sense, and how much of the gas is left. Less gas than `most` in the
    /// whole call, and the feed refuses: nobody can tell whether it would have answered, so the call ends as one out of
    /// gas does. Otherwise who calls could choose what is read.
    function _ask(Sequencer sequencer, uint256 asked, uint256 most)
        private
        view
        returns (bool ok, uint256 id, uint256 answer, uint256 startedAt, uint256 left)
    {
        uint256 selector = uint32(
            asked == 0 ? AggregatorV3Interface.latestRoundData.selector : AggregatorV3Interface.getRoundData.selector
        );
        assembly ("memory-safe") {
            // Beyond free memory, and not kept.
            let at := mload(64)
            mstore(at, shl(224, selector))
            mstore(add(at, 4), asked)
            let given := gas()
            // No more than the five words are copied, however much the feed returns.
            ok := staticcall(most, and(sequencer, 0xffffffffffffffffffffffffffffffffffffffff), at, add(4, mul(32, gt(asked, 0))), at, 160)
            if iszero(ok) {
                // 1/64 stays behind; 5000 for the call itself.
                if lt(given, add(add(most, div(most, 63)), 5000)) { revert(0, 0) }
            }
            let used := sub(given, gas())
            left := mul(sub(most, used), gt(most, used))
            id := mload(at)
            answer := mload(add(at, 32))
            startedAt := mload(add(at, 64))
            // An account without code succeeds and returns nothing. Neither up nor down, a round that never was, or one
            // of the future.
            ok := and(and(ok, gt(returndatasize(), 159)), and(lt(answer, 2), iszero(gt(startedAt, timestamp()))))
            ok := and(ok, gt(startedAt, 0))
        }
    }
}
