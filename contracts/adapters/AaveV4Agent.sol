// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {IAaveHub, IAaveSpoke, IAaveSpokeConfigurator} from "../interfaces/adapters/IAaveV4.sol";
import {BPS_ONE} from "../libraries/Units.sol";
import {AaveAddCap} from "./AaveAddCap.sol";

/// @title Carries the three numbers into the reserves that one spoke of Aave v4 has of one hub.
/// @notice Anyone may call, and there is nothing to choose. In v4 one number, the collateral factor, says how much may be lent
/// and from where on is liquidated, and each position keeps the configuration that it last borrowed or withdrew under. So initial
/// makes *new configurations*, which bind new risk only, and maintenance lowers *old ones*, with notice. A call that changes
/// nothing writes nothing; `multicall` does several in one transaction, all or none.
///
/// | state | newest configuration (`sync`) | older ones (`lower`) |
/// |---|---|---|
/// | fresh, NORMAL | 1 - initial, at once | one step towards 1 - maintenance, where it is above that |
/// | fresh, NO_NEW_RISK | 0 at once: nothing more is lent or withdrawn against it, nobody is due | the same |
/// | fresh, FROZEN | 0 at once | untouched |
/// | data older than `maxAgeSeconds` | only lower | untouched |
/// | Aave has the reserve frozen | only lower | as above |
/// | Aave has it paused, or the spoke halted or inactive at the hub | only lower | untouched: nobody can seize it |
/// | the newest is 0 and this agent did not do it | refused: ClosedByOthers | as above |
/// | pair unknown; configuration unknown or the newest | refused: UnknownPair | refused: UnknownPair, NotRetired |
///
/// *Notice.* `lower` touches a configuration only 30 days after this agent saw it replaced, so no sooner after the last position
/// was bound to it, then at most `maxStepBps` in `stepSeconds`, and never raises one: who wants the newer terms borrows or asks for them.
/// @dev *Safety*: the parameter contract's limits, Aave's contracts, and that nobody else may lower collateral factors.
/// *Liveness*: somebody calls.
contract AaveV4Agent is AaveAddCap, Multicall {
    /// @dev where the agent acts; all immutable
    struct Places {
        address spoke;
        address hub;
        address spokeConfigurator;
        address hubConfigurator;
    }

    struct Settings {
        /// @dev most that an older configuration is lowered in one call, at least 1
        uint16 maxStepBps;
        /// @dev least time between two such calls for one configuration, at least 1
        uint32 stepSeconds;
        /// @dev a rise of the collateral factor by less than this makes no new configuration; 0: each does
        uint16 leastRiseBps;
        /// @dev age of the data from which nothing is loosened and nothing old is lowered; the market's time to live
        uint32 maxAgeSeconds;
    }

    struct Old {
        /// @dev since when it is known not to be the newest
        uint40 retiredAt;
        uint40 loweredAt;
    }

    struct Reserve {
        uint256 id;
        uint32 key;
        IAaveSpoke.Reserve fixed_;
        IAaveSpoke.DynamicReserveConfig newest;
        /// @dev by Aave's hand: nobody can seize it, and steps would come due together at its end
        bool stopped;
    }

    /// @dev bits of the reserve's flags
    uint256 private constant PAUSED = 1;
    uint256 private constant FROZEN = 2;

    uint256 public constant NOTICE_SECONDS = 30 days;

    IAaveSpoke public immutable spoke;
    IAaveSpokeConfigurator public immutable spokeConfigurator;
    uint256 public immutable maxStepBps;
    uint256 public immutable stepSeconds;
    uint256 public immutable leastRiseBps;
    uint256 public immutable maxAgeSeconds;

    /// @notice The configuration that this agent added last, plus one; 0: none.
    mapping(address asset => uint256) public ownNextKey;
    mapping(address asset => mapping(uint256 key => Old)) public oldOf;

    /// @notice A new configuration, after reading it back.
    event Synced(address indexed asset, uint32 key, uint256 collateralFactor, IHaircuts.Mode mode, uint40 asOf);
    /// @notice An older configuration was lowered to this, after reading it back.
    event Lowered(address indexed asset, uint32 key, uint256 collateralFactor, uint40 asOf);
    /// @notice The agent saw for the first time that a configuration is not the newest; `lower` acts on it 30 days later.
    event Retired(address indexed asset, uint32 key);

    /// @dev The newest collateral factor is 0 and somebody else did it; a new configuration of theirs hands the reserve back.
    error ClosedByOthers(address asset, uint32 key);
    /// @dev Only what was replaced is lowered.
    error NotRetired(address asset, uint32 key, uint32 newest);
    error BadSettings(string what, uint256 given, uint256 allowed);

    constructor(IHaircuts parameters_, Places memory places, address debt_, Settings memory settings)
        AaveAddCap(parameters_, debt_, places.spoke, places.hub, places.hubConfigurator)
    {
        if (settings.maxStepBps == 0) revert BadSettings("maxStepBps", 0, 1);
        // Many steps in one block.
        if (settings.stepSeconds == 0) revert BadSettings("stepSeconds", 0, 1);
        if (settings.maxAgeSeconds == 0) revert BadSettings("maxAgeSeconds", 0, 1);
        spoke = IAaveSpoke(places.spoke);
        spokeConfigurator = IAaveSpokeConfigurator(places.spokeConfigurator);
        maxStepBps = settings.maxStepBps;
        stepSeconds = settings.stepSeconds;
        leastRiseBps = settings.leastRiseBps;
        maxAgeSeconds = settings.maxAgeSeconds;
    }

    /// @notice The newest collateral factor that `sync` would leave, basis points; the one to which `lower` brings older
    /// configurations; and whether `sync` would change anything. Reverts as `sync` would.
    function preview(address asset) external view returns (uint256 collateralFactor, uint256 floor, bool changes) {
        IHaircuts.Haircuts memory now_ = _haircutsOf(asset);
        Reserve memory reserve = _reserveOf(asset);
        collateralFactor = _targetOf(asset, reserve, now_);
        (floor, changes) = (_floorOf(now_), collateralFactor != reserve.newest.collateralFactor);
    }

    /// @notice Adds a configuration with collateral factor 1 - initial. Returns false, and writes nothing, when the newest has it.
    function sync(address asset) external returns (bool changed) {
        IHaircuts.Haircuts memory now_ = _haircutsOf(asset);
        Reserve memory before = _reserveOf(asset);
        uint256 target = _targetOf(asset, before, now_);
        if (target == before.newest.collateralFactor) return false;

        _retire(asset, before.key);
        ownNextKey[asset] = uint256(before.key) + 2;
        spokeConfigurator.addCollateralFactor(address(spoke), before.id, uint16(target));

        Reserve memory after_ = _reserveOf(asset);
        if (after_.key != before.key + 1) revert EffectDiffers("key", after_.key, before.key + 1);
        before.fixed_.dynamicConfigKey = after_.key;
        _requireEffect(before, after_, before.newest, after_.newest, target);
        _requireSame(before.newest, _configOf(before.id, before.key), before.newest.collateralFactor);
        emit Synced(asset, after_.key, target, now_.mode, now_.asOf);
        return true;
    }

    /// @notice Lowers one older configuration by a step, or notes that it is one. Returns false, and writes nothing, when neither
    /// is due.
    function lower(address asset, uint32 key) external returns (bool changed) {
        IHaircuts.Haircuts memory now_ = _haircutsOf(asset);
        Reserve memory before = _reserveOf(asset);
        if (key >= before.key) revert NotRetired(asset, key, before.key);
        if (oldOf[asset][key].retiredAt == 0) {
            _retire(asset, key);
            return true;
        }
        IAaveSpoke.DynamicReserveConfig memory config = _configOf(before.id, key);
        uint256 target = _loweredOf(asset, key, config.collateralFactor, before.stopped, now_);
        if (target == config.collateralFactor) return false;

        oldOf[asset][key].loweredAt = uint40(block.timestamp);
        spokeConfigurator.updateCollateralFactor(address(spoke), before.id, key, uint16(target));

        Reserve memory after_ = _reserveOf(asset);
        _requireEffect(before, after_, config, _configOf(before.id, key), target);
        _requireSame(before.newest, after_.newest, before.newest.collateralFactor);
        emit Lowered(asset, key, target, now_.asOf);
        return true;
    }

    /// @notice Of the configurations `from` to `to` (not itself), those for which `lower` would return true: a step is due, or
    /// nobody has noted yet that they were replaced, and their notice has not begun. Cut at the newest; a reader pages.
    function lowerable(address asset, uint32 from, uint32 to) external view returns (uint32[] memory keys) {
        IHaircuts.Haircuts memory now_ = _haircutsOf(asset);
        Reserve memory reserve = _reserveOf(asset);
        to = uint32(Math.min(to, reserve.key));
        keys = new uint32[](to > from ? to - from : 0);
        uint256 found;
        for (uint32 key = from; key < to; ++key) {
            uint256 factor = _configOf(reserve.id, key).collateralFactor;
            bool unseen = oldOf[asset][key].retiredAt == 0;
            if (unseen || _loweredOf(asset, key, factor, reserve.stopped, now_) != factor) keys[found++] = key;
        }
        assembly ("memory-safe") {
            // keys.length = found
            mstore(keys, found)
        }
    }

    /// @dev The table's first column.
    function _targetOf(address asset, Reserve memory reserve, IHaircuts.Haircuts memory now_)
        private
        view
        returns (uint256 target)
    {
        uint256 present = reserve.newest.collateralFactor;
        // Undoing what Aave's own hand did.
        if (present == 0 && ownNextKey[asset] != uint256(reserve.key) + 1) revert ClosedByOthers(asset, reserve.key);
        // factor x bonus, rounded up, stays below 100 %, as Aave wants it.
        uint256 most = (BPS_ONE - 1) * BPS_ONE / reserve.newest.maxLiquidationBonus;
        target = Math.min(BPS_ONE - now_.initialBps, most);
        // A freeze stops supplying, not borrowing other assets against what is there.
        bool held = reserve.stopped || reserve.fixed_.flags & FROZEN != 0;
        if (held || !_isFresh(now_)) target = Math.min(target, present);
        if (present != 0 && target > present && target < present + leastRiseBps) target = present;
    }

    /// @dev The table's second column: what an older configuration of this factor is to be.
    function _loweredOf(
        address asset,
        uint32 key,
        uint256 factor,
        bool stopped,
        IHaircuts.Haircuts memory now_
    ) private view returns (uint256) {
        Old memory old = oldOf[asset][key];
        uint256 floor = _floorOf(now_);
        if (factor <= floor || stopped) return factor;
        if (!_isFresh(now_) || now_.mode == IHaircuts.Mode.FROZEN) return factor;
        if (block.timestamp < uint256(old.retiredAt) + NOTICE_SECONDS) return factor;
        if (block.timestamp < uint256(old.loweredAt) + stepSeconds) return factor;
        return Math.max(floor, Math.saturatingSub(factor, maxStepBps));
    }

    /// @dev 1 - maintenance; Aave takes no 0 of a configuration that positions may be bound to.
    function _floorOf(IHaircuts.Haircuts memory now_) private pure returns (uint256) {
        return Math.max(1, BPS_ONE - now_.maintenanceBps);
    }

    /// @dev Once for each: the newest has not been noted, and what was replaced is never the newest again.
    function _retire(address asset, uint32 key) private {
        oldOf[asset][key].retiredAt = uint40(block.timestamp);
        emit Retired(asset, key);
    }

    /// @dev Post-condition: the configuration reads as it was set, and of the reserve nothing else moved.
    function _requireEffect(
        Reserve memory before,
        Reserve memory after_,
        IAaveSpoke.DynamicReserveConfig memory was,
        IAaveSpoke.DynamicReserveConfig memory is_,
        uint256 target
    ) private pure {
        _requireSame(was, is_, target);
        if (keccak256(abi.encode(before.fixed_)) != keccak256(abi.encode(after_.fixed_))) {
            revert EffectDiffers("reserve", 1, 0);
        }
    }

    /// @dev The collateral factor is as wanted, bonus and fee as they were.
    function _requireSame(
        IAaveSpoke.DynamicReserveConfig memory was,
        IAaveSpoke.DynamicReserveConfig memory is_,
        uint256 factor
    ) private pure {
        if (is_.collateralFactor != factor) revert EffectDiffers("collateral factor", is_.collateralFactor, factor);
        if (is_.maxLiquidationBonus != was.maxLiquidationBonus) {
            revert EffectDiffers("bonus", is_.maxLiquidationBonus, was.maxLiquidationBonus);
        }
        if (is_.liquidationFee != was.liquidationFee) revert EffectDiffers("fee", is_.liquidationFee, was.liquidationFee);
    }

    function _isFresh(IHaircuts.Haircuts memory now_) private view returns (bool) {
        return block.timestamp <= uint256(now_.asOf) + maxAgeSeconds;
    }

    function _haircutsOf(address asset) private view returns (IHaircuts.Haircuts memory now_) {
        bool known;
        (known, now_) = parameters.tryHaircuts(asset, debt);
        if (!known) revert UnknownPair(asset, debt);
    }

    /// @dev Reverts with Aave's own error where hub or spoke does not list it.
    function _reserveOf(address asset) private view returns (Reserve memory reserve) {
        uint256 assetId = hub.getAssetId(asset);
        reserve.id = spoke.getReserveId(address(hub), assetId);
        reserve.fixed_ = spoke.getReserve(reserve.id);
        reserve.key = reserve.fixed_.dynamicConfigKey;
        reserve.newest = _configOf(reserve.id, reserve.key);
        IAaveHub.SpokeConfig memory config = hub.getSpokeConfig(assetId, address(spoke));
        reserve.stopped = reserve.fixed_.flags & PAUSED != 0 || config.halted || !config.active;
    }

    function _configOf(uint256 reserveId, uint32 key) private view returns (IAaveSpoke.DynamicReserveConfig memory) {
        return spoke.getDynamicReserveConfig(reserveId, key);
    }
}
