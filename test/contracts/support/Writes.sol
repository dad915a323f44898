// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Assertions} from "./Assertions.sol";
import {vm} from "./Vm.sol";

/// @dev A slot of a contract that a call changed; one written twice is there twice.
struct Change {
    bytes32 slot;
    uint256 before;
    uint256 later;
}

/// @dev Calls a contract and tells which of its words changed.
abstract contract Writes is Assertions {
    /// @dev Who may call a function; the contract under test says what it may change.
    struct Rule {
        bytes4 selector;
        string signature;
        uint256 by;
    }

    Rule[] internal rules;

    /// @dev The signature as the ABI has it: a test in TypeScript compares these with every function of the contract.
    function rule(string memory signature, uint256 by) internal {
        rules.push(Rule(bytes4(keccak256(bytes(signature))), signature, by));
    }

    /// @dev Calls and leaves what it did. Of a call that reverts, too, the words are compared.
    function changesOf(address target, address caller, bytes memory data) internal returns (bool, Change[] memory) {
        return changesIn(target, target, caller, data);
    }

    /// @dev The words that changed in another contract, `seen`.
    function changesIn(address seen, address target, address caller, bytes memory data)
        internal
        returns (bool ok, Change[] memory changes)
    {
        uint256 before = vm.snapshotState();
        vm.record();
        vm.prank(caller);
        (ok,) = target.call(data);
        (, bytes32[] memory written) = vm.accesses(seen);
        Change[] memory all = new Change[](written.length);
        for (uint256 i; i < written.length; ++i) {
            all[i] = Change(written[i], 0, uint256(vm.load(seen, written[i])));
        }
        vm.revertToState(before);
        uint256 count;
        for (uint256 i; i < all.length; ++i) {
            all[i].before = uint256(vm.load(seen, all[i].slot));
            if (all[i].before != all[i].later) ++count;
        }
        changes = new Change[](count);
        for (uint256 i; i < all.length; ++i) {
            if (all[i].before != all[i].later) changes[--count] = all[i];
        }
        vm.prank(caller);
        (bool again,) = target.call(data);
        isTrue(again == ok, "the same call does the same");
    }
}
