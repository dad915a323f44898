// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameters} from "../../../contracts/parameters/IParameters.sol";
import {R} from "../../../contracts/parameters/Reasons.sol";
import {MockERC20} from "../../mocks/MockERC20.sol";
import {vm} from "../support/Vm.sol";
import {World} from "./World.sol";

/// @title Aave's CAPO incident of 10 March 2026, as published, against this contract.
/// @notice A cap on the wstETH/stETH rate, `snapshotRatio` grown at most 9.68 % a year since its snapshot of February 2024, was
/// updated for the first time with a ratio limited to 3 % and a time of seven days ago that nothing limited. The cap fell
/// 2.85 % below the true rate and 34 accounts with 10 938 wstETH, of health factors under 1.0288, were liquidated.
/// @dev Sources: https://vote.onaave.com/proposal/?proposalId=458 (2.85 %, 10 938 wstETH, 34 accounts),
/// https://governance.aave.com/t/post-mortem-exchange-rate-misallignment-on-wsteth-core-and-prime-instances/24269 (limited
/// ratio, unlimited time). The e-mode lends 93 % and liquidates at 95 %. Not found published: size and health of each account;
/// they are spread evenly here.
contract CapoTest is World {
    uint16 private constant EMODE = 5;
    uint256 private constant ACCOUNTS = 34;
    /// @dev 1 - 0.93 (1 - 0.0285) and 1 - 0.95 (1 - 0.0285), rounded up: what a price 2.85 % too low is in haircuts.
    uint256 private constant WRONG_INITIAL = 966;
    uint256 private constant WRONG_MAINTENANCE = 771;
    uint256 private constant SPEED = 50;

    function setUp() public {
        world();
        IParameters.Limits memory limits = calm();
        (limits.minInitialBps, limits.minMaintenanceBps, limits.liquidationBonusBps) = (400, 200, 100);
        (limits.minGapBps, limits.tightenSpeedBpsPer30Days, limits.ttlHours, limits.maxAgeMinutes) = (50, SPEED, 6, 60);
        setLimits(2, limits);
        IParameters.MarketListing memory emode = listing(address(new MockERC20("wstETH", "wstETH", 18)), 2);
        (emode.initialBps, emode.maintenanceBps) = (700, 500);
        vm.prank(LISTER);
        parameters.listMarket(emode);
        pass(1 days);
        send(KEEPER, entry(EMODE, 700, 500, LIMIT));
    }

    /// @dev Accounts that this threshold liquidates: health factors evenly from just above 1 to 1.0288 at the true price.
    function lost(uint256 maintenanceBps) private pure returns (uint256 count) {
        for (uint256 i = 1; i <= ACCOUNTS; ++i) {
            // health = 1 + 0.0288 i / 34; liquidatable: health x (1 - m) < 0.95
            if ((340_000 + 288 * i) * (10_000 - maintenanceBps) < 340_000 * 9_500) ++count;
        }
    }

    function wrong() private view returns (uint256) {
        return entry(EMODE, WRONG_INITIAL, WRONG_MAINTENANCE, LIMIT);
    }

    /// @dev A keeper that repeats these values every five hours.
    function repeat(uint256 initial, uint256 target, uint256 end) private {
        while (clock + 5 hours < end) {
            pass(5 hours);
            send(KEEPER, entry(EMODE, initial, target, LIMIT));
        }
        pass(end - clock);
    }

    function test_the_published_figures_agree_with_each_other() public pure {
        equal(lost(500), 0, "no account is lost at the true threshold");
        equal(lost(WRONG_MAINTENANCE), ACCOUNTS, "and all are at the wrong one");
    }

    function test_the_incidents_time_is_refused_seven_days_old_or_ahead() public {
        uint256 old = entryAsOf(EMODE, WRONG_INITIAL, WRONG_MAINTENANCE, LIMIT, minute() - 7 days / 60);
        refused(KEEPER, old, R.ASOF_TOO_OLD, "seven days old");
        uint256 ahead = entryAsOf(EMODE, WRONG_INITIAL, WRONG_MAINTENANCE, LIMIT, minute() + 7 days / 60);
        refused(KEEPER, ahead, R.ASOF_IN_FUTURE, "seven days ahead");
    }

    function test_passed_off_as_fresh_it_reaches_new_loans_at_once_and_no_account() public {
        send(KEEPER, wrong());
        equal(initialOf(EMODE), WRONG_INITIAL, "tightening never waits");
        equal(maintenanceOf(EMODE), 500, "maintenance does not move in the block");
    }

    function test_uncorrected_it_reaches_the_first_account_after_four_days_and_the_last_after_five_months() public {
        send(KEEPER, wrong());
        uint256 from = clock;
        repeat(WRONG_INITIAL, WRONG_MAINTENANCE, from + 4 days);
        equal(lost(maintenanceOf(EMODE)), 0, "nobody within four days");
        repeat(WRONG_INITIAL, WRONG_MAINTENANCE, from + 30 days);
        equal(maintenanceOf(EMODE), 550, "the gap in thirty days");
        equal(lost(maintenanceOf(EMODE)), 6, "six of the thirty-four within a month");
        repeat(WRONG_INITIAL, WRONG_MAINTENANCE, from + 159 days);
        equal(lost(maintenanceOf(EMODE)), ACCOUNTS - 1, "the last is left");
        repeat(WRONG_INITIAL, WRONG_MAINTENANCE, from + 160 days);
        equal(lost(maintenanceOf(EMODE)), ACCOUNTS, "after five months");
    }

    function test_corrected_within_four_days_it_costs_nobody_anything_ever() public {
        send(KEEPER, wrong());
        repeat(WRONG_INITIAL, WRONG_MAINTENANCE, clock + 4 days);
        send(KEEPER, entry(EMODE, WRONG_INITIAL - 50, 500, LIMIT));
        equal(stored(EMODE, 13 << 8), 500, "a target that was never reached is taken back in one step");
        uint256 end = clock + 30 days;
        while (clock < end) {
            pass(5 hours);
            send(KEEPER, entry(EMODE, WRONG_INITIAL - 50, 500, LIMIT));
            equal(lost(maintenanceOf(EMODE)), 0, "nobody, ever");
        }
        equal(maintenanceOf(EMODE), 500, "and it is back");
    }

    function test_the_first_update_after_two_years_of_silence_moves_maintenance_by_nothing() public {
        pass(730 days);
        equal(initialOf(EMODE), 9_500, "all but closed to new loans until then");
        send(KEEPER, wrong());
        equal(initialOf(EMODE), WRONG_INITIAL, "open again at once");
        equal(maintenanceOf(EMODE), 500, "no snapshot two years old");
        repeat(WRONG_INITIAL, WRONG_MAINTENANCE, clock + 30 days);
        equal(maintenanceOf(EMODE), 550, "the speed counts from the update");
    }

    function test_a_tightening_under_way_stops_at_the_ttl_and_nothing_makes_up_for_the_silence() public {
        send(KEEPER, wrong());
        repeat(WRONG_INITIAL, WRONG_MAINTENANCE, clock + 4 days);
        send(KEEPER, wrong());
        pass(6 hours);
        uint256 stopped = maintenanceOf(EMODE);
        isTrue(stopped > 500, "it was under way");
        pass(7 days);
        equal(maintenanceOf(EMODE), stopped, "silence stops it");
        send(KEEPER, wrong());
        equal(maintenanceOf(EMODE), stopped, "and is not made up for");
    }
}
