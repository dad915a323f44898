// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {BPS_ONE} from "../libraries/Units.sol";
import {HaircutFeed} from "./HaircutFeed.sol";

/// @title What may be lent per unit of collateral, as an AggregatorV3 feed with 18 decimals.
/// @notice answer = (1 - haircut) x 1e18: an initial haircut of 22 % answers 0.78e18. Exact, nothing is rounded.
/// @dev Warning: 0 is a valid answer (a closed market lends nothing), and it is what consumers who require a positive
/// answer refuse: either way nothing is lent.
contract HaircutFactorFeed is HaircutFeed {
    uint8 public constant decimals = 18;

    constructor(IHaircuts parameters_, uint16 marketId_, Side side_) HaircutFeed(parameters_, marketId_, side_) {}

    function description() external view returns (string memory) {
        return string.concat("1 - ", _sideName(), " haircut");
    }

    function _answer(uint256 leftBps, uint256 validAt) internal pure override returns (uint256, uint256) {
        return (leftBps * (1e18 / BPS_ONE), validAt);
    }
}
