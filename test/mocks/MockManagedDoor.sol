// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

/// @title An address that passes on what its access manager allows, as Aave v4's configurators take calls.
/// @notice Warning: for tests only.
contract MockManagedDoor is AccessManaged {
    address private immutable _to;

    constructor(address manager, address to) AccessManaged(manager) {
        _to = to;
    }

    fallback() external restricted {
        (bool ok, bytes memory data) = _to.call(msg.data);
        assembly ("memory-safe") {
            switch ok
            case 0 { revert(add(data, 32), mload(data)) }
            default { return(add(data, 32), mload(data)) }
        }
    }
}
