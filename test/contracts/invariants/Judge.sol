// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralParameters as Params} from "../../../contracts/interfaces/ICollateralParameters.sol";
import {World} from "../support/World.sol";
import {vm} from "../support/Vm.sol";

/// @dev Compares the world before and after each action and remembers the first sentence of INVARIANTS.md that did
/// not hold. The numbers are those of that file.
abstract contract Judge is World {
    uint16 internal constant ACTIVE = 3;

    struct View {
        uint64 sequence;
        Params.MarketState[] states;
        Params.Limits[] limits;
        Params.Haircuts[] reads;
        uint256[] nano;
    }

    struct Loosening {
        uint256 time;
        uint256 amountBps;
    }

    /// @dev The first sentence that did not hold; empty while all do.
    string public broken;
    /// @dev Applied updates, so that a test can see that the run was not all refusals.
    uint256 public applied;
    mapping(uint16 id => bool) internal isNamed;
    mapping(uint16 id => Loosening[]) private _loosenings;
    /// @dev Lowest initial haircut that anyone could have opened a position at in this block.
    uint256[ACTIVE + 1] private _lowestInitial;

    /// @dev The clock of a warp does not outlive a call of the fuzzer; ours does.
    modifier present() {
        vm.warp(clock);
        _;
    }

    function look() internal view returns (View memory seen) {
        seen.sequence = parameters.sequence();
        seen.states = new Params.MarketState[](ACTIVE + 1);
        seen.limits = new Params.Limits[](ACTIVE + 1);
        seen.reads = new Params.Haircuts[](ACTIVE + 1);
        seen.nano = new uint256[](ACTIVE + 1);
        for (uint16 id = 1; id <= ACTIVE; ++id) {
            seen.states[id] = parameters.marketState(id);
            seen.limits[id] = parameters.limitsOf(id);
            seen.reads[id] = parameters.haircuts(id);
            seen.nano[id] = nanoOf(id);
        }
    }

    function openBlock() internal {
        for (uint16 id = 1; id <= ACTIVE; ++id) _lowestInitial[id] = initialOf(id);
    }

    function judgeTime(View memory before, View memory now_, uint256 elapsed) internal {
        for (uint16 id = 1; id <= ACTIVE; ++id) {
            (uint256 from, uint256 to) = (before.nano[id], now_.nano[id]);
            Params.Limits memory limits = now_.limits[id];
            uint256 speed = to > from ? limits.tightenSpeedBpsPerDay : limits.loosenSpeedBpsPerDay;
            uint256 way = to > from ? to - from : from - to;
            // Both ends are rounded to the nanoBps, so their difference may be one more.
            holds(way * 1 days <= speed * 1e9 * elapsed + 1 days, "I2: maintenance never moves faster than its speed");
            bool silent = clock - elapsed > now_.states[id].asOf + uint256(limits.ttlSeconds);
            bool frozen = now_.states[id].mode == Params.Mode.FROZEN;
            holds(!(silent || frozen) || way == 0, "I4: silence and FROZEN hold maintenance still");
            bool looser = now_.reads[id].initialBps < before.reads[id].initialBps;
            holds(!looser, "I5: time alone never loosens initial");
            bool same = keccak256(abi.encode(before.states[id])) == keccak256(abi.encode(now_.states[id]));
            holds(same, "I6: time alone writes nothing");
        }
    }

    function judge(View memory before, View memory now_, address caller) internal {
        holds(now_.sequence == before.sequence || caller == KEEPER, "I8: pre.sequence != post.sequence -> keeper");
        holds(now_.sequence - before.sequence <= 1, "I7: the sequence goes up by one a batch");
        for (uint16 id = 1; id <= ACTIVE; ++id) {
            judgeMarket(id, before.states[id], now_.states[id], caller);
            bool limitsMoved = keccak256(abi.encode(before.limits[id])) != keccak256(abi.encode(now_.limits[id]));
            holds(!limitsMoved || caller == GOVERNANCE, "I8: pre.limits != post.limits -> governance");
            holds(before.nano[id] == now_.nano[id], "I3: no call moves effective maintenance in its own block");
            if (now_.reads[id].initialBps < _lowestInitial[id]) _lowestInitial[id] = now_.reads[id].initialBps;
            bool safe = now_.reads[id].maintenanceBps <= _lowestInitial[id];
            holds(safe, "I9: no position opened in a block is liquidatable in it");
        }
    }

    function judgeMarket(uint16 id, Params.MarketState memory pre, Params.MarketState memory post, address caller)
        private
    {
        bool values = pre.initialBps != post.initialBps || pre.maintenanceTargetBps != post.maintenanceTargetBps
            || pre.asOf != post.asOf || pre.confidenceBps != post.confidenceBps || pre.sources != post.sources;
        holds(!values || caller == KEEPER, "I8: pre.values != post.values -> keeper");
        holds(!values || isNamed[id], "I6: a market that is not named does not change");
        holds(post.asOf >= pre.asOf && post.asOf <= clock, "I7: asOf only goes up and never ahead of the block");
        holds(post.mode >= pre.mode || caller == GOVERNANCE, "I8: post.mode < pre.mode -> governance");
        bool mayClose = caller == GUARDIAN || caller == GOVERNANCE;
        holds(post.mode <= pre.mode || mayClose, "I8: post.mode > pre.mode -> guardian, governance");
        holds(pre.collateral == post.collateral && pre.debt == post.debt, "I6: the assets of a market never change");
        if (values) ++applied;
        if (post.initialBps < pre.initialBps) {
            _loosenings[id].push(Loosening(clock, pre.initialBps - post.initialBps));
            holds(loosenedInTheLastDay(id) <= 200, "I10: loosening in any 24 h is at most the daily budget");
        }
    }

    /// @dev Every window of 24 h that could be too full ends with a loosening, so looking back from each is enough.
    function loosenedInTheLastDay(uint16 id) private view returns (uint256 sum) {
        Loosening[] storage all = _loosenings[id];
        for (uint256 i = all.length; i > 0 && all[i - 1].time + 1 days >= clock; --i) sum += all[i - 1].amountBps;
    }

    /// @notice Reverts unless what is stored and read now is sound.
    function soundness() external present {
        for (uint16 id = 1; id <= ACTIVE; ++id) {
            Params.MarketState memory stored = parameters.marketState(id);
            Params.Limits memory limits = parameters.limitsOf(id);
            (bool known, Params.Haircuts memory reads) = parameters.tryHaircuts(id);
            isTrue(known, "I11: the soft read never reverts");
            atMost(reads.maintenanceBps, reads.initialBps, "I1: maintenance is at most initial");
            uint256 higher = stored.maintenanceTargetBps;
            if (reads.maintenanceBps > higher) higher = reads.maintenanceBps;
            uint256 lowest = higher + limits.minGapBps;
            atMost(lowest, stored.initialBps, "I1: initial keeps its gap above maintenance and target");
            uint256 lower = stored.maintenanceTargetBps;
            if (reads.maintenanceBps < lower) lower = reads.maintenanceBps;
            uint256 taken = (10_000 - lower) * (10_000 + uint256(limits.liquidationBonusBps));
            atMost(taken, 10_000 * 10_000 - 1, "I12: a liquidation leaves collateral behind");
            atMost(stored.budgetNanoBps, 100e9, "I10: the budget never holds more than half a day's");
        }
    }

    /// @notice Reverts unless a keeper with fresh data could tighten every market now, whatever was done before.
    function tighteningLiveness() external present {
        pass(1);
        for (uint16 id = 1; id <= ACTIVE; ++id) {
            Params.MarketUpdate memory next = restate(id);
            Params.Limits memory limits = parameters.limitsOf(id);
            if (next.initialBps < limits.maxInitialBps) next.initialBps = limits.maxInitialBps;
            uint16 highest = limits.maxMaintenanceBps;
            if (next.maintenanceTargetBps < highest) next.maintenanceTargetBps = highest;
            (Params.SkipReason reason,,) = parameters.previewUpdate(next);
            equal(uint256(reason), 0, "I13: tightening as far as the bounds allow is possible in every state");
        }
        clock -= 1;
    }

    function holds(bool condition, string memory sentence) internal {
        if (!condition && bytes(broken).length == 0) broken = sentence;
    }
}
