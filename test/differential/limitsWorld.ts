import hre, { network } from "hardhat";
import { createPublicClient, custom, defineChain, encodeFunctionData, type PublicClient } from "viem";
import type { Hex } from "../../keeper/domain/batch.ts";
import type { OnChainLimits } from "../../keeper/domain/decision.ts";
import type { LimitedUpdate } from "../../keeper/policy/limits.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../keeper/protocols/abi.ts";
import { encodeBatch } from "../../keeper/protocols/collateralParameters.ts";
import { SAMPLE_LIMITS } from "../support/limits.ts";

export const USD = "0x0000000000000000000000000000000000000348";
export const START = 1_770_000_000;

export type LimitsWorld = Awaited<ReturnType<typeof limitsWorld>>;

/**
 * The compiled contract on a Hardhat network inside this process, with one calm market (id 1) that rides along in each
 * batch, so that a batch whose other market is refused still lands and tells the reason.
 */
export async function limitsWorld() {
  await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  const { ethers, provider } = await network.create({
    network: "hardhat",
    override: { initialDate: new Date(START * 1000) },
  });
  const [deployer, governance, keeper, guardian] = (await ethers.getSigners()).map((signer) => signer.address as Hex);
  if (!deployer || !governance || !keeper || !guardian) throw new Error("the network has too few accounts");
  const request = provider.request.bind(provider) as (call: { method: string; params?: unknown[] }) => Promise<unknown>;
  let clock = START;
  let sequence = 0n;
  const token = async () => (await (await ethers.deployContract("MockERC20", ["Token", "T", 18])).getAddress()) as Hex;
  const listing = async (initialBps: number, maintenanceBps: number, limits: OnChainLimits) => ({
    collateral: await token(),
    debt: USD as Hex,
    initialBps,
    maintenanceBps,
    limits,
  });
  const roles = [governance, keeper, guardian];
  const deployed = await ethers.deployContract("CollateralParameters", [
    ...roles,
    [await listing(2_200, 1_800, SAMPLE_LIMITS)],
  ]);
  const address = (await deployed.getAddress()) as Hex;
  clock = Number((await ethers.provider.getBlock("latest"))?.timestamp);
  const chain = defineChain({
    id: 31_337,
    name: "hardhat",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [] } },
  });
  const client: PublicClient = createPublicClient({ chain, transport: custom({ request }), cacheTime: 0 });

  /** Sends in a block `seconds` after the last one. */
  const at = async (seconds: number, from: Hex, data: Hex): Promise<Hex> => {
    clock += seconds;
    await request({ method: "evm_setNextBlockTimestamp", params: [clock] });
    return (await request({ method: "eth_sendTransaction", params: [{ from, to: address, data }] })) as Hex;
  };
  const ofGovernance = (seconds: number, call: Parameters<typeof encodeFunctionData<typeof abi>>[0]) =>
    at(seconds, governance, encodeFunctionData(call));

  return {
    client,
    address,
    now: () => clock,
    blockNumber: async () => BigInt((await request({ method: "eth_blockNumber" })) as string),
    async wait(seconds: number): Promise<void> {
      clock += seconds;
      await request({ method: "evm_setNextBlockTimestamp", params: [clock] });
      await request({ method: "evm_mine" });
    },
    async list(initialBps: number, maintenanceBps: number, limits: OnChainLimits): Promise<number> {
      const next = await listing(initialBps, maintenanceBps, limits);
      clock = Number((await ethers.provider.getBlock("latest"))?.timestamp);
      await ofGovernance(1, { abi, functionName: "listMarket", args: [next] });
      return await client.readContract({ address, abi, functionName: "marketCount" });
    },
    update: (seconds: number, marketId: number, update: LimitedUpdate): Promise<Hex> => {
      sequence += 1n;
      const calm = { marketId: 1, initialBps: 2_200, maintenanceTargetBps: 1_800, confidenceBps: 10_000, sources: 1 };
      const updates = [
        { ...update, marketId, sources: 3 },
        { ...calm, asOf: clock + seconds },
      ];
      const evidence: Hex = `0x${"e".repeat(64)}`;
      return at(seconds, keeper, encodeBatch({ sequence, deadline: 2 ** 39, modelVersion: 1, evidence, updates }));
    },
    setMode: (seconds: number, marketId: number, mode: number) =>
      ofGovernance(seconds, { abi, functionName: "setMode", args: [marketId, mode] }),
    setLimits: (seconds: number, marketId: number, limits: OnChainLimits) =>
      ofGovernance(seconds, { abi, functionName: "setLimits", args: [marketId, limits] }),
  };
}
