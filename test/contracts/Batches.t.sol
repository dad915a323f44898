// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterEvents as Events} from "../../contracts/interfaces/IParameterEvents.sol";
import {IParameterTypes as Types} from "../../contracts/interfaces/IParameterTypes.sol";
import {vm} from "./support/Vm.sol";
import {ParametersTest} from "./support/ParametersWorld.sol";
import {ALL_LANES, Flags, GroupWords} from "./support/Words.sol";

/// @dev A batch does to each market what the preview says of that market alone, whether its group is judged in one
/// stroke (every market named, all fresh, no clock of its own) or lane by lane. Values lie near every bound.
contract BatchesTest is ParametersTest {
    struct Lane {
        uint16 id;
        bool listed;
        uint256 initialWas;
        uint256 targetWas;
        uint256 maintenance;
        uint256 asOfWas;
        uint256 initial;
        uint256 target;
        bool legal;
        bool applied;
    }

    uint256 private groupsSlot;
    /// @dev Groups of which every market was named and every market applied.
    uint256 private wholes;
    uint256 private skipped;
    uint256 private trips;

    Lane[15] private lanes;

    function setUp() public override {
        super.setUp();
        groupsSlot = slotOfGroups();
        vm.prank(GOVERNANCE);
        parameters.setAggregateBudget(type(uint24).max, type(uint24).max);
    }

    function test_fuzz_a_batch_does_to_each_market_what_its_preview_says_alone(uint256 seed) public {
        play(seed, false);
    }

    /// @dev The same with one budget over all of them that is about to run out, and the breaker behind it.
    function test_fuzz_a_batch_spends_the_aggregate_budget_in_the_order_of_its_markets(uint256 seed) public {
        play(seed, true);
    }

    /// @dev A fuzzer that reaches only one of the two ways proves nothing about the other.
    function test_both_ways_and_the_breaker_are_reached() public {
        for (uint256 i; i < 120; ++i) {
            if (i % 40 == 0) {
                delete tokens;
                setUp();
            }
            play(uint256(keccak256(abi.encode(i))), i % 3 == 0);
        }
        isTrue(wholes > 40, "many groups are applied whole");
        isTrue(skipped > 100, "many markets are skipped");
        isTrue(trips > 3, "the breaker trips now and then");
    }

    function play(uint256 seed, bool scarce) private {
        bool quorum = seed % 2 == 0;
        vm.prank(GOVERNANCE);
        parameters.resetBreaker();
        pass(bound(seed >> 8, 60, seed % 7 == 0 ? 30 hours : 100 minutes));
        if ((seed >> 16) % 4 == 0) upset(seed >> 24);
        bool gentle = (seed >> 20) % 2 == 0;
        // A step below the budget of a window, or above it.
        for (uint8 classId; classId < 2; ++classId) {
            Types.Limits memory limits = classId == 0 ? calmLimits() : otherLimits();
            if ((seed >> 32) % 2 == 0) (limits.maxLooseningStepBps, limits.quorumLooseningStepBps) = (30, 35);
            limits.probed = seed % 3 == 0;
            vm.prank(GOVERNANCE);
            try parameters.setLimits(classId, limits) {} catch {}
        }
        scatter(seed, gentle);
        if ((seed >> 28) % 5 == 0) trip();
        uint256 room = scarce ? bound(seed >> 40, 0, 200) : type(uint24).max;
        uint256 already = spentNow();
        uint256 budget = scarce ? already + room : room;
        vm.prank(GOVERNANCE);
        parameters.setAggregateBudget(uint24(budget), uint24(budget));

        uint256 asOf = asOfBy(seed >> 48);
        bytes memory entries = choose(seed, asOf, gentle);
        bool tightenOnly = foresee(asOf, quorum, already, budget);
        submit(entries, quorum, tightenOnly != parameters.door().tightenOnly);
        equal(parameters.door().tightenOnly ? 1 : 0, tightenOnly ? 1 : 0, "the breaker trips exactly when it should");
        compare(asOf);
    }

    // ---------------------------------------------------------------------------------------------- a state to start from

    /// @dev Clocks, modes and overrides of their own.
    function upset(uint256 seed) private {
        uint16 id = idAt(seed % MARKETS);
        if (seed % 3 == 0) return setMode(id, Types.Mode(uint8(seed >> 8) % 3));
        if (seed % 3 == 1) {
            vm.prank(GOVERNANCE);
            try parameters.overrideMarkets(held(id, 8_900, 4_600, clock + bound(seed >> 16, 0, 3 hours))) {} catch {}
            return;
        }
        Types.Batch memory batch = batchOf(entry(change(id, 8_900, 4_600)));
        vm.prank(KEEPER);
        try parameters.update(batch) {} catch {}
    }

    /// @dev Writes values near the bounds into the groups, and what is spent, past every rule but the gap.
    function scatter(uint256 seed, bool gentle) private {
        for (uint256 at; at < 3; ++at) {
            bytes32 slot = bytes32(groupsSlot + at);
            uint256 word = uint256(vm.load(address(parameters), slot));
            for (uint256 i; i < 5; ++i) {
                if (GroupWords.valuesOf(word, i) == 0) continue;
                uint256 dice = uint256(keccak256(abi.encode(seed, at, i)));
                Types.Limits memory limits = at == 2 ? otherLimits() : calmLimits();
                uint256 target = near(dice, limits.minMaintenanceBps, limits.maxMaintenanceBps, gentle);
                uint256 maintenance = dice % 3 == 0 ? target : gentle || dice % 3 == 1
                    ? bound(dice >> 200, target - 90, target + 90)
                    : near(dice >> 64, limits.minMaintenanceBps, limits.maxMaintenanceBps, false);
                uint256 lowest = (target > maintenance ? target : maintenance) + limits.minGapBps;
                uint256 initial = gentle
                    ? lowest + bound(dice >> 128, 20, 400)
                    : lowest + bound(dice >> 128, 0, (dice >> 160) % 4 == 0 ? 9_600 - lowest : 40);
                word = GroupWords.withValues(word, i, GroupWords.values(initial, target, maintenance));
            }
            word = GroupWords.withSpent(word, (seed >> (96 + at)) % 2 == 0 ? bound(seed >> 100, 0, at == 2 ? 110 : 60) : 0);
            vm.store(address(parameters), slot, bytes32(word));
        }
    }

    function near(uint256 dice, uint256 low, uint256 high, bool gentle) private pure returns (uint256) {
        if (gentle) return bound(dice >> 8, low + 200, high - 1_000);
        if (dice % 4 == 0) return bound(dice >> 8, low - 4, low + 90);
        if (dice % 4 == 1) return bound(dice >> 8, high - 90, high + 4);
        return bound(dice >> 8, low, high);
    }

    function trip() private {
        vm.prank(GOVERNANCE);
        parameters.setAggregateBudget(0, 0);
        uint16 id = idAt(clock % 8);
        Types.MarketState memory stored = parameters.marketState(id);
        Types.Batch memory batch = batchOf(entry(change(id, stored.initialBps - 1, stored.maintenanceTargetBps)));
        vm.prank(KEEPER);
        try parameters.update(batch) {} catch {}
        pass(60);
    }

    function spentNow() private view returns (uint256) {
        Types.DoorState memory door = parameters.door();
        return door.window == (clock - EPOCH) / WINDOW ? door.spentBps : 0;
    }

    // -------------------------------------------------------------------------------------------------- what is asked for

    function asOfBy(uint256 dice) private view returns (uint256) {
        if (dice % 8 == 0) return clock - bound(dice >> 8, 0, 2 hours);
        if (dice % 8 == 1) return asOfOf(idAt((dice >> 8) % MARKETS));
        if (dice % 32 == 2) return clock + 1;
        return clock - bound(dice >> 8, 0, 59);
    }

    function choose(uint256 seed, uint256 asOf, bool gentle) private returns (bytes memory entries) {
        for (uint256 at; at < 3; ++at) {
            uint256 full = Flags.first(at == 0 ? 5 : at == 1 ? 3 : 2);
            uint256 dice = uint256(keccak256(abi.encode(seed, "mask", at)));
            uint256 flags = dice % 4 == 0 ? bound(dice >> 8, 1, ALL_LANES) : full;
            uint256 values;
            for (uint256 i; i < 5; ++i) {
                Lane storage lane = lanes[at * 5 + i];
                lane.id = uint16(at * 5 + i + 1);
                (lane.listed,) = parameters.tryHaircuts(lane.id);
                if (lane.listed) {
                    Types.MarketState memory stored = parameters.marketState(lane.id);
                    (lane.initialWas, lane.targetWas) = (stored.initialBps, stored.maintenanceTargetBps);
                    (lane.maintenance, lane.asOfWas) = (maintenanceOf(lane.id), stored.asOf);
                } else {
                    (lane.initialWas, lane.targetWas, lane.maintenance, lane.asOfWas) = (0, 0, 0, 0);
                }
                dice = uint256(keccak256(abi.encode(seed, "wish", at, i)));
                (lane.initial, lane.target) = wish(dice, lane, parameters.limitsOfClass(at == 2 ? 1 : 0), gentle);
                lane.legal = Flags.has(flags, i);
                if (lane.legal) values |= valuesAt(i, lane.initial, lane.target);
            }
            entries = bytes.concat(entries, entry(at, flags, asOf, values));
        }
    }

    function wish(uint256 dice, Lane storage lane, Types.Limits memory limits, bool gentle)
        private
        view
        returns (uint256 initial, uint256 target)
    {
        if (gentle) {
            target = bound(dice, below(lane.targetWas, 50), lane.targetWas + 30);
            return (bound(dice >> 32, below(lane.initialWas, 40), lane.initialWas + 40), target);
        }
        uint256 from = lane.targetWas < lane.maintenance ? lane.targetWas : lane.maintenance;
        uint256 way = dice % 10;
        target = lane.targetWas;
        if (way == 0) target = below(from, bound(dice >> 8, limits.maxLooseningStepBps - 1, limits.maxLooseningStepBps + 1));
        if (way == 1) target = bound(dice >> 8, limits.minMaintenanceBps - 1, limits.minMaintenanceBps + 1);
        if (way == 2) target = bound(dice >> 8, limits.maxMaintenanceBps - 1, limits.maxMaintenanceBps + 1);
        if (way == 3) target = bound(dice >> 8, below(from, 1), from + 1);
        way = (dice >> 64) % 10;
        uint256 roof = (target > lane.maintenance ? target : lane.maintenance) + limits.minGapBps;
        initial = lane.initialWas;
        if (way == 0) initial = below(initial, bound(dice >> 72, limits.maxLooseningStepBps - 1, limits.maxLooseningStepBps + 1));
        if (way == 1) initial = bound(dice >> 72, limits.minInitialBps - 1, limits.minInitialBps + 1);
        if (way == 2) initial = bound(dice >> 72, limits.maxInitialBps - 1, limits.maxInitialBps + 1);
        if (way == 3) initial = bound(dice >> 72, roof - 1, roof + 1);
        if (way == 4) initial = below(initial, bound(dice >> 72, 0, 110));
        if (way == 5) initial = bound(dice >> 72, initial, 9_700);
        if (dice % 400 == 0) (initial, target) = (dice >> 80 & 0x3fff, dice >> 100 & 0x1fff);
    }

    function below(uint256 value, uint256 by) private pure returns (uint256) {
        return value > by ? value - by : 0;
    }

    // ------------------------------------------------------------------------------------------------------- the verdict

    /// @dev What must come of it, from the preview of each market alone and one running sum.
    function foresee(uint256 asOf, bool quorum, uint256 spent, uint256 budget) private returns (bool tightenOnly) {
        tightenOnly = parameters.door().tightenOnly;
        for (uint256 k; k < 15; ++k) {
            Lane storage lane = lanes[k];
            lane.applied = false;
            if (!lane.legal) continue;
            (Types.SkipReason reason,,) = parameters.previewUpdate(
                Types.MarketUpdate(lane.id, uint16(lane.initial), uint16(lane.target), uint40(asOf)), quorum
            );
            if (reason != Types.SkipReason.NONE && reason != Types.SkipReason.AGGREGATE_BUDGET_SPENT) continue;
            uint256 loosened = lane.initial < lane.initialWas ? lane.initialWas - lane.initial : 0;
            uint256 from = lane.targetWas < lane.maintenance ? lane.targetWas : lane.maintenance;
            if (tightenOnly && (loosened != 0 || lane.target < from)) continue;
            if (loosened != 0 && spent + loosened > budget) {
                tightenOnly = true;
                ++trips;
                continue;
            }
            spent += loosened;
            lane.applied = true;
        }
    }

    function submit(bytes memory entries, bool quorum, bool trips_) private {
        bool any = trips_;
        for (uint256 k; k < 15; ++k) any = any || lanes[k].applied;
        Types.Batch memory batch = batchOf(entries);
        vm.prank(quorum ? QUORUM : KEEPER);
        if (quorum) {
            try parameters.updateByQuorum(batch) {
                isTrue(any, "a batch of which nothing may be applied is refused");
            } catch (bytes memory why) {
                refusedWhole(any, why);
            }
        } else {
            try parameters.update(batch) {
                isTrue(any, "a batch of which nothing may be applied is refused");
            } catch (bytes memory why) {
                refusedWhole(any, why);
            }
        }
    }

    function refusedWhole(bool any, bytes memory why) private pure {
        if (bytes4(why) != Events.NoMarketApplied.selector) {
            assembly {
                revert(add(why, 32), mload(why))
            }
        }
        isTrue(!any, "a batch of which something may be applied is not refused");
    }

    function compare(uint256 asOf) private {
        uint256 minute = asOf - asOf % 60;
        for (uint256 at; at < 3; ++at) {
            bool whole_ = true;
            for (uint256 i; i < 5; ++i) {
                Lane storage lane = lanes[at * 5 + i];
                (bool listed,) = parameters.tryHaircuts(lane.id);
                isTrue(listed == lane.listed, "a batch lists nothing");
                if (!listed) continue;
                Types.MarketState memory stored = parameters.marketState(lane.id);
                equal(maintenanceOf(lane.id), lane.maintenance, "I3: no call moves effective maintenance in its block");
                equal(stored.initialBps, lane.applied ? lane.initial : lane.initialWas, "initial as the preview says");
                equal(
                    stored.maintenanceTargetBps, lane.applied ? lane.target : lane.targetWas, "target as the preview says"
                );
                equal(stored.asOf, lane.applied ? minute : lane.asOfWas, "asOf as the preview says");
                whole_ = whole_ && lane.applied;
                if (lane.legal && !lane.applied) ++skipped;
            }
            if (whole_) ++wholes;
        }
    }
}
