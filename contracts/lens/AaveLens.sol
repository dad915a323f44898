// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Reads what many accounts have and owe in an Aave v3 pool in one call.
/// @notice Nobody deploys it: like `Gather`, its code is handed to the node beside an `eth_call`.
/// @dev Input: pool (20 bytes), number of reserves (2), for each by its id: aToken and variable debt token (20 each; zero for one
/// that was dropped), then the accounts (20 each). Output, for each account: its configuration (32), its e-mode (1), and for each
/// reserve by its id, if it is collateral: scaled balance of the aToken (16), if it is borrowed: of the debt token (16). Reverts when any
/// answer fails, is short or does not fit: the asker then asks for fewer accounts, down to the one that is the cause.
contract AaveLens {
    fallback() external {
        assembly ("memory-safe") {
            function ask(to, selector, account) -> word {
                mstore(0, shl(224, selector))
                mstore(4, account)
                let done := staticcall(gas(), to, 0, 36, 0, 32)
                if or(iszero(done), lt(returndatasize(), 32)) { revert(0, 0) }
                word := mload(0)
            }
            function give(into, at, account) -> next {
                let token := shr(96, calldataload(at))
                let scaled := 0
                if token { scaled := ask(token, 0x1da24f3e, account) } // scaledBalanceOf(address)
                if shr(128, scaled) { revert(0, 0) }
                mstore(into, shl(128, scaled))
                next := add(into, 16)
            }
            let pool := shr(96, calldataload(0))
            let end := add(22, mul(40, shr(240, calldataload(20))))
            let start := mload(0x40)
            let out := start
            for { let at := end } lt(at, calldatasize()) { at := add(at, 20) } {
                let account := shr(96, calldataload(at))
                let flags := ask(pool, 0x4417a583, account) // getUserConfiguration(address)
                let mode := ask(pool, 0xeddf1b79, account) // getUserEMode(address)
                if shr(8, mode) { revert(0, 0) }
                mstore(out, flags)
                mstore8(add(out, 32), mode)
                out := add(out, 33)
                for { let reserve := 22 } flags { reserve := add(reserve, 40) } {
                    if iszero(lt(reserve, end)) { revert(0, 0) }
                    if and(flags, 2) { out := give(out, reserve, account) }
                    if and(flags, 1) { out := give(out, add(reserve, 20), account) }
                    flags := shr(2, flags)
                }
            }
            return(start, sub(out, start))
        }
    }
}
