// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {IRiskOracle} from "../interfaces/adapters/IRiskOracle.sol";
import {BPS_ONE} from "../libraries/Units.sol";

/// @title The three numbers in the form that existing stewards, injectors and hubs consume, computed at the call.
/// @notice Nobody publishes here and nothing is stored: an update *is* what the parameter contract says in this block.
/// Update types: "ltv" and "liquidationThreshold", a uint256 of basis points (Aave's injectors and agents), and
/// "collateralFactors", both as uint256 with 18 decimals (Venus); "supplyCap", the exposure limit as a uint256 of whole tokens, at
/// most 2^36 - 1 (Aave's injectors). `market` is the collateral, or a receipt token that names it (aToken, vToken).
///
/// *Ids.* updateId = asOf | market | type | tightness. Consumers execute an id once, and only upwards. So newer data
/// always has a higher id; with the same data, a tighter value (ramp, staleness, a closed market) has a higher one
/// and goes through at once; a looser value has a lower one and waits for newer data. The same id always means the
/// same value, so an unchanged value is never executed twice.
/// *No more.* Of a closed or stale market "supplyCap" is still the limit: what is supplied, at which a cap would stop more, is not
/// known here. That nothing is lent against more of it is said by "ltv".
/// *Timestamps.* The time of the data, so a consumer's expiration period stops it from following a dead keeper. Where
/// a guardian or governance closed the market the new LTV is a statement of this block, and so is its timestamp.
/// *Previous values.* Empty, as for a first update: what a consumer last executed only the consumer knows, and the
/// parameter contract keeps no history in storage (its events have it).
contract RiskOraclePublisher is IRiskOracle {
    enum Kind {
        NONE,
        LTV,
        LIQUIDATION_THRESHOLD,
        COLLATERAL_FACTORS,
        SUPPLY_CAP
    }

    /// @dev What an update's id is made of, above `tightness`: bits of the kind and of the market.
    uint256 private constant KIND_BIT = 36;
    uint256 private constant MARKET_BIT = 40;
    uint256 private constant AS_OF_BIT = 200;
    /// @dev Greatest supply cap that Aave takes.
    uint256 private constant MOST = (1 << 36) - 1;

    IHaircuts public immutable parameters;
    /// @notice The debt side of every market published here, e.g. address(840) for USD.
    address public immutable debt;

    error UnknownUpdateType(string given);
    /// @dev Neither `market` nor what it is a receipt of is a collateral against `debt`.
    error NoUpdate(address market, address debt);
    /// @dev The id is not that of a present value; `current` is; 0 when there is none for its market and type.
    error UpdateSuperseded(uint256 given, uint256 current);

    constructor(IHaircuts parameters_, address debt_) {
        parameters = parameters_;
        debt = debt_;
    }

    /// @inheritdoc IRiskOracle
    function getAllUpdateTypes() external pure returns (string[] memory types) {
        types = new string[](4);
        for (uint256 i; i < 4; ++i) types[i] = _nameOf(Kind(i + 1));
    }

    /// @inheritdoc IRiskOracle
    function isAuthorized(address) external pure returns (bool) {
        return false;
    }

    /// @inheritdoc IRiskOracle
    function getLatestUpdateByParameterAndMarket(string memory updateType, address market)
        external
        view
        returns (RiskParameterUpdate memory)
    {
        Kind kind = _kindOf(updateType);
        if (kind == Kind.NONE) revert UnknownUpdateType(updateType);
        uint16 marketId = _marketIdOf(market);
        if (marketId == 0) revert NoUpdate(market, debt);
        return _updateOf(kind, marketId, market);
    }

    /// @inheritdoc IRiskOracle
    /// @dev Answers as long as the value which the id names is the present one: there is no history to answer from.
    function getUpdateById(uint256 updateId) external view returns (RiskParameterUpdate memory update) {
        (address market, uint256 kind) = (address(uint160(updateId >> MARKET_BIT)), updateId >> KIND_BIT & 0xf);
        uint16 marketId = _marketIdOf(market);
        bool isKind = kind != 0 && kind <= uint256(type(Kind).max);
        if (marketId == 0 || !isKind) revert UpdateSuperseded(updateId, 0);
        update = _updateOf(Kind(kind), marketId, market);
        if (update.updateId != updateId) revert UpdateSuperseded(updateId, update.updateId);
    }

    function _updateOf(Kind kind, uint16 marketId, address market)
        private
        view
        returns (RiskParameterUpdate memory update)
    {
        IHaircuts.Haircuts memory now_ = parameters.haircuts(marketId);
        (uint256 initial, uint256 maintenance) = (now_.initialBps, now_.maintenanceBps);
        uint256 tightness;
        update.additionalData = abi.encode(parameters, marketId, now_);
        if (kind == Kind.LTV) {
            (tightness, update.newValue) = (initial, abi.encode(BPS_ONE - initial));
        } else if (kind == Kind.LIQUIDATION_THRESHOLD) {
            (tightness, update.newValue) = (maintenance, abi.encode(BPS_ONE - maintenance));
        } else if (kind == Kind.SUPPLY_CAP) {
            (uint256 tokens, bool mayGrow) = parameters.exposureLimit(marketId);
            tokens = Math.min(tokens, MOST);
            (tightness, update.newValue) = (MOST - tokens, abi.encode(tokens));
            update.additionalData = abi.encode(parameters, marketId, now_, mayGrow);
        } else {
            tightness = (initial << 16) | maintenance;
            update.newValue = abi.encode((BPS_ONE - initial) * 1e14, (BPS_ONE - maintenance) * 1e14);
        }
        // The other two are of the data whatever the mode.
        bool closed = now_.mode != IHaircuts.Mode.NORMAL && (kind == Kind.LTV || kind == Kind.COLLATERAL_FACTORS);
        update.timestamp = closed ? block.timestamp : now_.asOf;
        update.updateId = (uint256(now_.asOf) << AS_OF_BIT) | (uint256(uint160(market)) << MARKET_BIT)
            | (uint256(kind) << KIND_BIT) | tightness;
        update.updateType = _nameOf(kind);
        update.market = market;
        update.referenceId = string.concat(
            "eip155:",
            Strings.toString(block.chainid),
            ":",
            Strings.toChecksumHexString(address(parameters)),
            "/market/",
            Strings.toString(marketId),
            "/asOf/",
            Strings.toString(now_.asOf)
        );
    }

    /// @dev Id of the market whose collateral is `market` or what `market` is a receipt of; 0 when there is none.
    function _marketIdOf(address market) private view returns (uint16 marketId) {
        marketId = parameters.marketOf(market, debt);
        if (marketId == 0) marketId = parameters.marketOf(_addressFrom(market, "UNDERLYING_ASSET_ADDRESS()"), debt);
        if (marketId == 0) marketId = parameters.marketOf(_addressFrom(market, "underlying()"), debt);
    }

    /// @dev The address that a getter of `target` returns; 0 when it has none.
    function _addressFrom(address target, string memory getter) private view returns (address) {
        (bool ok, bytes memory data) = target.staticcall(abi.encodeWithSignature(getter));
        return ok && data.length == 32 ? address(uint160(uint256(bytes32(data)))) : address(0);
    }

    function _kindOf(string memory updateType) private pure returns (Kind) {
        for (uint256 i = 1; i <= uint256(type(Kind).max); ++i) {
            if (Strings.equal(updateType, _nameOf(Kind(i)))) return Kind(i);
        }
        return Kind.NONE;
    }

    function _nameOf(Kind kind) private pure returns (string memory) {
        if (kind == Kind.LTV) return "ltv";
        if (kind == Kind.LIQUIDATION_THRESHOLD) return "liquidationThreshold";
        return kind == Kind.COLLATERAL_FACTORS ? "collateralFactors" : "supplyCap";
    }
}
