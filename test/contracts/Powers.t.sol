// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {ICollateralParameters as Params} from "../../contracts/interfaces/ICollateralParameters.sol";
import {IParameterTypes as Types} from "../../contracts/interfaces/IParameterTypes.sol";
import {IParameterEvents as Events} from "../../contracts/interfaces/IParameterEvents.sol";
import {vm} from "./support/Vm.sol";
import {ParametersTest} from "./support/ParametersWorld.sol";
import {Flags} from "./support/Words.sol";

/// @dev Who may do what: every external function that writes, by every role. Each attempt is rolled back.
contract PowersTest is ParametersTest {
    uint256 private constant NOBODY = 0;
    uint256 private constant BY_GOVERNANCE = 1;
    uint256 private constant BY_KEEPER = 2;
    uint256 private constant BY_QUORUM = 4;
    uint256 private constant BY_GUARDIAN = 8;
    uint256 private constant BY_CHALLENGER = 16;
    uint256 private constant BY_LISTER = 32;

    error Tried(bool done);

    function callers() private view returns (address[8] memory) {
        return [GOVERNANCE, KEEPER, QUORUM, GUARDIAN, CHALLENGER, LISTER, STRANGER, address(this)];
    }

    /// @dev External, and always reverting, so that nothing it did remains.
    function attempt(address caller, bytes calldata data) external {
        vm.prank(caller);
        (bool done,) = address(parameters).call(data);
        revert Tried(done);
    }

    function may(uint256 who, bytes memory data, string memory what) private {
        address[8] memory all = callers();
        for (uint256 i; i < all.length; ++i) {
            try this.attempt(all[i], data) {}
            catch (bytes memory said) {
                bool done = keccak256(said) == keccak256(abi.encodeWithSelector(Tried.selector, true));
                isTrue(done == Flags.has(who, i), string.concat("I8: only who may, did: ", what));
            }
        }
    }

    function test_the_role_matrix() public {
        Types.Batch memory batch = batchOf(entry(change(1, 2_300, 1_850)));
        may(BY_KEEPER, abi.encodeCall(parameters.update, (batch)), "update");
        may(BY_QUORUM, abi.encodeCall(parameters.updateByQuorum, (batch)), "updateByQuorum");
        Types.MarketListing memory listing = calmListing(0);
        (listing.debt, listing.group) = (address(tokens[1]), 1);
        may(BY_LISTER, abi.encodeCall(parameters.listMarket, (listing)), "listMarket");
        may(BY_GOVERNANCE, abi.encodeCall(parameters.setClass, (0, 0)), "setClass");
        may(BY_GOVERNANCE, abi.encodeCall(parameters.overrideMarkets, (held(1, 3_000, 1_800, clock))), "overrideMarkets");
        may(BY_GOVERNANCE, abi.encodeCall(parameters.resetBreaker, ()), "resetBreaker");
        may(BY_GOVERNANCE, abi.encodeCall(parameters.setProbe, (11, address(tokens[0]))), "setProbe");
    }

    function test_the_role_matrix_of_modes() public {
        uint256 close = BY_GOVERNANCE | BY_GUARDIAN;
        may(close | BY_CHALLENGER, abi.encodeCall(parameters.setMode, (1, Types.Mode.NO_NEW_RISK)), "NORMAL to NO_NEW_RISK");
        may(close, abi.encodeCall(parameters.setMode, (1, Types.Mode.FROZEN)), "NORMAL to FROZEN");
        may(BY_GOVERNANCE, abi.encodeCall(parameters.setMode, (1, Types.Mode.NORMAL)), "NORMAL to NORMAL");
        for (uint8 from = 1; from < 3; ++from) {
            setMode(1, Types.Mode(from));
            for (uint8 to; to < 3; ++to) {
                may(BY_GOVERNANCE, abi.encodeCall(parameters.setMode, (1, Types.Mode(to))), "a mode over governance's own");
            }
        }
        for (uint8 from = 1; from < 3; ++from) {
            setMode(1, Types.Mode.NORMAL);
            setMode(1, Types.Mode(from), GUARDIAN);
            for (uint8 to; to < 3; ++to) {
                uint256 who = to > from ? close : BY_GOVERNANCE;
                may(who, abi.encodeCall(parameters.setMode, (1, Types.Mode(to))), "a mode over a guardian's");
            }
        }
    }

    function test_a_guardian_cannot_freeze_for_good_what_governance_closed_for_good() public {
        setMode(1, Types.Mode.NO_NEW_RISK);
        vm.expectRevert(abi.encodeWithSelector(Events.HeldByGovernance.selector, 1, Types.Mode.NO_NEW_RISK));
        setMode(1, Types.Mode.FROZEN, GUARDIAN);
        equal(uint256(parameters.haircuts(1).mode), 1, "closed as governance closed it, and maintenance moves");
    }

    function test_the_role_matrix_of_limits() public {
        Types.Limits memory limits = calmLimits();
        uint256 tighter = BY_GOVERNANCE | BY_GUARDIAN;
        may(tighter, abi.encodeCall(parameters.setLimits, (0, limits)), "limits as they are");
        may(BY_GOVERNANCE, abi.encodeCall(parameters.setLimits, (5, limits)), "limits of a new class");
        limits.maxLooseningStepBps = 79;
        may(tighter, abi.encodeCall(parameters.setLimits, (0, limits)), "tighter limits");
        limits.maxLooseningStepBps = 81;
        may(BY_GOVERNANCE, abi.encodeCall(parameters.setLimits, (0, limits)), "looser limits");
        may(tighter, abi.encodeCall(parameters.setAggregateBudget, (1_000, 2_000)), "aggregate budgets as they are");
        may(tighter, abi.encodeCall(parameters.setAggregateBudget, (0, 0)), "lower aggregate budgets");
        may(BY_GOVERNANCE, abi.encodeCall(parameters.setAggregateBudget, (1_001, 2_000)), "a higher aggregate budget");
        may(BY_GOVERNANCE, abi.encodeCall(parameters.setAggregateBudget, (0, 2_001)), "a higher aggregate budget");
    }

    function test_the_role_matrix_of_roles() public {
        bytes32[6] memory roles =
            [ADMIN_ROLE, KEEPER_ROLE, QUORUM_ROLE, GUARDIAN_ROLE, CHALLENGER_ROLE, LISTER_ROLE];
        for (uint256 i; i < 6; ++i) {
            may(BY_GOVERNANCE, abi.encodeCall(IAccessControl.grantRole, (roles[i], STRANGER)), "grantRole");
            may(BY_GOVERNANCE, abi.encodeCall(IAccessControl.revokeRole, (roles[i], callers()[i])), "revokeRole");
            may(Flags.at(i), abi.encodeCall(IAccessControl.renounceRole, (roles[i], callers()[i])), "renounceRole");
        }
    }

    function test_each_role_has_its_one_holder_and_the_deployer_none() public view {
        bytes32[6] memory roles =
            [ADMIN_ROLE, KEEPER_ROLE, QUORUM_ROLE, GUARDIAN_ROLE, CHALLENGER_ROLE, LISTER_ROLE];
        IAccessControl access = IAccessControl(address(parameters));
        for (uint256 i; i < 6; ++i) {
            isTrue(access.getRoleAdmin(roles[i]) == ADMIN_ROLE, "governance administers every role");
            for (uint256 j; j < 8; ++j) {
                isTrue(access.hasRole(roles[i], callers()[j]) == (i == j), "one holder, one role");
            }
        }
    }

    function test_zero_addresses_are_refused_at_deployment_and_a_quorum_may_come_later() public {
        vm.expectRevert(abi.encodeWithSelector(Events.ZeroAddress.selector, "governance"));
        this.deployBare(address(0), KEEPER, QUORUM, GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(Events.ZeroAddress.selector, "keeper"));
        this.deployBare(GOVERNANCE, address(0), QUORUM, GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(Events.ZeroAddress.selector, "guardian"));
        this.deployBare(GOVERNANCE, KEEPER, QUORUM, address(0));
        Params bare = this.deployBare(GOVERNANCE, KEEPER, address(0), GUARDIAN);
        isTrue(!IAccessControl(address(bare)).hasRole(QUORUM_ROLE, address(0)), "nobody holds the quorum's role");
    }

    function deployBare(address governance, address keeper, address quorum, address guardian)
        external
        returns (Params)
    {
        Types.MarketListing[] memory none = new Types.MarketListing[](0);
        return deploy(governance, keeper, quorum, guardian, calmProfiles(), calmClasses(), none);
    }

    // ------------------------------------------------------------------------------------- how long a mode holds

    function test_a_guardians_mode_lapses_on_the_full_hour_after_72() public {
        pass(25 minutes);
        setMode(1, Types.Mode.NO_NEW_RISK, GUARDIAN);
        equal(parameters.marketState(1).modeUntil, START + 72 hours, "it never holds longer than 72 hours");
        pass(72 hours - 25 minutes - 1);
        equal(uint256(parameters.haircuts(1).mode), 1, "until its last second");
        pass(1);
        equal(uint256(parameters.haircuts(1).mode), 0, "then it has lapsed");
    }

    function test_making_it_stricter_does_not_make_it_longer() public {
        setMode(1, Types.Mode.NO_NEW_RISK, GUARDIAN);
        pass(70 hours);
        setMode(1, Types.Mode.FROZEN, GUARDIAN);
        equal(parameters.marketState(1).modeUntil, START + 72 hours, "the hour it had");
    }

    function test_a_lapsed_mode_cools_down_for_24_hours() public {
        setMode(1, Types.Mode.NO_NEW_RISK, GUARDIAN);
        pass(72 hours);
        bytes memory refusal = abi.encodeWithSelector(Events.GuardianCoolingDown.selector, 1, START + 96 hours);
        vm.expectRevert(refusal);
        setMode(1, Types.Mode.FROZEN, GUARDIAN);
        send(restate(1));
        pass(24 hours - 1);
        vm.expectRevert(refusal);
        setMode(1, Types.Mode.FROZEN, GUARDIAN);
        setMode(2, Types.Mode.FROZEN, GUARDIAN);
        pass(1);
        setMode(1, Types.Mode.FROZEN, GUARDIAN);
        equal(uint256(parameters.haircuts(1).mode), 2, "after it, again");
    }

    function test_a_challenge_closes_for_six_hours_and_a_guardian_may_take_over() public {
        setMode(1, Types.Mode.NO_NEW_RISK, CHALLENGER);
        isTrue(parameters.marketState(1).challenged, "marked as a challenge");
        equal(parameters.marketState(1).modeUntil, START + 6 hours, "six hours");
        setMode(1, Types.Mode.FROZEN, GUARDIAN);
        equal(parameters.marketState(1).modeUntil, START + 72 hours, "the guardian's hours count from now");
        isTrue(!parameters.marketState(1).challenged, "and it is the guardian's");
        setMode(2, Types.Mode.NO_NEW_RISK, CHALLENGER);
        pass(6 hours);
        equal(uint256(parameters.haircuts(2).mode), 0, "a challenge lapses");
    }

    function test_a_challenge_in_a_guardians_cool_down_does_not_end_it() public {
        setMode(1, Types.Mode.NO_NEW_RISK, GUARDIAN);
        pass(73 hours);
        setMode(1, Types.Mode.NO_NEW_RISK, CHALLENGER);
        isTrue(!parameters.marketState(1).challenged, "not the challenge that a guardian may take over");
        setMode(1, Types.Mode.FROZEN, GUARDIAN);
        equal(parameters.marketState(1).modeUntil, START + 79 hours, "stricter, and no longer than the challenge");
        pass(30 hours - 1);
        vm.expectRevert(abi.encodeWithSelector(Events.GuardianCoolingDown.selector, 1, START + 103 hours));
        setMode(1, Types.Mode.FROZEN, GUARDIAN);
        pass(1);
        setMode(1, Types.Mode.FROZEN, GUARDIAN);
    }

    function test_what_governance_sets_does_not_lapse() public {
        setMode(1, Types.Mode.NO_NEW_RISK);
        equal(parameters.marketState(1).modeUntil, type(uint40).max, "for ever");
        pass(1_000 days);
        equal(uint256(parameters.haircuts(1).mode), 1, "still closed");
    }

    function test_modes_of_unknown_markets_are_refused() public {
        uint16[3] memory unknown = [uint16(0), 9, 13];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(Events.UnknownMarket.selector, unknown[i]));
            setMode(unknown[i], Types.Mode.FROZEN);
        }
    }

    // ------------------------------------------------------------------------------------------------- override

    function test_governance_overrides_past_step_and_budget_and_the_keeper_cannot_change_it() public {
        hold(1, 2_000, 1_200, clock + 2 days);
        equal(initialOf(1), 2_000, "past the step and the budget");
        equal(maintenanceOf(1), 1_800, "I3: no call moves effective maintenance in its own block");
        pass(12 hours);
        equal(maintenanceOf(1), 1_775, "maintenance keeps its speed");
    }

    function test_roll_back_of_many_markets_is_one_transaction() public {
        bytes memory entries = bytes.concat(whole(0, 2_000, 1_000), whole(1, 2_000, 1_000), whole(2, 2_000, 1_000));
        send(entries);
        Types.ManualOverride[] memory values = new Types.ManualOverride[](MARKETS);
        for (uint256 i; i < MARKETS; ++i) {
            values[i] = Types.ManualOverride(idAt(i), i < 8 ? 2_200 : 4_200, i < 8 ? 1_800 : 3_600, uint40(clock));
        }
        vm.prank(GOVERNANCE);
        parameters.overrideMarkets(values);
        for (uint256 i; i < MARKETS; ++i) equal(initialOf(idAt(i)), values[i].initialBps, "back to the last known good");
        pass(60);
        send(restateAll());
        for (uint256 i; i < MARKETS; ++i) equal(asOfOf(idAt(i)), clock, "and the keeper carries on");
    }

    function test_an_override_holds_bounds_gap_and_breaker() public {
        refusesOverride(999, 700, Types.SkipReason.INITIAL_OUT_OF_BOUNDS, 999, 1_000);
        refusesOverride(9_001, 700, Types.SkipReason.INITIAL_OUT_OF_BOUNDS, 9_001, 9_000);
        refusesOverride(2_200, 699, Types.SkipReason.MAINTENANCE_OUT_OF_BOUNDS, 699, 700);
        refusesOverride(1_999, 1_000, Types.SkipReason.GAP_TOO_SMALL, 1_999, 2_000);
        vm.prank(GOVERNANCE);
        parameters.setAggregateBudget(0, 0);
        send(change(1, 2_199, 1_800));
        refusesOverride(2_199, 1_800, Types.SkipReason.TIGHTEN_ONLY, 2_199, 2_200);
        hold(1, 2_300, 1_900, clock);
    }

    function refusesOverride(uint256 initial, uint256 target, Types.SkipReason reason, uint256 given, uint256 allowed)
        private
    {
        vm.expectRevert(abi.encodeWithSelector(Events.BadValues.selector, 1, reason, given, allowed));
        hold(1, initial, target, clock);
    }

    function test_an_override_ends_between_now_and_30_days() public {
        uint256[2] memory wrong = [clock - 1, clock + 30 days + 1];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(Events.BadUntil.selector, 1, wrong[i], clock, clock + 30 days)
            );
            hold(1, 2_300, 1_800, wrong[i]);
        }
        hold(1, 2_300, 1_800, clock + 30 days);
    }

    function test_the_keeper_is_told_until_when_the_values_are_held() public {
        hold(1, 2_300, 1_800, clock + 2 days);
        skips(change(1, 9_000, 8_000), Types.SkipReason.OVERRIDDEN, clock, clock + 2 days);
        pass(2 days);
        send(change(1, 9_000, 8_000));
        equal(initialOf(1), 9_000, "then the keeper writes again");
    }
}
