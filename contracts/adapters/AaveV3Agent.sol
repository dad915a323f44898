// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {IAavePoolAddressesProvider, IAavePoolConfigurator} from "../interfaces/adapters/IAaveV3.sol";
import {BPS_ONE} from "../libraries/Units.sol";
import {AaveSupplyCap} from "./AaveSupplyCap.sol";

/// @title Carries the three numbers into the reserves of an Aave v3 market. Holds RISK_ADMIN there.
/// @notice Anyone may call `sync`, and there is nothing to choose: LTV goes to 1 - initial, the liquidation threshold
/// (LT) walks towards 1 - maintenance, the liquidation bonus stays what Aave's governance made it. A call that changes
/// nothing writes nothing. The exposure limit has a call of its own, `syncSupplyCap`, so that neither waits for the other;
/// `multicall` does several calls of these in one transaction, all or none.
///
/// | state | LTV | LT |
/// |---|---|---|
/// | fresh, NORMAL | 1 - initial, at once | one step towards 1 - maintenance |
/// | fresh, NO_NEW_RISK | 0 at once | the same |
/// | fresh, FROZEN | 0 at once | untouched |
/// | data older than `maxAgeSeconds` | only down | untouched |
/// | Aave has the reserve frozen | as above, as pending LTV; before 3.1, which has none, only down | as above |
/// | Aave has it paused | only down, where it is not pending | untouched: nobody can be liquidated |
/// | LTV is 0 and this agent did not do it, or another LTV waits behind it | refused: ClosedByOthers | refused |
/// | pair unknown; reserve is no collateral | refused: UnknownPair, NotCollateral | refused |
///
/// *Why steps.* Nobody may have called for a week while maintenance ramped, or the reserve may have started far from
/// the haircut. Catching up at once would be the cliff that the ramp exists to avoid. So LT moves at most
/// `maxThresholdStepBps` in `stepSeconds`, and only where the room between LTV and LT was wider than that step: a loan
/// opened at the maximum in this very block, before or after the call, is not liquidatable in it.
/// @dev It stores a clock, a flag and two caps for each asset, no haircut. E-modes have thresholds of their own, which it does
/// not touch. *Safety*: the parameter contract's limits, Aave's contracts. *Liveness*: somebody calls `sync`.
contract AaveV3Agent is AaveSupplyCap, Multicall {
    struct Settings {
        /// @dev most that LT moves in one call, 1 to minGapBps - 1
        uint16 maxThresholdStepBps;
        /// @dev least time between two moves of LT, at least 1
        uint32 stepSeconds;
        /// @dev least distance LT - LTV that this agent leaves, 2 to 9999
        uint16 minGapBps;
        /// @dev age of the data from which LT stands still and LTV only falls; the market's time to live
        uint32 maxAgeSeconds;
    }

    struct Progress {
        /// @dev time of the last move of LT, or of the last call that found no room for one
        uint40 thresholdMovedAt;
        /// @dev this agent set LTV to 0 and has not seen the reserve open since
        bool closed;
    }

    struct Reserve {
        uint256 word;
        /// @dev what applies to loans now
        uint256 ltv;
        /// @dev what is set: the same, or what waits for the reserve to be unfrozen
        uint256 setLtv;
        uint256 threshold;
        uint256 bonus;
        /// @dev frozen, on a pool that keeps a pending LTV
        bool isPending;
        bool isPaused;
        /// @dev by Aave's hand, and its LTV counts: other assets are lent against it
        bool isHeld;
    }

    uint256 private constant FIELD = 0xffff;
    uint256 private constant THRESHOLD_BIT = 16;
    uint256 private constant BONUS_BIT = 32;
    uint256 private constant FROZEN_BIT = 57;
    uint256 private constant PAUSED_BIT = 60;
    /// @dev the bits of LTV, threshold and bonus
    uint256 private constant COLLATERAL_BITS = 0xffffffffffff;

    uint256 public immutable maxThresholdStepBps;
    uint256 public immutable stepSeconds;
    uint256 public immutable minGapBps;
    uint256 public immutable maxAgeSeconds;

    mapping(address asset => Progress) public progressOf;

    /// @notice What was set, after reading it back. `ltv` is pending where the reserve is frozen (`pending` true).
    event Synced(
        address indexed asset,
        uint256 ltv,
        uint256 liquidationThreshold,
        uint256 liquidationBonus,
        bool pending,
        IHaircuts.Mode mode,
        uint40 asOf
    );

    /// @dev The reserve's liquidation threshold is 0; enabling collateral is governance's.
    error NotCollateral(address asset);
    /// @dev LTV is 0 and somebody else did it; setting another LTV hands the reserve back to this agent, nothing else.
    error ClosedByOthers(address asset, uint256 pendingLtv);
    error BadSettings(string what, uint256 given, uint256 allowed);

    constructor(
        IHaircuts parameters_,
        IAavePoolAddressesProvider provider_,
        address debt_,
        Settings memory settings
    ) AaveSupplyCap(parameters_, provider_, debt_) {
        // A gap at or above 100 % would close every reserve.
        if (settings.minGapBps >= BPS_ONE) revert BadSettings("minGapBps", settings.minGapBps, BPS_ONE - 1);
        if (settings.minGapBps < 2) revert BadSettings("minGapBps", settings.minGapBps, 2);
        // A step as wide as the gap could reach loans opened at the maximum.
        if (settings.maxThresholdStepBps == 0) revert BadSettings("maxThresholdStepBps", 0, 1);
        if (settings.maxThresholdStepBps >= settings.minGapBps) {
            revert BadSettings("maxThresholdStepBps", settings.maxThresholdStepBps, settings.minGapBps - 1);
        }
        // Many steps in one block.
        if (settings.stepSeconds == 0) revert BadSettings("stepSeconds", 0, 1);
        if (settings.maxAgeSeconds == 0) revert BadSettings("maxAgeSeconds", 0, 1);
        maxThresholdStepBps = settings.maxThresholdStepBps;
        stepSeconds = settings.stepSeconds;
        minGapBps = settings.minGapBps;
        maxAgeSeconds = settings.maxAgeSeconds;
    }

    /// @notice What `sync` would set now, in basis points, and whether that is a change. Reverts as `sync` would.
    function preview(address asset)
        external
        view
        returns (uint256 ltv, uint256 liquidationThreshold, bool changes)
    {
        IHaircuts.Haircuts memory now_ = _haircutsOf(asset);
        Reserve memory reserve = _reserveOf(asset);
        (ltv, liquidationThreshold) = _targetsOf(asset, reserve, now_);
        changes = ltv != reserve.setLtv || liquidationThreshold != reserve.threshold;
    }

    /// @notice Brings one reserve to its haircuts. Returns false, and writes nothing to Aave, when it is there.
    function sync(address asset) external returns (bool changed) {
        IHaircuts.Haircuts memory now_ = _haircutsOf(asset);
        Reserve memory before = _reserveOf(asset);
        (uint256 ltv, uint256 threshold) = _targetsOf(asset, before, now_);

        bool moves = threshold != before.threshold;
        // Loans opened until this block have no room for a step. The call makes room for those to come, and the open
        // ones get a whole interval. It cannot be used to hold LT back: afterwards there is room.
        if (moves || !_hasRoom(before)) progressOf[asset].thresholdMovedAt = uint40(block.timestamp);
        // Open by whose hand ever: a later 0 is somebody else's until this agent sets one again.
        if (before.setLtv != 0) progressOf[asset].closed = false;
        if (!moves && ltv == before.setLtv) return false;

        progressOf[asset].closed = ltv == 0;
        IAavePoolConfigurator(provider.getPoolConfigurator()).configureReserveAsCollateral(
            asset, ltv, threshold, before.bonus
        );
        _requireEffect(asset, before, ltv, threshold);
        emit Synced(asset, ltv, threshold, before.bonus, before.isPending, now_.mode, now_.asOf);
        return true;
    }

    /// @dev The table above.
    function _targetsOf(address asset, Reserve memory reserve, IHaircuts.Haircuts memory now_)
        private
        view
        returns (uint256 ltv, uint256 threshold)
    {
        Progress memory progress = progressOf[asset];
        if (reserve.setLtv == 0) {
            // Undoing what Aave's own emergency admin or governance did. A 0 of this agent leaves nothing waiting.
            uint256 pending = _pendingOf(asset);
            if (pending != 0 || !progress.closed) revert ClosedByOthers(asset, pending);
        }

        bool fresh = block.timestamp <= uint256(now_.asOf) + maxAgeSeconds;
        bool mayStep = block.timestamp >= uint256(progress.thresholdMovedAt) + stepSeconds;
        threshold = reserve.threshold;
        bool stops = reserve.isPaused || now_.mode == IHaircuts.Mode.FROZEN;
        if (fresh && mayStep && _hasRoom(reserve) && !stops) {
            threshold = _stepped(threshold, BPS_ONE - now_.maintenanceBps, reserve.bonus);
        }
        ltv = Math.min(BPS_ONE - now_.initialBps, Math.saturatingSub(threshold, minGapBps));
        if (!fresh || reserve.isHeld) ltv = Math.min(ltv, reserve.setLtv);
    }

    /// @dev One step of the threshold towards `wanted`, LT x bonus at most 100 %.
    function _stepped(uint256 threshold, uint256 wanted, uint256 bonus) private view returns (uint256) {
        wanted = Math.min(wanted, BPS_ONE * BPS_ONE / bonus);
        if (wanted >= threshold) return Math.min(wanted, threshold + maxThresholdStepBps);
        return Math.max(wanted, threshold - maxThresholdStepBps);
    }

    /// @dev True when a whole step leaves LT above the LTV of loans opened until now, just before a freeze included;
    /// so LT - step is positive too.
    function _hasRoom(Reserve memory reserve) private view returns (bool) {
        return reserve.threshold > Math.max(reserve.ltv, reserve.setLtv) + maxThresholdStepBps;
    }

    /// @dev Post-condition: the pool reads as it was set, and nothing else of the reserve moved.
    function _requireEffect(address asset, Reserve memory before, uint256 ltv, uint256 threshold) private view {
        Reserve memory after_ = _reserveOf(asset);
        if (after_.setLtv != ltv) revert EffectDiffers("ltv", after_.setLtv, ltv);
        uint256 highest = before.isPending ? before.ltv : ltv;
        if (after_.ltv > highest) revert EffectDiffers("effective ltv", after_.ltv, highest);
        if (after_.threshold != threshold) revert EffectDiffers("threshold", after_.threshold, threshold);
        if (after_.bonus != before.bonus) revert EffectDiffers("bonus", after_.bonus, before.bonus);
        uint256 moved = (after_.word ^ before.word) & ~COLLATERAL_BITS;
        if (moved != 0) revert EffectDiffers("other bits", moved, 0);
    }

    function _haircutsOf(address asset) private view returns (IHaircuts.Haircuts memory now_) {
        bool known;
        (known, now_) = parameters.tryHaircuts(asset, debt);
        if (!known) revert UnknownPair(asset, debt);
    }

    function _reserveOf(address asset) private view returns (Reserve memory reserve) {
        uint256 word = _configurationOf(asset);
        reserve.word = word;
        reserve.ltv = word & FIELD;
        reserve.threshold = (word >> THRESHOLD_BIT) & FIELD;
        reserve.bonus = (word >> BONUS_BIT) & FIELD;
        if (reserve.threshold == 0) revert NotCollateral(asset);
        reserve.setLtv = reserve.ltv;
        reserve.isPaused = (word >> PAUSED_BIT) & 1 == 1;
        bool isFrozen = (word >> FROZEN_BIT) & 1 == 1;
        if (isFrozen) {
            (reserve.isPending, reserve.setLtv) = _tryPendingOf(asset);
            if (!reserve.isPending) reserve.setLtv = reserve.ltv;
        }
        reserve.isHeld = (isFrozen || reserve.isPaused) && !reserve.isPending;
    }

    function _pendingOf(address asset) private view returns (uint256 pending) {
        (, pending) = _tryPendingOf(asset);
    }

    /// @dev Pools before 3.1 have no pending LTV, and their configurators no such function.
    function _tryPendingOf(address asset) private view returns (bool exists, uint256 pending) {
        (bool ok, bytes memory data) = provider.getPoolConfigurator().staticcall(
            abi.encodeCall(IAavePoolConfigurator.getPendingLtv, (asset))
        );
        exists = ok && data.length == 32;
        if (exists) pending = abi.decode(data, (uint256));
    }
}
