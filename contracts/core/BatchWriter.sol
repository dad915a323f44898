// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {DoorWord} from "../libraries/DoorWord.sol";
import {Entry, EntryLayout} from "../libraries/Entry.sol";
import {Group, LANES} from "../libraries/Group.sol";
import {Postcondition} from "../libraries/Postcondition.sol";
import {Profile} from "../libraries/Profile.sol";
import {RiskClass} from "../libraries/RiskClass.sol";
import {EPOCH, max, min, minuteOf, timeOf, WINDOW_MINUTES} from "../libraries/Units.sol";
import {WholeGroup} from "../libraries/WholeGroup.sol";
import {LaneWriter} from "./LaneWriter.sol";

/// @title How a batch is applied, whichever door it came through.
abstract contract BatchWriter is LaneWriter {
    /// @dev Settled, age and class, from bit 205 on: groups for which they are the same have the same ticks behind them.
    uint256 private constant HEADER = 0x7e01fffffffff;

    /// @param word the door as stored
    function _applyBatch(Batch calldata batch, DoorWord word, bool quorum) internal {
        unchecked {
            uint256 sequence_ = batch.sequence;
            bytes calldata entries = batch.entries;
            // Replay, reordering, and locking the door by jumping ahead.
            if (sequence_ != word.sequence() + 1) revert WrongSequence(batch.sequence, uint64(word.sequence() + 1));
            // Made for other markets than those listed now.
            if (batch.generation != word.generation()) {
                revert WrongGeneration(batch.generation, uint16(word.generation()));
            }
            // A batch held back in a mempool until the market has turned.
            if (block.timestamp > batch.deadline) revert DeadlinePassed(batch.deadline, block.timestamp);
            // A sequence number spent on nothing.
            if (entries.length == 0) revert EmptyBatch();

            uint256 minute = minuteOf(block.timestamp);
            uint256 window = minute / WINDOW_MINUTES;
            // Named in full: what is not named would be zeroed first and written again.
            Context memory context = Context({
                minute: minute,
                sequence: sequence_,
                quorum: quorum,
                tightenOnly: word.tightenOnly(),
                spent: word.spentIn(window),
                aggregate: word.aggregate(quorum),
                applied: 0,
                firstId: 0,
                first: SkipReason.NONE,
                tripped: 0,
                header: type(uint256).max,
                classId: type(uint256).max,
                earliest: type(uint256).max,
                windowStart: window * WINDOW_MINUTES,
                usual: WholeGroup.Usual(0, 0, 0, 0, 0, 0, 0, 0, 0),
                allowance: Postcondition.Allowance(RiskClass.wrap(0), 0, 0, 0, minute)
            });

            _applyEntries(entries, context);
            uint256 tripped = context.tripped;
            if (context.applied == 0 && tripped == 0) revert NoMarketApplied(uint16(context.firstId), context.first);
            if (tripped != 0) emit BreakerTripped(uint64(sequence_), tripped, context.aggregate);
            _door = word.after_(sequence_, window, context.spent, tripped != 0);
            emit BatchApplied(uint64(sequence_), batch.evidence, msg.sender, batch.modelVersion, entries);
        }
    }

    /// @dev The loop that pays for everything: bits are taken apart where they are used (layouts: Entry.sol, Group.sol).
    function _applyEntries(bytes calldata entries, Context memory context) private {
        unchecked {
            uint256 offset;
            uint256 length = entries.length;
            uint256 lastGroup = EntryLayout.LAST_GROUP;
            while (offset < length) {
                uint256 entry;
                assembly {
                    entry := shr(64, calldataload(add(entries.offset, offset)))
                }
                uint256 flags;
                uint256 next;
                uint256 at;
                uint256 group;
                uint256 header;
                bool bad;
                assembly ("memory-safe") {
                    flags := and(shr(168, entry), 0xff)
                    next := add(add(offset, 24), mul(10, and(shr(5, flags), 1)))
                    at := shr(176, entry)
                    bad := or(or(gt(next, length), gt(at, lastGroup)), or(gt(flags, 0x3f), iszero(and(flags, 0x1f))))
                    group := sload(add(_groups.slot, at))
                    header := and(shr(205, group), HEADER)
                }
                // Truncated, or not made for this contract: what follows cannot be told apart any more.
                if (bad) revert BadEntry(offset);
                if (header != context.header) _turnTo(Group.wrap(group), header, context);
                uint256 applied = flags & 0x1f;
                if (!_applyWhole(entry, at, group, context)) {
                    applied = _applyLanes(Entry.wrap(entry), at, Group.wrap(group), context);
                }
                if (flags & 0x20 != 0) _writeQuality(at, applied, EntryLayout.qualityAt(entries, offset));
                offset = next;
            }
        }
    }

    /// @dev Class, ticks and times of groups that share a header.
    function _turnTo(Group group, uint256 header, Context memory context) private view {
        unchecked {
            uint256 classId = group.class();
            Postcondition.Allowance memory allowance = context.allowance;
            WholeGroup.Usual memory usual = context.usual;
            if (classId != context.classId) {
                context.classId = classId;
                RiskClass class = _classes[classId];
                allowance.class = class;
                allowance.step = class.step(context.quorum);
                WholeGroup.prepare(usual, class, allowance.step, class.budget(context.quorum));
            }
            context.header = header;
            Profile profile_ = _profileOf(classId);
            uint256 asOf = group.asOf();
            // Silence stops the clock.
            (usual.up, usual.down) = _ticks(profile_, group.settled(), min(context.minute, asOf + profile_.ttl()));
            (allowance.up, allowance.down) = (usual.up, usual.down);
            if (context.tightenOnly) return;
            context.earliest = max(timeOf(asOf + 1), block.timestamp - allowance.class.maxAge() * 60);
        }
    }

    /// @dev The usual case: all markets of the group, fresh, and nothing to skip. False when it is not, and nothing done.
    function _applyWhole(uint256 entry, uint256 at, uint256 group, Context memory context) private returns (bool) {
        unchecked {
            uint256 asOf;
            bool news;
            uint256 spent;
            uint256 earliest = context.earliest;
            uint256 windowStart = context.windowStart;
            assembly ("memory-safe") {
                asOf := and(shr(136, entry), 0xffffffff)
                news := iszero(or(gt(asOf, timestamp()), lt(asOf, earliest)))
                if iszero(lt(and(shr(205, group), 0x1ffffff), windowStart)) {
                    spent := and(shr(242, group), 0xff)
                }
            }
            if (!news) return false;
            (uint256 lanes, uint256 named, uint256 loosened) = WholeGroup.apply_(group, entry, spent, context.usual);
            if (lanes == 0) return false;
            if (loosened != 0) {
                uint256 total = context.spent + WholeGroup.sum(loosened);
                if (total > context.aggregate || context.allowance.class.probed()) return false;
                context.spent = total;
                spent += WholeGroup.most(loosened);
            }
            context.applied = 1;
            uint256 minute = context.minute;
            uint256 classId = context.classId;
            assembly ("memory-safe") {
                let age := sub(minute, div(sub(asOf, EPOCH), 60))
                lanes := or(lanes, or(or(shl(205, minute), shl(230, age)), or(shl(242, spent), shl(250, classId))))
            }
            _store(at, Group.wrap(group), Group.wrap(lanes), named, context.allowance);
            return true;
        }
    }

    function _writeQuality(uint256 at, uint256 applied, uint256 quality) private {
        if (applied == 0) return;
        uint256 mask;
        for (uint256 i; i < LANES; ++i) {
            if ((applied >> i) & 1 != 0) mask |= 0xffff << (i * 16);
        }
        uint256 shift = at % 3 * LANES * 16;
        uint256 word = _quality[at / 3];
        uint256 next = (word & ~(mask << shift)) | (quality & mask) << shift;
        if (next != word) _quality[at / 3] = next;
    }
}
