// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterTypes as Types} from "../../contracts/interfaces/IParameterTypes.sol";
import {vm} from "./support/Vm.sol";
import {ParametersTest} from "./support/ParametersWorld.sol";

/// @dev The most a stolen key can do, in closed form, against adversaries that take all they are given.
contract DamageTest is ParametersTest {
    uint256[3] private spans = [uint256(1 hours), 24 hours, 72 hours];

    function setUp() public override {
        super.setUp();
        vm.prank(GOVERNANCE);
        parameters.setAggregateBudget(type(uint24).max, type(uint24).max);
    }

    /// @dev Windows of 8 hours that a span can touch at worst, each worth a quarter of the daily budget.
    function loosenedAtMost(uint256 span, uint256 budget) private pure returns (uint256) {
        return (span / WINDOW + (span % WINDOW == 0 ? 1 : 2)) * budget / 4;
    }

    /// @dev Ticks that a span can contain at worst, on the minute.
    function movedAtMost(uint256 span, uint256 speed) private pure returns (uint256) {
        return (speed * (span / 60) + 1_439) / 1_440;
    }

    function test_the_closed_form_in_numbers() public pure {
        equal(loosenedAtMost(1 hours, 200), 100, "1 h over the end of a window: two quarters");
        equal(loosenedAtMost(24 hours, 200), 200, "24 h touch four windows: the daily budget, exactly");
        equal(loosenedAtMost(72 hours, 200), 500, "72 h: ten windows");
        equal(loosenedAtMost(24 hours, 400), 400, "the quorum's daily budget");
        equal(movedAtMost(1 hours, 150), 7, "6.25 bp, and a tick that was under way");
        equal(movedAtMost(24 hours, 150), 150, "a day's speed");
        equal(movedAtMost(72 hours, 150), 450, "three days'");
        equal(movedAtMost(24 hours, 50), 50, "a day's loosening");
    }

    function test_a_stolen_hot_key_loosens_the_closed_form_and_no_more() public {
        for (uint256 i; i < 3; ++i) worstStart(spans[i], false, 200);
    }

    function test_a_stolen_quorum_loosens_the_closed_form_and_no_more() public {
        for (uint256 i; i < 3; ++i) worstStart(spans[i], true, 400);
    }

    /// @dev Every start on a grid of minutes around the end of a window; the worst of them is the closed form.
    function worstStart(uint256 span, bool quorum, uint256 budget) private {
        uint256 worst;
        uint256[5] memory before = [uint256(1), 1 minutes, 30 minutes, 4 hours, 8 hours];
        for (uint256 i; i < 5; ++i) {
            // A fresh week, all of it open, initial high enough to fall.
            uint256 end = (clock - EPOCH) / WINDOW * WINDOW + EPOCH + 3 * WINDOW;
            pass(end - before[i] - clock - 60);
            send(change(1, 9_000, 1_800));
            pass(60);
            uint256 stolen = steal(span, quorum);
            atMost(stolen, loosenedAtMost(span, budget), "I14: a stolen key loosens at most the closed form");
            if (stolen > worst) worst = stolen;
        }
        equal(worst, loosenedAtMost(span, budget), "I14: and the closed form is reached to the basis point");
    }

    /// @dev Takes whatever the preview offers, at the start, at each new window and at the very end.
    function steal(uint256 span, bool quorum) private returns (uint256) {
        uint256 end = clock + span;
        while (true) {
            greedy(quorum);
            if (clock == end) break;
            uint256 next = (clock - EPOCH) / WINDOW * WINDOW + WINDOW + EPOCH;
            uint256 step = next > end ? end - clock : next - clock;
            pass(step);
        }
        return 9_000 - parameters.marketState(1).initialBps;
    }

    function greedy(bool quorum) private {
        for (uint256 i; i < 4; ++i) {
            Types.MarketUpdate memory most = restate(1);
            most.initialBps -= quorum ? 200 : 80;
            (Types.SkipReason reason,, uint256 allowed) = parameters.previewUpdate(most, quorum);
            if (reason == Types.SkipReason.LOOSENING_BUDGET_SPENT) most.initialBps = uint16(allowed);
            else if (reason != Types.SkipReason.NONE) return;
            if (quorum) sendByQuorum(entry(most));
            else send(most);
            // The same minute takes no second loosening.
            if (allowed == 0 || clock % 60 != 0) return;
        }
    }

    function test_a_thief_who_wants_liquidations_gets_the_tightening_speed_and_no_more() public {
        send(change(1, 9_000, 8_000));
        for (uint256 i; i < 72; ++i) {
            pass(1 hours);
            send(change(1, 9_000, 8_000));
            uint256 span = (i + 1) * 1 hours;
            uint256 moved = maintenanceOf(1) - 1_800;
            atMost(moved, movedAtMost(span, 150), "I14: maintenance tightens at most by its clock");
            if (span == 24 hours) equal(moved, 150, "24 h: 150 bp");
        }
        equal(maintenanceOf(1), 1_800 + 450, "72 h: 450 bp, exactly");
    }

    function test_a_thief_who_loosens_maintenance_gets_its_speed_and_no_more() public {
        for (uint256 i; i < 72; ++i) {
            uint256 target = parameters.marketState(1).maintenanceTargetBps;
            send(change(1, 2_200, target < 780 ? 700 : target - 80));
            pass(1 hours);
        }
        equal(maintenanceOf(1), 1_800 - 150, "72 h: 150 bp, exactly");
    }

    function test_a_stolen_hot_key_over_all_markets_stops_at_the_aggregate_budget() public {
        vm.prank(GOVERNANCE);
        parameters.setAggregateBudget(120, 240);
        send(bytes.concat(whole(0, -50, 0), whole(1, -50, 0), whole(2, -100, 0)));
        equal(parameters.door().spentBps, 100, "two markets of 50, the third trips");
        isTrue(parameters.door().tightenOnly, "and then nothing loosens until governance says so");
        pass(30 days);
        equal(uint256(reasonOf(change(1, 2_149, 1_800))), uint256(Types.SkipReason.TIGHTEN_ONLY), "nor a month later");
    }

    function test_a_stolen_guardian_key_closes_each_market_for_72_of_96_hours_and_loosens_nothing() public {
        uint256 closed;
        for (uint256 hour; hour < 192; ++hour) {
            vm.prank(GUARDIAN);
            try parameters.setMode(1, Types.Mode.FROZEN) {} catch {}
            if (parameters.haircuts(1).mode != Types.Mode.NORMAL) ++closed;
            isTrue(initialOf(1) >= 2_200 && maintenanceOf(1) == 1_800, "I14: a guardian loosens and moves nothing");
            pass(1 hours);
        }
        equal(closed, 144, "I14: 72 hours of every 96, exactly");
    }

    function test_a_guardian_stops_the_thief() public {
        send(change(1, 9_000, 8_000));
        pass(1 hours);
        uint256 held = maintenanceOf(1);
        setMode(1, Types.Mode.FROZEN, GUARDIAN);
        for (uint256 i; i < 24; ++i) {
            pass(1 hours);
            send(change(1, 9_000, 8_000));
        }
        equal(maintenanceOf(1), held, "frozen, the thief moves no open position");
        equal(initialOf(1), 10_000, "and opens no new one");
    }

    /// @dev The guardian tries at every hour of forty days, the challenger has its proof at some.
    function test_a_guardian_closes_72_of_96_hours_at_most_whatever_challenges_come_between() public {
        uint256 last;
        uint256 closings;
        for (uint256 hour; hour < 960; ++hour) {
            uint256 was = parameters.marketState(1).modeUntil;
            try this.tryMode(Types.Mode.FROZEN, GUARDIAN) {} catch {}
            if (parameters.marketState(1).modeUntil > was) {
                isTrue(closings == 0 || clock >= last + 96 hours, "I14: 72 of every 96 hours");
                (last, closings) = (clock, closings + 1);
            }
            if (uint256(keccak256(abi.encode(hour))) % 29 == 0) {
                try this.tryMode(Types.Mode.NO_NEW_RISK, CHALLENGER) {} catch {}
            }
            pass(1 hours);
        }
        isTrue(closings > 4, "and it closes as often as that");
    }

    function tryMode(Types.Mode mode, address caller) external {
        setMode(1, mode, caller);
    }
}
