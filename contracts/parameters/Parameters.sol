// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {minuteOf, timeOf} from "../libraries/Units.sol";
import {ClassLimits} from "./ClassLimits.sol";
import {Follow} from "./Follow.sol";
import {IParameters} from "./IParameters.sol";
import {Judge} from "./Judge.sol";
import {Read} from "./Read.sol";
import {Write} from "./Write.sol";
import {A, C, E, get, M, N, put, tokensOf, V} from "./Words.sol";

/// @title Parameters
/// @notice See IParameters for what it promises, README.md for how to read it. Read, Write and, on this page, what governance (the
/// owner), guardians, challengers and listers do.
contract Parameters is Read, Write, Ownable2Step {
    /// @dev How long what a guardian does holds, at most, in hours; it ends on the full hour. Then the hours in which a
    /// guardian cannot do the same again.
    uint256 private constant GUARDIAN_HOURS = 72;
    uint256 private constant COOLDOWN_HOURS = 24;
    uint256 private constant CHALLENGE_HOURS = 6;
    /// @dev How far ahead an override may hold.
    uint256 private constant MAX_OVERRIDE = 30 days;
    /// @dev The US dollar as a debt asset (ISO 4217 number, as in ERC-7726).
    address private constant USD = address(840);
    /// @dev No step: more than any loosening or raise can be.
    uint256 private constant ANY = 1 << 128;
    /// @dev Generation of a market that was never moved.
    uint256 private constant FIRST = 16;
    /// @dev Bits of `M.MODE`, `M.MODE_UNTIL` and `M.CHALLENGED`; of what `changeMarket` sets.
    uint256 private constant BY_MODE = 1 << 13 | 0x1fffff << 224;
    uint256 private constant BY_SETTING = 1 << 28 | (1 << 62) - 1 << 143 | 0x7ff << 245;

    /// @param governance a timelock: bounds, sets modes, delists, admits accounts; the deployer never holds a power
    /// @param accounts first writers, guardians, challengers and listers
    /// @param classes first risk classes
    /// @param markets first markets
    constructor(
        address governance,
        AccountSetting[] memory accounts,
        ClassListing[] memory classes,
        MarketListing[] memory markets
    ) Ownable(governance) {
        for (uint256 i; i < accounts.length; ++i) _admit(accounts[i]);
        for (uint256 i; i < classes.length; ++i) _setLimits(classes[i].classId, classes[i].limits);
        for (uint256 i; i < markets.length; ++i) _list(markets[i]);
    }

    // ------------------------------------------------------------------------------------------------------ guardians

    /// @inheritdoc IParameters
    function setMode(uint16 marketId, Mode mode) external {
        uint256 market = _listed(marketId);
        uint256 minute = minuteOf(block.timestamp);
        (uint256 until, uint256 challenged) = _modeUntil(marketId, mode, market, minute);
        uint256 next = put(Follow.settled(market, minute), M.MODE, uint256(mode));
        next = put(put(next, M.MODE_UNTIL, until), M.CHALLENGED, challenged);
        _storeAside(marketId, market, next, BY_MODE);
        emit ModeChanged(marketId, mode, msg.sender, until == M.FOREVER ? type(uint40).max : _time(until));
    }

    /// @inheritdoc IParameters
    function haltWriter(address holder) external {
        _require(Power.GUARDIAN);
        uint256 writer = _accounts[holder].word;
        if (get(writer, A.POWER) != uint256(Power.HOT)) revert NotAHotKey(holder);
        uint256 until = _guardianUntil(get(writer, A.HALTED_UNTIL) + COOLDOWN_HOURS);
        _accounts[holder].word = put(writer, A.HALTED_UNTIL, until);
        emit WriterHalted(holder, _time(until));
    }

    /// @inheritdoc IParameters
    function holdClass(uint8 classId) external {
        _require(Power.GUARDIAN);
        uint256 class = _defined(classId);
        uint256 until = _guardianUntil(get(class, C.HELD_UNTIL) + COOLDOWN_HOURS);
        _classes[classId] = put(class, C.HELD_UNTIL, until);
        emit ClassHeld(classId, _time(until));
    }

    // ----------------------------------------------------------------------------------------------------- governance

    /// @inheritdoc IParameters
    function admit(AccountSetting calldata setting) external onlyOwner {
        _admit(setting);
    }

    /// @inheritdoc IParameters
    function setLimits(uint8 classId, Limits calldata limits) external onlyOwner {
        _setLimits(classId, limits);
    }

    /// @inheritdoc IParameters
    function listMarket(MarketListing calldata listing) external returns (uint16) {
        uint256 old = _market(_marketOf[listing.collateral][listing.debt]);
        // What governance has ended only governance begins again.
        if (old != 0 && get(old, M.GENERATION) == 0) _checkOwner();
        else _require(Power.LISTER);
        return _list(listing);
    }

    /// @inheritdoc IParameters
    function delistMarket(uint16 marketId) external onlyOwner {
        uint256 market = _listed(marketId);
        uint256 next = Follow.settled(market, minuteOf(block.timestamp));
        next = put(next, M.TARGET, get(next, M.MAINTENANCE));
        next = put(put(next, M.MODE, uint256(Mode.NO_NEW_RISK)), M.MODE_UNTIL, M.FOREVER);
        next = put(next, M.GENERATION, 0);
        _storeAside(marketId, market, next, BY_MODE | N.ALL | 0x1f << 251);
        emit MarketDelisted(marketId);
    }

    /// @inheritdoc IParameters
    function changeMarket(uint16 marketId, MarketSetting calldata setting) external onlyOwner {
        uint256 market = _listed(marketId);
        uint256 minute = minuteOf(block.timestamp);
        uint256 next = _bounded(Follow.settled(market, minute), setting.lowestLimit, setting.highestLimit);
        if (setting.probe != address(0) && setting.probe.code.length == 0) revert NotAContract(setting.probe);
        next = put(next, M.PROBED, setting.probe == address(0) ? 0 : 1);
        if (get(market, M.CLASS) != setting.classId) {
            uint256 class = _defined(setting.classId);
            ClassLimits.requireHolds(class, market, minute);
            ClassLimits.requireNoFresher(class, _class(get(market, M.CLASS)), market, minute);
            uint256 ttl = get(market, M.TTL);
            // Stale data would be fresh again, and maintenance make up for the silence at once.
            if (get(class, C.TTL) > ttl && Follow.isStale(market, minute)) revert BadLimits("ttlHours", get(class, C.TTL), ttl);
            // Until now it moved at the speeds of the old class.
            next = put(put(next, M.STAMP, get(class, C.STAMP)), M.CLASS, setting.classId);
            next = put(next, M.GENERATION, (get(market, M.GENERATION) + 1) & 0xf | FIRST);
        }
        _assets[marketId].probe = setting.probe;
        _storeAside(marketId, market, next, BY_SETTING);
        emit MarketChanged(marketId, setting, uint8(get(next, M.GENERATION)));
    }

    /// @inheritdoc IParameters
    function setManually(ManualOverride[] calldata values) external onlyOwner {
        uint256 refusal;
        uint256 refused;
        for (uint256 i; i < values.length; ++i) {
            uint256 last = _override(values[i]);
            if (last != 0) (refusal, refused) = (refused == 0 ? last : refusal, refused + 1);
        }
        if (refused == values.length) revert NoMarketApplied(refused == 0 ? 0 : values[0].marketId, uint8(refusal));
    }

    /// @notice Not possible: nobody could take a power from a stolen key again.
    function renounceOwnership() public pure override {
        revert OwnableInvalidOwner(address(0));
    }

    // ------------------------------------------------------------------------------------------------------- internal

    function _admit(AccountSetting memory setting) private {
        if (setting.account == address(0)) revert ZeroAddress("account");
        // The number stays: a signature of before a removal does not apply after it.
        uint256 next = put(uint256(setting.power), A.SEQUENCE, get(_accounts[setting.account].word, A.SEQUENCE));
        _accounts[setting.account].word = put(put(next, A.AGGREGATE, setting.aggregateBps), A.TRIP, setting.tripBps);
        emit AccountChanged(setting.account, setting);
    }

    function _setLimits(uint8 classId, Limits memory limits) private {
        if (classId >= _classes.length) revert UnknownClass(classId);
        (uint256 was, uint256 class) = (_classes[classId], ClassLimits.pack(limits));
        uint256 minute = minuteOf(block.timestamp);
        for (uint256 id = 1; id <= marketCount; ++id) {
            uint256 market = _market(id);
            if (get(market, M.CLASS) == classId && get(market, M.GENERATION) != 0) {
                ClassLimits.requireHolds(class, market, minute);
                ClassLimits.requireNoFresher(class, was, market, minute);
            }
        }
        // What a guardian holds stays held until it lapses.
        _classes[classId] = put(class, C.HELD_UNTIL, get(was, C.HELD_UNTIL));
        emit ClassChanged(classId, limits);
    }

    function _list(MarketListing memory listing) private returns (uint16 marketId) {
        (address collateral, address debt) = (listing.collateral, listing.debt);
        // A mistyped address, or a token on another chain.
        if (collateral.code.length == 0) revert NotAContract(collateral);
        if (debt != USD && debt.code.length == 0) revert NotAContract(debt);
        marketId = _marketOf[collateral][debt];
        uint256 old = _market(marketId);
        if (get(old, M.GENERATION) != 0) revert MarketExists(collateral, debt, marketId);
        if (marketCount == MAX_MARKETS) revert BadLimits("markets", MAX_MARKETS + 1, MAX_MARKETS);
        uint256 market = _bounded(FIRST << 251, listing.lowestLimit, listing.highestLimit);
        uint256 class = _defined(listing.classId);
        uint256 minute = minuteOf(block.timestamp);
        marketId = ++marketCount;

        // Valid at once, replaced by the first update.
        market = put(put(market, M.SETTLED, minute), M.AGE, get(class, C.MAX_AGE));
        market = put(put(market, M.CLASS, listing.classId), M.STAMP, get(class, C.STAMP));
        uint256 maintenance = listing.maintenanceBps;
        uint256 numbers = _numbers(listing.initialBps, maintenance, listing.limit);
        if (old != 0) {
            // Who reads by pair goes on where the delisted market stood, at the speed of its class.
            uint256 oldClass = get(old, M.CLASS);
            if (listing.classId != oldClass) revert BadLimits("classId", listing.classId, oldClass);
            maintenance = get(old, M.MAINTENANCE);
        }
        uint256 refusal = Judge.values(market, maintenance, class, numbers);
        if (refusal != 0) revert BadValues(uint8(refusal), get(refusal, V.GIVEN), get(refusal, V.ALLOWED));
        market = put(market | numbers, M.MAINTENANCE, maintenance);
        if (old != 0) ClassLimits.requireHolds(class, market, minute);

        _marketOf[collateral][debt] = marketId;
        _assets[marketId] = Assets(collateral, debt, 0, address(0));
        _store(marketId, market, market, maintenance, class, M.BY_UPDATE, 0, 0);
        emit MarketListed(marketId, collateral, debt, listing, uint40(timeOf(Follow.asOf(market))));
    }

    function _override(ManualOverride calldata value) private returns (uint256 refusal) {
        uint256 market = _listed(value.marketId);
        uint256 latest = block.timestamp + MAX_OVERRIDE;
        if (value.until != 0 && (value.until < block.timestamp || value.until > latest)) {
            revert BadUntil(value.marketId, value.until, block.timestamp, latest);
        }
        uint256 minute = minuteOf(block.timestamp);
        uint256 maintenance = Follow.maintenance(market, Follow.until(market, minute));
        uint256 class = _class(get(market, M.CLASS));
        uint256 entry = _numbers(value.initialBps, value.maintenanceTargetBps, value.limit);
        entry = put(put(entry, M.QUALITY, get(market, M.QUALITY)), E.AS_OF, minute);
        refusal = Judge.values(market, maintenance, class, entry);
        if (refusal != 0) {
            emit MarketSkipped(value.marketId, uint8(refusal), get(refusal, V.GIVEN), get(refusal, V.ALLOWED));
            return refusal;
        }
        uint256 next = _next(market, maintenance, class, entry, minute);
        next = put(next, M.HELD_UNTIL, value.until == 0 ? 0 : minuteOf(value.until) / 60 + 1);
        _store(value.marketId, market, next, maintenance, class, M.BY_UPDATE | M.FOREVER << 205, ANY, ANY);
        emit MarketOverridden(value);
    }

    /// @dev The three numbers; what does not fit its field is refused.
    function _numbers(uint256 initial, uint256 maintenance, uint256 limit) private pure returns (uint256) {
        if (initial > 0x3fff) revert BadLimits("initialBps", initial, 0x3fff);
        if (maintenance > 0x1fff) revert BadLimits("maintenanceBps", maintenance, 0x1fff);
        return maintenance | initial << 14 | (0xffff - limit) << 29;
    }

    /// @dev The hour until which a guardian's act holds; reverts before the last one of its kind has cooled down.
    function _guardianUntil(uint256 cooledAt) private view returns (uint256) {
        uint256 hour = minuteOf(block.timestamp) / 60;
        if (hour < cooledAt) revert GuardianCoolingDown(timeOf(cooledAt * 60));
        return hour + GUARDIAN_HOURS;
    }

    /// @dev The hour at which the mode lapses, and whether a challenge set it; reverts when the caller may not.
    function _modeUntil(uint16 marketId, Mode mode, uint256 market, uint256 minute)
        private returns (uint256 until, uint256 challenged) {
        if (msg.sender == owner()) return (M.FOREVER, 0);
        Mode current = Mode(Follow.mode(market, minute));
        // Of a guardian's mode, or of the one whose place a challenge has taken.
        uint256 cooledAt = get(market, M.MODE) == 0 ? 0 : get(market, M.MODE_UNTIL) + COOLDOWN_HOURS;
        if (get(market, M.CHALLENGED) != 0) cooledAt = _assets[marketId].cooledAt;
        if (get(_accounts[msg.sender].word, A.POWER) == uint256(Power.CHALLENGER)) {
            if (mode != Mode.NO_NEW_RISK || current != Mode.NORMAL) revert ModeNotSafer(marketId, mode, current);
            // It neither ends a guardian's cool-down nor makes it longer.
            _assets[marketId].cooledAt = uint96(cooledAt);
            return (minute / 60 + CHALLENGE_HOURS, 1);
        }
        _require(Power.GUARDIAN);
        // A stolen guardian key re-opening what was closed.
        if (mode <= current) revert ModeNotSafer(marketId, mode, current);
        // A guardian's own closing is not made longer by making it stricter; a challenge's is.
        if (current != Mode.NORMAL && get(market, M.CHALLENGED) == 0) {
            // Governance's closing does not lapse, and a guardian's freeze always does.
            if (get(market, M.MODE_UNTIL) == M.FOREVER) revert HeldByGovernance(marketId, current);
            return (get(market, M.MODE_UNTIL), 0);
        }
        return (_guardianUntil(cooledAt), 0);
    }

    /// @dev The market with bounds of its exposure limit; reverts when they cross.
    function _bounded(uint256 market, uint16 lowest, uint16 highest) private pure returns (uint256) {
        // From a limit of 0 no step leads up again.
        if (lowest == 0) revert BadLimits("lowestLimit", 0, 1);
        if (highest < lowest) revert BadLimits("highestLimit", tokensOf(highest), tokensOf(lowest));
        return put(put(market, M.TIGHTEST_LIMIT, 0xffff - lowest), M.LOOSEST_LIMIT, 0xffff - highest);
    }

    function _require(Power power) private view {
        if (get(_accounts[msg.sender].word, A.POWER) != uint256(power)) revert NotAllowed(msg.sender);
    }

    /// @dev The first second of an hour.
    function _time(uint256 hour) private pure returns (uint40) {
        return uint40(timeOf(hour * 60));
    }

    function _defined(uint8 classId) private view returns (uint256 class) {
        class = classId < _classes.length ? _classes[classId] : 0;
        if (class == 0) revert UnknownClass(classId);
    }
}
