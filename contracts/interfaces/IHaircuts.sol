// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title What a consumer reads from the parameter contract, and nothing else.
/// @notice Initial haircut, maintenance haircut, exposure limit. All haircuts are basis points, 10000 = 100 %, rounded up (against the borrower), effective at this block:
/// a market whose data has grown old reads a rising initial haircut, a closed one reads 10000.
/// @dev Adapters build on this file alone, so that they read any contract that answers these calls.
interface IHaircuts {
    /// @notice NORMAL; NO_NEW_RISK: initial reads 100 %, repaying and liquidating go on; FROZEN: the same, and
    /// maintenance holds still. Later is safer.
    enum Mode {
        NORMAL,
        NO_NEW_RISK,
        FROZEN
    }

    /// @notice Effective haircuts of one market at this block.
    struct Haircuts {
        /// @dev 1 - LTV: for new borrowing and withdrawing
        uint16 initialBps;
        /// @dev 1 - liquidation threshold: for liquidating, and for nothing else
        uint16 maintenanceBps;
        /// @dev observation time of the oldest market datum behind the numbers, in seconds, never in the future
        uint40 asOf;
        Mode mode;
    }

    /// @dev Ids count from 1; `given` is 0 or above the highest id.
    error UnknownMarket(uint16 marketId);
    error UnknownPair(address collateral, address debt);

    /// @notice Haircuts of a market by id. Reverts with UnknownMarket.
    function haircuts(uint16 marketId) external view returns (Haircuts memory);

    /// @notice Haircuts of a pair; `debt` is a token, or address(840) for USD. Reverts with UnknownPair.
    function haircuts(address collateral, address debt) external view returns (Haircuts memory);

    /// @notice Haircuts of many markets, in the order asked. Reverts if any is unknown.
    function haircutsMany(uint16[] calldata marketIds) external view returns (Haircuts[] memory);

    /// @notice Never reverts: unknown markets read as 100 % initial, 0 maintenance, NO_NEW_RISK and `known` false.
    /// @dev Warning: an unknown market's maintenance of 0 means "do not liquidate", not "lend against it in full".
    function tryHaircuts(uint16 marketId) external view returns (bool known, Haircuts memory);

    /// @notice The same by pair.
    function tryHaircuts(address collateral, address debt) external view returns (bool known, Haircuts memory);

    /// @notice Most collateral, in whole tokens, that a lender should hold in this market, and whether it may hold more than
    /// now: false while the market is closed or its data is stale, and for an unknown id, with 0 tokens. Never reverts.
    /// @dev Warning: `mayGrow` false means "no more", never "nothing": force nobody out.
    function exposureLimit(uint16 marketId) external view returns (uint256 tokens, bool mayGrow);

    /// @notice Id of a pair, 0 when it is not listed. Ids are never used again.
    function marketOf(address collateral, address debt) external view returns (uint16 marketId);
}
