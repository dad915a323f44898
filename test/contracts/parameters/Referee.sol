// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {max} from "../../../contracts/libraries/Units.sol";
import {A, C, get, M, N, tokensOf} from "../../../contracts/parameters/Words.sol";
import {vm} from "../support/Vm.sol";
import {World} from "./World.sol";

/// @dev Compares the world before and after each action and remembers the first sentence that did not hold. The numbers are
/// those of contracts/INVARIANTS.md; what is new or stronger here is said in contracts/parameters/README.md.
abstract contract Referee is World {
    struct Seen {
        uint256[5] words;
        IHaircuts.Haircuts[5] reads;
        uint256[2] classes;
        uint256[6] accounts;
    }

    struct Loosening {
        uint256 time;
        uint256 initial;
        uint256 limit;
        bool hot;
    }

    /// @dev The first sentence that did not hold; empty while all do.
    string public broken;
    /// @dev Markets changed by batches, so that a test can see that the run was not all refusals.
    uint256 public applied;
    uint16 internal named;
    mapping(uint16 id => Loosening[]) private _loosenings;
    /// @dev The lowest initial at which a position was opened, by day, and when.
    mapping(uint16 id => mapping(uint256 day => uint256)) private _opened;

    modifier present() {
        vm.warp(clock);
        _;
    }

    function holders() internal pure returns (address[6] memory) {
        return [KEEPER, SECOND_KEEPER, QUORUM, GUARDIAN, CHALLENGER, LISTER];
    }

    function look() internal view returns (Seen memory seen) {
        for (uint16 id = 1; id <= MARKETS; ++id) {
            seen.words[id] = word(id);
            seen.reads[id] = parameters.haircuts(id);
        }
        seen.classes = [parameters.storedClass(0), parameters.storedClass(1)];
        for (uint256 i; i < 6; ++i) seen.accounts[i] = parameters.storedWriter(holders()[i]);
    }

    function ticks(uint256 speed, uint256 from, uint256 to) private pure returns (uint256) {
        return speed * ((to - EPOCH) / 60) / 43_200 - speed * ((from - EPOCH) / 60) / 43_200;
    }

    function freshUntil(uint256 market, uint256 asOf) private pure returns (uint256) {
        uint256 hold = get(market, M.HELD_UNTIL) * 1 hours + EPOCH;
        return (asOf > hold ? asOf : hold) + get(market, M.TTL) * 1 hours;
    }

    function judgeTime(Seen memory before, Seen memory now_, uint256 elapsed) internal {
        for (uint16 id = 1; id <= MARKETS; ++id) {
            (uint256 from, uint256 to) = (before.reads[id].maintenanceBps, now_.reads[id].maintenanceBps);
            uint256 speed = get(now_.words[id], to > from ? M.TIGHTEN_SPEED : M.LOOSEN_SPEED);
            uint256 way = to > from ? to - from : from - to;
            holds(way <= ticks(speed, clock - elapsed, clock), "I2: maintenance never moves faster than its clock ticks");
            uint256 fresh = freshUntil(now_.words[id], now_.reads[id].asOf);
            bool silent = clock - elapsed > fresh;
            holds(!silent || way == 0, "I4: silence holds maintenance still");
            bool frozen = before.reads[id].mode == IHaircuts.Mode.FROZEN && now_.reads[id].mode == IHaircuts.Mode.FROZEN;
            holds(!frozen || to >= from, "I4: FROZEN stops the fall of maintenance");
            bool lapsed = now_.reads[id].mode < before.reads[id].mode;
            bool looser = now_.reads[id].initialBps < before.reads[id].initialBps;
            holds(!looser || lapsed, "I5: time alone never loosens initial, unless a mode lapses");
            holds(before.words[id] == now_.words[id], "I6: time alone writes nothing");
            opens(id, now_.reads[id]);
        }
    }

    /// @dev Somebody opens a position at the limit, now; and nobody who did within 30 days may be liquidatable.
    function opens(uint16 id, IHaircuts.Haircuts memory reads) private {
        uint256 day = clock / 1 days;
        uint256 lowest = _opened[id][day];
        if (lowest == 0 || reads.initialBps < lowest) _opened[id][day] = reads.initialBps;
        // Of the day 30 days ago some were opened later than now.
        for (uint256 i; i < 30; ++i) {
            uint256 at = _opened[id][day - i];
            if (at != 0) holds(reads.maintenanceBps <= at, "I22: nobody is liquidatable within 30 days of opening");
        }
    }

    function judge(Seen memory before, Seen memory now_, address caller) internal {
        bool writer = caller == KEEPER || caller == SECOND_KEEPER || caller == QUORUM;
        for (uint256 i; i < 6; ++i) {
            uint256 went = get(now_.accounts[i], A.SEQUENCE) - get(before.accounts[i], A.SEQUENCE);
            holds(went == 0 || (went == 1 && writer && caller == holders()[i]), "I7: a sequence goes up by one a batch of its own");
            uint256 pre = before.accounts[i];
            bool same = pre == now_.accounts[i] || caller == holders()[i] || caller == GOVERNANCE || caller == GUARDIAN;
            holds(same, "I8: nobody else writes an account");
            bool ended = get(pre, A.TIGHTEN_ONLY) > get(now_.accounts[i], A.TIGHTEN_ONLY);
            holds(!ended || caller == GOVERNANCE, "I8: a trip is ended -> governance");
            bool powers = get(pre, A.POWER) == get(now_.accounts[i], A.POWER);
            holds(powers || caller == GOVERNANCE, "I8: powers change -> governance");
            holds(get(now_.accounts[i], A.SPENT) <= get(now_.accounts[i], A.AGGREGATE), "I10: aggregate");
        }
        for (uint256 i; i < 2; ++i) {
            bool others = caller == GOVERNANCE || caller == GUARDIAN || before.classes[i] == now_.classes[i];
            holds(others, "I8: pre.limits != post.limits -> governance, guardian");
            uint256 kept = (before.classes[i] ^ now_.classes[i]) & ((1 << 232) - 1);
            holds(caller != GUARDIAN || kept == 0, "I8: a guardian changes no limit");
            uint256 speed = get(now_.classes[i], C.TIGHTEN_SPEED);
            holds(speed <= get(now_.classes[i], C.GAP), "I22: thirty days' notice in every class");
        }
        for (uint16 id = 1; id <= MARKETS; ++id) judgeMarket(id, before, now_, caller, writer);
    }

    function judgeMarket(uint16 id, Seen memory before, Seen memory now_, address caller, bool writer) private {
        (uint256 pre, uint256 post) = (before.words[id], now_.words[id]);
        holds(id == named || pre == post, "I6: a market that is not named does not change, bit for bit");
        holds(before.reads[id].maintenanceBps == now_.reads[id].maintenanceBps, "I3: no call moves maintenance in its own block");
        holds(before.reads[id].asOf <= now_.reads[id].asOf, "I7: asOf only goes up");
        holds(now_.reads[id].asOf <= clock, "I7: and is never ahead of the block");
        bool values = (pre ^ post) & (N.ALL | 0xffff << 45) == 0;
        holds(values || writer || caller == GOVERNANCE, "I8: pre.values != post.values -> writers, governance");
        bool modes = get(pre, M.MODE) == get(post, M.MODE) && get(pre, M.MODE_UNTIL) == get(post, M.MODE_UNTIL);
        bool closer = caller == GUARDIAN || caller == CHALLENGER || caller == GOVERNANCE;
        holds(modes || closer, "I8: pre.mode != post.mode -> guardian, challenger, governance");
        bool opened = now_.reads[id].mode < before.reads[id].mode;
        holds(!opened || caller == GOVERNANCE, "I8: a mode is lifted -> governance");
        opens(id, now_.reads[id]);
        if (!writer) return;
        if (!values) ++applied;
        judgeLoosening(id, pre, post, now_, caller);
    }

    function judgeLoosening(uint16 id, uint256 pre, uint256 post, Seen memory now_, address caller) private {
        uint256 initial = minus(get(pre, M.INITIAL), get(post, M.INITIAL));
        uint256 limit = minus(get(pre, M.LIMIT), get(post, M.LIMIT));
        if (initial == 0 && limit == 0 && get(post, M.TARGET) >= get(pre, M.TARGET)) return;
        uint256 until = get(pre, M.HELD_UNTIL) * 1 hours + EPOCH;
        holds(clock >= until, "I8: what governance holds, nobody else loosens");
        until = get(now_.classes[get(post, M.CLASS)], C.HELD_UNTIL) * 1 hours + EPOCH;
        holds(clock >= until, "I8: what a guardian holds does not loosen");
        loosens(id, initial, limit, caller != QUORUM);
    }

    function loosens(uint16 id, uint256 initial, uint256 limit, bool hot) private {
        _loosenings[id].push(Loosening(clock, initial, limit, hot));
        (uint256 byHot, uint256 all, uint256 raisedByHot, uint256 raised) = (0, 0, 0, 0);
        for (uint256 i = _loosenings[id].length; i > 0; --i) {
            Loosening memory one = _loosenings[id][i - 1];
            if (one.time + 1 days < clock) break;
            (all, raised) = (all + one.initial, raised + one.limit);
            if (one.hot) (byHot, raisedByHot) = (byHot + one.initial, raisedByHot + one.limit);
        }
        holds(byHot <= 200 && all <= 400, "I10: loosening of initial in any 24 h is at most the daily budget of the writer");
        holds(raisedByHot <= 400 && raised <= 800, "I10: the exposure limit likewise");
    }

    function minus(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a - b : 0;
    }

    /// @notice Reverts unless what is stored and read now is sound.
    function soundness() external present {
        for (uint16 id = 1; id <= MARKETS; ++id) {
            (bool known, IHaircuts.Haircuts memory reads) = parameters.tryHaircuts(id);
            isTrue(known, "I11: the soft read never reverts");
            uint256 class = parameters.storedClass(uint8(stored(id, M.CLASS)));
            uint256 higher = stored(id, M.TARGET);
            if (reads.maintenanceBps > higher) higher = reads.maintenanceBps;
            atMost(higher + get(class, C.GAP), stored(id, M.INITIAL), "I1: initial keeps its gap");
            atMost(stored(id, M.INITIAL), reads.initialBps, "I1: nobody reads less than what is stored");
            uint256 lower = stored(id, M.TARGET);
            if (reads.maintenanceBps < lower) lower = reads.maintenanceBps;
            uint256 taken = (10_000 - lower) * (10_000 + get(class, C.BONUS));
            atMost(taken, 10_000 * 10_000 - 1, "I12: a liquidation leaves collateral behind");
            atMost(stored(id, M.TIGHTEN_SPEED), stored(id, M.INITIAL) - reads.maintenanceBps, "I22: thirty days' notice");
            isTrue(limitOf(id) >= LOWEST && limitOf(id) <= HIGHEST, "the exposure limit is within governance's bounds");
            (uint256 tokens_, bool may) = parameters.exposureLimit(id);
            equal(tokens_, tokensOf(limitOf(id)), "whole tokens");
            isTrue(!may || (reads.mode == IHaircuts.Mode.NORMAL && reads.initialBps == stored(id, M.INITIAL)), "no more when closed or stale");
        }
    }

    /// @notice Reverts unless every writer that nobody halted could tighten every market now, whatever was done before.
    function tighteningLiveness() external present {
        for (uint16 id = 1; id <= MARKETS; ++id) {
            uint256 class = parameters.storedClass(uint8(stored(id, M.CLASS)));
            // After a move what is stored may be past the bounds, and may stay.
            uint256 highest = max(get(class, C.MAX_MAINTENANCE), stored(id, M.TARGET));
            uint256 initial = max(get(class, C.MAX_INITIAL), stored(id, M.INITIAL));
            uint256 oldest = minute() - get(class, C.MAX_AGE);
            uint256 one = entryAsOf(id, initial, highest, LOWEST, oldest);
            equal(refusal(QUORUM, one), 0, "I13: tightening as far as the bounds allow is always possible");
        }
    }

    function holds(bool condition, string memory sentence) internal {
        if (!condition && bytes(broken).length == 0) broken = sentence;
    }
}
