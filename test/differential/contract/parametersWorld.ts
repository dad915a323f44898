import hre, { network } from "hardhat";
import {
  createPublicClient,
  custom,
  decodeErrorResult,
  defineChain,
  encodeFunctionData,
  type PublicClient,
  type Hex as ViemHex,
} from "viem";
import { type ContractEvent, type Hex, MODES, NO_SEQUENCER } from "../../../keeper/domain/contract.ts";
import { ACCESS_CONTROL_ABI, COLLATERAL_PARAMETERS_ABI as abi } from "../../../keeper/protocols/abi.ts";
import { encodeEntries } from "../../../keeper/protocols/entry.ts";
import { readEvents } from "../../../keeper/protocols/events.ts";
import type { Refusal } from "../../../scripts/lab/contractModel/state.ts";
import { type Account, type Call, PROBES, type Step } from "../../lab/contractModel/calls.ts";
import { COLLATERAL, debtOf, GENESIS, START } from "../../lab/contractModel/genesis.ts";
import { compiled } from "../../support/compiled.ts";

/** What the chain made of a call. */
export type Result = { readonly events: readonly ContractEvent[] } | { readonly refused: Refusal };

export type ParametersWorld = Awaited<ReturnType<typeof parametersWorld>>;

const CONTRACT = "contracts/CollateralParameters.sol:CollateralParameters";
/** Bytecodes of the probes: return (to & 1) ^ 1; revert; return 2. */
const PROBE_CODE = {
  even: "0x60016044356001161860005260206000f3",
  silent: "0x60006000fd",
  two: "0x600260005260206000f3",
} as const;

/** Seconds of grace of a rollup's sequencer; null: the chain is none. */
export type Grace = number | null;

/** The compiled contract on a Hardhat network inside this process, with one account for each role. */
export async function parametersWorld(grace: Grace = null) {
  await compiled();
  const { ethers, provider } = await network.create({
    network: "hardhat",
    override: { initialDate: new Date((START - 3_600) * 1000) },
  });
  const request = provider.request.bind(provider) as (call: { method: string; params?: unknown[] }) => Promise<unknown>;
  const signers = (await ethers.getSigners()).map((signer) => signer.address as Hex);
  const names: readonly Account[] = ["governance", "keeper", "quorum", "guardian", "challenger", "lister", "stranger"];
  const accounts = new Map(names.map((name, index) => [name, signers[index + 1] as Hex]));
  const of = (name: Account): Hex => accounts.get(name) as Hex;

  // Assets and probes need code, and nothing else about them matters here.
  for (let index = 1; index < 25; index++) {
    await request({ method: "hardhat_setCode", params: [debtOf(index), "0x00"] });
  }
  await request({ method: "hardhat_setCode", params: [COLLATERAL, "0x00"] });
  for (const [name, code] of Object.entries(PROBE_CODE)) {
    await request({ method: "hardhat_setCode", params: [PROBES[name as keyof typeof PROBES], code] });
  }

  // Each linked library is asked for by "project/<file>:<name>" and deployed by "<file>:<name>".
  const { linkReferences } = await hre.artifacts.readArtifact(CONTRACT);
  const libraries: Record<string, string> = {};
  for (const [file, names] of Object.entries(linkReferences)) {
    for (const name of Object.keys(names)) {
      const plain = `${file.replace(/^project\//, "")}:${name}`;
      libraries[`${file}:${name}`] = await (await ethers.deployContract(plain)).getAddress();
    }
  }
  const feed = grace === null ? null : await ethers.deployContract("MockSequencerFeed");
  const sequencer = feed === null ? NO_SEQUENCER : { feed: await feed.getAddress(), graceSeconds: grace };
  let clock = START;
  await request({ method: "evm_setNextBlockTimestamp", params: [clock] });
  const contract = await ethers.deployContract(
    CONTRACT,
    [
      ...[of("governance"), of("keeper"), of("quorum"), of("guardian")],
      ...[GENESIS.profiles, sequencer, GENESIS.classes, GENESIS.markets],
    ],
    { libraries, gasLimit: 16_000_000 },
  );
  await contract.waitForDeployment();
  const address = (await contract.getAddress()).toLowerCase() as Hex;
  for (const role of ["CHALLENGER", "LISTER"] as const) {
    const holder = of(role === "CHALLENGER" ? "challenger" : "lister");
    const granting = ethers.Interface.from(["function grantRole(bytes32 role, address account)"]);
    const data = granting.encodeFunctionData("grantRole", [ethers.id(`${role}_ROLE`), holder]);
    clock += 1;
    await request({ method: "evm_setNextBlockTimestamp", params: [clock] });
    await request({ method: "eth_sendTransaction", params: [{ from: of("governance"), to: address, data }] });
  }
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
    const transaction = { from: of(by), to: address, data: dataOf(call), gas: "0xf00000" };
    try {
      const hash = await request({ method: "eth_sendTransaction", params: [transaction] });
      return { events: await readEvents(client, address, { transactionHash: hash as Hex }) };
    } catch (error) {
      return { refused: refusalOf(error) };
    }
  }

  /** Has the feed say that the sequencer goes up or down in a block `seconds` after the last one. */
  async function report(up: boolean, seconds: number): Promise<void> {
    clock += seconds;
    await request({ method: "evm_setNextBlockTimestamp", params: [clock] });
    await (await feed?.getFunction("set")(up))?.wait();
  }

  return {
    report,
    client,
    address,
    accountOf: of,
    deployedBy: signers[0] as Hex,
    now: () => clock,
    run,
    blockNumber: async () => BigInt((await request({ method: "eth_blockNumber" })) as string),
  };
}

function dataOf(call: Exclude<Call, { kind: "wait" }>): Hex {
  switch (call.kind) {
    case "update":
    case "updateByQuorum": {
      const { entries, sequence, ...batch } = call.batch;
      const args = [{ ...batch, sequence: BigInt(sequence), entries: encodeEntries(entries) }] as const;
      return encodeFunctionData({ abi, functionName: call.kind, args });
    }
    case "setMode":
      return encodeFunctionData({
        abi,
        functionName: "setMode",
        args: [call.marketId, MODES.indexOf(call.mode)],
      });
    case "listMarket":
      return encodeFunctionData({ abi, functionName: "listMarket", args: [call.listing] });
    case "setLimits":
      return encodeFunctionData({ abi, functionName: "setLimits", args: [call.classId, call.limits] });
    case "setClass":
      return encodeFunctionData({ abi, functionName: "setClass", args: [call.group, call.classId] });
    case "overrideMarkets":
      return encodeFunctionData({ abi, functionName: "overrideMarkets", args: [call.values] });
    case "setAggregateBudget":
      return encodeFunctionData({ abi, functionName: "setAggregateBudget", args: [call.hotBps, call.quorumBps] });
    case "resetBreaker":
      return encodeFunctionData({ abi, functionName: "resetBreaker" });
    case "setProbe":
      return encodeFunctionData({ abi, functionName: "setProbe", args: [call.marketId, call.probe] });
  }
}

function refusalOf(error: unknown): Refusal {
  const found = /0x[0-9a-f]{8,}/i.exec(JSON.stringify((error as { data?: unknown }).data ?? null));
  const carried = (error as { data?: { data?: ViemHex } | ViemHex }).data;
  const data = typeof carried === "string" ? carried : (carried?.data ?? (found?.[0] as ViemHex | undefined));
  if (data === undefined || data === "0x") throw error;
  const { errorName, args } = decodeErrorResult({ abi: [...abi, ...ACCESS_CONTROL_ABI], data });
  return { error: errorName, args: (args ?? []).map((arg) => (typeof arg === "string" ? arg : Number(arg))) };
}
