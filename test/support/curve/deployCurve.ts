import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Abi, encodeDeployData, type Hex } from "viem";
import type { CryptoSwapPool, StableSwapPool } from "../../../keeper/domain/observation.ts";
import type { PoolRef } from "../../../keeper/venues/venue.ts";
import { ownArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { mined, type ReplicaClient, send } from "../../../scripts/lab/replica/node.ts";

type Output = {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly abi: Abi; readonly evm: { readonly bytecode: { readonly object: string } } }>>
    >
  >;
};
type Compiled = { readonly abi: Abi; readonly bytecode: Hex };

/** The test pools of this folder, compiled by the npm compiler; they are no part of the project's own contracts. */
function compileCurve(): Readonly<Record<"StableSwapPool" | "CryptoSwapPool", Compiled>> {
  const solc: { compile(input: string): string } = createRequire(import.meta.url)("solc");
  const names = ["StableSwapPool", "CryptoSwapPool"] as const;
  const content = (name: string) => readFileSync(new URL(`./${name}.sol`, import.meta.url), "utf8");
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(names.map((name) => [`${name}.sol`, { content: content(name) }])),
    settings: {
      viaIR: true,
      evmVersion: "cancun",
      optimizer: { enabled: true, runs: 1 },
      outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
    },
  };
  const output: Output = JSON.parse(solc.compile(JSON.stringify(input)));
  const wrong = (output.errors ?? []).filter(({ severity }) => severity === "error");
  if (wrong.length > 0) throw new Error(wrong.map((one) => one.formattedMessage).join("\n"));
  const of = (name: (typeof names)[number]): Compiled => {
    const contract = output.contracts[`${name}.sol`]?.[name];
    if (contract === undefined) throw new Error(`${name} was not compiled`);
    return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` };
  };
  return { StableSwapPool: of("StableSwapPool"), CryptoSwapPool: of("CryptoSwapPool") };
}

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
