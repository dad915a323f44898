// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralParameters as Params} from "../../contracts/interfaces/ICollateralParameters.sol";
import {WorldTest} from "./support/WorldTest.sol";

contract MaintenanceTest is WorldTest {
    function test_maintenance_tightens_at_its_speed_and_stops_at_its_target() public {
        send(change(1, 9_000, 1_850));
        pass(4 hours);
        equal(nanoOf(1), 1_825e9, "150 bp a day is 25 bp in 4 h");
        pass(2 hours);
        send(restate(1));
        pass(2 hours);
        equal(nanoOf(1), 1_850e9, "the target is reached after 8 h");
        pass(3 hours);
        equal(nanoOf(1), 1_850e9, "and not passed");
    }

    function test_maintenance_loosens_at_its_own_speed() public {
        send(change(1, 2_200, 1_720));
        pass(6 hours);
        equal(nanoOf(1), 1_787_500_000_000, "50 bp a day is 12.5 bp in 6 h");
        passAlive(3 days);
        equal(nanoOf(1), 1_720e9, "the target is reached and not passed");
    }

    function test_pushing_the_same_target_a_thousand_times_changes_nothing() public {
        send(change(1, 9_000, 8_000));
        send(change(2, 9_000, 8_000));
        for (uint256 i; i < 1_000; ++i) {
            pass(17);
            send(restate(1));
        }
        uint256 once = nanoOf(2);
        equal(once, 1_800e9 + uint256(150e9) * 17_000 / 86_400, "one push covers the distance of its time");
        atMost(nanoOf(1), once, "a thousand pushes are not faster than one");
        atMost(once - nanoOf(1), 1_000, "and slower by less than one nanoBps each");
    }

    function test_thirty_days_of_silence_liquidate_nobody() public {
        send(change(1, 9_000, 8_000));
        pass(6 hours);
        uint256 atSilence = nanoOf(1);
        equal(atSilence, 1_837_500_000_000, "6 h of ttl at 150 bp a day");
        pass(30 days);
        equal(nanoOf(1), atSilence, "maintenance stops when the data is older than the ttl");
        equal(initialOf(1), 10_000, "initial tightens to its cap");
        send(restate(1));
        equal(nanoOf(1), atSilence, "the keeper's return moves nothing in its block");
        pass(4 hours);
        equal(nanoOf(1), atSilence + 25e9, "and maintenance goes on from where it stood");
    }

    function test_frozen_holds_maintenance_and_unfreezing_does_not_jump() public {
        send(change(1, 9_000, 8_000));
        pass(4 hours);
        setMode(1, Params.Mode.FROZEN);
        equal(nanoOf(1), 1_825e9, "freezing moves nothing");
        pass(1 hours);
        equal(nanoOf(1), 1_825e9, "frozen holds still");
        send(restate(1));
        pass(5 hours);
        equal(nanoOf(1), 1_825e9, "an update does not thaw it");
        setMode(1, Params.Mode.NORMAL);
        equal(nanoOf(1), 1_825e9, "unfreezing does not make up for lost time");
        pass(1 hours);
        equal(nanoOf(1), 1_831_250_000_000, "and goes on at its speed");
    }

    function test_no_new_risk_lets_maintenance_go_on() public {
        send(change(1, 9_000, 8_000));
        setMode(1, Params.Mode.NO_NEW_RISK);
        pass(4 hours);
        equal(nanoOf(1), 1_825e9, "NO_NEW_RISK does not stop maintenance");
    }

    function test_new_speeds_and_ttl_do_not_move_maintenance_in_their_block() public {
        send(change(1, 9_000, 8_000));
        pass(4 hours);
        Params.Limits memory limits = calmLimits();
        limits.tightenSpeedBpsPerDay = 1_440;
        setLimits(1, limits);
        equal(nanoOf(1), 1_825e9, "a new speed counts from now on, not from the last write");
        pass(1 hours);
        equal(nanoOf(1), 1_885e9, "60 bp an hour");
        pass(10 hours);
        uint256 silent = nanoOf(1);
        limits.ttlSeconds = 30 days;
        setLimits(1, limits);
        equal(nanoOf(1), silent, "a longer ttl does not make up for the silence");
        pass(1 hours);
        equal(nanoOf(1), silent + 60e9, "but ends it");
    }

    /// @dev Any sequence of targets, times, modes and silences.
    function test_fuzz_maintenance_never_outruns_its_speed(uint256 seed) public {
        for (uint256 i; i < 30; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 before = nanoOf(1);
            uint256 elapsed = bound(seed, 1, seed % 4 == 0 ? 3 days : 3 hours);
            pass(elapsed);
            uint256 after_ = nanoOf(1);
            // Both ends are rounded to the nanoBps, so their difference may be one more.
            if (after_ >= before) {
                uint256 most = 150e9 * elapsed + 86_400;
                atMost((after_ - before) * 86_400, most, "I2: maintenance tightens at most at its speed");
            } else {
                uint256 most = 50e9 * elapsed + 86_400;
                atMost((before - after_) * 86_400, most, "I2: maintenance loosens at most at its speed");
            }
            act(seed >> 64);
            equal(nanoOf(1), after_, "I3: no call moves effective maintenance in its own block");
        }
    }

    function act(uint256 seed) private {
        uint16 target = parameters.marketState(1).maintenanceTargetBps;
        if (seed % 6 == 0) return setMode(1, Params.Mode(seed / 6 % 3));
        if (seed % 6 == 1) return setLimits(1, calmLimits());
        target = seed % 2 == 0 ? uint16(bound(seed >> 8, target, 8_500)) : target - uint16(bound(seed >> 8, 0, 80));
        Params.MarketUpdate memory next = change(1, 9_000, target);
        (Params.SkipReason reason,,) = parameters.previewUpdate(next);
        if (reason == Params.SkipReason.NONE) send(next);
    }

    /// @dev Two markets with the same target: one is settled at every step, the other only at the end.
    function test_fuzz_settling_often_is_never_faster_and_loses_less_than_a_nanoBps_each(uint256 seed) public {
        bool tighten = seed % 2 == 0;
        for (uint16 id = 1; id <= 2; ++id) send(change(id, 9_000, tighten ? 8_500 : 1_720));
        uint256 n = bound(seed >> 8, 1, 60);
        for (uint256 i; i < n; ++i) {
            pass(bound(uint256(keccak256(abi.encode(seed, i))), 1, 5 hours / n));
            send(restate(1));
        }
        (uint256 often, uint256 once) = (nanoOf(1), nanoOf(2));
        uint256 short_ = tighten ? once - often : often - once;
        atMost(short_, n, "n settlements lose less than n nanoBps and never gain one");
    }
}
