// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {IHaircutProbe} from "../../../contracts/interfaces/IHaircutProbe.sol";
import {IParameters} from "../../../contracts/parameters/IParameters.sol";
import {R} from "../../../contracts/parameters/Reasons.sol";
import {A, get, M} from "../../../contracts/parameters/Words.sol";
import {vm} from "../support/Vm.sol";
import {World} from "./World.sol";

/// @dev Answers as it is told; the worst ways to answer included.
contract Probe is IHaircutProbe {
    uint256 public behaviour;

    function set(uint256 behaviour_) external {
        behaviour = behaviour_;
    }

    function mayLoosen(uint16, uint16, uint16) external view returns (bool) {
        uint256 how = behaviour;
        if (how == 2) revert("no");
        if (how == 3) while (gasleft() > 0) how = 3;
        assembly {
            if eq(how, 4) { return(0, 0) }
            if eq(how, 5) {
                mstore(0, 2)
                return(0, 32)
            }
            if eq(how, 6) {
                mstore(0, 1)
                return(0, 20000)
            }
        }
        return how == 1;
    }
}

contract LooseningTest is World {
    function setUp() public {
        world();
        pass(60);
    }

    function test_a_step_of_initial_is_bounded_for_each_writer() public {
        IParameters.Limits memory limits = calm();
        (limits.hotBudgetBps, limits.quorumBudgetBps) = (255, 255);
        setLimits(0, limits);
        refused(KEEPER, entry(1, 2_319, 1_800, LIMIT), R.STEP_TOO_LARGE, "81 by the hot key");
        send(KEEPER, entry(1, 2_320, 1_800, LIMIT));
        refused(QUORUM, entry(2, 2_199, 1_800, LIMIT), R.STEP_TOO_LARGE, "201 by the quorum");
        send(QUORUM, entry(2, 2_200, 1_800, LIMIT));
    }

    function test_a_step_of_the_target_counts_from_where_maintenance_stands() public {
        refused(KEEPER, entry(1, 2_400, 1_719, LIMIT), R.STEP_TOO_LARGE, "81 by the hot key");
        send(KEEPER, entry(1, 2_400, 1_720, LIMIT));
        refused(QUORUM, entry(2, 2_400, 1_599, LIMIT), R.STEP_TOO_LARGE, "201 by the quorum");
        send(KEEPER, entry(3, 2_400, 2_100, LIMIT));
        pass(60);
        // Nothing has moved yet: all of it may be taken back at once.
        send(KEEPER, entry(3, 2_400, 1_720, LIMIT));
    }

    function test_a_step_of_the_exposure_limit_is_bounded_for_each_writer() public {
        refused(KEEPER, entry(1, 2_400, 1_800, LIMIT + 61), R.STEP_TOO_LARGE, "61 by the hot key");
        send(KEEPER, entry(1, 2_400, 1_800, LIMIT + 60));
        refused(QUORUM, entry(2, 2_400, 1_800, LIMIT + 121), R.STEP_TOO_LARGE, "121 by the quorum");
        send(QUORUM, entry(2, 2_400, 1_800, LIMIT + 120));
    }

    function test_initial_loosens_within_a_window_by_its_budget() public {
        send(KEEPER, entry(1, 2_370, 1_800, LIMIT));
        pass(60);
        refused(KEEPER, entry(1, 2_349, 1_800, LIMIT), R.STEP_TOO_LARGE, "51 in the window");
        send(KEEPER, entry(1, 2_350, 1_800, LIMIT));
        pass(60);
        refused(KEEPER, entry(1, 2_349, 1_800, LIMIT), R.STEP_TOO_LARGE, "nothing is left");
        send(QUORUM, entry(1, 2_300, 1_800, LIMIT));
        pass(60);
        refused(QUORUM, entry(1, 2_299, 1_800, LIMIT), R.STEP_TOO_LARGE, "both writers share it");
        pass(8 hours);
        send(KEEPER, entry(1, 2_250, 1_800, LIMIT));
    }

    function test_a_budget_survives_what_other_calls_write() public {
        send(KEEPER, entry(1, 2_350, 1_800, LIMIT + 60));
        vm.prank(GUARDIAN);
        parameters.setMode(1, IHaircuts.Mode.NO_NEW_RISK);
        change(1, 0, address(0));
        pass(60);
        refused(KEEPER, entry(1, 2_349, 1_800, LIMIT + 60), R.STEP_TOO_LARGE, "of initial");
        refused(KEEPER, entry(1, 2_350, 1_800, LIMIT + 101), R.STEP_TOO_LARGE, "of the exposure limit");
    }

    function test_the_exposure_limit_rises_within_a_window_by_its_budget() public {
        send(KEEPER, entry(1, 2_400, 1_800, LIMIT + 60));
        pass(60);
        refused(KEEPER, entry(1, 2_400, 1_800, LIMIT + 101), R.STEP_TOO_LARGE, "101 in the window");
        send(KEEPER, entry(1, 2_400, 1_800, LIMIT + 100));
        pass(60);
        refused(KEEPER, entry(1, 2_400, 1_800, LIMIT + 101), R.STEP_TOO_LARGE, "nothing is left");
        send(QUORUM, entry(1, 2_400, 1_800, LIMIT + 200));
        pass(60);
        refused(QUORUM, entry(1, 2_400, 1_800, LIMIT + 201), R.STEP_TOO_LARGE, "both writers share it");
        pass(8 hours);
        send(KEEPER, entry(1, 2_400, 1_800, LIMIT + 260));
    }

    /// @dev The most that any key can take in 24 h is four windows, from the last minute of one to the first of the fifth.
    function test_24_hours_touch_four_windows_and_no_more() public {
        pass(8 hours - 12 minutes);
        uint256 from = stored(1, M.INITIAL);
        for (uint256 end = clock + 24 hours; clock <= end; pass(10 minutes)) {
            uint256 next = entry(1, stored(1, M.INITIAL) - 50, 1_800, limitOf(1) + 50);
            if (refusal(KEEPER, next) == 0) send(KEEPER, next);
            next = entry(1, stored(1, M.INITIAL), 1_800, limitOf(1) + 50);
            if (refusal(KEEPER, next) == 0) send(KEEPER, next);
        }
        equal(from - stored(1, M.INITIAL), 200, "I10: four quarters of the daily budget");
        equal(limitOf(1) - LIMIT, 400, "I10: of the exposure limit too");
    }

    function test_what_loosens_needs_newer_data() public {
        send(KEEPER, restate(1));
        refused(KEEPER, entry(1, 2_399, 1_800, LIMIT), R.ASOF_NOT_INCREASING, "initial");
        refused(KEEPER, entry(1, 2_400, 1_799, LIMIT), R.ASOF_NOT_INCREASING, "target");
        refused(KEEPER, entry(1, 2_400, 1_800, LIMIT + 1), R.ASOF_NOT_INCREASING, "exposure limit");
    }

    function test_a_writers_aggregate_budget_refuses_and_does_not_trip() public {
        bytes memory entries = bytes.concat(
            bytesOf(entry(1, 2_350, 1_800, LIMIT)),
            bytesOf(entry(2, 2_350, 1_800, LIMIT)),
            bytesOf(entry(3, 2_350, 1_800, LIMIT)),
            bytesOf(entry(4, 4_199, 3_000, LIMIT))
        );
        vm.expectEmit(true, true, true, true, address(parameters));
        emit IParameters.MarketSkipped(4, uint8(R.AGGREGATE_SPENT), 1, 0);
        send(KEEPER, entries);
        equal(get(parameters.storedWriter(KEEPER), A.TIGHTEN_ONLY), 0, "a legal basis point too many is refused, no more");
        pass(8 hours);
        send(KEEPER, entry(4, 4_199, 3_000, LIMIT));
    }

    function test_another_writers_loosening_uses_up_nothing_of_mine() public {
        bytes memory entries = bytes.concat(
            bytesOf(entry(1, 2_300, 1_800, LIMIT)),
            bytesOf(entry(2, 2_300, 1_800, LIMIT)),
            bytesOf(entry(4, 4_100, 3_000, LIMIT))
        );
        send(QUORUM, entries);
        send(KEEPER, entry(3, 2_350, 1_800, LIMIT));
    }

    function test_with_no_aggregate_budget_nothing_loosens_and_nothing_trips() public {
        admit(KEEPER, IParameters.Power.HOT, 0, 400);
        refused(KEEPER, entry(1, 2_399, 1_800, LIMIT), R.AGGREGATE_SPENT, "one basis point");
        send(KEEPER, bytes.concat(bytesOf(entry(1, 2_399, 1_800, LIMIT)), bytesOf(restate(2))));
        equal(get(parameters.storedWriter(KEEPER), A.TIGHTEN_ONLY), 0, "one basis point trips nobody");
        admit(KEEPER, IParameters.Power.HOT, 0, 0);
        pass(60);
        send(KEEPER, bytes.concat(bytesOf(entry(1, 2_350, 1_800, LIMIT)), bytesOf(restate(2))));
        equal(get(parameters.storedWriter(KEEPER), A.TIGHTEN_ONLY), 0, "a trip of 0 is none");
    }

    function test_who_asks_for_more_than_its_trip_only_tightens_until_governance_sets_it_anew() public {
        admit(KEEPER, IParameters.Power.HOT, 50, 100);
        bytes memory entries = bytes.concat(
            bytesOf(entry(1, 2_350, 1_800, LIMIT)),
            bytesOf(entry(2, 2_350, 1_800, LIMIT)),
            bytesOf(entry(3, 2_399, 1_800, LIMIT))
        );
        vm.expectEmit(true, true, true, true, address(parameters));
        emit IParameters.WriterTripped(KEEPER, 2, 101, 100);
        send(KEEPER, entries);
        pass(8 hours);
        refused(KEEPER, entry(1, 2_349, 1_800, LIMIT), R.TIGHTEN_ONLY, "initial");
        refused(KEEPER, entry(1, 2_350, 1_799, LIMIT), R.TIGHTEN_ONLY, "target");
        refused(KEEPER, entry(1, 2_350, 1_800, LIMIT + 1), R.TIGHTEN_ONLY, "exposure limit");
        send(KEEPER, entry(1, 2_500, 1_900, 1_000));
        send(SECOND_KEEPER, entry(3, 2_390, 1_800, LIMIT));
        admit(KEEPER, IParameters.Power.HOT, 50, 100);
        pass(60);
        send(KEEPER, entry(1, 2_490, 1_900, 1_000));
    }

    function test_a_trip_is_stored_even_when_no_market_applied() public {
        admit(KEEPER, IParameters.Power.HOT, 0, 100);
        bytes memory entries = bytes.concat(
            bytesOf(entry(1, 2_350, 1_800, LIMIT)), bytesOf(entry(2, 2_350, 1_800, LIMIT)), bytesOf(entry(3, 2_350, 1_800, LIMIT))
        );
        send(KEEPER, entries);
        equal(get(parameters.storedWriter(KEEPER), A.TIGHTEN_ONLY), 1, "tripped");
    }

    function test_a_mode_set_in_a_new_window_does_not_carry_the_old_budget_into_it() public {
        send(KEEPER, entry(1, 2_350, 1_800, LIMIT + 60));
        pass(8 hours);
        setMode(1, IHaircuts.Mode.NO_NEW_RISK, GUARDIAN);
        pass(1 minutes);
        equal(refusal(KEEPER, entry(1, 2_300, 1_800, LIMIT + 120)), 0, "the window is new, and so are its budgets");
    }

    function test_a_probe_of_any_class_stops_loosening_of_initial_and_nothing_else() public {
        Probe probe = new Probe();
        change(1, 0, address(probe));
        uint256 looser = entry(1, 2_390, 1_800, LIMIT);
        for (uint256 behaviour; behaviour < 7; ++behaviour) {
            probe.set(behaviour);
            if (behaviour != 1) refused(KEEPER, looser, R.PROBE_REFUSED, "only a plain yes lets it loosen");
        }
        send(KEEPER, entry(1, 2_500, 1_800, LIMIT + 10));
        pass(60);
        probe.set(1);
        send(KEEPER, entry(1, 2_490, 1_800, LIMIT));
        change(1, 0, address(0));
        probe.set(0);
        pass(60);
        send(KEEPER, entry(1, 2_485, 1_800, LIMIT));
    }
}
