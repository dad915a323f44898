// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";
import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {min, minuteOf, timeOf} from "../libraries/Units.sol";
import {Follow} from "../parameters/Follow.sol";
import {IParameters} from "../parameters/IParameters.sol";
import {get, M} from "../parameters/Words.sol";
import {FeedReader} from "./FeedReader.sol";
import {RollingDay} from "./RollingDay.sol";

/// @title Anyone may close a market to new risk, with proof the chain can check.
/// @notice An account of Power.CHALLENGER. A closing lasts six hours at most and can only make a market safer.
/// @dev What a griefer can do: a market at most once per COOL_DOWN, all markets together at most `dailyLimit` times in
/// any 24 hours *for each kind of proof* (so stale markets cannot use up the closings that diverging prices need), and
/// never without the proof being true.
contract Challenge is Ownable {
    using RollingDay for RollingDay.Ring;

    /// @notice STALE: the market's data is older than its ttl. DIVERGED: its two feeds disagree. MOVED: its first feed
    /// has moved since the numbers last changed or the data behind them was observed, whichever is earlier.
    /// @dev Not since asOf alone: a writer says that itself, and one that states calm numbers as fresh would clear itself.
    enum Proof {
        STALE,
        DIVERGED,
        MOVED
    }

    /// @notice What governance sets for a market. A threshold of 0 turns its proof off.
    struct Feeds {
        /// @dev price of the collateral in the debt asset, AggregatorV3
        address first;
        /// @dev an independent one, or zero
        address second;
        /// @dev above what the two feeds may differ by while both work (their deviation thresholds together)
        uint16 maxDivergenceBps;
        uint16 maxMoveBps;
        /// @dev oldest price that counts as one, for each feed: its heartbeat and some
        uint32 firstMaxAge;
        uint32 secondMaxAge;
    }

    struct Stored {
        Feeds feeds;
        uint8 firstDecimals;
        uint8 secondDecimals;
    }

    uint256 private constant BPS = 10_000;
    uint256 private constant MAX_DECIMALS = 24;
    /// @notice How long after a closing the same market cannot be challenged again.
    uint256 public constant COOL_DOWN = 24 hours;

    IParameters public immutable parameters;
    /// @notice Closings by one kind of proof in any 24 hours, over all markets.
    uint256 public immutable dailyLimit;

    mapping(uint256 marketId => Stored) private _stored;
    /// @notice When a market was last closed here.
    mapping(uint256 marketId => uint256) public closedAt;
    mapping(Proof => RollingDay.Ring) private _closings;

    event FeedsChanged(uint16 indexed marketId, Feeds feeds);
    /// @notice `given` and `allowed`: seconds for STALE, basis points else.
    event Challenged(
        uint16 indexed marketId, Proof indexed proof, address indexed challenger, uint256 given, uint256 allowed
    );

    error BadFeed(address feed, string what, uint256 given, uint256 allowed);
    error ZeroLimit();
    /// @dev The numbers do not prove it. given 0: a feed has no usable price, or the round is not of that time.
    error NoProof(uint16 marketId, Proof proof, uint256 given, uint256 allowed);
    error ProofTurnedOff(uint16 marketId, Proof proof);
    error CoolingDown(uint16 marketId, uint256 now_, uint256 until);
    error DailyLimitReached(Proof proof, uint256 limit, uint256 until);

    constructor(IParameters parameters_, address governance, uint256 dailyLimit_) Ownable(governance) {
        if (dailyLimit_ == 0) revert ZeroLimit();
        parameters = parameters_;
        dailyLimit = dailyLimit_;
    }

    /// @notice Closes a market to new risk if `proof` holds now.
    /// @param round for MOVED: a round of the first feed, not from before that time, or the one that was current then;
    /// ignored otherwise
    function challenge(uint16 marketId, Proof proof, uint80 round) external {
        (uint256 given, uint256 allowed) = measure(marketId, proof, round);
        if (given <= allowed) revert NoProof(marketId, proof, given, allowed);
        // One market held closed for good.
        uint256 until = closedAt[marketId] == 0 ? 0 : closedAt[marketId] + COOL_DOWN;
        if (block.timestamp < until) revert CoolingDown(marketId, block.timestamp, until);
        // All markets closed at once.
        until = _closings[proof].freeFrom(dailyLimit);
        if (block.timestamp < until) revert DailyLimitReached(proof, dailyLimit, until);

        closedAt[marketId] = block.timestamp;
        _closings[proof].take(dailyLimit);
        // Refuses a market that is closed or frozen already, with ModeNotSafer: nothing above was used up then.
        parameters.setMode(marketId, IHaircuts.Mode.NO_NEW_RISK);
        emit Challenged(marketId, proof, msg.sender, given, allowed);
    }

    /// @notice What the proof measures, and what it must exceed: seconds for STALE, basis points else. `given` is 0
    /// when a feed has no usable price. Reverts with UnknownMarket or ProofTurnedOff.
    function measure(uint16 marketId, Proof proof, uint80 round) public view returns (uint256 given, uint256 allowed) {
        (uint256 market,,,) = parameters.storedMarket(marketId);
        if (market == 0) revert IHaircuts.UnknownMarket(marketId);
        uint256 minute = minuteOf(block.timestamp);
        if (proof == Proof.STALE) {
            // What governance holds does not age.
            return ((minute - min(minute, Follow.newest(market))) * 60, get(market, M.TTL) * 1 hours);
        }
        Stored memory stored = _stored[marketId];
        allowed = proof == Proof.DIVERGED ? stored.feeds.maxDivergenceBps : stored.feeds.maxMoveBps;
        if (allowed == 0) revert ProofTurnedOff(marketId, proof);
        given = proof == Proof.DIVERGED ? _divergence(stored) : _move(stored, _since(market, minute), round);
    }

    /// @notice Feeds and thresholds of a market.
    function feedsOf(uint16 marketId) external view returns (Feeds memory) {
        return _stored[marketId].feeds;
    }

    /// @notice Sets feeds and thresholds of a market. Governance.
    function setFeeds(uint16 marketId, Feeds calldata feeds) external onlyOwner {
        // Reverts for an id that was never listed.
        parameters.haircuts(marketId);
        Stored memory stored;
        stored.feeds = feeds;
        if (feeds.maxMoveBps != 0 || feeds.maxDivergenceBps != 0) {
            stored.firstDecimals = _decimals(feeds.first, feeds.firstMaxAge);
        }
        if (feeds.maxDivergenceBps != 0) {
            // A feed never differs from itself.
            if (feeds.first == feeds.second) revert BadFeed(feeds.second, "the same twice", 1, 0);
            stored.secondDecimals = _decimals(feeds.second, feeds.secondMaxAge);
        }
        _stored[marketId] = stored;
        emit FeedsChanged(marketId, feeds);
    }

    function _decimals(address feed, uint32 maxAge) private view returns (uint8 decimals) {
        if (feed.code.length == 0) revert BadFeed(feed, "code length", 0, 1);
        // No price would ever be young enough.
        if (maxAge == 0) revert BadFeed(feed, "maxAge", 0, 1);
        decimals = AggregatorV3Interface(feed).decimals();
        if (decimals > MAX_DECIMALS) revert BadFeed(feed, "decimals", decimals, MAX_DECIMALS);
    }

    function _divergence(Stored memory stored) private view returns (uint256) {
        Feeds memory feeds = stored.feeds;
        (bool ok, FeedReader.Price memory first) = FeedReader.latest(feeds.first, feeds.firstMaxAge);
        if (!ok) return 0;
        FeedReader.Price memory second;
        (ok, second) = FeedReader.latest(feeds.second, feeds.secondMaxAge);
        if (!ok) return 0;
        return _distance(first.answer * 10 ** stored.secondDecimals, second.answer * 10 ** stored.firstDecimals);
    }

    /// @dev From when on a move counts. UNCHANGED stops at 68 hours, and so does how far back a move is asked for.
    function _since(uint256 market, uint256 minute) private pure returns (uint256) {
        return timeOf(min(Follow.asOf(market), minute - Follow.unchanged(market, minute)));
    }

    /// @dev How far the first feed is now from where it was at a round of a time not before `since`. The round that was
    /// current then is older and counts too, once the next one shows that it was the current one.
    function _move(Stored memory stored, uint256 since, uint80 round) private view returns (uint256) {
        Feeds memory feeds = stored.feeds;
        (bool ok, FeedReader.Price memory last) = FeedReader.latest(feeds.first, feeds.firstMaxAge);
        if (!ok) return 0;
        FeedReader.Price memory then;
        (ok, then) = FeedReader.round(feeds.first, round);
        if (!ok) return 0;
        if (then.updatedAt < since) {
            // A round without a price has the time 0.
            (, FeedReader.Price memory next) = FeedReader.round(feeds.first, round + 1);
            if (next.updatedAt <= since) return 0;
        }
        return _distance(then.answer, last.answer);
    }

    /// @dev Distance in basis points of the smaller, rounded down: a threshold is exceeded or it is not.
    function _distance(uint256 a, uint256 b) private pure returns (uint256) {
        (uint256 low, uint256 high) = a < b ? (a, b) : (b, a);
        return (high - low) * BPS / low;
    }
}
