/**
 * Where the replica puts what mainnet has: the same addresses, so that code and configuration written for one runs on
 * the other. The pools come out at their mainnet addresses by themselves (CREATE2 from factory and tokens).
 */
export const MAINNET_ADDRESSES = {
  factory: "0x1F98431c8aD98523631AE4a59f267346ea31F984",
  quoterV2: "0x61fFE014bA17989E743c5F6cB21bF9697530B21e",
  tickLens: "0xbfd8137f7d1516D3ea5cA83523914859ec47F573",
  router: "0xE592427A0AEce92De3Edee1F18E0157C05861564",
  tokens: {
    WETH: "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2",
    USDC: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
    WBTC: "0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599",
  },
  pools: {
    "USDC/WETH-0.05%": "0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640",
    "WBTC/WETH-0.3%": "0xCBCdF9626bC03E24f779434178A73a0B4bad62eD",
  },
  /** Chainlink ETH/USD and BTC/USD. */
  feeds: {
    WETH: "0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419",
    WBTC: "0xF4030086522a5bEEa4988F8cA5B36dbC97BeE88c",
  },
} as const;

export type ReplicaAddresses = typeof MAINNET_ADDRESSES;
export type TokenName = keyof ReplicaAddresses["tokens"];
export type PoolName = keyof ReplicaAddresses["pools"];

/** Decimals of the tokens, as on mainnet. */
export const TOKEN_DECIMALS = { WETH: 18, USDC: 6, WBTC: 8 } as const satisfies Record<TokenName, number>;

/** The pools: tokens in the pool's own order, fee in hundredths of a basis point. */
export const POOLS = {
  "USDC/WETH-0.05%": { token0: "USDC", token1: "WETH", feePips: 500, tickSpacing: 10 },
  "WBTC/WETH-0.3%": { token0: "WBTC", token1: "WETH", feePips: 3000, tickSpacing: 60 },
} as const satisfies Record<PoolName, { token0: TokenName; token1: TokenName; feePips: number; tickSpacing: number }>;
