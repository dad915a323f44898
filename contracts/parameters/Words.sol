// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {max, min} from "../libraries/Units.sol";

/// @dev A field of a word: its width above its place, counted from the lowest bit.
function get(uint256 word, uint256 field) pure returns (uint256) {
    unchecked { return (word >> (field & 0xff)) & ((1 << (field >> 8)) - 1); }
}

/// @dev The word with another value in a field. The value must fit: the post-condition sees what spills.
function put(uint256 word, uint256 field, uint256 value) pure returns (uint256) {
    unchecked { return (word & ~(((1 << (field >> 8)) - 1) << (field & 0xff))) | (value << (field & 0xff)); }
}

/// @dev Whether each of three numbers `a` is at least as tight as that of `b`: the guard bits of those that are. A market, an entry
/// and the bounds of a class have them in the same places, greater is tighter, and above each is a bit that N.ALL leaves out.
/// With that bit set in `a`, the subtraction takes it away just where `b` is greater, and no number borrows from the next.
function atLeast(uint256 a, uint256 b) pure returns (uint256) {
    unchecked { return ((a & N.ALL | N.GUARDS) - (b & N.ALL)) & N.GUARDS; }
}

/// @dev `a` with the tighter of each of the three numbers of `a` and `b`.
function tighter(uint256 a, uint256 b) pure returns (uint256 next) {
    next = put(a, N.TARGET, max(get(a, N.TARGET), get(b, N.TARGET)));
    next = put(next, N.INITIAL, max(get(a, N.INITIAL), get(b, N.INITIAL)));
    next = put(next, N.LIMIT, max(get(a, N.LIMIT), get(b, N.LIMIT)));
}

/// @dev `a` with the looser of each of the three numbers of `a` and `b`.
function looser(uint256 a, uint256 b) pure returns (uint256 next) {
    next = put(a, N.TARGET, min(get(a, N.TARGET), get(b, N.TARGET)));
    next = put(next, N.INITIAL, min(get(a, N.INITIAL), get(b, N.INITIAL)));
    next = put(next, N.LIMIT, min(get(a, N.LIMIT), get(b, N.LIMIT)));
}

/// @dev A refusal, laid out as V.
function refuse(uint256 reason, uint256 given, uint256 allowed) pure returns (uint256) {
    unchecked { return reason | given << 8 | allowed << 128; }
}

/// @dev Whole tokens of a compact float: six bits of exponent above ten of mantissa, as in IEEE 754 with its hidden bit. Every
/// number has one form and a greater form is a greater number, so limits are compared as they are, and counted up in *notches*:
/// from 1024 tokens on, 1024 notches double a limit and one raises it by 0.05 % to 0.1 %.
function tokensOf(uint256 limit) pure returns (uint256) {
    unchecked { return limit < 1_024 ? limit : (1_024 | (limit & 0x3ff)) << ((limit >> 10) - 1); }
}

/// @title The three numbers, next to each other in a market and in an entry; the bounds of a class have the two haircuts.
library N {
    uint256 internal constant TARGET = 13 << 8;
    uint256 internal constant INITIAL = 14 << 8 | 14;
    /// @dev 65535 minus the compact float of the exposure limit: like a haircut, greater is tighter.
    uint256 internal constant LIMIT = 16 << 8 | 29;
    uint256 internal constant ALL = HAIRCUTS | 0xffff << 29;
    uint256 internal constant HAIRCUTS = 0x1fff | 0x3fff << 14;
    uint256 internal constant GUARDS = 1 << 13 | 1 << 28 | 1 << 45;
}

/// @title One market in one slot.
/// @dev What an update writes comes first (but the two bits among the numbers), then what it leaves as it is.
library M {
    /// @dev Basis points: what maintenance is on its way to; 0 in INITIAL only for an id never listed.
    uint256 internal constant TARGET = N.TARGET;
    uint256 internal constant INITIAL = N.INITIAL;
    uint256 internal constant LIMIT = N.LIMIT;
    /// @dev A challenge set the mode. The market has a probe.
    uint256 internal constant CHALLENGED = 1 << 8 | 13;
    uint256 internal constant PROBED = 1 << 8 | 28;
    /// @dev Five bits of confidence above eleven of sources.
    uint256 internal constant QUALITY = 16 << 8 | 45;
    /// @dev Where maintenance stood at SETTLED, the minute up to which it has moved; minutes from the oldest datum to that.
    uint256 internal constant MAINTENANCE = 13 << 8 | 61;
    uint256 internal constant SETTLED = 25 << 8 | 74;
    uint256 internal constant AGE = 12 << 8 | 99;
    /// @dev Basis points by which initial was loosened, notches by which the limit was raised, in the window of SETTLED.
    uint256 internal constant SPENT = 8 << 8 | 111;
    uint256 internal constant RAISED = 12 << 8 | 119;
    /// @dev Minutes from the last change of the three numbers to SETTLED; 4095: that or more.
    uint256 internal constant UNCHANGED = 12 << 8 | 131;
    /// @dev Copies of the class's fields of these names, in one piece: what a read needs while the data is fresh.
    uint256 internal constant TIGHTEN_SPEED = 12 << 8 | 143;
    uint256 internal constant LOOSEN_SPEED = 12 << 8 | 155;
    uint256 internal constant TTL = 6 << 8 | 167;
    uint256 internal constant STAMP = 30 << 8 | 143;
    /// @dev Bounds of LIMIT, 65535 minus the highest and the lowest exposure limit.
    uint256 internal constant LOOSEST_LIMIT = 16 << 8 | 173;
    uint256 internal constant TIGHTEST_LIMIT = 16 << 8 | 189;
    /// @dev Hour until which governance holds the values; 0 or past: it does not.
    uint256 internal constant HELD_UNTIL = 19 << 8 | 205;
    /// @dev The mode last set, and the hour at which it lapses.
    uint256 internal constant MODE = 2 << 8 | 224;
    uint256 internal constant MODE_UNTIL = 19 << 8 | 226;
    uint256 internal constant CLASS = 6 << 8 | 245;
    /// @dev 16, and the moves to another class modulo 16; 0 for an id never listed and for a market delisted.
    uint256 internal constant GENERATION = 5 << 8 | 251;

    /// @dev A mode that does not lapse.
    uint256 internal constant FOREVER = 0x7ffff;
    /// @dev Everything that an entry says of a market; that an update writes; that time alone writes.
    uint256 internal constant BY_ENTRY = N.ALL | 0xffff << 45;
    uint256 internal constant BY_UPDATE = (1 << 173) - 1 & ~uint256(1 << 13 | 1 << 28);
    uint256 internal constant BY_TIME = (1 << 82) - 1 << 61;
}

/// @title One risk class in one slot. Units as in IParameters.Limits.
library C {
    uint256 internal constant MIN_MAINTENANCE = N.TARGET;
    /// @dev 0 for a class never defined.
    uint256 internal constant MIN_INITIAL = N.INITIAL;
    /// @dev The upper bounds as a pair like the lower ones.
    uint256 internal constant UPPER = 29;
    uint256 internal constant MAX_MAINTENANCE = N.TARGET + UPPER;
    uint256 internal constant MAX_INITIAL = N.INITIAL + UPPER;
    uint256 internal constant TIGHTEN_SPEED = 12 << 8 | 57;
    uint256 internal constant LOOSEN_SPEED = 12 << 8 | 69;
    uint256 internal constant TTL = 6 << 8 | 81;
    uint256 internal constant STAMP = 30 << 8 | 57;
    uint256 internal constant DECAY = 6 << 8 | 87;
    uint256 internal constant STALE_CAP = 14 << 8 | 93;
    uint256 internal constant GAP = 12 << 8 | 107;
    uint256 internal constant BONUS = 13 << 8 | 119;
    uint256 internal constant MAX_AGE = 12 << 8 | 132;
    /// @dev By the hot key; the quorum's own lie QUORUM bits above them.
    uint256 internal constant STEP = 12 << 8 | 144;
    uint256 internal constant BUDGET = 8 << 8 | 156;
    uint256 internal constant RAISE_STEP = 12 << 8 | 164;
    uint256 internal constant RAISE_BUDGET = 12 << 8 | 176;
    uint256 internal constant QUORUM = 44;
    /// @dev Hour until which a guardian lets nothing loosen in the class.
    uint256 internal constant HELD_UNTIL = 19 << 8 | 232;
}

/// @title One account in one slot. All but POWER is a writer's.
library A {
    /// @dev IParameters.Power; the number of its last batch.
    uint256 internal constant POWER = 3 << 8;
    uint256 internal constant SEQUENCE = 40 << 8 | 3;
    /// @dev Window of the two below: loosening applied, and loosening refused by the aggregate budget.
    uint256 internal constant WINDOW = 16 << 8 | 43;
    uint256 internal constant SPENT = 24 << 8 | 59;
    uint256 internal constant REFUSED = 24 << 8 | 83;
    uint256 internal constant AGGREGATE = 24 << 8 | 107;
    uint256 internal constant TRIP = 24 << 8 | 131;
    uint256 internal constant TIGHTEN_ONLY = 1 << 8 | 155;
    /// @dev Hour until which a guardian has halted it.
    uint256 internal constant HALTED_UNTIL = 19 << 8 | 156;
    /// @dev Never stored: a market of the batch in hand was applied.
    uint256 internal constant APPLIED = 1 << 8 | 255;
}

/// @title The head of a batch: what is not about one market.
library H {
    uint256 internal constant SEQUENCE = 64 << 8;
    /// @dev Unix time.
    uint256 internal constant DEADLINE = 40 << 8 | 64;
    uint256 internal constant MODEL_VERSION = 32 << 8 | 104;
}

/// @title One market of a batch: the 14 bytes of an entry, as a number. The three numbers and the quality are a market's.
library E {
    uint256 internal constant BYTES = 14;
    /// @dev Where the entry may not loosen, or is tighter than its bounds, the tighter of each of its numbers and those stored is
    /// applied instead of nothing, as far as the bounds go: else another key that tightens any number first, by a basis point, could
    /// make a loosening of each tightening, and one that loosens a number past its bound make it too tight.
    uint256 internal constant OR_TIGHTER = 1 << 8 | 13;
    /// @dev That of the market.
    uint256 internal constant GENERATION = 5 << 8 | 61;
    /// @dev Minute of the oldest datum.
    uint256 internal constant AS_OF = 25 << 8 | 66;
    uint256 internal constant ID = 16 << 8 | 96;
}

/// @title What a rule says, in one word: 0 when it is kept, else the reason (R in Reasons.sol) and both values.
library V {
    uint256 internal constant REASON = 8 << 8;
    uint256 internal constant GIVEN = 120 << 8 | 8;
    uint256 internal constant ALLOWED = 128 << 8 | 128;
}
