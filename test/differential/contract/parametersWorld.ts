import hre, { network } from "hardhat";
import {
  type Abi,
  createPublicClient,
  custom,
  defineChain,
  encodeDeployData,
  type PublicClient,
  type Hex as ViemHex,
} from "viem";
import type { Hex } from "../../../keeper/domain/contract.ts";
import { ACCOUNTS, PROBES, type Step } from "../../lab/contractModel/calls.ts";
import { COLLATERAL, debtOf, GENESIS, type Genesis, START } from "../../lab/contractModel/genesis.ts";
import { compiled } from "../../support/compiled.ts";
import { dataOf, type Log, numbered, PROBE_CODE, type Result, refusalOf, saidBy } from "./wire.ts";

export type ParametersWorld = Awaited<ReturnType<typeof parametersWorld>>;

/** The contract of a genesis on a Hardhat network inside this process, deployed at START, with the accounts of the tests. */
export async function parametersWorld({ accounts, classes, markets }: Genesis = GENESIS) {
  await compiled();
  const { provider } = await network.create({
    network: "hardhat",
    override: { initialDate: new Date((START - 3_600) * 1000) },
  });
  const request = provider.request.bind(provider) as (call: { method: string; params?: unknown[] }) => Promise<unknown>;
  const artifact = async (name: string) => (await hre.artifacts.readArtifact(name)) as { abi: Abi; bytecode: ViemHex };
  const { abi, bytecode } = await artifact("Parameters");

  // Assets and probes need code, and nothing else about them matters here.
  for (let index = 1; index <= 12; index++) {
    await request({ method: "hardhat_setCode", params: [debtOf(index), "0x00"] });
  }
  await request({ method: "hardhat_setCode", params: [COLLATERAL, "0x00"] });
  for (const [name, code] of Object.entries(PROBE_CODE)) {
    await request({ method: "hardhat_setCode", params: [PROBES[name as keyof typeof PROBES], code] });
  }
  for (const holder of Object.values(ACCOUNTS)) {
    await request({ method: "hardhat_impersonateAccount", params: [holder] });
    await request({ method: "hardhat_setBalance", params: [holder, `0x${(10n ** 30n).toString(16)}`] });
  }

  const from = ACCOUNTS.stranger;
  const deploy = async (data: ViemHex): Promise<Hex> => {
    const hash = await request({ method: "eth_sendTransaction", params: [{ from, data, gas: "0xf00000" }] });
    const receipt = await request({ method: "eth_getTransactionReceipt", params: [hash] });
    return (receipt as { contractAddress: Hex }).contractAddress;
  };
  let clock = START;
  await request({ method: "evm_setNextBlockTimestamp", params: [clock] });
  const args = [ACCOUNTS.governance, accounts.map(numbered), classes, markets];
  const address = await deploy(encodeDeployData({ abi, bytecode, args }));
  const chain = defineChain({
    id: 31_337,
    name: "hardhat",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [] } },
  });
  const client: PublicClient = createPublicClient({ chain, transport: custom({ request }), cacheTime: 0 });

  /** Makes the call in a block `seconds` after the last one. */
  async function run({ call, by, seconds }: Step): Promise<Result> {
    clock += seconds;
    await request({ method: "evm_setNextBlockTimestamp", params: [clock] });
    if (call.kind === "wait") {
      await request({ method: "evm_mine" });
      return { events: [] };
    }
    const transaction = { from: ACCOUNTS[by], to: address, data: dataOf(abi, call), gas: "0xf00000" };
    try {
      const hash = await request({ method: "eth_sendTransaction", params: [transaction] });
      const receipt = await request({ method: "eth_getTransactionReceipt", params: [hash] });
      return { events: (receipt as { logs: readonly Log[] }).logs.map((log) => saidBy(abi, log)) };
    } catch (error) {
      const carried = (error as { data?: { data?: ViemHex } | ViemHex }).data;
      const data = typeof carried === "string" ? carried : carried?.data;
      if (data === undefined || data === "0x") throw error;
      return { refused: refusalOf(abi, data) };
    }
  }

  /** What the contract answers to a read at the latest block. */
  async function read(data: ViemHex): Promise<ViemHex> {
    const block = await request({ method: "eth_blockNumber" });
    return (await request({ method: "eth_call", params: [{ to: address, data }, block] })) as ViemHex;
  }

  return {
    ...{ client, address, abi, run, read, now: () => clock },
    blockNumber: async () => BigInt((await request({ method: "eth_blockNumber" })) as string),
  };
}
