// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title What a read costs a contract that makes it: once with nothing touched before, once again.
/// @notice Warning: for measurements only.
contract GasMeter {
    error ReadFailed(bytes data);

    function measure(address target, bytes calldata data) external view returns (uint256 cold, uint256 warm) {
        cold = _once(target, data);
        warm = _once(target, data);
    }

    function _once(address target, bytes memory data) private view returns (uint256 used) {
        uint256 before = gasleft();
        (bool ok,) = target.staticcall(data);
        used = before - gasleft();
        if (!ok) revert ReadFailed(data);
    }
}
