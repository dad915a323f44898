// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {World} from "./World.sol";

/// @dev A test that starts in the calm world.
abstract contract WorldTest is World {
    function setUp() public virtual {
        world();
    }
}
