// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Assertions} from "../support/Assertions.sol";
import {Handler} from "./Handler.sol";
import {RollupHandler} from "./RollupHandler.sol";

/// @dev After any sequence of anybody's actions, contracts/INVARIANTS.md holds.
contract InvariantsTest is Assertions {
    Handler private handler;

    function setUp() public {
        handler = new Handler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev A fuzzer whose every call is refused proves nothing, so a fixed run has to move something.
    function test_the_handler_is_not_only_refused() public {
        for (uint256 i; i < 60; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            handler.timeGoesBy(seed);
            handler.aDoorMovesALittle(seed);
            handler.thiefLoosens(seed);
            if (i % 10 == 0) handler.thiefTightens(seed);
            if (i % 7 == 0) handler.anybodySetsLimits(seed);
            if (i % 5 == 0) handler.anybodyOverrides(seed);
            if (i % 6 == 0) handler.anybodySetsAMode(seed);
            if (i % 11 == 0) handler.anybodySetsTheAggregateAndTheBreaker(seed << 3);
        }
        isTrue(handler.applied() > 60, "more than one market a round is written");
        isTrue(bytes(handler.broken()).length == 0, handler.broken());
        handler.soundness();
        handler.tighteningLiveness();
    }

    /// @dev One campaign for all of them: each sentence is judged after every call.
    function invariant_every_sentence_of_INVARIANTS_md_holds_after_any_action_and_any_time() public {
        isTrue(bytes(handler.broken()).length == 0, handler.broken());
        handler.soundness();
        handler.tighteningLiveness();
    }
}

/// @dev The same on a rollup.
contract RollupInvariantsTest is Assertions {
    RollupHandler private handler;

    function setUp() public {
        handler = new RollupHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function test_outages_stop_markets_on_their_way() public {
        for (uint256 i; i < 12; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            handler.aDoorMovesALittle(seed);
            handler.thiefTightens(seed >> 1);
            handler.timeGoesBy(seed | 1);
            handler.theSequencerIsDown(seed);
        }
        isTrue(handler.stopped() > 20, "maintenance was under way");
        isTrue(bytes(handler.broken()).length == 0, handler.broken());
        handler.soundness();
        handler.tighteningLiveness();
    }

    function invariant_no_outage_broke_a_sentence_of_INVARIANTS_md() public view {
        isTrue(bytes(handler.broken()).length == 0, handler.broken());
    }
}
