// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralParameters as Params} from "../../contracts/interfaces/ICollateralParameters.sol";
import {WorldTest} from "./support/WorldTest.sol";

/// @dev The most a stolen keeper key can do, in closed form, against an adversary that takes all it is given.
contract StolenKeyTest is WorldTest {
    /// @dev Initial: half of the daily budget at once, half of it more each day. Maintenance: speed times time.
    function bounds(uint256 time)
        private
        pure
        returns (uint256 initialBps, uint256 loosenedNanoBps, uint256 tightenedNanoBps)
    {
        Params.Limits memory limits = calmLimits();
        initialBps = uint256(limits.looseningBudgetBpsPerDay) * (1 days + time) / 2 days;
        loosenedNanoBps = uint256(limits.loosenSpeedBpsPerDay) * 1e9 * time / 1 days;
        tightenedNanoBps = uint256(limits.tightenSpeedBpsPerDay) * 1e9 * time / 1 days;
    }

    function test_the_closed_form_in_numbers() public pure {
        (uint256 initial, uint256 loosened, uint256 tightened) = bounds(1 hours);
        equal(initial, 104, "1 h: 100 bp and a twenty-fourth of 100 bp");
        equal(loosened, 2_083_333_333, "1 h: 2.08 bp");
        equal(tightened, 6_250_000_000, "1 h: 6.25 bp");
        (initial, loosened, tightened) = bounds(24 hours);
        equal(initial, 200, "24 h: the daily budget");
        equal(tightened, 150e9, "24 h: 150 bp");
        (initial, loosened, tightened) = bounds(72 hours);
        equal(initial, 400, "72 h");
        equal(loosened, 150e9, "72 h: 150 bp");
    }

    function test_a_greedy_thief_loosens_the_closed_form_to_a_basis_point() public {
        send(change(1, 5_000, 1_800));
        uint256 nanoBefore = nanoOf(1);
        pass(1);
        uint256 start = clock;
        steal();
        uint256[3] memory hoursOf = [uint256(1), 24, 72];
        for (uint256 i; i < 3; ++i) {
            while (clock < start + hoursOf[i] * 1 hours) {
                pass(5 minutes);
                steal();
            }
            (uint256 initial, uint256 loosened,) = bounds(hoursOf[i] * 1 hours);
            uint256 stolen = 5_000 - parameters.marketState(1).initialBps;
            atMost(stolen, initial, "I14: the thief loosened initial by at most the closed form");
            atMost(initial, stolen + 1, "and the closed form is tight to one basis point");
            atMost(nanoBefore - nanoOf(1), loosened + 1, "I14: maintenance loosened at most by its speed");
            atMost(loosened, nanoBefore - nanoOf(1) + 1_000, "and the bound is tight to a millionth of a bp");
        }
    }

    function test_a_thief_who_wants_liquidations_gets_the_tightening_speed_and_no_more() public {
        uint256 nanoBefore = nanoOf(1);
        send(change(1, 9_000, 8_500));
        for (uint256 i; i < 72; ++i) {
            pass(1 hours);
            send(restate(1));
        }
        (,, uint256 tightened) = bounds(72 hours);
        equal(nanoOf(1) - nanoBefore, tightened, "I14: maintenance tightened exactly by its speed");
    }

    function test_a_guardian_stops_the_thief() public {
        send(change(1, 9_000, 8_500));
        pass(1 hours);
        uint256 held = nanoOf(1);
        setMode(1, Params.Mode.FROZEN);
        for (uint256 i; i < 24; ++i) {
            pass(1 hours);
            send(restate(1));
        }
        equal(nanoOf(1), held, "frozen, the thief moves no open position");
        equal(initialOf(1), 10_000, "and opens no new one");
    }

    function steal() private {
        uint16 stored = parameters.marketState(1).initialBps;
        uint16 target = parameters.marketState(1).maintenanceTargetBps;
        Params.MarketUpdate memory most = change(1, stored - 80, target < 580 ? 500 : target - 80);
        for (uint256 i; i < 3; ++i) {
            (Params.SkipReason reason, uint256 given, uint256 allowed) = parameters.previewUpdate(most);
            if (reason == Params.SkipReason.NONE) return send(most);
            if (given == most.initialBps) most.initialBps = uint16(allowed);
            else most.maintenanceTargetBps = uint16(allowed);
        }
    }
}
