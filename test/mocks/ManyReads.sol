// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev Many reads of one contract in one call, for tests that compare every read after every step.
contract ManyReads {
    bytes[] private _kept;

    /// @notice Keeps calls that are asked again and again, to be named by their place from 0.
    function keep(bytes[] calldata calls) external {
        for (uint256 i; i < calls.length; ++i) _kept.push(calls[i]);
    }

    /// @notice The answers one behind the other, of a call that reverts what it reverts with: to the kept calls at `places` (two
    /// bytes each), then to `others`, these together as their SHA-256 unless `whole`; then to the kept calls at `plain`.
    function read(address target, bytes calldata places, bytes[] calldata others, bytes calldata plain, bool whole)
        external
        view
    {
        uint256 start;
        // Far behind the calls, which are copied to memory meanwhile.
        assembly { start := add(mload(64), 65536) }
        uint256 end = _askKept(target, places, start);
        for (uint256 i; i < others.length; ++i) end = _ask(target, others[i], end);
        if (!whole) {
            assembly {
                pop(staticcall(gas(), 2, start, sub(end, start), start, 32))
                end := add(start, 32)
            }
        }
        end = _askKept(target, plain, end);
        assembly { return(start, sub(end, start)) }
    }

    function _askKept(address target, bytes calldata places, uint256 to) private view returns (uint256 end) {
        end = to;
        for (uint256 i; i < places.length; i += 2) end = _ask(target, _kept[uint16(bytes2(places[i:i + 2]))], end);
    }

    function _ask(address target, bytes memory data, uint256 to) private view returns (uint256 end) {
        assembly {
            pop(staticcall(gas(), target, add(data, 32), mload(data), 0, 0))
            returndatacopy(to, 0, returndatasize())
            end := add(to, returndatasize())
        }
    }
}
