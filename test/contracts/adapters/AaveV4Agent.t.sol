// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ExposureCap} from "../../../contracts/adapters/ExposureCap.sol";
import {AaveV4Agent} from "../../../contracts/adapters/AaveV4Agent.sol";
import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {MockAaveV4} from "../../mocks/MockAaveV4.sol";
import {vm} from "../support/Vm.sol";
import {AaveV4Test} from "./AaveV4Test.sol";

contract AaveV4AgentTest is AaveV4Test {
    uint256 private constant NO_CAP = type(uint40).max;

    function test_initial_makes_new_configurations_at_once_and_binds_new_risk_only() public {
        market.supply(ALICE, 100e18);
        market.borrow(ALICE, 80.5e18);
        sync(true);
        equal(newest(), 1, "a new one");
        equal(factor(1), 7_500, "of 1 - initial");
        equal(factor(0), 8_050, "and the old one as it was");
        isTrue(!market.isLiquidatable(ALICE), "nobody is due");
        vm.expectRevert(abi.encodeWithSelector(MockAaveV4.HealthFactorBelowThreshold.selector));
        market.borrow(ALICE, 1);
        sync(false);
        equal(market.writes(), 1, "a call that changes nothing writes nothing");
        set(2_100, 1_900);
        sync(true);
        equal(factor(2), 7_900, "up at once, too");
    }

    function test_a_small_rise_makes_no_configuration_and_a_small_fall_does() public {
        sync(true);
        set(2_481, 2_300);
        sync(false);
        set(2_480, 2_300);
        sync(true);
        equal(factor(2), 7_520, "20 bp");
        set(2_481, 2_300);
        sync(true);
        equal(factor(3), 7_519, "tightening by one");
    }

    function test_factor_times_bonus_rounded_up_stays_below_100_percent() public {
        set(0, 0);
        sync(true);
        equal(factor(1), 9_522, "99.99 % / 105 %");
    }

    function test_closed_markets_lend_nothing_more_and_nobody_is_due() public {
        market.supply(ALICE, 100e18);
        market.borrow(ALICE, 70e18);
        set(10_000, 2_300, START, IHaircuts.Mode.NO_NEW_RISK);
        sync(true);
        equal(factor(1), 0, "closed");
        isTrue(!market.isLiquidatable(ALICE), "the position keeps its configuration");
        vm.expectRevert(abi.encodeWithSelector(MockAaveV4.HealthFactorBelowThreshold.selector));
        market.withdraw(ALICE, 1);
        set(2_500, 2_300);
        sync(true);
        equal(factor(2), 7_500, "what this agent closed it opens again");
        market.withdraw(ALICE, 6e18);
    }

    function test_old_data_only_lower_the_newest() public {
        set(2_500, 2_300, START - 6 hours, IHaircuts.Mode.NORMAL);
        sync(true);
        set(2_400, 2_300, START - 6 hours, IHaircuts.Mode.NORMAL);
        sync(true);
        equal(factor(2), 7_600, "six hours old is fresh");
        set(1_000, 900, START - 6 hours - 1, IHaircuts.Mode.NORMAL);
        sync(false);
        set(9_000, 900, START - 6 hours - 1, IHaircuts.Mode.NORMAL);
        sync(true);
        equal(factor(3), 1_000, "down");
    }

    function test_a_factor_of_zero_that_others_set_is_theirs() public {
        add(0);
        vm.expectRevert(abi.encodeWithSelector(AaveV4Agent.ClosedByOthers.selector, address(weth), 1));
        agent.sync(address(weth));
        vm.expectRevert(abi.encodeWithSelector(AaveV4Agent.ClosedByOthers.selector, address(weth), 1));
        agent.preview(address(weth));
        add(100);
        sync(true);
        equal(factor(3), 7_500, "handed back");
        set(10_000, 2_300, START, IHaircuts.Mode.NO_NEW_RISK);
        sync(true);
        add(0);
        set(2_500, 2_300);
        vm.expectRevert(abi.encodeWithSelector(AaveV4Agent.ClosedByOthers.selector, address(weth), 5));
        agent.sync(address(weth));
    }

    function test_maintenance_lowers_old_configurations_after_thirty_days_and_in_steps() public {
        sync(true);
        set(2_500, 2_300);
        pass(30 days - 1);
        set(2_500, 2_300);
        lower(0, false);
        pass(1);
        lower(0, true);
        equal(factor(0), 8_025, "80.5 % less a step");
        lower(0, false);
        for (uint256 i; i < 12; ++i) {
            pass(4 hours);
            set(2_500, 2_300);
            lower(0, true);
        }
        equal(factor(0), 7_725, "12 more");
        pass(4 hours);
        set(2_500, 2_300);
        lower(0, true);
        equal(factor(0), 7_700, "1 - maintenance: there");
        pass(4 hours);
        set(2_500, 1_000);
        lower(0, false);
        equal(factor(0), 7_700, "never up");
    }

    function test_old_configurations_wait_while_data_are_old_or_the_market_is_frozen() public {
        sync(true);
        pass(31 days);
        lower(0, false);
        set(10_000, 2_300, clock, IHaircuts.Mode.FROZEN);
        lower(0, false);
        set(10_000, 2_300, clock, IHaircuts.Mode.NO_NEW_RISK);
        lower(0, true);
        set(10_000, 10_000, clock, IHaircuts.Mode.NO_NEW_RISK);
        pass(4 hours);
        set(10_000, 10_000, clock, IHaircuts.Mode.NO_NEW_RISK);
        lower(0, true);
        equal(factor(0), 8_000, "towards 1 bp, as Aave takes no 0");
    }

    function test_an_old_configuration_is_lowered_to_one_basis_point_and_no_further() public {
        agent = deploy(AaveV4Agent.Settings(10_000, 4 hours, 20, 6 hours));
        sync(true);
        pass(30 days);
        set(10_000, 10_000);
        (, uint256 floor,) = agent.preview(address(weth));
        equal(floor, 1, "the preview says so");
        lower(0, true);
        equal(factor(0), 1, "as far as Aave lets it");
        pass(4 hours);
        set(10_000, 10_000);
        lower(0, false);
    }

    function test_what_others_replaced_has_its_thirty_days_from_when_it_was_first_seen() public {
        add(8_000);
        pass(90 days);
        set(2_500, 2_300);
        lower(0, true);
        equal(factor(0), 8_050, "noted, and nothing else");
        equal(market.writes(), 1, "nothing is written to Aave");
        lower(0, false);
        pass(30 days);
        set(2_500, 2_300);
        lower(0, true);
        equal(factor(0), 8_025, "a step");
        vm.expectRevert(abi.encodeWithSelector(AaveV4Agent.NotRetired.selector, address(weth), 1, 1));
        agent.lower(address(weth), 1);
        vm.expectRevert(abi.encodeWithSelector(AaveV4Agent.NotRetired.selector, address(weth), 9, 1));
        agent.lower(address(weth), 9);
    }

    function test_the_list_pages_and_ends_at_the_newest() public {
        for (uint16 i; i < 5; ++i) add(8_000 - i);
        add(0);
        add(7_000);
        equal(agent.lowerable(address(weth), 0, 100).length, 7, "all that nobody has noted, but for the newest");
        for (uint32 key; key < 7; ++key) agent.lower(address(weth), key);
        equal(agent.lowerable(address(weth), 0, 100).length, 0, "notice is given");
        pass(30 days);
        set(2_500, 2_300);
        uint32[] memory keys = agent.lowerable(address(weth), 0, 100);
        equal(keys.length, 6, "all but the one of 0 and the newest");
        equal(keys[5], 5, "in order");
        equal(agent.lowerable(address(weth), 4, 6).length, 2, "a page");
        equal(agent.lowerable(address(weth), 7, 100).length, 0, "the newest is not among them");
        equal(agent.lowerable(address(weth), 100, 7).length, 0, "nor anything past it");
    }

    /// @dev Of them nobody had to give notice until one day maintenance had passed them, and then 30 days were to go.
    function test_the_list_names_what_is_to_be_noted_long_before_it_is_to_be_lowered() public {
        add(7_000);
        add(6_900);
        set(10_000, 2_300, START - 7 hours, IHaircuts.Mode.FROZEN);
        equal(agent.lowerable(address(weth), 0, 100).length, 2, "whatever factor, mode and data are");
        lower(1, true);
        pass(30 days);
        set(4_000, 3_500);
        lower(1, true);
        equal(factor(1), 6_975, "the notice is over when maintenance passes it");
    }

    function test_the_limit_becomes_the_add_cap() public {
        cap(4_096, "the limit, down at once");
        parameters.setLimit(1, 5_000, true);
        cap(5_000, "and up");
        isTrue(!agent.syncSupplyCap(address(weth)), "there");
        parameters.setLimit(1, 5_000, false);
        cap(3_000, "no more: what is there, rounded down");
        market.setAdded(4_000e18);
        isTrue(!agent.syncSupplyCap(address(weth)), "only down");
        market.setAdded(0);
        cap(1, "never a 0 of the agent's");
        parameters.setLimit(1, 5_000, true);
        cap(5_000, "and is left again");
        setCap(4_500);
        isTrue(!agent.syncSupplyCap(address(weth)), "Aave's own cap is the most");
        parameters.setLimit(1, 100, true);
        cap(100, "below it the limit");
        parameters.setLimit(1, 9_000, true);
        cap(4_500, "and back up to it");
        setCap(0);
        isTrue(!agent.syncSupplyCap(address(weth)), "a cap of 0 by others stands");
        setCap(NO_CAP);
        parameters.setLimit(1, 1 << 50, true);
        isTrue(!agent.syncSupplyCap(address(weth)), "no cap, and a limit beyond any");
    }

    function test_an_emergency_of_Aaves_is_never_undone_by_the_cap() public {
        parameters.setLimit(1, 0, true);
        cap(1, "as little as the agent leaves");
        setCap(0);
        parameters.setLimit(1, 5_000, true);
        isTrue(!agent.syncSupplyCap(address(weth)), "a 0 is Aave's, also where the agent had nearly nothing");
        pass(90 days);
        isTrue(!agent.syncSupplyCap(address(weth)), "for as long as Aave sets no other");
        setCap(6_000);
        cap(5_000, "handed back");
    }

    function test_tokens_of_any_decimals_are_counted_whole() public {
        for (uint8 decimals; decimals <= 30; decimals += 6) {
            list(decimals);
            agent = deploy(AaveV4Agent.Settings(25, 4 hours, 20, 6 hours));
            market.setAdded(3_001 * 10 ** decimals - 1);
            parameters.setLimit(1, 4_096, false);
            cap(3_000, "rounded down");
        }
    }

    function cap(uint256 wanted, string memory sentence) private {
        (uint256 next, bool changes) = agent.previewSupplyCap(address(weth));
        isTrue(changes && next == wanted, sentence);
        isTrue(agent.syncSupplyCap(address(weth)), sentence);
        equal(market.getSpokeConfig(3, market.spoke()).addCap, wanted, sentence);
    }

    function test_an_Aave_that_does_not_do_as_told_is_noticed() public {
        differs(MockAaveV4.Fault.FACTOR_OFF_BY_ONE, "collateral factor", 7_501, 7_500);
        differs(MockAaveV4.Fault.BONUS_MOVED, "bonus", 10_501, 10_500);
        differs(MockAaveV4.Fault.FEE_MOVED, "fee", 1_001, 1_000);
        differs(MockAaveV4.Fault.KEY_SKIPPED, "key", 2, 1);
        differs(MockAaveV4.Fault.OLD_MOVED, "collateral factor", 8_049, 8_050);
        differs(MockAaveV4.Fault.FLAGS_MOVED, "reserve", 1, 0);
        market.setFault(MockAaveV4.Fault.CAP_KEPT);
        vm.expectRevert(abi.encodeWithSelector(ExposureCap.EffectDiffers.selector, "add cap", NO_CAP, 4_096));
        agent.syncSupplyCap(address(weth));
        market.setFault(MockAaveV4.Fault.DRAW_CAP_MOVED);
        vm.expectRevert(abi.encodeWithSelector(ExposureCap.EffectDiffers.selector, "spoke", 1, 0));
        agent.syncSupplyCap(address(weth));
        market.setFault(MockAaveV4.Fault.NONE);
        sync(true);
        pass(30 days);
        set(2_500, 2_300);
        market.setFault(MockAaveV4.Fault.NEWEST_MOVED);
        vm.expectRevert(
            abi.encodeWithSelector(ExposureCap.EffectDiffers.selector, "collateral factor", 7_499, 7_500)
        );
        agent.lower(address(weth), 0);
        market.setFault(MockAaveV4.Fault.FACTOR_OFF_BY_ONE);
        vm.expectRevert(
            abi.encodeWithSelector(ExposureCap.EffectDiffers.selector, "collateral factor", 8_026, 8_025)
        );
        agent.lower(address(weth), 0);
        market.setFault(MockAaveV4.Fault.FLAGS_MOVED);
        vm.expectRevert(abi.encodeWithSelector(ExposureCap.EffectDiffers.selector, "reserve", 1, 0));
        agent.lower(address(weth), 0);
    }

    function differs(MockAaveV4.Fault fault, string memory what, uint256 given, uint256 allowed) private {
        market.setFault(fault);
        vm.expectRevert(abi.encodeWithSelector(ExposureCap.EffectDiffers.selector, what, given, allowed));
        agent.sync(address(weth));
    }

    function test_what_is_unknown_or_unlisted_is_refused() public {
        parameters.set(address(this), USD, IHaircuts.Haircuts(2_500, 2_300, uint40(START), IHaircuts.Mode.NORMAL));
        vm.expectRevert(abi.encodeWithSelector(MockAaveV4.AssetNotListed.selector));
        agent.sync(address(this));
        vm.expectRevert(abi.encodeWithSelector(MockAaveV4.AssetNotListed.selector));
        agent.syncSupplyCap(address(this));
        AaveV4Agent other =
            new AaveV4Agent(parameters, places, address(1), AaveV4Agent.Settings(25, 4 hours, 20, 6 hours));
        bytes memory unknown = abi.encodeWithSelector(ExposureCap.UnknownPair.selector, address(weth), address(1));
        vm.expectRevert(unknown);
        other.sync(address(weth));
        vm.expectRevert(unknown);
        other.lower(address(weth), 0);
        vm.expectRevert(unknown);
        other.syncSupplyCap(address(weth));
    }

    function test_settings_that_could_jump_are_refused() public {
        vm.expectRevert(abi.encodeWithSelector(AaveV4Agent.BadSettings.selector, "maxStepBps", 0, 1));
        deploy(AaveV4Agent.Settings(0, 4 hours, 20, 6 hours));
        vm.expectRevert(abi.encodeWithSelector(AaveV4Agent.BadSettings.selector, "stepSeconds", 0, 1));
        deploy(AaveV4Agent.Settings(25, 0, 20, 6 hours));
        vm.expectRevert(abi.encodeWithSelector(AaveV4Agent.BadSettings.selector, "maxAgeSeconds", 0, 1));
        deploy(AaveV4Agent.Settings(25, 4 hours, 20, 0));
    }
}
