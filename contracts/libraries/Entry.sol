// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev The updates of up to five markets, all of one group, as they stand in a batch.
type Entry is uint256;

using EntryLayout for Entry global;

/// @title How a batch packs its markets.
/// @dev Bytes: 2 group; 1 flags (bits 0 to 4: which lanes are named; bit 5: quality follows; others 0); 4 asOf in
/// seconds, the oldest datum behind any lane named; 17 values, five lanes of 27 bits from the lowest, each 13 target
/// and 14 initial, the lanes not named 0; then, if quality follows, 10 quality, five lanes of 16 bits from the lowest,
/// each 11 sources and 5 confidence. On the stack: the first 24 bytes, and 8 of what comes after them.
library EntryLayout {
    /// @dev The last group whose five market ids fit 16 bits.
    uint256 internal constant LAST_GROUP = 13_106;

    /// @notice The quality of the five lanes, from the entry at this place of the calldata.
    function qualityAt(uint256 place) internal pure returns (uint256 quality) {
        assembly {
            quality := shr(176, calldataload(add(place, 24)))
        }
    }

    function group(Entry entry) internal pure returns (uint256 value) {
        assembly {
            value := shr(240, entry)
        }
    }

    /// @notice Bit i set: lane i is named.
    function named(Entry entry) internal pure returns (uint256 value) {
        assembly {
            value := and(byte(2, entry), 0x1f)
        }
    }

    function asOf(Entry entry) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(200, entry), 0xffffffff)
        }
    }

    function target(Entry entry, uint256 index) internal pure returns (uint256) {
        unchecked {
            return (Entry.unwrap(entry) >> (64 + index * 27)) & 0x1fff;
        }
    }

    function initial(Entry entry, uint256 index) internal pure returns (uint256) {
        unchecked {
            return (Entry.unwrap(entry) >> (77 + index * 27)) & 0x3fff;
        }
    }
}
