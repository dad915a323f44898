// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";
import {IUniswapV3MintCallback} from "@uniswap/v3-core/contracts/interfaces/callback/IUniswapV3MintCallback.sol";

interface IMintable {
    function mint(address to, uint256 amount) external;
}

/// @title Lays recorded liquidity into a Uniswap v3 pool of mock tokens by real mints.
/// @notice Warning: for replicas only. It pays with tokens that anyone can mint and never takes liquidity out again.
contract LiquiditySeeder is IUniswapV3MintCallback {
    struct Position {
        int24 lower;
        int24 upper;
        uint128 liquidity;
    }

    /// @notice Mints `positions` into `pool`, owned by this contract.
    function seed(IUniswapV3Pool pool, Position[] calldata positions) external {
        bytes memory tokens = abi.encode(pool.token0(), pool.token1());
        for (uint256 i; i < positions.length; ++i) {
            Position calldata position = positions[i];
            pool.mint(address(this), position.lower, position.upper, position.liquidity, tokens);
        }
    }

    /// @inheritdoc IUniswapV3MintCallback
    /// @dev The caller gets what it says is owed: the tokens are worthless, so nobody needs to be kept out.
    function uniswapV3MintCallback(uint256 owed0, uint256 owed1, bytes calldata tokens) external {
        (address token0, address token1) = abi.decode(tokens, (address, address));
        if (owed0 > 0) IMintable(token0).mint(msg.sender, owed0);
        if (owed1 > 0) IMintable(token1).mint(msg.sender, owed1);
    }
}
