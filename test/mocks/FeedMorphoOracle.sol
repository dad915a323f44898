// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AggregatorV3Interface} from "../../contracts/interfaces/AggregatorV3Interface.sol";
import {IMorphoOracle} from "./IMorphoOracle.sol";

/// @title A Morpho oracle over one dollar feed: what MorphoChainlinkOracleV2 answers with that feed alone.
/// @notice Warning: for replicas and tests only. The loan token counts as one dollar.
contract FeedMorphoOracle is IMorphoOracle {
    AggregatorV3Interface public immutable feed;
    uint256 public immutable scale;

    constructor(AggregatorV3Interface feed_, uint256 collateralDecimals, uint256 loanDecimals) {
        feed = feed_;
        scale = 10 ** (36 + loanDecimals - collateralDecimals - feed_.decimals());
    }

    function price() external view returns (uint256) {
        (, int256 answer,,,) = feed.latestRoundData();
        require(answer > 0, "no price");
        return uint256(answer) * scale;
    }
}
