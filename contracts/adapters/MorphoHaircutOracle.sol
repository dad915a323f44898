// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {IMorphoOracle} from "../interfaces/adapters/IMorphoOracle.sol";
import {BPS_ONE} from "../libraries/Units.sol";

/// @title The maintenance haircut as a Morpho Blue oracle.
/// @notice A Morpho market has one threshold, its LLTV, for borrowing and liquidating alike, and it can never change.
/// So the haircut has to come in through the price:
///     price = mid x min(1, (1 - maintenance) / LLTV), rounded down
/// With it LLTV x price = (1 - maintenance) x mid: the market behaves as if its threshold were the smaller of LLTV and
/// 1 - maintenance, whatever LLTV it was created with.
/// - *Why never above mid.* A liquidator pays `price` for what he seizes. Above mid he would pay more than it is worth
///   and stay away: bad debt. So LLTV stays the upper limit of the threshold.
/// - *What below mid costs.* At the threshold a liquidation takes debt x incentive / price = LLTV x incentive of the
///   collateral, whatever the haircut. So the real bonus is LLTV x incentive / (1 - maintenance) - 1 and grows with the
///   haircut, and a fall past 1 - LLTV x incentive before the liquidation (10.2 % at an LLTV of 86 %) leaves bad debt
///   however large the haircut is: it brings liquidations forward and cushions nothing.
/// - *Why maintenance.* The price also liquidates; initial may rise to 100 % in one block, maintenance moves only
///   as a slow ramp.
/// @dev Warning: one threshold means no room between borrowing and liquidating: who borrows to the limit is the first
/// to be liquidated by the ramp, as by interest. NO_NEW_RISK cannot be told to Morpho: it changes nothing here. For a
/// stop of new loans use the supply side (vault caps).
/// *Safety*: the wrapped oracle is right. *Liveness*: it answers; this contract adds no way to revert of its own.
contract MorphoHaircutOracle is IMorphoOracle {
    uint256 private constant WAD = 1e18;

    IHaircuts public immutable parameters;
    uint16 public immutable marketId;
    /// @notice The oracle of the price before the haircut, with Morpho's scale for the same two tokens.
    IMorphoOracle public immutable mid;
    /// @notice LLTV of the market that reads this oracle, 1e18 = 100 %.
    uint256 public immutable lltv;

    /// @dev allowed: 1 to 1e18 - 1, as in Morpho; `highest` is the latter.
    error LltvOutOfRange(uint256 given, uint256 highest);

    /// @dev Reverts with UnknownMarket, so that an oracle of nothing cannot be deployed.
    constructor(IHaircuts parameters_, uint16 marketId_, IMorphoOracle mid_, uint256 lltv_) {
        if (lltv_ == 0 || lltv_ >= WAD) revert LltvOutOfRange(lltv_, WAD - 1);
        parameters_.haircuts(marketId_);
        parameters = parameters_;
        marketId = marketId_;
        mid = mid_;
        lltv = lltv_;
    }

    /// @inheritdoc IMorphoOracle
    function price() external view returns (uint256) {
        uint256 left = (BPS_ONE - parameters.haircuts(marketId).maintenanceBps) * (WAD / BPS_ONE);
        uint256 price_ = mid.price();
        return left >= lltv ? price_ : Math.mulDiv(price_, left, lltv);
    }
}
