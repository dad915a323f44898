// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AaveV4Agent} from "../../../contracts/adapters/AaveV4Agent.sol";
import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {MockAaveV4} from "../../mocks/MockAaveV4.sol";
import {vm} from "../support/Vm.sol";
import {AaveV4Test} from "./AaveV4Test.sol";

/// @dev What Aave's own hand, another agent or a stranger may do in between.
contract AaveV4AttacksTest is AaveV4Test {
    function test_what_Aave_has_frozen_paused_halted_or_switched_off_is_not_loosened_and_is_tightened() public {
        for (uint256 at; at < 4; ++at) {
            set(2_500, 2_300);
            sync(true);
            hold(at);
            set(2_000, 1_800);
            sync(false);
            set(3_000, 2_800);
            sync(true);
            equal(factor(newest()), 7_000, "down");
            set(10_000, 2_800, clock, IHaircuts.Mode.NO_NEW_RISK);
            sync(true);
            set(3_000, 2_800);
            sync(false);
            letGo();
            sync(true);
            equal(factor(newest()), 7_000, "open again by Aave's hand");
        }
    }

    /// @dev Nobody could be liquidated, or help himself, and all the steps would come due together.
    function test_old_configurations_wait_while_nobody_can_be_liquidated_and_not_for_a_freeze() public {
        sync(true);
        pass(30 days);
        for (uint256 at; at < 4; ++at) {
            pass(4 hours);
            set(2_500, 2_300);
            hold(at);
            lower(0, at == 0);
            letGo();
        }
        lower(0, true);
        equal(factor(0), 8_000, "one step, not one for each that was missed");
    }

    function hold(uint256 at) private {
        market.setFlags(at == 1, at == 0);
        market.setSpoke(at != 2, at == 3);
    }

    function letGo() private {
        market.setFlags(false, false);
        market.setSpoke(true, false);
    }

    function test_a_factor_that_Aave_changes_in_place_starts_no_clock_and_is_replaced() public {
        sync(true);
        update(1, 8_500);
        market.supply(ALICE, 100e18);
        market.borrow(ALICE, 85e18);
        pass(60 days);
        set(2_500, 2_300);
        sync(true);
        equal(factor(2), 7_500, "1 - initial");
        isTrue(!market.isLiquidatable(ALICE), "who borrowed under it is not due");
        lower(1, false);
        pass(30 days - 1);
        set(2_500, 2_300);
        lower(1, false);
        pass(1);
        lower(1, true);
        isTrue(market.isLiquidatable(ALICE), "and is, 30 days after it was replaced");
        update(0, 9_000);
        lower(0, true);
        equal(factor(0), 8_975, "an old one that Aave raises comes down by steps");
    }

    function test_agents_know_only_their_own_closing_and_each_has_its_own_clock() public {
        AaveV4Agent other = deploy(AaveV4Agent.Settings(25, 4 hours, 20, 6 hours));
        set(10_000, 2_300, clock, IHaircuts.Mode.NO_NEW_RISK);
        sync(true);
        set(2_500, 2_300);
        vm.expectRevert(abi.encodeWithSelector(AaveV4Agent.ClosedByOthers.selector, address(weth), 1));
        other.sync(address(weth));
        sync(true);
        isTrue(!other.sync(address(weth)), "where both want the same they do not add to each other's");
        isTrue(other.lower(address(weth), 0), "the other has seen nothing replaced");
        pass(30 days);
        set(2_500, 2_300);
        lower(0, true);
        isTrue(other.lower(address(weth), 0), "a step each");
        equal(factor(0), 8_000, "two steps: take the role from the old one");
    }

    function test_what_happened_while_the_role_was_away_has_its_notice_from_when_it_is_noted() public {
        sync(true);
        add(8_300);
        market.supply(ALICE, 100e18);
        market.borrow(ALICE, 83e18);
        add(0);
        add(7_600);
        pass(200 days);
        set(2_500, 2_300);
        lower(2, true);
        lower(2, false);
        sync(true);
        pass(30 days - 1);
        set(2_500, 2_300);
        lower(2, false);
        isTrue(!market.isLiquidatable(ALICE), "nobody is due within the notice");
        pass(1);
        lower(2, true);
        isTrue(market.isLiquidatable(ALICE), "and then by a step");
        lower(3, true);
        equal(factor(3), 0, "another is noted when somebody asks");
    }

    function test_calling_all_the_time_does_not_hold_a_configuration_up() public {
        sync(true);
        for (uint256 i; i < 30; ++i) {
            equal(factor(0), 8_050, "within its notice");
            callAfter(1 days);
        }
        equal(factor(0), 8_025, "it begins after 30 days to the second");
        for (uint256 i; i < 12; ++i) callAfter(1 hours);
        equal(factor(0), 7_950, "and takes a step in four hours, no fewer and no more");
    }

    function callAfter(uint256 delay) private {
        pass(delay);
        set(2_500, 2_300);
        agent.lower(address(weth), 0);
        agent.sync(address(weth));
    }

    function test_the_last_key_of_all_is_refused_by_Aave_and_older_ones_come_down_still() public {
        market.setNewest(type(uint32).max - 1);
        sync(true);
        set(2_000, 1_800);
        vm.expectRevert(abi.encodeWithSelector(MockAaveV4.MaximumDynamicConfigKeyReached.selector));
        agent.sync(address(weth));
        pass(30 days);
        set(2_500, 2_300);
        lower(type(uint32).max - 1, true);
        equal(factor(type(uint32).max - 1), 8_025, "a step");
    }

    /// @dev 400 left by others before the agent was deployed: one transaction may hold 16.7 million gas (EIP-7825).
    function test_four_hundred_old_configurations_are_noted_in_two_transactions() public {
        for (uint256 i; i < 400; ++i) add(8_000 - i);
        bytes[] memory calls = new bytes[](200);
        uint256 before = gasleft();
        equal(agent.lowerable(address(weth), 0, 400).length, 400, "listed");
        atMost(before - gasleft(), 16_000_000, "within what a node lets a reader use");
        for (uint32 page; page < 2; ++page) {
            for (uint32 i; i < 200; ++i) calls[i] = abi.encodeCall(AaveV4Agent.lower, (address(weth), page * 200 + i));
            before = gasleft();
            agent.multicall(calls);
            atMost(before - gasleft(), 16_000_000, "a transaction");
        }
        equal(agent.lowerable(address(weth), 0, 400).length, 0, "all noted");
    }
}
