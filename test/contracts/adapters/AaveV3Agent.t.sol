// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ExposureCap} from "../../../contracts/adapters/ExposureCap.sol";
import {AaveV3Agent} from "../../../contracts/adapters/AaveV3Agent.sol";
import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {vm} from "../support/Vm.sol";
import {AaveAgentTest, MockAaveMarket} from "./AaveAgentTest.sol";
import {AaveWord} from "./AaveWord.sol";

contract AaveV3AgentTest is AaveAgentTest {
    function test_LTV_follows_at_once_and_the_threshold_in_steps() public {
        set(2_500, 2_300);
        reads(8_050, 8_300, "as Aave's governance left it");
        sync(true);
        reads(7_500, 8_275, "LTV is 1 - initial, LT one step of 25 bp down");
        sync(false);
        for (uint256 i = 1; i < 23; ++i) {
            pass(4 hours);
            set(2_500, 2_300);
            sync(true);
        }
        reads(7_500, 7_725, "23 steps of 25 bp");
        pass(4 hours);
        set(2_500, 2_300);
        sync(true);
        reads(7_500, 7_700, "1 - maintenance: there");
        pass(1 days);
        set(2_500, 2_300);
        sync(false);
        equal(market.writes(), 24, "a call that changes nothing writes nothing");
    }

    function test_several_calls_travel_together_all_or_none() public {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(agent.sync, (address(weth)));
        calls[1] = abi.encodeCall(agent.syncSupplyCap, (address(weth)));
        bytes[] memory results = agent.multicall(calls);
        isTrue(abi.decode(results[0], (bool)) && abi.decode(results[1], (bool)), "both change something");
        reads(7_500, 8_275, "as by calls of their own");
        set(3_000, 2_300);
        calls[1] = abi.encodeCall(agent.sync, (address(this)));
        vm.expectRevert(abi.encodeWithSelector(ExposureCap.UnknownPair.selector, address(this), USD));
        agent.multicall(calls);
        reads(7_500, 8_275, "one that is refused takes the others back");
    }

    function test_loosening_walks_up_in_the_same_steps() public {
        set(1_500, 1_000);
        sync(true);
        reads(8_125, 8_325, "LT one step up, LTV as far as the gap allows");
        pass(4 hours - 1);
        set(1_500, 1_000);
        sync(false);
        pass(1);
        sync(true);
        reads(8_150, 8_350, "the next step after four hours");
    }

    function test_LT_times_bonus_stays_within_100_percent() public {
        market.put(address(weth), 8_500, 9_300, 10_750);
        set(100, 50);
        sync(true);
        reads(9_102, 9_302, "100 % / 107.5 % is 93.02 %");
        pass(4 hours);
        set(100, 50);
        sync(false);
    }

    function test_no_new_risk_closes_at_once_and_liquidation_goes_on_ramping() public {
        set(10_000, 2_300, START, IHaircuts.Mode.NO_NEW_RISK);
        sync(true);
        reads(0, 8_275, "LTV 0, LT one step");
        pass(4 hours);
        set(2_500, 2_300);
        sync(true);
        reads(7_500, 8_250, "what this agent closed it opens again");
    }

    function test_frozen_closes_and_leaves_the_threshold() public {
        set(10_000, 2_300, START, IHaircuts.Mode.FROZEN);
        sync(true);
        reads(0, 8_300, "LTV 0, LT untouched");
        pass(30 days);
        set(10_000, 2_300, clock, IHaircuts.Mode.FROZEN);
        sync(false);
    }

    function test_old_data_lower_LTV_and_nothing_else() public {
        set(2_500, 2_300, START - 6 hours, IHaircuts.Mode.NORMAL);
        sync(true);
        reads(7_500, 8_275, "six hours old is fresh");
        pass(30 days);
        set(9_000, 2_300, START - 6 hours, IHaircuts.Mode.NORMAL);
        sync(true);
        reads(1_000, 8_275, "a month of silence closes new risk and moves no threshold");
        set(2_000, 1_000, START - 6 hours, IHaircuts.Mode.NORMAL);
        sync(false);
        reads(1_000, 8_275, "and never raises LTV");
    }

    function test_an_LTV_of_zero_that_others_set_is_theirs() public {
        market.setReserveLtvzero(address(weth), true);
        vm.expectRevert(abi.encodeWithSelector(AaveV3Agent.ClosedByOthers.selector, address(weth), 8_050));
        agent.sync(address(weth));
        market.setReserveLtvzero(address(weth), false);
        sync(true);
        reads(7_500, 8_275, "opened by those who closed it, the agent goes on");
    }

    function test_an_LTV_of_zero_set_after_somebody_opened_the_reserve_is_theirs() public {
        start(false);
        close();
        market.configureReserveAsCollateral(address(weth), 7_500, threshold(), 10_500);
        sync(false);
        market.configureReserveAsCollateral(address(weth), 0, threshold(), 10_500);
        vm.expectRevert(abi.encodeWithSelector(AaveV3Agent.ClosedByOthers.selector, address(weth), 0));
        agent.sync(address(weth));
    }

    function test_a_waiting_LTV_shows_that_others_closed_even_when_nobody_called_in_between() public {
        close();
        market.configureReserveAsCollateral(address(weth), 7_500, threshold(), 10_500);
        market.setReserveLtvzero(address(weth), true);
        vm.expectRevert(abi.encodeWithSelector(AaveV3Agent.ClosedByOthers.selector, address(weth), 7_500));
        agent.sync(address(weth));
        vm.expectRevert(abi.encodeWithSelector(AaveV3Agent.ClosedByOthers.selector, address(weth), 7_500));
        agent.preview(address(weth));
        market.setReserveLtvzero(address(weth), false);
        reads(7_500, 8_275, "handed back");
        sync(false);
    }

    /// @dev The agent closes the reserve, and the market calms down.
    function close() private {
        set(10_000, 2_300, START, IHaircuts.Mode.NO_NEW_RISK);
        sync(true);
        reads(0, 8_275, "closed by the agent");
        set(2_500, 2_300);
    }

    function test_a_reserve_frozen_by_Aave_gets_its_LTV_as_pending() public {
        market.setReserveFreeze(address(weth), true);
        sync(true);
        reads(0, 8_275, "frozen: the effective LTV stays 0, LT goes on");
        equal(market.getPendingLtv(address(weth)), 7_500, "the new LTV waits");
        sync(false);
        set(10_000, 2_300, START, IHaircuts.Mode.NO_NEW_RISK);
        sync(true);
        equal(market.getPendingLtv(address(weth)), 0, "a closed market has nothing waiting");
        set(2_500, 2_300);
        sync(true);
        market.setReserveFreeze(address(weth), false);
        vm.expectRevert(abi.encodeWithSelector(AaveV3Agent.ClosedByOthers.selector, address(weth), 7_500));
        agent.sync(address(weth));
        market.setReserveLtvzero(address(weth), false);
        reads(7_500, 8_275, "Aave's admin opens, at the LTV of today");
    }

    function test_before_3_1_a_frozen_reserve_takes_a_lower_LTV_directly_and_no_higher_one() public {
        start(false);
        market.setReserveFreeze(address(weth), true);
        sync(true);
        reads(7_500, 8_275, "effective at once");
        sync(false);
        set(10_000, 2_300, START, IHaircuts.Mode.NO_NEW_RISK);
        sync(true);
        reads(0, 8_275, "closed");
        pass(4 hours);
        set(1_500, 1_000);
        sync(true);
        reads(0, 8_300, "what is frozen is lent against still: not opened, LT goes on");
        market.setReserveFreeze(address(weth), false);
        sync(true);
        reads(8_100, 8_300, "when Aave has let it go");
    }

    function test_a_paused_reserve_is_not_loosened_and_its_threshold_waits() public {
        sync(true);
        reads(7_500, 8_275, "before");
        market.setReservePause(address(weth), true);
        pass(30 days);
        set(2_000, 2_300);
        sync(false);
        set(3_000, 2_300);
        sync(true);
        reads(7_000, 8_275, "LTV down, LT untouched");
        market.setReservePause(address(weth), false);
        sync(true);
        reads(7_000, 8_250, "one step, not one for each that was missed");
        market.setReservePause(address(weth), true);
        market.setReserveFreeze(address(weth), true);
        set(2_500, 2_300);
        sync(true);
        equal(market.getPendingLtv(address(weth)), 7_500, "what only waits may rise");
    }

    function test_a_refusal_of_one_word_is_no_waiting_LTV() public {
        start(false);
        bytes memory question = abi.encodeWithSignature("getPendingLtv(address)", address(weth));
        vm.mockCallRevert(address(market), question, abi.encode(uint256(8_050)));
        market.setReserveFreeze(address(weth), true);
        sync(true);
        reads(7_500, 8_275, "effective at once");
    }

    function test_a_gap_too_small_is_widened_by_LTV_before_LT_moves() public {
        market.put(address(weth), 8_290, 8_300, 10_500);
        sync(true);
        reads(7_500, 8_300, "loans at 82.9 % were opened until this block: LT waits");
        sync(false);
        reads(7_500, 8_300, "also for a second call in the block");
        pass(4 hours);
        set(2_500, 2_300);
        sync(true);
        reads(7_500, 8_275, "and then steps");
    }

    function test_a_gap_as_wide_as_a_step_is_too_small_also_behind_a_freeze() public {
        market.put(address(weth), 8_275, 8_300, 10_500);
        sync(true);
        reads(7_500, 8_300, "a whole step would end at the LTV of open loans");
        market.put(address(weth), 8_290, 8_300, 10_500);
        market.setReserveFreeze(address(weth), true);
        pass(4 hours);
        set(2_500, 2_300);
        sync(true);
        reads(0, 8_300, "the LTV of before the freeze counts");
    }

    function test_a_threshold_below_the_gap_lends_nothing() public {
        market.put(address(weth), 50, 150, 10_500);
        set(9_990, 9_900);
        sync(true);
        reads(0, 125, "LT one step, LTV at the bottom");
    }

    function test_a_threshold_bound_to_its_LTV_by_the_gap_still_comes_down() public {
        for (uint256 i; i < 24; ++i) {
            set(2_350, 2_300);
            sync(true);
            pass(4 hours);
        }
        reads(7_500, 7_700, "initial leaves 50 bp of gap, the agent 200");
    }

    function test_calling_all_the_time_does_not_hold_the_threshold_back() public {
        market.put(address(weth), 8_290, 8_300, 10_500);
        for (uint256 i; i < 8 * 60; ++i) {
            set(2_500, 2_300);
            agent.sync(address(weth));
            pass(1 minutes);
        }
        reads(7_500, 8_275, "eight hours: one interval for the loans, one step");
    }

    function test_what_is_no_collateral_or_unknown_is_refused() public {
        address other = address(0xBEEF);
        vm.expectRevert(abi.encodeWithSelector(ExposureCap.UnknownPair.selector, other, USD));
        agent.sync(other);
        market.put(address(weth), 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(AaveV3Agent.NotCollateral.selector, address(weth)));
        agent.sync(address(weth));
    }

    function test_a_pool_that_does_not_do_as_told_is_noticed() public {
        effectDiffers(MockAaveMarket.Fault.LTV_KEPT, "ltv", 8_050, 7_500);
        effectDiffers(MockAaveMarket.Fault.THRESHOLD_OFF_BY_ONE, "threshold", 8_274, 8_275);
        effectDiffers(MockAaveMarket.Fault.BONUS_OFF_BY_ONE, "bonus", 10_501, 10_500);
        effectDiffers(MockAaveMarket.Fault.OTHER_BIT, "other bits", AaveWord.BORROWING_ENABLED, 0);
        market.setReserveFreeze(address(weth), true);
        effectDiffers(MockAaveMarket.Fault.PENDING_APPLIED, "effective ltv", 7_500, 0);
        market.setFault(MockAaveMarket.Fault.NONE);
        sync(true);
    }

    function effectDiffers(MockAaveMarket.Fault fault, string memory what, uint256 given, uint256 allowed) private {
        market.setFault(fault);
        vm.expectRevert(abi.encodeWithSelector(ExposureCap.EffectDiffers.selector, what, given, allowed));
        agent.sync(address(weth));
    }

    function test_the_preview_says_what_a_call_does() public {
        (uint256 ltv, uint256 threshold, bool changes) = agent.preview(address(weth));
        isTrue(changes && ltv == 7_500 && threshold == 8_275, "before");
        sync(true);
        (ltv, threshold, changes) = agent.preview(address(weth));
        isTrue(!changes && ltv == 7_500 && threshold == 8_275, "after");
    }

    function test_settings_that_could_jump_are_refused() public {
        badSettings(AaveV3Agent.Settings(25, 4 hours, 10_000, 6 hours), "minGapBps", 10_000, 9_999);
        badSettings(AaveV3Agent.Settings(1, 4 hours, 1, 6 hours), "minGapBps", 1, 2);
        badSettings(AaveV3Agent.Settings(200, 4 hours, 200, 6 hours), "maxThresholdStepBps", 200, 199);
        badSettings(AaveV3Agent.Settings(0, 4 hours, 200, 6 hours), "maxThresholdStepBps", 0, 1);
        badSettings(AaveV3Agent.Settings(25, 0, 200, 6 hours), "stepSeconds", 0, 1);
        badSettings(AaveV3Agent.Settings(25, 4 hours, 200, 0), "maxAgeSeconds", 0, 1);
    }

    function badSettings(AaveV3Agent.Settings memory settings, string memory what, uint256 given, uint256 allowed)
        private
    {
        vm.expectRevert(abi.encodeWithSelector(AaveV3Agent.BadSettings.selector, what, given, allowed));
        deploy(settings);
    }
}
