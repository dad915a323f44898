// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IParameters} from "../parameters/IParameters.sol";
import {AssetCheck} from "./AssetCheck.sol";

/// @title Only tokens that were tried become markets.
/// @notice An account of Power.LISTER. Bounds that cross, pairs listed already and values outside their class are refused by the
/// parameter contract, with its errors.
contract ListingGate is AssetCheck, Ownable {
    /// @notice The US dollar as a debt asset: no token, so nothing to try.
    address public constant USD = address(840);

    IParameters public immutable parameters;

    constructor(IParameters parameters_, address governance) Ownable(governance) {
        parameters = parameters_;
    }

    /// @notice Lists a market whose tokens have passed, and returns its id. Governance.
    function list(IParameters.MarketListing calldata listing) external onlyOwner returns (uint16 marketId) {
        _requirePassed(listing.collateral);
        if (listing.debt != USD) _requirePassed(listing.debt);
        return parameters.listMarket(listing);
    }
}
