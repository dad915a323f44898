// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterTypes as Types} from "../../../contracts/interfaces/IParameterTypes.sol";
import {vm} from "../support/Vm.sol";
import {ParametersWorld} from "../support/ParametersWorld.sol";

/// @dev Compares the world before and after each action and remembers the first sentence of
/// contracts/INVARIANTS.md that did not hold. The numbers are those of that file.
abstract contract Judge is ParametersWorld {
    uint256 internal constant WATCHED = 5;

    struct View {
        uint64 sequence;
        Types.MarketState[] states;
        Types.Haircuts[] reads;
        bytes32 classes;
        bool tightenOnly;
        uint256 groups;
    }

    struct Loosening {
        uint256 time;
        uint256 amountBps;
        bool hot;
    }

    /// @dev The first sentence that did not hold; empty while all do.
    string public broken;
    /// @dev Values changed by batches, so that a test can see that the run was not all refusals.
    uint256 public applied;
    mapping(uint16 id => bool) internal isNamed;
    mapping(uint16 id => Loosening[]) private _loosenings;
    /// @dev Lowest initial haircut that anyone could have opened a position at in this block.
    uint256[WATCHED] private _lowestInitial;

    /// @dev The clock of a warp does not outlive a call of the fuzzer; ours does.
    modifier present() {
        vm.warp(clock);
        _;
    }

    /// @dev Three neighbours of a full group, one of a group with room, one of another class.
    function watched(uint256 index) internal pure returns (uint16) {
        uint16[WATCHED] memory ids = [uint16(1), 2, 5, 7, 11];
        return ids[index];
    }

    function look() internal view returns (View memory seen) {
        seen.sequence = parameters.sequence();
        seen.tightenOnly = parameters.door().tightenOnly;
        seen.groups = parameters.groupCount();
        seen.classes = keccak256(abi.encode(parameters.limitsOfClass(0), parameters.limitsOfClass(1)));
        seen.states = new Types.MarketState[](WATCHED);
        seen.reads = new Types.Haircuts[](WATCHED);
        for (uint256 i; i < WATCHED; ++i) {
            seen.states[i] = parameters.marketState(watched(i));
            seen.reads[i] = parameters.haircuts(watched(i));
        }
    }

    function openBlock() internal {
        for (uint256 i; i < WATCHED; ++i) _lowestInitial[i] = initialOf(watched(i));
    }

    function ticks(uint256 speed, uint256 from, uint256 to) private pure returns (uint256) {
        return speed * ((to - EPOCH) / 60) / 1_440 - speed * ((from - EPOCH) / 60) / 1_440;
    }

    function judgeTime(View memory before, View memory now_, uint256 elapsed) internal {
        for (uint256 i; i < WATCHED; ++i) {
            (uint256 from, uint256 to) = (before.reads[i].maintenanceBps, now_.reads[i].maintenanceBps);
            Types.ProfileValues memory profile = parameters.profile(now_.states[i].classId);
            uint256 speed = to > from ? profile.tightenSpeedBpsPerDay : profile.loosenSpeedBpsPerDay;
            uint256 way = to > from ? to - from : from - to;
            uint256 most = ticks(speed, clock - elapsed, clock);
            holds(way <= most, "I2: maintenance never moves faster than its clock ticks");
            // The ttl counts from the minute of the data.
            uint256 ended = uint256(now_.states[i].asOf) + profile.ttlSeconds;
            bool frozen = before.reads[i].mode == Types.Mode.FROZEN && now_.reads[i].mode == Types.Mode.FROZEN;
            holds(!(clock - elapsed > ended || frozen) || way == 0, "I4: silence and FROZEN hold maintenance still");
            bool lapsed = now_.reads[i].mode < before.reads[i].mode;
            bool looser = now_.reads[i].initialBps < before.reads[i].initialBps;
            holds(!looser || lapsed, "I5: time alone never loosens initial, unless a mode lapses");
            bool same = keccak256(abi.encode(before.states[i])) == keccak256(abi.encode(now_.states[i]));
            holds(same, "I6: time alone writes nothing");
        }
    }

    function judge(View memory before, View memory now_, address caller) internal {
        bool writer = caller == KEEPER || caller == QUORUM;
        holds(now_.sequence == before.sequence || writer, "I8: pre.sequence != post.sequence -> keeper, quorum");
        holds(now_.sequence - before.sequence <= 1, "I7: the sequence goes up by one a batch");
        holds(
            before.classes == now_.classes || caller == GOVERNANCE || caller == GUARDIAN,
            "I8: pre.limits != post.limits -> governance, guardian"
        );
        holds(!before.tightenOnly || now_.tightenOnly || caller == GOVERNANCE, "I8: the breaker is reset -> governance");
        holds(before.groups == now_.groups || caller == LISTER, "I8: pre.markets != post.markets -> lister");
        for (uint256 i; i < WATCHED; ++i) {
            judgeMarket(i, before, now_, caller);
            if (now_.reads[i].initialBps < _lowestInitial[i]) _lowestInitial[i] = now_.reads[i].initialBps;
            bool safe = now_.reads[i].maintenanceBps <= _lowestInitial[i];
            holds(safe, "I9: no position opened in a block is liquidatable in it");
        }
    }

    function judgeMarket(uint256 i, View memory before, View memory now_, address caller) private {
        Types.MarketState memory pre = before.states[i];
        Types.MarketState memory post = now_.states[i];
        bool written = judgeValues(watched(i), pre, post, caller);
        judgeModes(pre, post, now_.reads[i].mode < before.reads[i].mode, caller);
        bool still = before.reads[i].maintenanceBps == now_.reads[i].maintenanceBps;
        holds(still, "I3: no call moves effective maintenance in its own block");
        holds(pre.collateral == post.collateral && pre.debt == post.debt, "I6: the assets of a market never change");
        if (caller != KEEPER && caller != QUORUM) return;
        if (written) ++applied;
        if (post.initialBps < pre.initialBps) loosens(i, pre.initialBps - post.initialBps, caller == KEEPER);
    }

    /// @return written Values or their time changed.
    function judgeValues(uint16 id, Types.MarketState memory pre, Types.MarketState memory post, address caller)
        private
        returns (bool written)
    {
        bool values = pre.initialBps != post.initialBps || pre.maintenanceTargetBps != post.maintenanceTargetBps
            || pre.confidence != post.confidence || pre.sources != post.sources;
        // Twelve bits of age: data older than 4095 minutes reads as that old after any write to its group.
        bool oldest = post.asOf > pre.asOf && post.asOf + 4_095 minutes == clock - clock % 60;
        written = values || (pre.asOf != post.asOf && !oldest);
        holds(
            !written || caller == KEEPER || caller == QUORUM || caller == GOVERNANCE,
            "I8: pre.values != post.values -> keeper, quorum, governance by override"
        );
        holds(!written || isNamed[id], "I6: a market that is not named does not change");
        bool held = pre.asOf > clock;
        holds(!(values && held) || caller == GOVERNANCE, "I8: what governance holds, nobody else changes");
        bool forward = post.asOf >= pre.asOf && (post.asOf <= clock || caller == GOVERNANCE || held);
        holds(forward || caller == GOVERNANCE, "I7: asOf only goes up, and ahead of the block by governance only");
    }

    function judgeModes(Types.MarketState memory pre, Types.MarketState memory post, bool opened, address caller)
        private
    {
        bool modes = pre.mode != post.mode || pre.modeUntil != post.modeUntil;
        bool closer = caller == GUARDIAN || caller == CHALLENGER || caller == GOVERNANCE;
        holds(!modes || closer, "I8: pre.mode != post.mode -> guardian, challenger, governance");
        holds(!opened || caller == GOVERNANCE, "I8: a mode is lifted -> governance");
    }

    function loosens(uint256 i, uint256 amount, bool hot) private {
        uint16 id = watched(i);
        _loosenings[id].push(Loosening(clock, amount, hot));
        bool other = id == 11;
        uint256 hotBudget = other ? 400 : 200;
        holds(
            loosenedInTheLastDay(id, true) <= hotBudget && loosenedInTheLastDay(id, false) <= 2 * hotBudget,
            "I10: loosening of initial in any 24 h is at most the daily budget of the door used"
        );
    }

    /// @dev Every window of 24 h that could be too full ends with a loosening, so looking back from each is enough.
    function loosenedInTheLastDay(uint16 id, bool hotOnly) private view returns (uint256 sum) {
        Loosening[] storage all = _loosenings[id];
        for (uint256 i = all.length; i > 0 && all[i - 1].time + 1 days >= clock; --i) {
            if (!hotOnly || all[i - 1].hot) sum += all[i - 1].amountBps;
        }
    }

    /// @notice Reverts unless what is stored and read now is sound.
    function soundness() external present {
        for (uint256 i; i < MARKETS; ++i) {
            uint16 id = idAt(i);
            Types.MarketState memory stored = parameters.marketState(id);
            (Types.Limits memory limits,) = parameters.limitsOf(id);
            (bool known, Types.Haircuts memory reads) = parameters.tryHaircuts(id);
            isTrue(known, "I11: the soft read never reverts");
            atMost(reads.maintenanceBps, reads.initialBps, "I1: maintenance is at most initial");
            uint256 higher = stored.maintenanceTargetBps;
            if (reads.maintenanceBps > higher) higher = reads.maintenanceBps;
            uint256 lowest = higher + limits.minGapBps;
            atMost(lowest, stored.initialBps, "I1: initial keeps its gap above maintenance and target");
            atMost(stored.initialBps, reads.initialBps, "I1: nobody reads less than what is stored");
            uint256 lower = stored.maintenanceTargetBps;
            if (reads.maintenanceBps < lower) lower = reads.maintenanceBps;
            uint256 taken = (10_000 - lower) * (10_000 + uint256(limits.liquidationBonusBps));
            atMost(taken, 10_000 * 10_000 - 1, "I12: a liquidation leaves collateral behind");
            atMost(reads.asOf, clock, "I7: nobody reads an asOf ahead of the block");
        }
    }

    /// @notice Reverts unless a keeper with fresh data could tighten every market now, whatever was done before.
    function tighteningLiveness() external present {
        pass(60);
        for (uint256 i; i < MARKETS; ++i) {
            uint16 id = idAt(i);
            Types.MarketUpdate memory next = restate(id);
            (Types.Limits memory limits,) = parameters.limitsOf(id);
            if (next.initialBps < limits.maxInitialBps) next.initialBps = limits.maxInitialBps;
            uint16 highest = limits.maxMaintenanceBps;
            if (next.maintenanceTargetBps < highest) next.maintenanceTargetBps = highest;
            uint256 lowest = next.maintenanceTargetBps + uint256(limits.minGapBps);
            if (next.initialBps < lowest) next.initialBps = uint16(lowest);
            if (parameters.marketState(id).asOf > clock) continue;
            isTrue(
                reasonOf(next) == Types.SkipReason.NONE,
                "I13: tightening as far as the bounds allow is possible in every state that governance does not hold"
            );
        }
        clock -= 60;
    }

    function holds(bool condition, string memory sentence) internal {
        if (!condition && bytes(broken).length == 0) broken = sentence;
    }
}
