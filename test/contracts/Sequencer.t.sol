// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterEvents} from "../../contracts/interfaces/IParameterEvents.sol";
import {IParameterTypes as Types} from "../../contracts/interfaces/IParameterTypes.sol";
import {MockERC20} from "../mocks/MockERC20.sol";
import {MockSequencerFeed} from "../mocks/MockSequencerFeed.sol";
import {SequencerTest} from "./support/SequencerWorld.sol";
import {vm} from "./support/Vm.sol";

/// @dev Market 1 of group 0 and market 6 of group 1 are on their way up, one tick a minute; only group 0 is written again.
contract SequencerFeedTest is SequencerTest {
    string private constant I21 = "I21: while the sequencer is down, in its grace, or nothing is known, maintenance stands";

    function test_maintenance_stands_during_an_outage_and_its_grace_and_makes_up_for_neither() public {
        rising();
        pass(5 minutes);
        feed.set(false);
        equal(maintenanceOf(1), 1_805, "five minutes of the way");
        pass(20 minutes);
        equal(maintenanceOf(1), 1_805, I21);
        feed.set(true);
        pass(GRACE);
        equal(maintenanceOf(1), 1_805, I21);
        pass(1 minutes);
        equal(maintenanceOf(1), 1_806, "then it goes on");
        pass(9 minutes);
        equal(maintenanceOf(1), 1_815, "at its speed");
    }

    function test_initial_goes_stale_while_the_sequencer_is_down() public {
        rising();
        send(bytes.concat(entry(change(2, 2_300, 1_800))));
        feed.set(false);
        pass(6 hours);
        equal(initialOf(2), 2_300, "at the ttl as stored");
        pass(12 hours);
        equal(initialOf(2), 6_150, "half of the decay later half of the way to the cap");
        equal(maintenanceOf(1), 1_800, I21);
    }

    function test_tightening_of_initial_lands_while_the_sequencer_is_down() public {
        rising();
        feed.set(false);
        pass(10 minutes);
        send(entry(change(2, 5_000, 1_800)));
        equal(initialOf(2), 5_000, "in the same block");
    }

    function test_nothing_moves_in_the_block_in_which_the_feed_speaks() public {
        rising();
        for (uint256 i; i < 6; ++i) {
            pass(bound(i * 7, 1, 8) * 1 minutes + 17);
            uint256 before = maintenanceOf(6);
            feed.set(i % 2 == 1);
            equal(maintenanceOf(6), before, "I3: the feed's word does not move maintenance in its own block");
            send(entry(change(1, 9_000, 8_000)));
            equal(maintenanceOf(1), maintenanceOf(6), "I2: nor does a write then");
        }
    }

    function test_no_call_moves_maintenance_in_its_block_while_the_sequencer_is_down_or_in_grace() public {
        rising();
        pass(5 minutes);
        feed.set(false);
        pass(5 minutes);
        everyCallMovesNothing();
        feed.set(true);
        pass(3 minutes);
        everyCallMovesNothing();
    }

    function everyCallMovesNothing() private {
        uint256 one = maintenanceOf(1);
        uint256 six = maintenanceOf(6);
        setMode(2, Types.Mode.NO_NEW_RISK);
        setMode(1, Types.Mode.FROZEN);
        setMode(1, Types.Mode.NORMAL);
        hold(3, 2_200, 1_800, clock + 1 hours);
        setLimits(0, calmLimits());
        vm.prank(GOVERNANCE);
        parameters.setClass(0, 0);
        MockERC20 token = new MockERC20("Token", "T", 18);
        vm.prank(LISTER);
        parameters.listMarket(Types.MarketListing(address(token), USD, 0, 1, 2_200, 1_800));
        send(bytes.concat(entry(restate(1)), entry(restate(6))));
        equal(maintenanceOf(1), one, "I3: no call moves effective maintenance in its own block");
        equal(maintenanceOf(6), six, "I3: no call moves effective maintenance in its own block");
    }

    function test_a_frozen_market_stands_for_its_freeze_and_for_the_outage_after() public {
        rising();
        setMode(1, Types.Mode.FROZEN, GUARDIAN);
        pass(72 hours);
        send(restate(1));
        feed.set(false);
        pass(10 minutes);
        feed.set(true);
        pass(GRACE);
        equal(maintenanceOf(1), 1_800, I21);
        pass(7 minutes);
        equal(maintenanceOf(1), 1_807, "and moves after both");
    }

    function test_a_market_with_a_clock_of_its_own_stands_too() public {
        rising();
        pass(1 minutes);
        send(entry(change(2, 2_200, 1_900)));
        pass(1 minutes);
        send(entry(change(3, 2_200, 1_900)));
        feed.set(false);
        pass(30 minutes);
        equal(maintenanceOf(1), 1_802, I21);
        equal(maintenanceOf(2), 1_801, I21);
        equal(maintenanceOf(3), 1_800, I21);
    }

    // ------------------------------------------------------------------------------------------ a feed that misbehaves

    function test_whatever_the_feed_does_maintenance_stands_reads_answer_and_tightening_lands() public {
        for (uint8 i = 1; i < 5; ++i) {
            rising();
            pass(10 minutes);
            feed.fail(MockSequencerFeed.Failure(i));
            standsWhereWritten();
            feed.fail(MockSequencerFeed.Failure.NONE);
        }
    }

    function test_a_round_that_makes_no_sense_is_not_believed() public {
        for (uint256 i; i < 6; ++i) {
            rising();
            pass(10 minutes);
            if (i == 0) feed.report(2, clock);
            else if (i == 1) feed.report(type(uint256).max, clock);
            else if (i == 2) feed.report(0, clock + 1);
            else if (i == 3) feed.report(0, type(uint256).max);
            else if (i == 4) feed.report(1, 0);
            else feed.report(0, 0);
            standsWhereWritten();
            feed.report(0, 1);
        }
    }

    function test_a_feed_without_code_is_not_believed() public {
        rising();
        pass(10 minutes);
        vm.etch(address(feed), "");
        standsWhereWritten();
    }

    function standsWhereWritten() private {
        (bool known, Types.Haircuts memory read) = softRead(6);
        isTrue(known, "I11: the soft read answers");
        equal(read.maintenanceBps, parameters.marketState(6).maintenanceBps, I21);
        Types.Haircuts memory strict = parameters.haircuts(6);
        equal(strict.maintenanceBps, read.maintenanceBps, "and the strict one says the same");
        uint256 initial = parameters.marketState(2).initialBps + 10;
        send(entry(change(2, initial, 1_800)));
        equal(initialOf(2), initial, "I13: tightening lands in the same block");
    }

    function softRead(uint16 id) private view returns (bool, Types.Haircuts memory) {
        return parameters.tryHaircuts{gas: 250_000}(id);
    }

    function test_rounds_that_cannot_be_read_hide_the_minutes_before_and_no_others() public {
        rising();
        pass(10 minutes);
        feed.set(false);
        pass(10 minutes);
        feed.set(true);
        pass(GRACE + 5 minutes);
        equal(maintenanceOf(6), 1_815, "ten minutes before, five after");
        for (uint8 i = 1; i < 5; ++i) {
            feed.failOlder(MockSequencerFeed.Failure(i));
            equal(maintenanceOf(6), 1_805, "the five that are known");
        }
    }

    function test_rounds_out_of_order_hide_the_minutes_before() public {
        rising();
        pass(10 minutes);
        feed.report(0, clock - 1 minutes);
        feed.report(1, clock - 2 minutes);
        equal(maintenanceOf(6), 1_800, "up since a time after the next round is no round");
    }

    function test_minutes_before_the_sixteenth_round_back_do_not_count() public {
        rising();
        pass(30 minutes);
        for (uint256 i; i < 15; ++i) {
            feed.set(i % 2 == 1);
            pass(1 minutes);
            equal(maintenanceOf(6), 1_830, "sixteen rounds reach back to the first");
        }
        feed.set(true);
        equal(maintenanceOf(6), 1_800, "seventeen do not: what is not known is not counted");
    }

    function test_the_rounds_of_a_former_phase_do_not_count() public {
        rising();
        pass(30 minutes);
        feed.nextPhase(0, clock - 5 minutes);
        equal(maintenanceOf(6), 1_800, "up for five minutes, as far as this feed knows");
        pass(GRACE);
        equal(maintenanceOf(6), 1_805, "from the grace on");
    }

    /// @dev The feed learns it late. What has been written stands; what has not is counted as it was.
    function test_an_outage_reported_late_takes_its_minutes_back_where_none_were_written() public {
        rising();
        pass(10 minutes);
        send(entry(change(1, 9_000, 8_000)));
        feed.report(1, clock - 4 minutes);
        equal(maintenanceOf(1), 1_810, "written");
        equal(maintenanceOf(6), 1_806, "not written");
    }

    /// @dev Otherwise whoever calls could choose between two answers by the gas he brings.
    function test_a_read_with_too_little_gas_for_the_feed_fails_and_never_says_something_else() public {
        rising();
        pass(10 minutes);
        feed.set(true);
        isTrue(answersAt(60_000), "a feed that is quick is read with less gas than is kept for one that burns it");
        feed.fail(MockSequencerFeed.Failure.SLOW);
        uint256 answered;
        for (uint256 gas_ = 2_000; gas_ < 300_000; gas_ += 1_000) if (answersAt(gas_)) ++answered;
        isTrue(answered > 100 && answered < 200, "and one that is slow with as much as it needs");
    }

    function answersAt(uint256 gas_) private view returns (bool done) {
        bytes memory said;
        (done, said) = address(parameters).staticcall{gas: gas_}(abi.encodeWithSignature("tryHaircuts(uint16)", 6));
        if (!done) return false;
        (, Types.Haircuts memory read) = abi.decode(said, (bool, Types.Haircuts));
        equal(read.maintenanceBps, 1_810, "the same at any gas");
    }

    // ------------------------------------------------------------------------------------------------------ reference

    /// @dev Any outages, seen second by second, against what is read of a market written at random and of one that is not.
    function test_fuzz_maintenance_moves_in_whole_minutes_of_up_time_and_in_no_others(uint256 seed) public {
        bool tighten = seed % 4 != 0;
        uint256 target = tighten ? 8_000 : 1_720;
        send(bytes.concat(entry(change(1, 9_000, target)), entry(change(6, 9_000, target))));
        bool up = true;
        uint256 upSince = 0;
        uint256 ticks;
        uint256 run;
        uint256 rounds = 1;
        for (uint256 i; i < 16; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            uint256 end = clock + bound(dice, 1, 8 minutes);
            for (uint256 second = clock; second < end; ++second) {
                if (second % 60 == 0) run = 0;
                if (up && second >= upSince) ++run;
                // The slower clock ticks on every second minute.
                if (second % 60 == 59 && run == 60 && (tighten || (second + 1 - EPOCH) / 60 % 2 == 0)) ++ticks;
            }
            pass(end - clock);
            if ((dice >> 32) % 3 == 0 && rounds < 16) {
                up = !up;
                ++rounds;
                feed.set(up);
                upSince = clock + GRACE;
            }
            uint256 expected = tighten ? 1_800 + ticks : 1_800 - (ticks < 80 ? ticks : 80);
            equal(maintenanceOf(6), expected, "I21: it moves in whole minutes of up time and in no others");
            uint256 what = (dice >> 64) % 4;
            if (what == 0) send(entry(change(2, 2_300 + i, 1_800)));
            else if (what == 1) setMode(3, Types.Mode(uint8(dice >> 8) % 3));
            else if (what == 2) send(restate(1));
            equal(maintenanceOf(1), expected, "I2: settling in between changes nothing");
        }
    }

    // --------------------------------------------------------------------------------------------------- construction

    function test_the_feed_and_the_grace_are_shown_and_said() public {
        Types.SequencerValues memory shown = parameters.sequencer();
        isTrue(shown.feed == address(feed), "the feed");
        equal(shown.graceSeconds, GRACE, "and the grace");
        planned = Types.SequencerValues(address(feed), 600);
        vm.expectEmit(false, false, false, true);
        emit IParameterEvents.SequencerFixed(planned);
        this.anew();
    }

    function test_a_feed_that_is_down_can_be_deployed_on() public {
        feed.set(false);
        planned = Types.SequencerValues(address(feed), 300);
        anew();
    }

    function test_a_sequencer_that_makes_no_sense_is_refused() public {
        refuses(address(feed), 299, "sequencer graceSeconds", 300);
        refuses(address(feed), 86_401, "sequencer graceSeconds", 86_400);
        refuses(address(0), 600, "sequencer graceSeconds", 0);
        refusesFeed(address(0xdead));
        refusesFeed(address(tokens[0]));
        for (uint8 i = 1; i < 5; ++i) {
            feed.fail(MockSequencerFeed.Failure(i));
            refusesFeed(address(feed));
        }
        feed.fail(MockSequencerFeed.Failure.NONE);
        feed.report(2, clock);
        refusesFeed(address(feed));
        feed.report(0, clock + 1);
        refusesFeed(address(feed));
        feed.report(0, 0);
        refusesFeed(address(feed));
    }

    function refuses(address feed_, uint32 grace, string memory what, uint256 allowed) private {
        planned = Types.SequencerValues(feed_, grace);
        vm.expectRevert(abi.encodeWithSelector(IParameterEvents.BadLimits.selector, what, grace, allowed));
        this.anew();
    }

    function refusesFeed(address feed_) private {
        planned = Types.SequencerValues(feed_, 600);
        vm.expectRevert(abi.encodeWithSelector(IParameterEvents.BadSequencerFeed.selector, feed_));
        this.anew();
    }
}
