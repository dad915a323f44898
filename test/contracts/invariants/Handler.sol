// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterTypes as Types} from "../../../contracts/interfaces/IParameterTypes.sol";
import {vm} from "../support/Vm.sol";
import {Judge} from "./Judge.sol";
import {ALL_LANES, EntryWords, Flags} from "../support/Words.sol";

/// @dev What everybody may try, honest or not. Each action is looked at before and after by the Judge, who writes
/// down the first invariant that did not hold.
contract Handler is Judge {
    constructor() {
        world();
        openBlock();
    }

    /// @notice Seconds to hours, at times days of silence.
    function timeGoesBy(uint256 seed) external present {
        uint256 elapsed = seed % 8 == 0 ? bound(seed >> 8, 1, 10 days) : bound(seed >> 8, 1, 3 hours);
        View memory before = look();
        pass(elapsed);
        judgeTime(before, look(), elapsed);
        openBlock();
    }

    /// @notice Whole groups or parts of them, moved a little, at times with old or future data.
    function aDoorMovesALittle(uint256 seed) external present {
        uint256 asOf = clock;
        if (seed % 5 == 0) asOf = clock - bound(seed >> 48, 0, 2 hours);
        if (seed % 31 == 0) asOf = clock + 1;
        bytes memory entries;
        for (uint256 at; at < 3; ++at) {
            uint256 dice = uint256(keccak256(abi.encode(seed, at)));
            if (dice % 4 == 0) continue;
            entries = bytes.concat(entries, moved(at, dice % 2 == 0 ? ALL_LANES : (dice >> 8) & ALL_LANES, asOf, dice));
        }
        write(seed >> 60 & 3 == 0 ? QUORUM : KEEPER, entries);
    }

    /// @notice A thief with a key who loosens as far as the preview lets it.
    function thiefLoosens(uint256 seed) external present {
        bool quorum = seed % 3 == 0;
        Types.MarketUpdate memory most = restate(watched(seed % WATCHED));
        uint16 step = quorum ? 200 : 80;
        if (most.initialBps < step || most.maintenanceTargetBps < step) return;
        most.initialBps -= step;
        most.maintenanceTargetBps -= step;
        for (uint256 i; i < 4; ++i) {
            (Types.SkipReason reason, uint256 given, uint256 allowed) = parameters.previewUpdate(most, quorum);
            if (reason == Types.SkipReason.NONE) break;
            if (given == most.maintenanceTargetBps) most.maintenanceTargetBps = uint16(allowed);
            else most.initialBps = uint16(allowed);
        }
        write(quorum ? QUORUM : KEEPER, entry(most));
    }

    /// @notice A thief who wants liquidations.
    function thiefTightens(uint256 seed) external present {
        write(KEEPER, entry(change(watched(seed % WATCHED), 9_000, bound(seed >> 16, 2_000, 8_000))));
    }

    /// @notice Any bytes at all, from anybody.
    function noise(uint256 seed, bytes calldata raw) external present {
        write(seed % 2 == 0 ? KEEPER : actor(seed >> 8), raw);
    }

    function anybodySetsAMode(uint256 seed) external present {
        uint16 id = seed % 7 == 0 ? uint16(seed >> 8) : idAt((seed >> 8) % MARKETS);
        View memory before = look();
        address caller = actor(seed >> 4);
        vm.prank(caller);
        try parameters.setMode(id, Types.Mode(uint8(seed >> 24) % 3)) {} catch {}
        judge(before, look(), caller);
    }

    function anybodyOverrides(uint256 seed) external present {
        uint16 id = idAt((seed >> 8) % MARKETS);
        address caller = seed % 3 == 0 ? GOVERNANCE : actor(seed >> 4);
        Types.MarketState memory stored = parameters.marketState(id);
        uint256 target = bound(seed >> 16, stored.maintenanceTargetBps, stored.maintenanceTargetBps + 100);
        Types.ManualOverride[] memory values =
            held(id, bound(seed >> 32, target, 9_000), target, clock + bound(seed >> 64, 0, 2 days));
        View memory before = look();
        isNamed[id] = true;
        vm.prank(caller);
        try parameters.overrideMarkets(values) {} catch {}
        judge(before, look(), caller);
        isNamed[id] = false;
    }

    /// @notice Governance narrows and widens, the guardian narrows, others try. Budgets stay what I10 counts with.
    function anybodySetsLimits(uint256 seed) external present {
        uint8 classId = uint8(seed >> 8) % 2;
        Types.Limits memory limits = classId == 0 ? calmLimits() : otherLimits();
        limits.minInitialBps = uint16(bound(seed >> 16, 500, 3_000));
        limits.minMaintenanceBps = uint16(bound(seed >> 32, 1_200, 2_000));
        limits.maxMaintenanceBps = uint16(bound(seed >> 48, 2_000, 8_000));
        limits.maxInitialBps = uint16(bound(seed >> 64, 8_500, 9_300));
        limits.minGapBps = uint16(bound(seed >> 128, 1, 300));
        limits.liquidationBonusBps = uint16(bound(seed >> 144, 0, 1_500));
        View memory before = look();
        address caller = seed % 2 == 0 ? GOVERNANCE : actor(seed >> 4);
        vm.prank(caller);
        try parameters.setLimits(classId, limits) {} catch {}
        judge(before, look(), caller);
    }

    function anybodySetsTheAggregateAndTheBreaker(uint256 seed) external present {
        View memory before = look();
        address caller = actor(seed >> 4);
        uint24 hot = uint24(bound(seed >> 16, 0, 1_200));
        vm.prank(caller);
        try parameters.setAggregateBudget(hot, hot * 2) {} catch {}
        vm.prank(caller);
        try parameters.resetBreaker() {} catch {}
        judge(before, look(), caller);
    }

    function moved(uint256 at, uint256 flags, uint256 asOf, uint256 dice) private view returns (bytes memory) {
        uint256 values;
        for (uint256 i; i < 5; ++i) {
            (bool known,) = parameters.tryHaircuts(uint16(at * 5 + i + 1));
            if (!known) flags = Flags.without(flags, i);
            if (!Flags.has(flags, i)) continue;
            Types.MarketState memory stored = parameters.marketState(uint16(at * 5 + i + 1));
            uint256 random = uint256(keccak256(abi.encode(dice, i)));
            values |= valuesAt(i, near(stored.initialBps, random), near(stored.maintenanceTargetBps, random >> 64));
        }
        return entry(at, flags, asOf, values);
    }

    function write(address caller, bytes memory entries) private {
        Types.Batch memory batch = batchOf(entries);
        View memory before = look();
        mark(entries, true);
        vm.prank(caller);
        if (caller == QUORUM) try parameters.updateByQuorum(batch) {} catch {}
        else try parameters.update(batch) {} catch {}
        judge(before, look(), caller);
        mark(entries, false);
    }

    /// @dev Which markets these bytes name, read as Entry.sol says.
    function mark(bytes memory entries, bool named) private {
        for (uint256 offset; offset + EntryWords.LENGTH <= entries.length;) {
            (uint256 group, uint256 flags, uint256 length) = EntryWords.read(entries, offset);
            for (uint256 i; i < 5; ++i) {
                uint256 id = group * 5 + i + 1;
                if (Flags.has(flags, i) && id <= type(uint16).max) isNamed[uint16(id)] = named;
            }
            offset += length;
        }
    }

    function near(uint16 value, uint256 seed) private pure returns (uint256) {
        return bound(seed, value > 60 ? value - 60 : 0, value + 60);
    }

    function actor(uint256 seed) private pure returns (address) {
        address[7] memory all = [GOVERNANCE, KEEPER, QUORUM, GUARDIAN, CHALLENGER, LISTER, STRANGER];
        return all[seed % 7];
    }
}
