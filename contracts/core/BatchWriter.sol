// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Allowance, AllowanceLayout} from "../libraries/Allowance.sol";
import {DoorWord} from "../libraries/DoorWord.sol";
import {Entry, EntryLayout} from "../libraries/Entry.sol";
import {Group, LANES} from "../libraries/Group.sol";
import {Profile} from "../libraries/Profile.sol";
import {RiskClass} from "../libraries/RiskClass.sol";
import {EPOCH, minuteOf, timeOf, WINDOW_MINUTES} from "../libraries/Units.sol";
import {WholeGroup} from "../libraries/WholeGroup.sol";
import {LaneWriter} from "./LaneWriter.sol";

/// @title How a batch is applied, whichever door it came through.
abstract contract BatchWriter is LaneWriter {
    /// @dev Settled, age and class, from bit 205 on: groups for which they are the same have the same ticks behind them.
    uint256 private constant HEADER = 0x7e01fffffffff;
    /// @dev The class alone, where a group has it, and the class with what is spent.
    uint256 private constant CLASS = 0xfc00000000000000000000000000000000000000000000000000000000000000;
    uint256 private constant CLASS_AND_SPENT = 0xfffc000000000000000000000000000000000000000000000000000000000000;

    /// @param word the door as stored
    function _applyBatch(Batch calldata batch, DoorWord word, bool quorum) internal {
        unchecked {
            // The bare words: one that does not fit its type is not the next number and not the present generation, and
            // a deadline that does not never passes.
            uint256 sequence_;
            uint256 deadline;
            uint256 generation;
            assembly {
                sequence_ := calldataload(batch)
                deadline := calldataload(add(batch, 0x20))
                generation := calldataload(add(batch, 0x40))
            }
            bytes calldata entries = batch.entries;
            // Replay, reordering, and locking the door by jumping ahead.
            if (sequence_ != word.sequence() + 1) revert WrongSequence(batch.sequence, uint64(word.sequence() + 1));
            // Made for other markets than those listed now.
            if (generation != word.generation()) revert WrongGeneration(batch.generation, uint16(word.generation()));
            // A batch held back in a mempool until the market has turned.
            if (block.timestamp > deadline) revert DeadlinePassed(batch.deadline, block.timestamp);
            // A sequence number spent on nothing.
            if (entries.length == 0) revert EmptyBatch();

            uint256 minute = minuteOf(block.timestamp);
            _applyEntries(entries, word.at(sequence_, minute / WINDOW_MINUTES), minute, quorum);
            emit BatchApplied(uint64(sequence_), batch.evidence, msg.sender, batch.modelVersion, entries);
        }
    }

    /// @dev The loop that pays for everything: bits are taken apart where they are used (layouts: Entry.sol, Group.sol).
    function _applyEntries(bytes calldata entries, DoorWord door, uint256 minute, bool quorum) private {
        unchecked {
            uint256 from = _placeOf(entries);
            uint256 end = from + entries.length;
            uint256 any;
            uint256 refused;
            // Of groups with one header, spent aside: see _turnTo.
            uint256 header = type(uint256).max;
            Allowance allowance;
            uint256 earliest;
            uint256 stays;
            do {
                uint256 entry;
                uint256 flags;
                uint256 next;
                uint256 at;
                uint256 group;
                bool bad;
                {
                    uint256 lastGroup = EntryLayout.LAST_GROUP;
                    assembly ("memory-safe") {
                        entry := calldataload(from)
                        flags := byte(2, entry)
                        next := add(add(from, 24), mul(10, shr(5, flags)))
                        at := shr(240, entry)
                        bad := or(or(gt(next, end), gt(at, lastGroup)), gt(flags, 0x3f))
                        flags := and(flags, 0x1f)
                        bad := or(bad, iszero(flags))
                        group := sload(add(_groups.slot, at))
                    }
                }
                // Truncated, or not made for this contract: what follows cannot be told apart any more.
                if (bad) revert BadEntry(from - _placeOf(entries));
                if ((group >> 205) & HEADER != header) {
                    header = (group >> 205) & HEADER;
                    (allowance, earliest, stays) = _turnTo(Group.wrap(group), minute, door.tightenOnly(), quorum);
                }
                uint256 asOf;
                uint256 fresh;
                assembly {
                    asOf := and(shr(200, entry), 0xffffffff)
                    let news := iszero(or(gt(asOf, timestamp()), lt(asOf, earliest)))
                    // What is no news, or too old, names nothing here and goes lane by lane, where the reason is given.
                    fresh := mul(flags, news)
                }
                uint256 kept = group & stays;
                (uint256 lanes, uint256 named, uint256 loosened) =
                    WholeGroup.apply_(group, entry, fresh, kept, allowance);
                if (loosened != 0) {
                    uint256 total = WholeGroup.sum(loosened);
                    if (door.spent() + total > door.aggregate(quorum)) {
                        lanes = 0;
                    } else {
                        door = door.spending(total);
                        kept += WholeGroup.most(loosened) << 242;
                    }
                }
                if (lanes != 0) {
                    assembly {
                        let age := sub(minute, div(sub(asOf, EPOCH), 60))
                        lanes := or(or(lanes, kept), shl(205, or(minute, shl(25, age))))
                    }
                    _store(at, Group.wrap(group), Group.wrap(lanes), named, allowance);
                } else {
                    Context memory context = Context(quorum, door, refused, allowance);
                    flags = _applyLanes(Entry.wrap(entry), at, Group.wrap(group), context);
                    (door, refused) = (context.door, context.refused);
                    // Values only tighten from here on.
                    if (door.tightenOnly()) earliest = type(uint256).max;
                }
                any |= flags;
                if (next - from != 24) _writeQuality(at, flags, EntryLayout.qualityAt(from));
                from = next;
            } while (from < end);
            if (any == 0 && door.tightenOnly() == _door.tightenOnly()) {
                revert NoMarketApplied(uint16(refused), SkipReason(refused >> 16));
            }
            _door = door;
        }
    }

    function _placeOf(bytes calldata entries) private pure returns (uint256 place) {
        assembly {
            place := entries.offset
        }
    }

    /// @dev What is the same for groups with one header, spent aside.
    /// @return allowance of a write to them
    /// @return earliest asOf of an entry that is news to them and not too old, seconds; none while values only tighten
    /// @return stays what stays of their header: not what was spent in another window
    function _turnTo(Group group, uint256 minute, bool tightenOnly, bool quorum)
        private
        view
        returns (Allowance allowance, uint256 earliest, uint256 stays)
    {
        unchecked {
            uint256 settled = group.settled();
            uint256 asOf = settled - group.age();
            RiskClass class;
            Profile profile_ = _profileOf(group.class());
            assembly {
                class := sload(add(_classes.slot, shr(250, group)))
            }
            // Silence stops the clock.
            uint256 until = asOf + profile_.ttl();
            if (until > minute) until = minute;
            (uint256 up, uint256 down) = _ticks(profile_, settled, until);
            // A probe is asked lane by lane: the short cut has no budget then.
            uint256 budget = class.probed() ? 0 : class.budget(quorum);
            allowance = AllowanceLayout.pack(class, class.step(quorum), budget, up, down, minute);
            stays = settled < minute - minute % WINDOW_MINUTES ? CLASS : CLASS_AND_SPENT;
            if (tightenOnly) return (allowance, type(uint256).max, stays);
            (uint256 newer, uint256 young) = (timeOf(asOf + 1), block.timestamp - class.maxAge() * 60);
            earliest = young;
            if (newer > young) earliest = newer;
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
