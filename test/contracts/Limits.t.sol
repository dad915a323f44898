// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterEvents as Events} from "../../contracts/interfaces/IParameterEvents.sol";
import {ICollateralParameters as Params} from "../../contracts/interfaces/ICollateralParameters.sol";
import {IParameterTypes as Types} from "../../contracts/interfaces/IParameterTypes.sol";
import {vm} from "./support/Vm.sol";
import {ParametersTest} from "./support/ParametersWorld.sol";

/// @dev What governance may not set, field by field; what the guardian may not; what is not listed.
contract LimitsTest is ParametersTest {
    function bad(uint8 classId, Types.Limits memory limits, string memory what, uint256 given, uint256 allowed) private {
        vm.expectRevert(abi.encodeWithSelector(Events.BadLimits.selector, what, given, allowed));
        setLimits(classId, limits);
    }

    function test_bounds_that_cross_or_do_not_fit_are_refused() public {
        Types.Limits memory limits = calmLimits();
        limits.maxInitialBps = 10_001;
        bad(0, limits, "maxInitialBps", 10_001, 10_000);
        limits.maxInitialBps = 8_199;
        bad(0, limits, "maxInitialBps", 8_199, 8_200);
        limits = calmLimits();
        limits.minInitialBps = 9_001;
        bad(0, limits, "minInitialBps", 9_001, 9_000);
        limits = calmLimits();
        limits.minMaintenanceBps = 8_001;
        bad(0, limits, "minMaintenanceBps", 8_001, 8_000);
        limits = calmLimits();
        limits.maxMaintenanceBps = 8_192;
        bad(0, limits, "maxMaintenanceBps", 8_192, 8_191);
    }

    function test_gap_and_bonus_are_refused_where_they_make_no_sense() public {
        Types.Limits memory limits = calmLimits();
        limits.minGapBps = 0;
        bad(0, limits, "minGapBps", 0, 1);
        limits.minGapBps = 4_096;
        bad(0, limits, "minGapBps", 4_096, 4_095);
        limits = calmLimits();
        limits.liquidationBonusBps = 8_192;
        bad(0, limits, "liquidationBonusBps", 8_192, 8_191);
        limits.liquidationBonusBps = 1_000;
        bad(0, limits, "minMaintenanceBps", 700, 910);
    }

    function test_steps_and_budgets_are_refused_where_they_contradict_each_other() public {
        Types.Limits memory limits = calmLimits();
        limits.quorumLooseningStepBps = 4_096;
        bad(0, limits, "quorumLooseningStepBps", 4_096, 4_095);
        limits = calmLimits();
        limits.maxLooseningStepBps = 201;
        bad(0, limits, "maxLooseningStepBps", 201, 200);
        limits = calmLimits();
        limits.quorumLooseningBudgetBpsPerDay = 1_024;
        bad(0, limits, "quorumLooseningBudgetBpsPerDay", 1_024, 1_020);
        limits.quorumLooseningBudgetBpsPerDay = 402;
        bad(0, limits, "quorumLooseningBudgetBpsPerDay", 402, 400);
        limits = calmLimits();
        limits.looseningBudgetBpsPerDay = 404;
        bad(0, limits, "looseningBudgetBpsPerDay", 404, 400);
        limits.looseningBudgetBpsPerDay = 202;
        bad(0, limits, "looseningBudgetBpsPerDay", 202, 200);
    }

    function test_ages_and_the_profile_behind_them() public {
        Types.Limits memory limits = calmLimits();
        limits.maxAgeSeconds = 59;
        bad(0, limits, "maxAgeSeconds", 59, 60);
        limits.maxAgeSeconds = 90;
        bad(0, limits, "maxAgeSeconds", 90, 60);
        limits.maxAgeSeconds = 6 hours + 60;
        bad(0, limits, "ttlSeconds", 6 hours, 6 hours + 60);
        limits = otherLimits();
        limits.maxInitialBps = 9_501;
        bad(1, limits, "staleInitialCapBps", 9_500, 9_501);
    }

    function test_limits_that_present_values_break_are_refused() public {
        Types.Limits memory limits = calmLimits();
        limits.minGapBps = 401;
        bad(0, limits, "minGapBps", 401, 400);
        limits.minGapBps = 400;
        setLimits(0, limits);
        limits.liquidationBonusBps = 2_196;
        limits.minMaintenanceBps = 1_801;
        bad(0, limits, "liquidationBonusBps", 2_196, 2_195);
        limits.liquidationBonusBps = 2_195;
        setLimits(0, limits);
    }

    function test_limits_are_judged_by_maintenance_as_it_reads_not_as_it_was_stored() public {
        send(bytes.concat(whole(0, 0, -80), whole(1, 0, -80)));
        pass(6 hours);
        equal(maintenanceOf(1), 1_788, "12 of 80 have ticked, and 1800 is stored");
        Types.Limits memory limits = calmLimits();
        limits.minGapBps = 413;
        bad(0, limits, "minGapBps", 413, 412);
        limits.minGapBps = 412;
        setLimits(0, limits);
    }

    function test_limits_are_read_back_as_set() public {
        (Types.Limits memory limits, Types.ProfileValues memory profile) = parameters.limitsOf(11);
        isTrue(keccak256(abi.encode(limits)) == keccak256(abi.encode(otherLimits())), "limits");
        isTrue(keccak256(abi.encode(profile)) == keccak256(abi.encode(calmProfiles()[1])), "profile");
        vm.expectRevert(abi.encodeWithSelector(Events.UnknownClass.selector, 64));
        setLimits(64, limits);
    }

    function test_profiles_that_make_no_sense_are_refused_at_deployment() public {
        Types.ProfileValues[] memory one = new Types.ProfileValues[](1);
        badProfile(Types.ProfileValues(2_001, 50, 6 hours, 1 days, 10_000), "tightenSpeedBpsPerDay", 2_001, 2_000);
        badProfile(Types.ProfileValues(150, 2_001, 6 hours, 1 days, 10_000), "loosenSpeedBpsPerDay", 2_001, 2_000);
        badProfile(Types.ProfileValues(150, 50, 6 hours, 1 days, 10_001), "staleInitialCapBps", 10_001, 10_000);
        badProfile(Types.ProfileValues(150, 50, 6 hours, 0, 10_000), "decaySeconds", 0, 60);
        badProfile(Types.ProfileValues(150, 50, 0, 1 days, 10_000), "ttlSeconds", 0, 60);
        badProfile(Types.ProfileValues(150, 50, 6 hours, 90, 10_000), "decaySeconds", 90, 60);
        badProfile(Types.ProfileValues(150, 50, 90, 1 days, 10_000), "ttlSeconds", 90, 60);
        badProfile(
            Types.ProfileValues(150, 50, 60, 4_095 * 60, 10_000), "ttlSeconds + decaySeconds", 4_096 * 60, 4_095 * 60
        );
        vm.expectRevert(abi.encodeWithSelector(Events.BadLimits.selector, "profiles", 0, 4));
        this.deployWith(new Types.ProfileValues[](0));
        vm.expectRevert(abi.encodeWithSelector(Events.BadLimits.selector, "profiles", 5, 4));
        this.deployWith(new Types.ProfileValues[](5));
        one[0] = Types.ProfileValues(2_000, 2_000, 60, 4_094 * 60, 10_000);
        this.deployWith(one);
    }

    function badProfile(Types.ProfileValues memory values, string memory what, uint256 given, uint256 allowed) private {
        Types.ProfileValues[] memory one = new Types.ProfileValues[](1);
        one[0] = values;
        vm.expectRevert(abi.encodeWithSelector(Events.BadLimits.selector, what, given, allowed));
        this.deployWith(one);
    }

    function deployWith(Types.ProfileValues[] memory profiles) external returns (Params) {
        Types.MarketListing[] memory none = new Types.MarketListing[](0);
        return deploy(GOVERNANCE, KEEPER, QUORUM, GUARDIAN, profiles, new Types.ClassListing[](0), none);
    }

    // ------------------------------------------------------------------------------------------- the guardian's limits

    function notTighter(Types.Limits memory limits, string memory what, uint256 given, uint256 allowed) private {
        vm.expectRevert(abi.encodeWithSelector(Events.NotTighter.selector, what, given, allowed));
        vm.prank(GUARDIAN);
        parameters.setLimits(0, limits);
    }

    function test_the_guardian_only_tightens_and_touches_nothing_else() public {
        Types.Limits memory limits = calmLimits();
        limits.minInitialBps -= 1;
        notTighter(limits, "minInitialBps", 999, 1_000);
        limits = calmLimits();
        limits.maxInitialBps -= 1;
        notTighter(limits, "maxInitialBps", 8_999, 9_000);
        limits = calmLimits();
        limits.minMaintenanceBps += 1;
        notTighter(limits, "minMaintenanceBps", 701, 700);
        limits = calmLimits();
        limits.maxMaintenanceBps += 1;
        notTighter(limits, "maxMaintenanceBps", 8_001, 8_000);
        limits = calmLimits();
        limits.minGapBps += 1;
        notTighter(limits, "minGapBps", 201, 200);
        limits = calmLimits();
        limits.liquidationBonusBps -= 1;
        notTighter(limits, "liquidationBonusBps", 499, 500);
        limits = calmLimits();
        limits.maxLooseningStepBps += 1;
        notTighter(limits, "maxLooseningStepBps", 81, 80);
        limits = calmLimits();
        limits.quorumLooseningStepBps += 1;
        notTighter(limits, "quorumLooseningStepBps", 201, 200);
        limits = calmLimits();
        limits.looseningBudgetBpsPerDay += 4;
        notTighter(limits, "looseningBudgetBpsPerDay", 204, 200);
        limits = calmLimits();
        limits.quorumLooseningBudgetBpsPerDay += 4;
        notTighter(limits, "quorumLooseningBudgetBpsPerDay", 404, 400);
        limits = calmLimits();
        limits.maxAgeSeconds -= 60;
        notTighter(limits, "maxAgeSeconds", 3_540, 3_600);
        limits = calmLimits();
        limits.probed = true;
        notTighter(limits, "probed", 1, 0);
    }

    // ---------------------------------------------------------------------------------------------------------- listing

    function lists(Types.MarketListing memory listing, bytes memory refusal) private {
        if (refusal.length != 0) vm.expectRevert(refusal);
        vm.prank(LISTER);
        parameters.listMarket(listing);
    }

    function test_what_is_not_listed() public {
        Types.MarketListing memory next = calmListing(0);
        lists(next, abi.encodeWithSelector(Events.MarketExists.selector, next.collateral, USD, 1));
        next.debt = STRANGER;
        lists(next, abi.encodeWithSelector(Events.NotAnAsset.selector, STRANGER));
        (next.debt, next.collateral) = (address(tokens[1]), STRANGER);
        lists(next, abi.encodeWithSelector(Events.NotAnAsset.selector, STRANGER));
        next.collateral = address(tokens[0]);
        lists(next, abi.encodeWithSelector(Events.GroupFull.selector, 0));
        next.group = 2;
        lists(next, abi.encodeWithSelector(Events.WrongGroupClass.selector, 2, 0, 1));
        next.group = 4;
        lists(next, abi.encodeWithSelector(Events.UnknownGroup.selector, 4, 3));
        next.group = 1;
        next.classId = 7;
        lists(next, abi.encodeWithSelector(Events.UnknownClass.selector, 7));
        next.classId = 0;
        next.initialBps = 1_999;
        lists(next, abi.encodeWithSelector(Events.BadValues.selector, 9, Types.SkipReason.GAP_TOO_SMALL, 1_999, 2_000));
        next.initialBps = 2_200;
        bytes32 neighbour = keep(6);
        lists(next, "");
        equal(initialOf(9), 2_200, "the next free lane of the group");
        isTrue(keep(6) == neighbour, "I6: its neighbours do not change");
        (next.debt, next.group) = (address(tokens[2]), 3);
        lists(next, "");
        equal(parameters.groupCount(), 4, "a new group");
        equal(initialOf(16), 2_200, "and its first market");
        pass(60);
        send(change(16, 2_300, 1_800));
        equal(initialOf(16), 2_300, "valid at once, replaced by the first update");
    }

    // ------------------------------------------------------------------------------------------------------------ probe

    function test_a_probe_stops_loosening_and_never_tightening() public {
        for (uint8 answer = 1; answer < 6; ++answer) {
            Probe probe = new Probe(answer);
            vm.prank(GOVERNANCE);
            parameters.setProbe(11, address(probe));
            pass(60);
            Types.MarketUpdate memory next = change(11, initialOf(11) - 1, 3_600);
            (Types.SkipReason reason, uint256 given, uint256 allowed) = parameters.previewUpdate(next, false);
            equal(uint256(reason), uint256(Types.SkipReason.PROBE_REFUSED), "anything but true refuses");
            equal(given, next.initialBps, "given");
            equal(allowed, next.initialBps + 1, "what is stored");
            send(bytes.concat(entry(next), entry(change(1, 2_200, 1_800))));
            equal(initialOf(11), allowed, "skipped, and its neighbour lands");
            send(change(11, allowed + 1, 3_600));
            equal(initialOf(11), allowed + 1, "tightening asks nobody");
        }
        Probe yes = new Probe(0);
        vm.prank(GOVERNANCE);
        parameters.setProbe(11, address(yes));
        pass(60);
        send(whole(2, -3, 0));
        equal(initialOf(11), 4_200 + 5 - 3, "true lets it loosen");
        vm.expectRevert(abi.encodeWithSelector(Events.NotAnAsset.selector, STRANGER));
        vm.prank(GOVERNANCE);
        parameters.setProbe(11, STRANGER);
    }
}

/// @dev Answers yes, no, two, nothing, by reverting or by using up its gas.
contract Probe {
    uint8 private immutable ANSWER;

    constructor(uint8 answer) {
        ANSWER = answer;
    }

    function mayLoosen(uint16, uint16, uint16) external view {
        if (ANSWER == 4) revert("no");
        while (ANSWER == 5) {}
        uint256 answer = ANSWER == 0 ? 1 : ANSWER == 1 ? 0 : 2;
        uint256 size = ANSWER == 3 ? 0 : 32;
        assembly {
            mstore(0, answer)
            return(0, size)
        }
    }
}
