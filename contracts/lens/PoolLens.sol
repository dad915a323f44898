// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Reads price, liquidity and every initialised tick of a Uniswap v3 pool in one call.
/// @notice Nobody deploys it: like `Gather`, its code is handed to the node beside an `eth_call`.
/// @dev Input: pool (20 bytes), tick spacing (3), first and last word of the bitmap (2 each), hash of the ticks that the asker
/// has (32). Output: square-root price, tick, liquidity (32 bytes each), 1 if the ticks differ from those and else 0 (1 byte); if
/// they differ, for each tick: index (3), net (16), gross (16). Reverts when any answer fails, is short or does not fit: the
/// asker then reads call by call, which names what is wrong.
contract PoolLens {
    fallback() external {
        assembly ("memory-safe") {
            function ask(pool, at, size, least) {
                let done := staticcall(gas(), pool, at, size, at, 64)
                if or(iszero(done), lt(returndatasize(), least)) { revert(0, 0) }
            }
            let scratch := mload(0x40)
            let head := calldataload(0)
            let pool := shr(96, head)
            let spacing := signextend(2, shr(72, head))
            let word := signextend(1, shr(56, head))
            let last := signextend(1, shr(40, head))
            let out := add(scratch, 64)

            mstore(scratch, shl(224, 0x3850c7bd)) // slot0()
            ask(pool, scratch, 4, 224)
            mstore(out, mload(scratch))
            mstore(add(out, 32), mload(add(scratch, 32)))
            mstore(scratch, shl(224, 0x1a686502)) // liquidity()
            ask(pool, scratch, 4, 32)
            mstore(add(out, 64), mload(scratch))

            let start := add(out, 97)
            let at := start
            for {} iszero(sgt(word, last)) { word := add(word, 1) } {
                mstore(scratch, shl(224, 0x5339c296)) // tickBitmap(int16)
                mstore(add(scratch, 4), word)
                ask(pool, scratch, 36, 32)
                let bits := mload(scratch)
                for { let tick := mul(shl(8, word), spacing) } bits { tick := add(tick, spacing) } {
                    if and(bits, 1) {
                        mstore(scratch, shl(224, 0xf30dba93)) // ticks(int24)
                        mstore(add(scratch, 4), tick)
                        ask(pool, scratch, 36, 256)
                        let gross := mload(scratch)
                        let net := mload(add(scratch, 32))
                        if or(shr(128, gross), xor(net, signextend(15, net))) { revert(0, 0) }
                        mstore(at, or(shl(232, tick), shr(24, shl(128, net))))
                        mstore(add(at, 19), shl(128, gross))
                        at := add(at, 35)
                    }
                    bits := shr(1, bits)
                }
            }
            let differ := iszero(eq(keccak256(start, sub(at, start)), calldataload(27)))
            mstore8(add(out, 96), differ)
            if iszero(differ) { at := start }
            return(out, sub(at, out))
        }
    }
}
