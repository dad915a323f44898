// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";
import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {BPS_ONE} from "../libraries/Units.sol";
import {HaircutFeed} from "./HaircutFeed.sol";

/// @title A price less the initial haircut, as an AggregatorV3 feed with the decimals of the price.
/// @notice answer = price x (1 - initial), rounded down; `updatedAt` is that of the older of the two, the price or the data: allow
/// at least the market's time to live. For lenders that price new loans by a feed of its own.
/// @dev Warning: never for a protocol that liquidates by the same price: initial may rise to 100 % in one block, which is what it
/// is for. There is no maintenance side: where a price liquidates it nearly always sets what the liquidator seizes, too, and
/// a haircut m in it makes his bonus b a real one of (1 + b) / (1 - m) - 1.
/// A price that is not positive is refused instead of passed on: a consumer that does not look would read a negative
/// number as an enormous one, or liquidate everybody at 0. A feed that reverts makes this one revert.
contract HaircutPriceFeed is HaircutFeed {
    AggregatorV3Interface public immutable priceFeed;
    uint8 public immutable decimals;

    /// @dev `given` is what the price feed answered; allowed is anything positive.
    error PriceNotPositive(int256 given);

    constructor(IHaircuts parameters_, uint16 marketId_, AggregatorV3Interface priceFeed_)
        HaircutFeed(parameters_, marketId_, Side.INITIAL)
    {
        priceFeed = priceFeed_;
        decimals = priceFeed_.decimals();
    }

    function description() external view returns (string memory) {
        return string.concat(priceFeed.description(), " less ", _sideName(), " haircut");
    }

    function _answer(uint256 leftBps, uint256 validAt) internal view override returns (uint256, uint256) {
        (, int256 price,, uint256 pricedAt,) = priceFeed.latestRoundData();
        if (price <= 0) revert PriceNotPositive(price);
        return (Math.mulDiv(uint256(price), leftBps, BPS_ONE), Math.min(validAt, pricedAt));
    }
}
