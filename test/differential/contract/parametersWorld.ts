import hre, { network } from "hardhat";
import {
  type Abi,
  createPublicClient,
  custom,
  decodeAbiParameters,
  decodeErrorResult,
  decodeEventLog,
  defineChain,
  encodeDeployData,
  encodeFunctionData,
  type PublicClient,
  type Hex as ViemHex,
} from "viem";
import { type ContractEventBody, type Hex, MODES, POWERS, SKIP_REASONS } from "../../../keeper/domain/contract.ts";
import { headFields } from "../../../keeper/protocols/collateralParameters.ts";
import { decodeEntries, encodeEntries } from "../../../keeper/protocols/words.ts";
import type { AccountSetting, Refusal } from "../../../scripts/lab/contractModel/state.ts";
import { ACCOUNTS, type Call, PROBES, type Step } from "../../lab/contractModel/calls.ts";
import { COLLATERAL, debtOf, GENESIS, type Genesis, START } from "../../lab/contractModel/genesis.ts";
import { compiled } from "../../support/compiled.ts";

/** What the chain made of a call. */
type Result = { readonly events: readonly ContractEventBody[] } | { readonly refused: Refusal };

export type ParametersWorld = Awaited<ReturnType<typeof parametersWorld>>;

/** Bytecodes of the probes: return (to & 1) ^ 1; revert; return 2; return 1 and a word more; return 100 000 zeros. */
const PROBE_CODE = {
  even: "0x60016044356001161860005260206000f3",
  silent: "0x60006000fd",
  two: "0x600260005260206000f3",
  long: "0x600160005260406000f3",
  bomb: "0x620186a06000f3",
} as const satisfies Record<keyof typeof PROBES, string>;

type Log = { readonly data: ViemHex; readonly topics: [ViemHex, ...ViemHex[]] };

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
  const many = await artifact("ManyReads");
  const reader = await deploy(many.bytecode);
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
      return { refused: refusalOf(abi, error) };
    }
  }

  /** What the contract answers to many reads at the latest block. */
  async function read(calls: readonly ViemHex[]): Promise<readonly ViemHex[]> {
    const data = encodeFunctionData({ abi: many.abi, functionName: "read", args: [address, calls] });
    const block = await request({ method: "eth_blockNumber" });
    const answer = await request({ method: "eth_call", params: [{ to: reader, data, gas: "0xf00000" }, block] });
    return decodeAbiParameters([{ type: "bytes[]" }], answer as ViemHex)[0];
  }

  return {
    ...{ client, address, abi, run, read, now: () => clock },
    blockNumber: async () => BigInt((await request({ method: "eth_blockNumber" })) as string),
  };
}

function numbered({ account, power, aggregateBps, tripBps }: AccountSetting) {
  return { account, power: POWERS.indexOf(power), aggregateBps, tripBps };
}

function dataOf(abi: Abi, call: Exclude<Call, { kind: "wait" }>): ViemHex {
  const data = (...args: readonly unknown[]) => encodeFunctionData({ abi, functionName: call.kind, args });
  switch (call.kind) {
    case "publishBatch": {
      const { entries, sequence, deadline, modelVersion, evidence } = call.batch;
      const head = BigInt(sequence) | (BigInt(deadline) << 64n) | (BigInt(modelVersion) << 104n);
      const bytes = entries.length === 0 ? "0x" : encodeEntries(entries);
      return data(head, evidence, call.cutBytes === 0 ? bytes : bytes.slice(0, -2 * call.cutBytes));
    }
    case "setMode":
      return data(call.marketId, MODES.indexOf(call.mode));
    case "haltWriter":
      return data(call.holder);
    case "holdClass":
      return data(call.classId);
    case "admit":
      return data(numbered(call.setting));
    case "setLimits":
      return data(call.classId, call.limits);
    case "listMarket":
      return data(call.listing);
    case "delistMarket":
      return data(call.marketId);
    case "changeMarket":
      return data(call.marketId, call.setting);
    case "setManually":
      return data(call.values);
  }
}

/** What a log says, in the model's words. */
function saidBy(abi: Abi, log: Log): ContractEventBody {
  const { eventName: name, args } = decodeEventLog({ abi, ...log }) as unknown as { eventName: string; args: Fields };
  const { setting, listing, values, head: _, ...rest } = plain(args) as Fields & Partial<Record<string, Fields>>;
  const spread: unknown = { name, ...rest, ...setting, ...listing, ...values, ...inWords(setting ?? rest, args) };
  return spread as ContractEventBody;
}

type Fields = { readonly [name: string]: unknown };

/** Fields that the contract has as numbers, and the model by their names; a batch with its head and entries spelled out. */
function inWords({ reason, power, mode }: Fields, { head, entries }: Fields): Fields {
  const named = {
    ...(reason === undefined ? {} : { reason: SKIP_REASONS[Number(reason)] }),
    ...(power === undefined ? {} : { power: POWERS[Number(power)] }),
    ...(mode === undefined ? {} : { mode: MODES[Number(mode)] }),
  };
  if (head === undefined) return named;
  const { sequence, ...fields } = headFields(BigInt(head as bigint));
  return { ...fields, sequence: Number(sequence), entries: decodeEntries(entries as Hex) };
}

/** Big integers as numbers: none of the contract's passes 2^53 but the head of a batch. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function refusalOf(abi: Abi, error: unknown): Refusal {
  const carried = (error as { data?: { data?: ViemHex } | ViemHex }).data;
  const data = typeof carried === "string" ? carried : carried?.data;
  if (data === undefined || data === "0x") throw error;
  const { errorName, args } = decodeErrorResult({ abi, data });
  return { error: errorName, args: (args ?? []).map((arg) => (typeof arg === "string" ? arg : Number(arg))) };
}
