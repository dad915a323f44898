// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralParameters as Params} from "../../../contracts/interfaces/ICollateralParameters.sol";
import {vm} from "../support/Vm.sol";
import {Judge} from "./Judge.sol";

/// @dev What everybody may try, honest or not. Each action is looked at before and after by the Judge, who writes
/// down the first invariant that did not hold.
contract Handler is Judge {
    constructor() {
        world();
        openBlock();
    }

    /// @notice Minutes to hours, at times days of silence.
    function timeGoesBy(uint256 seed) external present {
        uint256 elapsed = seed % 8 == 0 ? bound(seed >> 8, 1, 10 days) : bound(seed >> 8, 1, 3 hours);
        View memory before = look();
        pass(elapsed);
        judgeTime(before, look(), elapsed);
        openBlock();
    }

    /// @notice A keeper that moves values a little, on one to three markets, now and then with old or future data.
    function keeperMovesALittle(uint256 seed) external present {
        Params.MarketUpdate[] memory updates = new Params.MarketUpdate[](bound(seed, 1, ACTIVE));
        for (uint256 i; i < updates.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            Params.MarketUpdate memory next = restate(uint16(bound(seed, 1, ACTIVE)));
            next.initialBps = near(next.initialBps, seed >> 16);
            next.maintenanceTargetBps = near(next.maintenanceTargetBps, seed >> 32);
            if (seed % 5 == 0) next.asOf = uint40(clock - bound(seed >> 48, 0, 2 hours));
            if (seed % 31 == 0) next.asOf = uint40(clock + 1);
            updates[i] = next;
        }
        write(KEEPER, updates);
    }

    /// @notice A thief with the keeper key who loosens as far as the preview lets it.
    function thiefLoosens(uint256 seed) external present {
        uint16 id = uint16(bound(seed, 1, ACTIVE));
        Params.MarketUpdate memory most = restate(id);
        if (most.initialBps < 80 || most.maintenanceTargetBps < 80) return;
        most.initialBps -= 80;
        most.maintenanceTargetBps -= 80;
        for (uint256 i; i < 4; ++i) {
            (Params.SkipReason reason, uint256 given, uint256 allowed) = parameters.previewUpdate(most);
            if (reason == Params.SkipReason.NONE) break;
            if (given == most.maintenanceTargetBps) most.maintenanceTargetBps = uint16(allowed);
            else most.initialBps = uint16(allowed);
        }
        write(KEEPER, one(most));
    }

    /// @notice A thief who wants liquidations.
    function thiefTightens(uint256 seed) external present {
        write(KEEPER, one(change(uint16(bound(seed, 1, ACTIVE)), 9_000, uint16(bound(seed >> 16, 2_000, 8_500)))));
    }

    /// @notice Any bits at all, from anybody.
    function noise(uint256 seed, Params.MarketUpdate calldata raw) external present {
        write(seed % 2 == 0 ? KEEPER : actor(seed >> 8), one(raw));
    }

    function anybodySetsAMode(uint256 seed) external present {
        uint16 id = uint16(bound(seed >> 8, 0, ACTIVE + 1));
        View memory before = look();
        address caller = actor(seed);
        vm.prank(caller);
        try parameters.setMode(id, Params.Mode(uint8(seed >> 24) % 3)) {} catch {}
        judge(before, look(), caller);
    }

    /// @notice Governance narrows, widens, quickens; others try.
    function anybodySetsLimits(uint256 seed) external present {
        uint16 id = uint16(bound(seed >> 8, 1, ACTIVE));
        Params.Limits memory limits = calmLimits();
        limits.minInitialBps = uint16(bound(seed >> 16, 500, 3_000));
        limits.minMaintenanceBps = uint16(bound(seed >> 32, 0, 2_000));
        limits.maxMaintenanceBps = uint16(bound(seed >> 48, 2_000, 8_500));
        limits.maxInitialBps = uint16(bound(seed >> 64, 3_000, 9_500));
        limits.staleInitialCapBps = uint16(bound(seed >> 80, 9_000, 10_000));
        limits.tightenSpeedBpsPerDay = uint16(bound(seed >> 96, 0, 400));
        limits.loosenSpeedBpsPerDay = uint16(bound(seed >> 112, 0, 200));
        limits.minGapBps = uint16(bound(seed >> 128, 1, 300));
        limits.liquidationBonusBps = uint16(bound(seed >> 144, 0, 1_500));
        limits.ttlSeconds = uint32(bound(seed >> 160, 1 hours, 12 hours));
        View memory before = look();
        address caller = seed % 2 == 0 ? GOVERNANCE : actor(seed >> 4);
        vm.prank(caller);
        try parameters.setLimits(id, limits) {} catch {}
        judge(before, look(), caller);
    }

    function write(address caller, Params.MarketUpdate[] memory updates) private {
        Params.Batch memory batch = batchOf(updates[0]);
        batch.updates = updates;
        View memory before = look();
        vm.prank(caller);
        try parameters.update(batch) {
            for (uint256 i; i < updates.length; ++i) isNamed[updates[i].marketId] = true;
        } catch {}
        judge(before, look(), caller);
        for (uint256 i; i < updates.length; ++i) isNamed[updates[i].marketId] = false;
    }

    function one(Params.MarketUpdate memory only) private pure returns (Params.MarketUpdate[] memory updates) {
        updates = new Params.MarketUpdate[](1);
        updates[0] = only;
    }

    function near(uint16 value, uint256 seed) private pure returns (uint16) {
        return uint16(bound(seed, value > 100 ? value - 100 : 0, value + 60));
    }

    function actor(uint256 seed) private pure returns (address) {
        address[4] memory all = [GOVERNANCE, KEEPER, GUARDIAN, STRANGER];
        return all[seed % 4];
    }
}
