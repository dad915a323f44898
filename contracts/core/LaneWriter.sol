// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircutProbe} from "../interfaces/IHaircutProbe.sol";
import {Allowance, AllowanceLayout} from "../libraries/Allowance.sol";
import {DoorWord} from "../libraries/DoorWord.sol";
import {Entry} from "../libraries/Entry.sol";
import {Follower} from "../libraries/Follower.sol";
import {Group, Lane, LaneLayout, LANES} from "../libraries/Group.sol";
import {Postcondition} from "../libraries/Postcondition.sol";
import {Reasons} from "../libraries/Reasons.sol";
import {RiskClass} from "../libraries/RiskClass.sol";
import {Side} from "../libraries/Side.sol";
import {max, min, minuteOf, timeOf, WINDOW_MINUTES} from "../libraries/Units.sol";
import {UpdateCheck} from "../libraries/UpdateCheck.sol";
import {MarketBook} from "./MarketBook.sol";

/// @title An entry of a batch, lane by lane.
/// @notice The rules as they are meant, with a reason for every market left out. BatchWriter's short cut for whole
/// groups may only ever say what this says.
abstract contract LaneWriter is MarketBook {
    uint256 private constant PROBE_GAS = 100_000;

    /// @dev What an entry is judged by, and what it changes for those after it.
    struct Context {
        bool quorum;
        /// @dev as it will be stored: with the sequence and the window of the batch, and what is spent so far
        DoorWord door;
        /// @dev first market left out of the batch, and its SkipReason from bit 16 on; 0 when there is none
        uint256 refused;
        Allowance allowance;
    }

    /// @dev One entry against its group.
    struct Turn {
        uint256 at;
        Group group;
        Side side;
        uint256 asOf;
        SkipReason late;
        uint256 spent;
        uint256 most;
        uint256 step;
        uint256 budgetLeft;
    }

    /// @dev One market of it: where it stands, and what it is to become.
    struct Case {
        uint256 marketId;
        Lane lane;
        uint256 maintenance;
        uint256 asOf;
        uint256 initial;
        uint256 target;
    }

    /// @dev The same lane by lane: a part of the group, a clock or a mode of its own, or something to skip.
    function _applyLanes(Entry entry, uint256 at, Group group, Context memory context)
        internal
        returns (uint256 applied)
    {
        Turn memory turn = _turn(at, group, entry.asOf(), context);
        bool hasOwn = group.hasOwn();
        if (hasOwn) turn.side = _sides[at];
        Group next;
        (next, applied) = _lanes(entry, turn, context);
        if (applied == 0) return 0;
        Allowance allowance = context.allowance;
        if (hasOwn) {
            uint256 minute = allowance.minute();
            (uint256 up, uint256 down) = _allowed(group, minute);
            allowance = AllowanceLayout.pack(allowance.class(), allowance.step(), 0, up, down, minute);
        }
        _store(at, group, _close(turn, context, next, applied), _guards(applied), allowance);
    }

    function _turn(uint256 at, Group group, uint256 asOf, Context memory context)
        private
        view
        returns (Turn memory turn)
    {
        unchecked {
            Allowance allowance = context.allowance;
            RiskClass class = allowance.class();
            (turn.at, turn.group, turn.asOf) = (at, group, asOf);
            if (asOf > block.timestamp) turn.late = SkipReason.ASOF_IN_FUTURE;
            else if (asOf + class.maxAge() * 60 < block.timestamp) turn.late = SkipReason.ASOF_TOO_OLD;
            turn.spent = _spent(group, allowance.minute());
            turn.step = class.step(context.quorum);
            uint256 budget = class.budget(context.quorum);
            turn.budgetLeft = budget > turn.spent ? budget - turn.spent : 0;
        }
    }

    /// @dev The lanes of the group after the entry, without their header, and which of them were applied.
    function _lanes(Entry entry, Turn memory turn, Context memory context)
        private
        returns (Group next, uint256 applied)
    {
        unchecked {
            Group group = turn.group;
            uint256 named = entry.named();
            uint256 word;
            Case memory c;
            Allowance allowance = context.allowance;
            for (uint256 i; i < LANES; ++i) {
                Lane lane = group.lane(i);
                (c.marketId, c.lane, c.asOf) = (_idOf(turn.at, i), lane, group.asOf());
                bool own = lane.own();
                if (own) {
                    Standing memory standing = _standing(group, lane, turn.side.own(i), allowance.minute());
                    (c.maintenance, c.asOf, own) = (standing.maintenance, standing.asOf, standing.mode != 0);
                } else {
                    c.maintenance =
                        Follower.follow(lane.maintenance(), lane.target(), allowance.up(), allowance.down());
                }
                Lane after_ = _at(lane, c.maintenance);
                if ((named >> i) & 1 != 0) {
                    (c.initial, c.target) = (entry.initial(i), entry.target(i));
                    if (_judge(c, turn, context)) {
                        after_ = LaneLayout.pack(c.initial, c.target, c.maintenance, own);
                        applied |= 1 << i;
                    }
                }
                word |= Lane.unwrap(after_) << (i * 41);
            }
            next = Group.wrap(word);
        }
    }

    /// @dev Whether a lane takes the values of the entry. If not, says why. If so, books what it loosens.
    function _judge(Case memory c, Turn memory turn, Context memory context) private returns (bool) {
        SkipReason reason = _reason(c, turn, context);
        if (reason == SkipReason.NONE) {
            uint256 was = c.lane.initial();
            if (c.initial < was) {
                context.door = context.door.spending(was - c.initial);
                if (was - c.initial > turn.most) turn.most = was - c.initial;
            }
            return true;
        }
        if (context.refused == 0) context.refused = c.marketId | uint256(reason) << 16;
        (uint256 given, uint256 allowed) = _nearest(reason, c, turn, context);
        DoorWord door = context.door;
        uint64 sequence_ = uint64(door.sequence());
        emit MarketSkipped(uint16(c.marketId), sequence_, reason, given, allowed);
        if (reason == SkipReason.AGGREGATE_BUDGET_SPENT) {
            context.door = door.tripped();
            emit BreakerTripped(
                sequence_, door.spent() + c.lane.initial() - c.initial, door.aggregate(context.quorum)
            );
        }
        return false;
    }

    /// @dev The first rule that the values break.
    function _reason(Case memory c, Turn memory turn, Context memory context) private view returns (SkipReason reason) {
        unchecked {
            RiskClass class = context.allowance.class();
            Lane lane = c.lane;
            if (!lane.listed()) return SkipReason.UNKNOWN_MARKET;
            if (c.asOf > context.allowance.minute()) return SkipReason.OVERRIDDEN;
            if (turn.late != SkipReason.NONE) return turn.late;
            uint256 asOf = minuteOf(turn.asOf);
            if (asOf <= c.asOf) {
                bool loosens = c.initial < lane.initial() || c.target < min(lane.target(), c.maintenance);
                if (asOf < c.asOf || loosens) return SkipReason.ASOF_NOT_INCREASING;
            }
            reason = UpdateCheck.ofValues(lane, c.maintenance, c.initial, c.target, class);
            if (reason != SkipReason.NONE) return reason;
            reason = UpdateCheck.ofLoosening(
                lane, c.maintenance, c.initial, c.target, turn.step, turn.budgetLeft, context.door.tightenOnly()
            );
            if (reason != SkipReason.NONE || c.initial >= lane.initial()) return reason;
            if (context.door.spent() + lane.initial() - c.initial > context.door.aggregate(context.quorum)) {
                return SkipReason.AGGREGATE_BUDGET_SPENT;
            }
            if (class.probed() && !_probed(c.marketId, lane.initial(), c.initial)) return SkipReason.PROBE_REFUSED;
            return SkipReason.NONE;
        }
    }

    /// @dev The value given and the nearest allowed.
    function _nearest(SkipReason reason, Case memory c, Turn memory turn, Context memory context)
        private
        view
        returns (uint256, uint256)
    {
        RiskClass class = context.allowance.class();
        if (reason == SkipReason.UNKNOWN_MARKET) return (c.marketId, _marketCount);
        if (reason == SkipReason.OVERRIDDEN) return (turn.asOf, timeOf(c.asOf));
        if (reason == SkipReason.ASOF_IN_FUTURE) return (turn.asOf, block.timestamp);
        if (reason == SkipReason.ASOF_TOO_OLD) return (turn.asOf, block.timestamp - class.maxAge() * 60);
        if (reason == SkipReason.ASOF_NOT_INCREASING) return (turn.asOf, timeOf(c.asOf + 1));
        uint256 left = turn.budgetLeft;
        if (reason == SkipReason.AGGREGATE_BUDGET_SPENT) {
            (uint256 aggregate, uint256 spent) = (context.door.aggregate(context.quorum), context.door.spent());
            left = aggregate > spent ? aggregate - spent : 0;
        }
        if (reason == SkipReason.PROBE_REFUSED) left = 0;
        return Reasons.nearest(uint8(reason), c.lane, c.maintenance, c.initial, c.target, class, turn.step, left);
    }

    /// @dev The header, under the newer of the group's asOf and the entry's. A lane whose asOf is another one keeps it
    /// in the side slot, as does one with a mode.
    function _close(Turn memory turn, Context memory context, Group next, uint256 applied) private returns (Group) {
        unchecked {
            Group group = turn.group;
            uint256 given = minuteOf(turn.asOf);
            uint256 shared = max(given, group.asOf());
            Side side = turn.side;
            bool sideRead = group.hasOwn();
            bool changed;
            for (uint256 i; i < LANES; ++i) {
                Lane lane = next.lane(i);
                if (!lane.listed()) continue;
                bool taken = (applied >> i) & 1 != 0;
                if (!taken && lane.own()) continue;
                uint256 asOf = taken ? given : group.asOf();
                if (asOf == shared && !lane.own()) continue;
                if (!sideRead) (side, sideRead) = (_sides[turn.at], true);
                side = side.withOwn(i, side.own(i).withAsOf(asOf));
                next = Group.wrap(Group.unwrap(next) | 1 << (i * 41 + 40));
                changed = true;
            }
            if (changed) _sides[turn.at] = side;
            return next.withHeader(context.allowance.minute(), shared, turn.spent + turn.most, group.class());
        }
    }

    /// @dev The probe has a fixed sum of gas and cannot write; silence refuses.
    function _probed(uint256 marketId, uint256 from, uint256 to) internal view returns (bool) {
        address probe = _probeOf[marketId];
        if (probe == address(0)) return true;
        bytes memory question = abi.encodeCall(IHaircutProbe.mayLoosen, (uint16(marketId), uint16(from), uint16(to)));
        (bool ok, uint256 answer) = (false, 0);
        assembly ("memory-safe") {
            ok := staticcall(PROBE_GAS, probe, add(question, 32), mload(question), 0, 32)
            ok := and(ok, gt(returndatasize(), 31))
            answer := mload(0)
        }
        return ok && answer == 1;
    }

    function _idOf(uint256 at, uint256 index) internal pure returns (uint256) {
        unchecked {
            return at * LANES + index + 1;
        }
    }

    /// @dev Bits 0 to 4 spread to the guards of their lanes.
    function _guards(uint256 lanes) internal pure returns (uint256) {
        unchecked {
            return (lanes * (1 << 40 | 1 << 80 | 1 << 120 | 1 << 160 | 1 << 200)) & Postcondition.GUARDS;
        }
    }

    /// @dev What a batch of this one market would meet now.
    function _preview(MarketUpdate calldata next, bool quorum)
        internal
        view
        returns (SkipReason reason, uint256 given, uint256 allowed)
    {
        (uint256 at, uint256 i) = _locate(next.marketId);
        Group group = _groups[at];
        Lane lane = group.lane(i);
        Context memory context;
        uint256 minute = minuteOf(block.timestamp);
        context.quorum = quorum;
        context.door = _door.at(0, minute / WINDOW_MINUTES);
        context.allowance = AllowanceLayout.pack(_classes[group.class()], 0, 0, 0, 0, minute);
        Turn memory turn = _turn(at, group, next.asOf, context);
        uint256 asOf = lane.own() ? _sides[at].own(i).asOf() : group.asOf();
        uint256 maintenance = _settle(at, minute).lane(i).maintenance();
        Case memory c =
            Case(next.marketId, lane, maintenance, asOf, next.initialBps, next.maintenanceTargetBps);
        reason = _reason(c, turn, context);
        if (reason != SkipReason.NONE) (given, allowed) = _nearest(reason, c, turn, context);
    }
}
