import { type Abi, encodeDeployData, encodeFunctionData, type Hex as ViemHex } from "viem";
import type { Hex } from "../../../keeper/domain/contract.ts";
import { spawnAnvil } from "../../../scripts/lab/replica/anvil.ts";
import { ownArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { ACCOUNTS, PROBES, type Step } from "../../lab/contractModel/calls.ts";
import { COLLATERAL, debtOf, GENESIS, START } from "../../lab/contractModel/genesis.ts";
import { compiled } from "../../support/compiled.ts";
import { dataOf, functionOf, type Log, numbered, PROBE_CODE, type Result, refusalOf, saidBy } from "./wire.ts";

/** A step in the block of `now`, and what is read in that block after it. */
export type Moment = {
  readonly step: Step;
  readonly now: number;
  /** Calldata: of reads asked again and again, of reads of this block alone, and of words of storage. */
  readonly answered: readonly ViemHex[];
  readonly askedOnce: readonly ViemHex[];
  readonly stored: readonly ViemHex[];
};

/** What a step did, and the answers: of `answered` and `askedOnce`, as their SHA-256 or whole, then of `stored` (hexadecimal, without 0x). */
export type Played = { readonly result: Result; readonly answers: string };

export type Simulation = Awaited<ReturnType<typeof simulation>>;

type Outcome = { readonly status: string; readonly returnData: ViemHex; readonly logs: readonly Log[] };

/** As much as all reads of a block need. */
const GAS = "0x1c9c380";
const hex = (value: number) => `0x${value.toString(16)}`;

/**
 * The contract of the genesis, deployed at START on an anvil of its own, whose `eth_simulateV1` plays thousands of blocks
 * in one request: any caller, any time, the bytecode as it is deployed. Every run starts from the deployment again.
 */
export async function simulation() {
  await compiled();
  const { abi, bytecode } = ownArtifact("contracts/parameters/Parameters") as { abi: Abi; bytecode: ViemHex };
  const many = ownArtifact("test/mocks/ManyReads") as { abi: Abi; bytecode: ViemHex };
  const anvil = await spawnAnvil({ chainId: 31_337, timestamp: START - 3_600 });
  const request = async <Answer>(method: string, ...params: readonly unknown[]): Promise<Answer> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const headers = { "content-type": "application/json" };
    const answer = await (await fetch(anvil.url, { method: "POST", headers, body })).json();
    const { result, error } = answer as { result: Answer; error?: unknown };
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  };

  // Assets and probes need code, and nothing else about them matters here.
  const assets = [COLLATERAL, ...Array.from({ length: 12 }, (_, index) => debtOf(index + 1))];
  for (const asset of assets) await request("anvil_setCode", asset, "0x00");
  for (const [name, probe] of Object.entries(PROBES)) {
    await request("anvil_setCode", probe, PROBE_CODE[name as keyof typeof PROBES]);
  }
  const from = ACCOUNTS.stranger;
  await request("anvil_impersonateAccount", from);
  await request("anvil_setBalance", from, "0xffffffffffffffffffff");
  const deploy = async (data: ViemHex): Promise<Hex> => {
    const given = { from, data, gas: "0xf00000" };
    return (await request<{ contractAddress: Hex }>("eth_sendTransactionSync", given)).contractAddress;
  };
  const reader = await deploy(many.bytecode);
  await request("evm_setNextBlockTimestamp", START);
  const args = [ACCOUNTS.governance, GENESIS.accounts.map(numbered), GENESIS.classes, GENESIS.markets];
  const address = await deploy(encodeDeployData({ abi, bytecode, args }));

  /** Plays the moments one after the other from the deployment on; `whole`: with answers in place of their hash. */
  async function play(moments: readonly Moment[], whole: boolean): Promise<readonly Played[]> {
    const places = new Map<ViemHex, string>();
    const placed = (calls: readonly ViemHex[]): ViemHex => `0x${calls.map((call) => places.get(call)).join("")}`;
    const ask = (functionName: string, ...given: readonly unknown[]) => {
      const input = encodeFunctionData({ ...functionOf(many.abi, functionName), args: given });
      return { from, to: reader, gas: GAS, input };
    };
    for (const call of moments.flatMap(({ answered, stored }) => [...answered, ...stored])) {
      if (!places.has(call)) places.set(call, places.size.toString(16).padStart(4, "0"));
    }
    const blocks = moments.map(({ step: { call, by }, now, answered, askedOnce, stored }, index) => {
      const reads = ask("read", address, placed(answered), askedOnce, placed(stored), whole);
      const kept = index > 0 ? [] : [ask("keep", [...places.keys()])];
      const sent =
        call.kind === "wait" ? [] : [{ from: ACCOUNTS[by], to: address, gas: GAS, input: dataOf(abi, call) }];
      return { blockOverrides: { time: hex(now) }, calls: [...kept, ...sent, reads] };
    });
    const given = { blockStateCalls: blocks, validation: false };
    const played = await request<readonly { readonly calls: readonly Outcome[] }[]>("eth_simulateV1", given, "latest");
    return played.map(({ calls }, index) => {
      const read = calls.at(-1);
      const sent = moments[index]?.step.call.kind === "wait" ? undefined : calls.at(-2);
      if (read?.status !== "0x1") throw new Error(`reads failed: ${JSON.stringify(read)}`);
      return { result: sent === undefined ? { events: [] } : resultOf(sent), answers: read.returnData.slice(2) };
    });
  }

  const resultOf = ({ status, returnData, logs }: Outcome): Result => {
    return status === "0x1" ? { events: logs.map((log) => saidBy(abi, log)) } : { refused: refusalOf(abi, returnData) };
  };
  return { abi, play, close: () => anvil.close() };
}
