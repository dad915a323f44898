// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev Lanes of a group.
uint256 constant LANES = 5;
/// @dev Every lane of a group, as flags.
uint256 constant ALL_LANES = 31;
/// @dev The flag of an entry that quality follows its values.
uint256 constant QUALITY_FOLLOWS = 32;
/// @dev The first of the flags that no entry may have.
uint256 constant UNKNOWN_FLAG = 64;

/// @dev Flags by lane: bit i is lane i.
library Flags {
    function at(uint256 lane) internal pure returns (uint256) {
        return 1 << lane;
    }

    function has(uint256 flags, uint256 lane) internal pure returns (bool) {
        return flags >> lane & 1 == 1;
    }

    function without(uint256 flags, uint256 lane) internal pure returns (uint256) {
        return flags & ~at(lane);
    }

    /// @dev The first lanes of a group, so many.
    function first(uint256 lanes) internal pure returns (uint256) {
        return (1 << lanes) - 1;
    }
}

/// @dev Builds and reads the entries of a batch. The layout is written here a second time, after Entry.sol: a mistake in
/// one of the two shows.
library EntryWords {
    uint256 private constant TARGET_BITS = 13;
    uint256 private constant INITIAL_BITS = 14;
    uint256 private constant VALUE_BITS = TARGET_BITS + INITIAL_BITS;
    uint256 private constant SOURCE_BITS = 11;
    uint256 private constant QUALITY_BITS = 16;
    /// @dev Bytes of an entry, and of one that quality follows.
    uint256 internal constant LENGTH = 24;
    uint256 internal constant LENGTH_WITH_QUALITY = 34;
    /// @dev Every bit of the five lanes of values.
    uint136 internal constant ALL_VALUES = uint136((1 << (LANES * VALUE_BITS)) - 1);

    function pack(uint256 group, uint256 flags, uint256 asOf, uint256 values_) internal pure returns (bytes memory) {
        return abi.encodePacked(uint16(group), uint8(flags), uint32(asOf), uint136(values_));
    }

    /// @dev One lane of the values, cut to the bits it has.
    function values(uint256 lane, uint256 initial, uint256 target) internal pure returns (uint256) {
        uint256 both = target % (1 << TARGET_BITS) | initial % (1 << INITIAL_BITS) << TARGET_BITS;
        return both << (lane * VALUE_BITS);
    }

    /// @dev One lane of the quality.
    function quality(uint256 lane, uint256 sources, uint256 confidence) internal pure returns (uint80) {
        return uint80((sources | confidence << SOURCE_BITS) << (lane * QUALITY_BITS));
    }

    /// @dev The entry as it lies on the stack: its first 24 bytes from the top; below them, zeros.
    function onStack(uint256 group, uint256 flags, uint256 values_) internal pure returns (uint256) {
        return uint256(bytes32(pack(group, flags, 0, values_)));
    }

    /// @dev Group, flags and length of the entry at a place of these bytes.
    function read(bytes memory entries, uint256 offset)
        internal
        pure
        returns (uint256 group, uint256 flags, uint256 length)
    {
        group = uint256(uint8(entries[offset])) << 8 | uint8(entries[offset + 1]);
        flags = uint8(entries[offset + 2]);
        length = flags & QUALITY_FOLLOWS != 0 ? LENGTH_WITH_QUALITY : LENGTH;
    }
}

/// @dev Builds and reads the stored word of a group. The layout is written here a second time, after Group.sol.
library GroupWords {
    uint256 private constant LANE_BITS = 41;
    uint256 private constant VALUES_BITS = 40;
    uint256 private constant TARGET = 13;
    uint256 private constant INITIAL = 26;
    uint256 private constant SPENT = 242;
    uint256 private constant SPENT_BITS = 8;

    /// @dev The three values of a lane, without the bit that says that it has a clock of its own.
    function values(uint256 initial, uint256 target, uint256 maintenance) internal pure returns (uint256) {
        return maintenance | target << TARGET | initial << INITIAL;
    }

    /// @dev This value in a lane, all other lanes 0.
    function inLane(uint256 lane, uint256 value) internal pure returns (uint256) {
        return value << (lane * LANE_BITS);
    }

    /// @dev The highest bit of a lane, where its own-clock bit is and where a subtraction borrows.
    function guard(uint256 lane) internal pure returns (uint256) {
        return inLane(lane, 1 << VALUES_BITS);
    }

    function valuesOf(uint256 word, uint256 lane) internal pure returns (uint256) {
        return word >> (lane * LANE_BITS) & ((1 << VALUES_BITS) - 1);
    }

    /// @dev All of a lane, with its own-clock bit.
    function laneOf(uint256 word, uint256 lane) internal pure returns (uint256) {
        return word >> (lane * LANE_BITS) & ((1 << LANE_BITS) - 1);
    }

    function withValues(uint256 word, uint256 lane, uint256 next) internal pure returns (uint256) {
        return word - inLane(lane, valuesOf(word, lane)) + inLane(lane, next);
    }

    /// @dev What lies above the lanes: the header.
    function header(uint256 word) internal pure returns (uint256) {
        return word >> (LANES * LANE_BITS);
    }

    function spent(uint256 amount) internal pure returns (uint256) {
        return amount << SPENT;
    }

    function withSpent(uint256 word, uint256 amount) internal pure returns (uint256) {
        return (word & ~spent((1 << SPENT_BITS) - 1)) | spent(amount);
    }
}

/// @dev Slots of the contract's storage that tests read or set by hand, and what is in them (contracts/STORAGE.md).
library Slots {
    bytes32 internal constant CONTRACT_WIDE = bytes32(uint256(0));
    bytes32 internal constant COUNTS = bytes32(uint256(1));
    uint256 private constant LAST_KEEPER = 145;
    uint256 private constant LAST_ID = 16;

    /// @dev The low bits of the keeper granted last, in the word of the contract-wide state.
    function lastKeeper(bytes32 word) internal pure returns (uint256) {
        return uint256(word) >> LAST_KEEPER;
    }

    /// @dev How many groups there are, and the last market id in use.
    function counts(uint256 groups, uint256 lastId) internal pure returns (bytes32) {
        return bytes32(groups | lastId << LAST_ID);
    }
}
