// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IMorphoOracle} from "./IMorphoOracle.sol";
import {IPriceOracle} from "../../contracts/interfaces/adapters/IPriceOracle.sol";

/// @title A price oracle with Euler's interface and any prices and spread, and Morpho's `price()` for one pair.
/// @notice Warning: for tests only.
contract MockPriceOracle is IPriceOracle, IMorphoOracle {
    struct Price {
        /// @dev units of quote (10^0) for 1e18 units of base
        uint256 perWad;
        uint256 spreadBps;
    }

    string public constant name = "MockPriceOracle";
    mapping(address base => mapping(address quote => Price)) private _prices;
    /// @dev what Morpho reads, scaled by 1e36
    uint256 public price;

    function set(address base, address quote, uint256 perWad, uint256 spreadBps) external {
        _prices[base][quote] = Price(perWad, spreadBps);
    }

    function setPrice(uint256 price_) external {
        price = price_;
    }

    function getQuote(uint256 inAmount, address base, address quote) public view returns (uint256) {
        uint256 perWad = _prices[base][quote].perWad;
        if (perWad == 0) revert PriceOracle_NotSupported(base, quote);
        return Math.mulDiv(inAmount, perWad, 1e18);
    }

    function getQuotes(uint256 inAmount, address base, address quote) external view returns (uint256, uint256) {
        uint256 mid = getQuote(inAmount, base, quote);
        uint256 half = Math.mulDiv(mid, _prices[base][quote].spreadBps, 20_000);
        return (mid - half, mid + half);
    }
}
