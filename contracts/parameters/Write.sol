// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircutProbe} from "../interfaces/IHaircutProbe.sol";
import {min, minuteOf, timeOf, WINDOW_MINUTES} from "../libraries/Units.sol";
import {Follow} from "./Follow.sol";
import {IParameters} from "./IParameters.sol";
import {Judge} from "./Judge.sol";
import {R} from "./Reasons.sol";
import {Store} from "./Store.sol";
import {A, C, E, get, H, M, N, put, refuse, V} from "./Words.sol";

/// @title How a batch is applied.
abstract contract Write is Store {
    uint256 private constant PROBE_GAS = 100_000;
    /// @dev Longer than an honest batch takes from the numbers that it was made of to its block.
    uint256 private constant SEEN_MINUTES = 10;

    /// @inheritdoc IParameters
    function publishBatch(uint256 head, bytes32 evidence, bytes calldata entries) external {
        unchecked {
            // No length, less one, of a whole number of entries; 0 less one is none either.
            if ((entries.length - 1) % E.BYTES != E.BYTES - 1) revert BadEntries(entries.length);
            uint256 minute = minuteOf(block.timestamp);
            Account storage account = _accounts[msg.sender];
            uint256 before = account.word;
            uint256 writer = _admitted(before, head, minute);
            uint256 at;
            do {
                writer = _apply(_entryAt(entries, at), writer, minute);
                at += E.BYTES;
            } while (at < entries.length);
            // A trip is worth a sequence number, and nothing else is.
            if (get(writer, A.APPLIED) == 0 && get(writer, A.TIGHTEN_ONLY) == get(before, A.TIGHTEN_ONLY)) {
                uint256 first = _entryAt(entries, 0);
                (uint256 refusal,) = _preview(first, writer, minute);
                revert NoMarketApplied(uint16(get(first, E.ID)), uint8(refusal));
            }
            account.word = put(writer, A.APPLIED, 0);
            emit BatchApplied(head, msg.sender, evidence, entries);
        }
    }

    /// @inheritdoc IParameters
    function preview(address holder, bytes14 entry) external view returns (uint8, uint256, uint256, uint256) {
        uint256 minute = minuteOf(block.timestamp);
        uint256 writer = _windowed(_accounts[holder].word, minute);
        (uint256 refusal, uint256 applies) = _preview(uint112(entry), writer, minute);
        return (uint8(refusal), get(refusal, V.GIVEN), get(refusal, V.ALLOWED), applies & N.ALL);
    }

    /// @dev The entry at a place within the entries, whose length is a multiple of it: 90 gas less than a slice.
    function _entryAt(bytes calldata entries, uint256 at) private pure returns (uint256 entry) {
        assembly ("memory-safe") { entry := shr(144, calldataload(add(entries.offset, at))) }
    }

    function _preview(uint256 entry, uint256 writer, uint256 minute) private view returns (uint256, uint256) {
        uint256 market = _market(get(entry, E.ID));
        uint256 maintenance = Follow.maintenance(market, Follow.until(market, minute));
        return _judge(market, maintenance, _class(get(market, M.CLASS)), entry, writer, minute);
    }

    /// @dev The writer as it will be stored: with the number and the window of the batch.
    function _admitted(uint256 writer, uint256 head, uint256 minute) private view returns (uint256) {
        unchecked {
            uint256 power = get(writer, A.POWER);
            // HOT or QUORUM.
            if (power - 1 > 1) revert NotAllowed(msg.sender);
            uint256 until = get(writer, A.HALTED_UNTIL);
            if (minute / 60 < until) revert WriterIsHalted(msg.sender, timeOf(until * 60));
            // A batch held back in a mempool until the market has turned.
            uint256 deadline = get(head, H.DEADLINE);
            if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
            // Replay, reordering, and locking oneself out by jumping ahead.
            writer += 1 << (A.SEQUENCE & 0xff);
            uint256 next = get(writer, A.SEQUENCE);
            if (get(head, H.SEQUENCE) != next) revert WrongSequence(get(head, H.SEQUENCE), next);
            return _windowed(writer, minute);
        }
    }

    /// @dev The writer with nothing spent yet, unless it was in this window.
    function _windowed(uint256 writer, uint256 minute) private pure returns (uint256 next) {
        unchecked {
            next = writer;
            if (get(writer, A.WINDOW) != minute / WINDOW_MINUTES) {
                next = put(put(put(writer, A.WINDOW, minute / WINDOW_MINUTES), A.SPENT, 0), A.REFUSED, 0);
            }
        }
    }

    /// @dev One market: whole, its tightening alone, or not at all. Returns the writer with what the market loosened.
    function _apply(uint256 entry, uint256 writer, uint256 minute) private returns (uint256) {
        unchecked {
            uint256 id = get(entry, E.ID);
            uint256 market = _market(id);
            uint256 class = _class(get(market, M.CLASS));
            uint256 maintenance = Follow.maintenance(market, Follow.until(market, minute));
            uint256 refusal;
            (refusal, entry) = _judge(market, maintenance, class, entry, writer, minute);
            if (refusal != 0) {
                // Of numbers that it may not have seen yet an honest writer cannot know what it would loosen.
                if (get(refusal, V.REASON) == R.AGGREGATE_SPENT && Follow.unchanged(market, minute) >= SEEN_MINUTES) {
                    writer = _refused(writer, get(refusal, V.GIVEN));
                }
                (uint256 given, uint256 allowed) = (get(refusal, V.GIVEN), get(refusal, V.ALLOWED));
                if (entry == 0) {
                    emit MarketSkipped(uint16(id), uint8(refusal), given, allowed);
                    return writer;
                }
                emit LooseningSkipped(uint16(id), uint8(refusal), given, allowed);
            }
            uint256 next = _next(market, maintenance, class, entry, minute);
            uint256 loosened;
            uint256 raised;
            if (Judge.loosens(market, next)) {
                loosened = Judge.minus(get(market, M.INITIAL), get(next, M.INITIAL));
                raised = Judge.minus(get(market, M.LIMIT), get(next, M.LIMIT));
                next += loosened << (M.SPENT & 0xff) | raised << (M.RAISED & 0xff);
                writer += loosened << (A.SPENT & 0xff);
            }
            _store(id, market, next, maintenance, class, M.BY_UPDATE, loosened, raised);
            return writer | 1 << (A.APPLIED & 0xff);
        }
    }

    /// @dev The market under the values of an entry, before it is counted what they loosen.
    function _next(uint256 market, uint256 maintenance, uint256 class, uint256 entry, uint256 minute)
        internal pure returns (uint256 next) {
        unchecked {
            (uint256 asOf, uint256 given) = (Follow.asOf(market), get(entry, E.AS_OF));
            if (asOf < given) asOf = given;
            // The quality is that of the data whose time is kept.
            else if (asOf > given) entry = put(entry, M.QUALITY, get(market, M.QUALITY));
            next = market & ~M.BY_UPDATE | entry & M.BY_ENTRY;
            next |= maintenance << 61 | minute << 74 | minute - asOf << 99 | get(class, C.STAMP) << 143;
            if ((market ^ next) & N.ALL == 0) next |= Follow.unchanged(market, minute) << 131;
            if (Follow.inWindow(market, minute)) next |= market & 0xfffff << 111;
        }
    }

    /// @dev The first rule that the entry breaks, and what of it applies all the same; 0: nothing.
    function _judge(uint256 market, uint256 maintenance, uint256 class, uint256 entry, uint256 writer, uint256 minute)
        private view returns (uint256 refusal, uint256 applies) {
        refusal = Judge.data(market, class, entry, minute);
        if (refusal != 0) return (refusal, 0);
        refusal = Judge.values(market, maintenance, class, entry);
        if (refusal == 0) {
            if (!Judge.loosens(market, entry)) return (0, entry);
            refusal = _loosening(market, maintenance, class, entry, writer, minute);
            if (refusal == 0) return (0, entry);
        }
        if (get(entry, E.OR_TIGHTER) == 0 || get(refusal, V.REASON) == R.TOO_LOOSE) return (refusal, 0);
        applies = Judge.tightened(market, class, entry);
        // Not without its gap.
        if (Judge.values(market, maintenance, class, applies) != 0) applies = 0;
    }

    /// @dev The same for an entry that loosens one of the three numbers.
    function _loosening(
        uint256 market,
        uint256 maintenance,
        uint256 class,
        uint256 entry,
        uint256 writer,
        uint256 minute
    ) private view returns (uint256 refusal) {
        unchecked {
            bool tightenOnly = get(writer, A.TIGHTEN_ONLY) != 0 || minute / 60 < get(class, C.HELD_UNTIL);
            if (get(writer, A.POWER) == uint256(Power.QUORUM)) class >>= C.QUORUM;
            if (!Follow.inWindow(market, minute)) market &= ~uint256(0xfffff << 111);
            refusal = Judge.loosening(market, maintenance, class, entry, minute, tightenOnly);
            (uint256 was, uint256 next) = (get(market, M.INITIAL), get(entry, N.INITIAL));
            if (refusal != 0 || next >= was) return refusal;
            uint256 left = Judge.minus(get(writer, A.AGGREGATE), get(writer, A.SPENT));
            if (was - next > left) return refuse(R.AGGREGATE_SPENT, was - next, left);
            if (get(market, M.PROBED) == 0) return 0;
            return _probed(get(entry, E.ID), was, next) ? 0 : refuse(R.PROBE_REFUSED, next, was);
        }
    }

    /// @dev Refusing is enough for an honest writer's last basis point. One that asks for more than its trip is not honest.
    function _refused(uint256 writer, uint256 loosening) private returns (uint256) {
        unchecked {
            uint256 refused = min(get(writer, A.REFUSED) + loosening, type(uint24).max);
            writer = put(writer, A.REFUSED, refused);
            (uint256 asked, uint256 trip) = (get(writer, A.SPENT) + refused, get(writer, A.TRIP));
            if (trip == 0 || asked <= trip) return writer;
            emit WriterTripped(msg.sender, uint64(get(writer, A.SEQUENCE)), asked, trip);
            return put(writer, A.TIGHTEN_ONLY, 1);
        }
    }

    /// @dev The probe has a fixed sum of gas and cannot write; silence refuses. Of its answer one word is copied: memory for all
    /// that it can return would cost a batch millions.
    function _probed(uint256 marketId, uint256 from, uint256 to) private view returns (bool may) {
        bytes memory question = abi.encodeCall(IHaircutProbe.mayLoosen, (uint16(marketId), uint16(from), uint16(to)));
        address probe = _assets[marketId].probe;
        assembly ("memory-safe") {
            may := staticcall(PROBE_GAS, probe, add(question, 32), mload(question), 0, 32)
            may := and(may, and(eq(returndatasize(), 32), eq(mload(0), 1)))
        }
    }
}
