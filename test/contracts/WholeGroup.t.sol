// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterTypes as Types} from "../../contracts/interfaces/IParameterTypes.sol";
import {Allowance, AllowanceLayout} from "../../contracts/libraries/Allowance.sol";
import {Entry} from "../../contracts/libraries/Entry.sol";
import {Follower} from "../../contracts/libraries/Follower.sol";
import {Group, Lane, LaneLayout} from "../../contracts/libraries/Group.sol";
import {RiskClass, RiskClassLayout} from "../../contracts/libraries/RiskClass.sol";
import {UpdateCheck} from "../../contracts/libraries/UpdateCheck.sol";
import {WholeGroup} from "../../contracts/libraries/WholeGroup.sol";
import {ParametersTest} from "./support/ParametersWorld.sol";
import {ALL_LANES, EntryWords, Flags, GroupWords} from "./support/Words.sol";

/// @dev Clauses of the short cut at their edges, asked directly: in a batch the lane path and the post-condition stand
/// behind it, so a clause that is missing shows as another refusal and not as a wrong value. Each test breaks one
/// clause by one basis point, in each lane, and sees the value next to it pass.
contract WholeGroupTest is ParametersTest {
    /// @dev The entry leaves these four lanes as they are.
    uint256 private constant INITIAL = 4_000;
    uint256 private constant TARGET = 1_800;

    /// @dev Whether the short cut takes lane `at` from `was` to these values; maintenance stands still.
    function takes(uint256 at, uint256[3] memory was, uint256 initial, uint256 target, Types.Limits memory limits)
        private
        pure
        returns (bool)
    {
        Group group;
        uint256 values;
        for (uint256 i; i < 5; ++i) {
            group = i == at
                ? group.withLane(i, LaneLayout.pack(was[0], was[1], was[2], false))
                : group.withLane(i, LaneLayout.pack(INITIAL, TARGET, TARGET, false));
            values |= i == at ? EntryWords.values(i, initial, target) : EntryWords.values(i, INITIAL, TARGET);
        }
        uint256 entry = EntryWords.onStack(0, ALL_LANES, values);
        Allowance allowance = AllowanceLayout.pack(RiskClassLayout.pack(limits), 80, 50, 0, 0, 0);
        (uint256 lanes,,) = WholeGroup.apply_(Group.unwrap(group), entry, ALL_LANES, 0, allowance);
        return lanes != 0;
    }

    function test_a_target_over_its_upper_bound_is_not_taken_whole() public pure {
        for (uint256 i; i < 5; ++i) {
            uint256[3] memory was = [uint256(8_900), 1_800, 1_800];
            isTrue(takes(i, was, 8_900, 8_000, calmLimits()), "the bound itself");
            isTrue(!takes(i, was, 8_900, 8_001, calmLimits()), "one over it");
        }
    }

    function test_a_target_under_its_lower_bound_is_not_taken_whole() public pure {
        for (uint256 i; i < 5; ++i) {
            uint256[3] memory was = [uint256(2_200), 720, 720];
            isTrue(takes(i, was, 2_200, 700, calmLimits()), "the bound itself");
            isTrue(!takes(i, was, 2_200, 699, calmLimits()), "one under it, by less than a step");
        }
    }

    function test_an_initial_too_near_to_maintenance_is_not_taken_whole() public pure {
        for (uint256 i; i < 5; ++i) {
            // Maintenance is still on its way down: the gap to the target alone is wide.
            uint256[3] memory was = [uint256(2_201), 1_800, 2_001];
            isTrue(takes(i, was, 2_201, 1_800, calmLimits()), "the gap itself");
            isTrue(!takes(i, was, 2_200, 1_800, calmLimits()), "one less");
        }
    }

    /// @dev Here subtracting the gap borrows the guard of the lane, and what follows would look wide enough.
    function test_an_initial_under_the_gap_is_not_taken_whole() public pure {
        Types.Limits memory limits = calmLimits();
        (limits.minInitialBps, limits.minMaintenanceBps) = (0, 0);
        for (uint256 i; i < 5; ++i) {
            isTrue(takes(i, [uint256(200), 0, 0], 200, 0, limits), "initial at the gap, over a target of 0");
            isTrue(!takes(i, [uint256(199), 0, 0], 199, 0, limits), "one less");
        }
    }

    // ------------------------------------------------------- against the rules as they are meant, lane by lane, fuzzed

    function test_fuzz_five_lanes_follow_as_each_would_alone(uint256 seed, uint256 upSeed, uint256 downSeed) public pure {
        (uint256 up, uint256 down) = (upSeed % 0x2000, downSeed % 0x2000);
        // Small speeds too: with large ones every lane reaches its target.
        if (upSeed >> 200 & 1 == 1) (up, down) = (up % 16, down % 16);
        Group group;
        for (uint256 i; i < 5; ++i) {
            (uint256 target, uint256 maintenance) = ((seed >> (26 * i)) & 0x1fff, (seed >> (26 * i + 13)) & 0x1fff);
            if (i == 1) target = maintenance;
            group = group.withLane(i, LaneLayout.pack(1 + seed % 0x3fff, target, maintenance, seed >> 255 == 1));
        }
        Allowance allowance = AllowanceLayout.pack(RiskClass.wrap(0), 0, 0, up, down, 0);
        Group plane = Group.wrap(WholeGroup.followed(Group.unwrap(group), allowance));
        for (uint256 i; i < 5; ++i) {
            Lane lane = group.lane(i);
            uint256 alone = Follower.follow(lane.maintenance(), lane.target(), up, down);
            equal(Lane.unwrap(plane.lane(i)), alone, "a lane followed with the others stands where it would alone");
        }
        equal(GroupWords.header(Group.unwrap(plane)), 0, "nothing above the lanes");
    }

    function test_fuzz_sum_and_greatest_are_those_of_a_loop(uint256 seed) public pure {
        (uint256 plane, uint256 sum, uint256 most) = (0, 0, 0);
        for (uint256 i; i < 5; ++i) {
            uint256 value = (seed >> (40 * i)) & ((seed >> (40 * i + 14)) & 1 == 1 ? 0x3fff : 0x3);
            plane |= GroupWords.inLane(i, value);
            sum += value;
            if (value > most) most = value;
        }
        equal(WholeGroup.sum(plane), sum, "the sum");
        equal(WholeGroup.most(plane), most, "the greatest");
    }

    /// @dev One random case near every edge: listed lanes of a group, values a few basis points to either side.
    struct Drawn {
        Group group;
        uint256 entry;
        uint256 named;
        uint256 spent;
        uint256 up;
        uint256 down;
    }

    function drawn(uint256 seed) private pure returns (Drawn memory d) {
        uint256 random = uint256(keccak256(abi.encode(seed)));
        uint256 values;
        (d.spent, d.up, d.down) = (seed % 60, (seed >> 16) % 4, (seed >> 24) % 4);
        for (uint256 i; i < 5; ++i) {
            random = uint256(keccak256(abi.encode(random)));
            uint256 pick = random % 40;
            if (pick == 0) continue;
            uint256 target = 705 + (random >> 24) % 900;
            uint256 initial = target + 205 + (random >> 8) % 700;
            uint256 maintenance = target + (random >> 40) % 21 - 10;
            d.group = d.group.withLane(i, LaneLayout.pack(initial, target, maintenance, pick == 1));
            // Most values tighten or loosen by little, some by about a step, some cross the other value.
            uint256 reach = pick == 2 ? 100 : pick == 3 ? 1_000 : 12;
            initial = initial + (random >> 56) % (2 * reach + 1) - (initial > reach ? reach : 0);
            target = target + (random >> 72) % (2 * reach + 1) - (target > reach ? reach : 0);
            values |= EntryWords.values(i, initial, target);
            if (pick != 4) d.named |= Flags.at(i);
        }
        if (random >> 250 == 0) d.named ^= Flags.at(random % 5);
        d.entry = EntryWords.onStack(0, d.named, values);
    }

    function test_fuzz_the_short_cut_says_what_the_rules_say(uint256 seed) public pure {
        Drawn memory d = drawn(seed);
        RiskClass class = RiskClassLayout.pack(calmLimits());
        Allowance allowance = AllowanceLayout.pack(class, 80, 50, d.up, d.down, 0);
        (uint256 lanes, uint256 listed, uint256 loosened) =
            WholeGroup.apply_(Group.unwrap(d.group), d.entry, d.named, GroupWords.spent(d.spent), allowance);
        (bool all, uint256 want, uint256 wantListed, uint256 wantLoosened) = (true, 0, 0, 0);
        uint256 left = d.spent < 50 ? 50 - d.spent : 0;
        for (uint256 i; i < 5; ++i) {
            Lane lane = d.group.lane(i);
            bool named = Flags.has(d.named, i);
            if (lane.listed() != named) all = false;
            if (!lane.listed()) continue;
            wantListed |= GroupWords.guard(i);
            uint256 maintenance = Follower.follow(lane.maintenance(), lane.target(), d.up, d.down);
            (uint256 initial, uint256 target) = (Entry.wrap(d.entry).initial(i), Entry.wrap(d.entry).target(i));
            Types.SkipReason reason = UpdateCheck.ofValues(lane, maintenance, initial, target, class);
            if (reason == Types.SkipReason.NONE) {
                reason = UpdateCheck.ofLoosening(lane, maintenance, initial, target, 80, left, false);
            }
            bool over = initial > class.maxInitial() || target > class.maxMaintenance();
            if (lane.own() || over || reason != Types.SkipReason.NONE) all = false;
            want |= GroupWords.inLane(i, GroupWords.values(initial, target, maintenance));
            if (initial < lane.initial()) wantLoosened |= GroupWords.inLane(i, lane.initial() - initial);
        }
        equal(lanes, all ? want : 0, "I18: the lanes, or nothing");
        equal(loosened, all ? wantLoosened : 0, "I18: what initial loosens");
        if (all && wantListed != 0) equal(listed, wantListed, "I18: the lanes listed");
    }
}
