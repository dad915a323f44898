// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ConsumerReads} from "../../contracts/core/ConsumerReads.sol";
import {MarketBook} from "../../contracts/core/MarketBook.sol";
import {Group} from "../../contracts/libraries/Group.sol";
import {Sequencer} from "../../contracts/libraries/Sequencer.sol";
import {minuteOf} from "../../contracts/libraries/Units.sol";

/// @title A parameter contract with a bug: a write that no check has seen.
/// @notice Its code is put in the place of a real one, over its storage: what then still stands between the bug and
/// consumers is the one `_write` and its post-condition.
/// @dev Warning: for tests only. Any step of the first lane is allowed.
contract IncidentStore is ConsumerReads {
    uint256 private constant FIRST_LANE = 1 << 40;
    uint256 private constant ANY_STEP = 0x3fff;

    error NotHere();

    constructor(uint256 profiles_) MarketBook(profiles_, Sequencer.wrap(0)) {}

    /// @notice The group's slot as stored.
    function word(uint16 group) external view returns (uint256) {
        return Group.unwrap(_groups[group]);
    }

    /// @notice Writes a group's slot past every check but the last.
    function storeUnchecked(uint16 group, uint256 next) external {
        Group before = _groups[group];
        uint256 minute = minuteOf(block.timestamp);
        _write(group, before, Group.wrap(next), FIRST_LANE, _classes[before.class()], ANY_STEP, minute);
    }

    function update(Batch calldata) external pure {
        revert NotHere();
    }

    function updateByQuorum(Batch calldata) external pure {
        revert NotHere();
    }

    function module() external pure returns (address) {
        revert NotHere();
    }
}
