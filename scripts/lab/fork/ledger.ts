import { type Abi, decodeFunctionResult, encodeFunctionData, type Hex, parseAbi, toFunctionSelector } from "viem";
import { COLLATERAL_PARAMETERS_ABI } from "../../../keeper/protocols/abi.ts";
import { aaveAbi } from "../lenders/aave.ts";
import { morphoAbi } from "../lenders/morpho.ts";
import { MAINNET_ADDRESSES as AT, type TokenName } from "../replica/addresses.ts";
import { ownArtifact } from "../replica/artifacts.ts";
import { uniswapArtifacts } from "../replica/uniswap.ts";
import type { SimulatedChain } from "./chain.ts";
import { holdersOf } from "./holders.ts";
import type { Equation, Lender } from "./lender.ts";

const TOKEN = parseAbi([
  "function balanceOf(address) view returns (uint256)",
  "function totalSupply() view returns (uint256)",
]);

/** One transaction of a run, as the chain has it. */
export type Transaction = {
  readonly block: number;
  /** Unix seconds. */
  readonly time: number;
  readonly hash: Hex;
  /** By name where the simulation knows it. */
  readonly from: string;
  readonly to: string;
  readonly call: string;
  readonly gasUsed: number;
  readonly ok: boolean;
};

/** Blocks asked for in one request. */
const BLOCKS_TOGETHER = 100;

type RawBlock = {
  readonly number: Hex;
  readonly timestamp: Hex;
  readonly transactions: readonly {
    readonly hash: Hex;
    readonly from: Hex;
    readonly to: Hex | null;
    readonly input: Hex;
  }[];
};
type RawReceipt = { readonly transactionHash: Hex; readonly gasUsed: Hex; readonly status: Hex };

/** Every transaction of a span of blocks, in order. @param names accounts and contracts by lower-case address */
export async function transactionsOf(
  chain: SimulatedChain,
  fromBlock: bigint,
  toBlock: bigint,
  names: ReadonlyMap<string, string>,
): Promise<readonly Transaction[]> {
  const functions = functionNames();
  const found: Transaction[] = [];
  for (let start = fromBlock; start <= toBlock; start += BigInt(BLOCKS_TOGETHER)) {
    const numbers = Array.from({ length: BLOCKS_TOGETHER }, (_, i) => start + BigInt(i)).filter(
      (one) => one <= toBlock,
    );
    const hex = numbers.map((one) => `0x${one.toString(16)}`);
    const blocks = await batch<RawBlock>(
      chain.url,
      hex.map((one) => ["eth_getBlockByNumber", [one, true]]),
    );
    const busy = blocks.filter(({ transactions }) => transactions.length > 0);
    const receipts = await batch<readonly RawReceipt[]>(
      chain.url,
      busy.map(({ number }) => ["eth_getBlockReceipts", [number]]),
    );
    for (const [i, { number, timestamp, transactions }] of busy.entries()) {
      for (const [at, { hash, from, to, input }] of transactions.entries()) {
        const receipt = receipts[i]?.[at];
        found.push({
          ...{ block: Number(number), time: Number(timestamp), hash },
          from: names.get(from.toLowerCase()) ?? from,
          to: to === null ? "new contract" : (names.get(to.toLowerCase()) ?? to),
          call: functions.get(input.slice(0, 10)) ?? input.slice(0, 10),
          ...{ gasUsed: Number(receipt?.gasUsed ?? 0), ok: receipt?.status === "0x1" },
        });
      }
    }
  }
  return found;
}

/** Names of functions by selector. */
function functionNames(): ReadonlyMap<string, string> {
  const abis: readonly Abi[] = [
    ...[aaveAbi("PoolInstance"), morphoAbi(), uniswapArtifacts().router.abi],
    ...["test/mocks/MockPriceFeed", "test/mocks/MockERC20", "contracts/adapters/AaveV3Agent"].map(
      (path) => ownArtifact(path).abi,
    ),
    COLLATERAL_PARAMETERS_ABI as Abi,
  ];
  const functions = abis.flat().filter((item) => item.type === "function");
  return new Map(functions.map((item) => [toFunctionSelector(item), item.name]));
}

async function batch<Answer>(
  url: string,
  asked: readonly (readonly [string, readonly unknown[]])[],
): Promise<readonly Answer[]> {
  if (asked.length === 0) return [];
  const body = asked.map(([method, params], id) => ({ jsonrpc: "2.0", id, method, params }));
  const reply = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answers = (await reply.json()) as { readonly id: number; readonly result: Answer }[];
  return answers.toSorted((a, b) => a.id - b.id).map(({ result }) => result);
}

/** Equations that hold on the chain now: of each token, over everybody who ever had it, and of each lender's books. */
export async function equationsOf(chain: SimulatedChain, lenders: readonly Lender[]): Promise<readonly Equation[]> {
  const equations: Equation[] = [];
  for (const [name, token] of Object.entries(AT.tokens) as [TokenName, Hex][]) {
    const holders = await holdersOf(chain, token);
    const balances = holders.map((holder) => ({ to: token, abi: TOKEN as Abi, name: "balanceOf", args: [holder] }));
    const [supply = 0n, ...held] = await chain.read([{ to: token, abi: TOKEN, name: "totalSupply" }, ...balances]);
    const left = held.reduce((sum, one) => sum + one, 0n);
    if (chain.forkedFrom === null)
      equations.push({ what: `${name}: balances of ${holders.length} holders = supply`, left, right: supply });
    else equations.push(await sinceFork(chain, name, { holders, held: left, supply }));
  }
  for (const lender of lenders) equations.push(...(await lender.equations()));
  return equations;
}

/** On a fork: what those who had transfers since gained is what the supply gained, and what the simulation dealt. */
async function sinceFork(
  { forkedFrom, dealt }: SimulatedChain,
  name: TokenName,
  now: { readonly holders: readonly Hex[]; readonly held: bigint; readonly supply: bigint },
): Promise<Equation> {
  const { rpc, block } = forkedFrom as NonNullable<typeof forkedFrom>;
  const to = AT.tokens[name];
  const calls = [
    { to, data: encodeFunctionData({ abi: TOKEN, functionName: "totalSupply" }) },
    ...now.holders.map((holder) => ({
      to,
      data: encodeFunctionData({ abi: TOKEN, functionName: "balanceOf", args: [holder] }),
    })),
  ];
  const answers = await rpc.calls(calls, block);
  const values = answers.map((answer) =>
    answer.ok ? decodeFunctionResult({ abi: TOKEN, functionName: "totalSupply", data: answer.data }) : 0n,
  );
  const [supply = 0n, ...held] = values;
  const before = held.reduce((sum, one) => sum + one, 0n);
  const what = `${name}: gains of ${now.holders.length} holders since the fork = gain of the supply and what was dealt`;
  return { what, left: now.held - before, right: now.supply - supply + (dealt.get(name) ?? 0n) };
}
