// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterTypes} from "../interfaces/IParameterTypes.sol";

/// @dev What every batch reads and writes once: its place in the order, and the budget over all markets.
type DoorWord is uint256;

using DoorLayout for DoorWord global;

/// @title The layout of the door.
/// @dev Bits, from the lowest: 40 sequence; 16 generation; 16 window of `spent`; 24 spent; 24 and 24 aggregate
/// budget of a window for the hot key and for the quorum (basis points, summed over markets); 1 tightenOnly; 111 the low
/// bits of the keeper granted last, 0 when its role has gone. To pass as another address takes 2^111 tries.
library DoorLayout {
    uint256 private constant KEEPER = 145;

    /// @notice This door with another state.
    function withState(DoorWord word, IParameterTypes.DoorState memory door) internal pure returns (DoorWord) {
        return DoorWord.wrap(
            (DoorWord.unwrap(word) >> KEEPER) << KEEPER | uint256(door.sequence) | uint256(door.generation) << 40 | uint256(door.window) << 56
                | uint256(door.spentBps) << 72 | uint256(door.aggregateBps) << 96
                | uint256(door.quorumAggregateBps) << 120 | (door.tightenOnly ? 1 << 144 : 0)
        );
    }

    function sequence(DoorWord word) internal pure returns (uint256 value) {
        assembly {
            value := and(word, 0xffffffffff)
        }
    }

    function generation(DoorWord word) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(40, word), 0xffff)
        }
    }

    /// @notice Loosened so far in the word's window, summed over markets.
    function spent(DoorWord word) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(72, word), 0xffffff)
        }
    }

    /// @notice Aggregate budget of a window, for the quorum or for the hot key.
    function aggregate(DoorWord word, bool quorum) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(add(96, mul(24, quorum)), word), 0xffffff)
        }
    }

    function tightenOnly(DoorWord word) internal pure returns (bool value) {
        assembly {
            value := and(shr(144, word), 1)
        }
    }

    /// @notice Whether this is the keeper granted last. False for a keeper granted before it.
    function isLastKeeper(DoorWord word, address account) internal pure returns (bool known) {
        assembly {
            let tag := shr(145, word)
            known := mul(tag, eq(tag, shr(145, shl(145, account))))
            known := iszero(iszero(known))
        }
    }

    /// @notice This door with another keeper granted last, or none.
    function withLastKeeper(DoorWord word, address account) internal pure returns (DoorWord) {
        uint256 state = DoorWord.unwrap(word) & ((1 << KEEPER) - 1);
        return DoorWord.wrap(state | uint256(uint160(account)) << KEEPER);
    }

    /// @notice This door for the batch of a number and a window, of which nothing is spent yet unless it is the word's.
    function at(DoorWord word, uint256 sequence_, uint256 window) internal pure returns (DoorWord next) {
        assembly {
            let spent_ := and(word, shl(72, 0xffffff))
            if xor(and(shr(56, word), 0xffff), window) { spent_ := 0 }
            next := and(word, not(or(0xffffffffff, shl(56, 0xffffffffff))))
            next := or(or(next, spent_), or(sequence_, shl(56, window)))
        }
    }

    /// @notice This door with more spent, no more than fits: an aggregate budget has the same 24 bits.
    function spending(DoorWord word, uint256 more) internal pure returns (DoorWord next) {
        assembly {
            next := add(word, shl(72, more))
        }
    }

    /// @notice This door with the breaker tripped.
    function tripped(DoorWord word) internal pure returns (DoorWord next) {
        assembly {
            next := or(word, shl(144, 1))
        }
    }

    function unpack(DoorWord word) internal pure returns (IParameterTypes.DoorState memory door) {
        uint256 bits = DoorWord.unwrap(word);
        door.sequence = uint40(bits);
        door.generation = uint16(bits >> 40);
        door.window = uint16(bits >> 56);
        door.spentBps = uint24(bits >> 72);
        door.aggregateBps = uint24(bits >> 96);
        door.quorumAggregateBps = uint24(bits >> 120);
        door.tightenOnly = word.tightenOnly();
    }
}
