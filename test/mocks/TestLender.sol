// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AggregatorV3Interface} from "../../contracts/interfaces/AggregatorV3Interface.sol";
import {IHaircuts} from "../../contracts/interfaces/IHaircuts.sol";

/// @title The smallest lending book that reads both haircuts: new borrowing by initial, liquidation by maintenance.
/// @notice Warning: a bookkeeping example for tests. It holds no tokens and pays out nothing.
contract TestLender {
    struct Position {
        /// @dev collateral, 1e18 = one token
        uint256 collateralWad;
        /// @dev debt in USD, 1e18 = one dollar
        uint256 debtWad;
    }

    event Borrowed(address indexed account, uint256 collateralWad, uint256 debtWad);
    event Liquidated(address indexed account, address indexed liquidator);

    error TooMuchDebt(uint256 debtWad, uint256 allowedWad);
    error NotLiquidatable(address account);
    error NoPrice(int256 answer);

    IHaircuts public immutable parameters;
    AggregatorV3Interface public immutable feed;
    uint16 public immutable marketId;
    mapping(address account => Position) public positionOf;

    constructor(IHaircuts parameters_, uint16 marketId_, AggregatorV3Interface feed_) {
        parameters = parameters_;
        marketId = marketId_;
        feed = feed_;
    }

    /// @notice Adds collateral and debt to the caller's position; the whole must fit the initial haircut.
    function borrow(uint256 collateralWad, uint256 debtWad) external {
        Position storage position = positionOf[msg.sender];
        position.collateralWad += collateralWad;
        position.debtWad += debtWad;
        uint256 allowed = _lendable(position.collateralWad, parameters.haircuts(marketId).initialBps);
        if (position.debtWad > allowed) revert TooMuchDebt(position.debtWad, allowed);
        emit Borrowed(msg.sender, collateralWad, debtWad);
    }

    /// @notice The most debt, in 1e18 USD, that `collateralWad` opens now.
    function borrowable(uint256 collateralWad) external view returns (uint256) {
        return _lendable(collateralWad, parameters.haircuts(marketId).initialBps);
    }

    /// @notice True when the debt exceeds what the maintenance haircut leaves of the collateral.
    function isLiquidatable(address account) public view returns (bool) {
        Position memory position = positionOf[account];
        return position.debtWad > _lendable(position.collateralWad, parameters.haircuts(marketId).maintenanceBps);
    }

    function liquidate(address account) external {
        if (!isLiquidatable(account)) revert NotLiquidatable(account);
        delete positionOf[account];
        emit Liquidated(account, msg.sender);
    }

    function _lendable(uint256 collateralWad, uint256 haircutBps) private view returns (uint256) {
        (, int256 answer,,,) = feed.latestRoundData();
        if (answer <= 0) revert NoPrice(answer);
        return collateralWad * uint256(answer) / 10 ** feed.decimals() * (10_000 - haircutBps) / 10_000;
    }
}
