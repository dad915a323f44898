// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterTypes as Types} from "../../../contracts/interfaces/IParameterTypes.sol";
import {MockSequencerFeed} from "../../mocks/MockSequencerFeed.sol";
import {Handler} from "./Handler.sol";

/// @dev The same world on a rollup, whose sequencer now and then is down.
contract RollupHandler is Handler {
    uint256 private constant GRACE = 20 minutes;
    /// @dev Two rounds an outage; with the first, as many as the contract looks back on.
    uint256 private constant OUTAGES = 7;

    MockSequencerFeed private _feed;
    uint256 public outages;
    /// @dev Markets that were on their way when an outage began.
    uint256 public stopped;

    function sequencerValues() internal override returns (Types.SequencerValues memory) {
        if (address(_feed) == address(0)) _feed = new MockSequencerFeed();
        return Types.SequencerValues(address(_feed), uint32(GRACE));
    }

    /// @notice Down for a while, with the keys at work, and up again.
    function theSequencerIsDown(uint256 seed) external present {
        if (outages == OUTAGES) return;
        ++outages;
        reports(false);
        stands(bound(seed >> 8, 1, 2 hours));
        this.aDoorMovesALittle(seed >> 16);
        stands(bound(seed >> 24, 1, 2 hours));
        reports(true);
        stands(GRACE);
    }

    function reports(bool up) private {
        View memory before = look();
        _feed.set(up);
        judge(before, look(), address(0));
    }

    function stands(uint256 duration) private {
        View memory before = look();
        pass(duration);
        View memory now_ = look();
        judgeTime(before, now_, duration);
        openBlock();
        for (uint256 i; i < WATCHED; ++i) {
            bool still = before.reads[i].maintenanceBps == now_.reads[i].maintenanceBps;
            holds(still, "I21: while the sequencer is down, in its grace, or nothing is known, maintenance stands");
            if (now_.states[i].maintenanceTargetBps != now_.reads[i].maintenanceBps) ++stopped;
        }
    }
}
