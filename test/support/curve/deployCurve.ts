import assert from "node:assert/strict";
import { encodeDeployData, type Hex } from "viem";
import type { CryptoSwapPool, StableSwapPool } from "../../../keeper/domain/observation.ts";
import type { PoolRef } from "../../../keeper/venues/venue.ts";
import { ownArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { mined, type ReplicaClient, send } from "../../../scripts/lab/replica/node.ts";
import { compileCurve } from "./compileCurve.ts";

const FROM: Hex = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

/** A pool and which of Curve's two formulas it uses. */
export type CurvePoolRef = PoolRef & { readonly formula: "stableSwap" | "cryptoSwap" };

/** Puts tokens and Curve pools, compiled here, on a development node. */
export function curveDeployer(client: ReplicaClient) {
  const compiled = compileCurve();
  const deploy = async (data: Hex): Promise<Hex> => {
    const [address] = await mined(client, [await send(client, { from: FROM, data })]);
    return address ?? assert.fail("not deployed");
  };
  const token = async (symbol: string, decimals: number): Promise<Hex> => {
    const { abi, bytecode } = ownArtifact("test/mocks/MockERC20");
    return await deploy(encodeDeployData({ abi, bytecode, args: [symbol, symbol, decimals] } as never));
  };
  // One after the other: the node gives two that arrive together the same nonce.
  const tokens = async (coins: readonly { readonly symbol: string; readonly decimals: number }[]): Promise<Hex[]> => {
    const addresses: Hex[] = [];
    for (const { symbol, decimals } of coins) addresses.push(await token(symbol, decimals));
    return addresses;
  };
  const stable = async (name: string, pool: StableSwapPool): Promise<CurvePoolRef> => {
    const coins = await tokens(pool.coins);
    const { abi, bytecode } = compiled.StableSwapPool;
    const args = [
      coins,
      pool.coins.map((coin) => coin.balance),
      pool.coins.map((coin) => coin.rate),
      pool.amplification,
      pool.amplificationPrecision === 100n,
      pool.isNextGeneration,
      pool.fee,
      pool.offpegFeeMultiplier,
    ];
    return { name, address: await deploy(encodeDeployData({ abi, bytecode, args })), formula: "stableSwap" };
  };
  const crypto = async (name: string, pool: CryptoSwapPool): Promise<CurvePoolRef> => {
    const coins = await tokens(pool.coins);
    const { abi, bytecode } = compiled.CryptoSwapPool;
    const numbers = {
      price_scale: pool.priceScale,
      A: pool.amplification,
      gamma: pool.gamma,
      D: 0n,
      mid_fee: pool.midFee,
      out_fee: pool.outFee,
      fee_gamma: pool.feeGamma,
      future_A_gamma_time: pool.isRamping ? 1n : 0n,
    };
    const args = [coins, pool.coins.map((coin) => coin.balance), pool.coins.map((coin) => coin.rate), numbers];
    return { name, address: await deploy(encodeDeployData({ abi, bytecode, args })), formula: "cryptoSwap" };
  };
  return { token, stable, crypto };
}
