// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AggregatorV3Interface} from "../../../contracts/interfaces/AggregatorV3Interface.sol";
import {IPriceOracle} from "../../../contracts/interfaces/adapters/IPriceOracle.sol";
import {IRiskOracle} from "../../../contracts/interfaces/adapters/IRiskOracle.sol";

/// @dev A receipt token that names its collateral as Aave's do.
contract LikeAToken {
    address public immutable UNDERLYING_ASSET_ADDRESS;

    constructor(address underlying) {
        UNDERLYING_ASSET_ADDRESS = underlying;
    }
}

/// @dev A receipt token that names its collateral as Compound's descendants do.
contract LikeAVToken {
    address public immutable underlying;

    constructor(address underlying_) {
        underlying = underlying_;
    }
}

/// @dev Something else that answers the same getter: not a receipt of one token.
contract LikeAPair {
    address private immutable first;

    constructor(address first_) {
        first = first_;
    }

    function underlying() external view returns (address, address) {
        return (first, address(this));
    }
}

/// @dev The checks of a steward injector: each id once, none older than the expiration period.
contract LikeAnInjector {
    IRiskOracle private immutable oracle;
    uint256 private immutable expiration;
    mapping(uint256 updateId => bool) private executed;
    uint256 public ltv;

    constructor(IRiskOracle oracle_, uint256 expiration_) {
        oracle = oracle_;
        expiration = expiration_;
    }

    function inject(string memory updateType, address market) external returns (bool) {
        IRiskOracle.RiskParameterUpdate memory update =
            oracle.getLatestUpdateByParameterAndMarket(updateType, market);
        if (executed[update.updateId] || update.timestamp + expiration <= block.timestamp) return false;
        executed[update.updateId] = true;
        if (keccak256(bytes(update.updateType)) == keccak256("ltv")) ltv = uint256(bytes32(update.newValue));
        return true;
    }
}

/// @dev The check of an agent hub: for each market only ids above the last one.
contract LikeAHub {
    IRiskOracle private immutable oracle;
    mapping(address market => uint256) private lastId;
    uint256 public value;

    constructor(IRiskOracle oracle_) {
        oracle = oracle_;
    }

    function inject(string memory updateType, address market) external returns (bool) {
        try oracle.getLatestUpdateByParameterAndMarket(updateType, market) returns (
            IRiskOracle.RiskParameterUpdate memory update
        ) {
            if (lastId[update.market] >= update.updateId) return false;
            lastId[update.market] = update.updateId;
            value = abi.decode(update.newValue, (uint256));
            return true;
        } catch {
            return false;
        }
    }
}

/// @dev The two sums of a Euler vault with the collateral's own LTVs at 90 % and 93 %: the account status check, after
/// borrowing and withdrawing, takes bid and ask; liquidation takes the mid.
contract LikeAEulerVault {
    IPriceOracle private immutable oracle;
    address private immutable unitOfAccount;

    constructor(IPriceOracle oracle_, address unitOfAccount_) {
        oracle = oracle_;
        unitOfAccount = unitOfAccount_;
    }

    function passesStatusCheck(uint256 balance, address collateral, uint256 owed) external view returns (bool) {
        (uint256 value,) = oracle.getQuotes(balance, collateral, unitOfAccount);
        return value * 9_000 / 10_000 > owed;
    }

    function isLiquidatable(uint256 balance, address collateral, uint256 owed) external view returns (bool) {
        return oracle.getQuote(balance, collateral, unitOfAccount) * 9_300 / 10_000 <= owed;
    }
}

/// @dev What a careful reader of an AggregatorV3 feed checks.
contract LikeAFeedReader {
    AggregatorV3Interface private immutable feed;
    uint256 private immutable maxStaleness;

    error TooStale(uint256 staleness, uint256 maxStaleness);
    error InvalidAnswer();

    constructor(AggregatorV3Interface feed_, uint256 maxStaleness_) {
        feed = feed_;
        maxStaleness = maxStaleness_;
    }

    function price() external view returns (uint256) {
        (uint80 roundId, int256 answer,, uint256 updatedAt, uint80 answeredInRound) = feed.latestRoundData();
        if (answer <= 0 || updatedAt == 0 || answeredInRound < roundId) revert InvalidAnswer();
        uint256 staleness = block.timestamp - updatedAt;
        if (staleness > maxStaleness) revert TooStale(staleness, maxStaleness);
        return uint256(answer);
    }
}
