// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Makes many static calls as one and returns what each of them returned.
/// @notice Nobody deploys it: the keeper hands this code to the node beside an `eth_call` (a state override), so it runs on every
/// chain and no address has to be trusted.
/// @dev Input, for each call: address (20 bytes), length (2), data. Output, for each call: 1 if it succeeded and else 0 (1 byte),
/// length (3), return data. Of a call that failed nothing is returned: it may have had too little gas here, so it is asked alone.
contract Gather {
    fallback() external {
        assembly ("memory-safe") {
            let start := mload(0x40)
            let out := start
            for { let at := 0 } lt(at, calldatasize()) {} {
                let head := calldataload(at)
                let size := and(shr(80, head), 0xffff)
                at := add(at, 22)
                calldatacopy(out, at, size)
                at := add(at, size)
                let done := staticcall(gas(), shr(96, head), out, size, 0, 0)
                let given := mul(done, returndatasize())
                mstore(out, or(shl(248, done), shl(224, given)))
                out := add(out, 4)
                returndatacopy(out, 0, given)
                out := add(out, given)
            }
            return(start, sub(out, start))
        }
    }
}
