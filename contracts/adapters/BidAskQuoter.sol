// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IHaircuts} from "../interfaces/IHaircuts.sol";
import {IPriceOracle} from "../interfaces/adapters/IPriceOracle.sol";
import {BPS_ONE} from "../libraries/Units.sol";

/// @title Haircuts as a spread around a price, for Euler vaults and any other reader of ERC-7726.
/// @notice Euler values new borrowing and withdrawing with bid (collateral) and ask (debt), and liquidation with the
/// mid. So the initial haircut goes into the spread, and the mid is passed on untouched: new loans see the haircut,
/// liquidations do not, and this contract cannot make anyone liquidatable.
/// - bid(collateral -> debt) = bid of the price x (1 - initial), rounded down
/// - ask(debt -> collateral) = ask of the price / (1 - initial), rounded up: the same haircut, when the unit of account
///   is the collateral
/// Nothing is lent without a number: the bid of a pair that is not listed is 0.
/// @dev One quoter serves every listed pair. It stores nothing and cannot be changed. *Safety*: the price oracle is
/// right. *Liveness*: `getQuote` needs the price oracle only; `getQuotes` reverts when it does.
contract BidAskQuoter is IPriceOracle {
    /// @inheritdoc IPriceOracle
    string public constant name = "HaircutBidAskQuoter";

    IHaircuts public immutable parameters;
    /// @notice The oracle that knows prices. Its own spread, if any, is kept.
    IPriceOracle public immutable prices;

    constructor(IHaircuts parameters_, IPriceOracle prices_) {
        parameters = parameters_;
        prices = prices_;
    }

    /// @inheritdoc IPriceOracle
    /// @dev Does not read the parameter contract at all: liquidations depend on the price and on nothing of ours.
    function getQuote(uint256 inAmount, address base, address quote) external view returns (uint256) {
        return prices.getQuote(inAmount, base, quote);
    }

    /// @inheritdoc IPriceOracle
    /// @dev Reverts with PriceOracle_NotSupported when the pair is listed in neither direction. An initial haircut of
    /// 100 % (NO_NEW_RISK, FROZEN, or long stale) reads as bid 0, or as the largest possible ask.
    function getQuotes(uint256 inAmount, address base, address quote)
        external
        view
        returns (uint256 bidOutAmount, uint256 askOutAmount)
    {
        (bool isCollateral, IHaircuts.Haircuts memory ofBase) = parameters.tryHaircuts(base, quote);
        (bool isDebt, IHaircuts.Haircuts memory ofQuote) = parameters.tryHaircuts(quote, base);
        if (!isCollateral && !isDebt) revert PriceOracle_NotSupported(base, quote);

        (bidOutAmount, askOutAmount) = prices.getQuotes(inAmount, base, quote);
        // An unlisted pair reads 100 %.
        bidOutAmount = Math.mulDiv(bidOutAmount, BPS_ONE - ofBase.initialBps, BPS_ONE);
        if (isDebt) askOutAmount = _dividedUp(askOutAmount, BPS_ONE - ofQuote.initialBps);
    }

    /// @dev amount / (leftBps / 10000), rounded up, or the largest number there is.
    function _dividedUp(uint256 amount, uint256 leftBps) private pure returns (uint256) {
        if (leftBps == 0 || amount > type(uint256).max / BPS_ONE) return type(uint256).max;
        return Math.ceilDiv(amount * BPS_ONE, leftBps);
    }
}
