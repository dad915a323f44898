// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ICollateralParameters} from "../interfaces/ICollateralParameters.sol";
import {IParameterTypes} from "../interfaces/IParameterTypes.sol";
import {AssetCheck} from "./AssetCheck.sol";

/// @title Only tokens that were tried become markets.
/// @notice Holds LISTER_ROLE. Bounds that cross, pairs listed already and values outside their class are refused by the
/// parameter contract, with its errors.
contract ListingGate is AssetCheck, Ownable {
    /// @notice The US dollar as a debt asset: no token, so nothing to try.
    address public constant USD = address(840);

    ICollateralParameters public immutable parameters;

    constructor(ICollateralParameters parameters_, address governance) Ownable(governance) {
        parameters = parameters_;
    }

    /// @notice Lists a market whose tokens have passed, and returns its id. Governance.
    function list(IParameterTypes.MarketListing calldata listing) external onlyOwner returns (uint16 marketId) {
        _requirePassed(listing.collateral);
        if (listing.debt != USD) _requirePassed(listing.debt);
        return parameters.listMarket(listing);
    }
}
