import {
  type Abi,
  type AbiFunction,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  maxUint256,
  toFunctionSelector,
  toHex,
} from "viem";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { gatherParams, readGathered } from "../../../keeper/io/joined.ts";
import { type Call, openRpc, type Rpc } from "../../../keeper/io/rpc.ts";
import { type ReplicaAccounts, replicaAccounts } from "../replica/accounts.ts";
import { MAINNET_ADDRESSES as AT, type TokenName } from "../replica/addresses.ts";
import { spawnAnvil } from "../replica/anvil.ts";
import { ownArtifact } from "../replica/artifacts.ts";
import { deployAt, type ReplicaClient, replicaClient, transact } from "../replica/node.ts";
import { startReplica } from "../replica/startReplica.ts";

/** Where the simulation runs: an own mainnet replica, or a fork of a chain that has what mainnet has. */
export type ChainChoice = {
  /** First instant that is played, Unix seconds. */
  readonly first: number;
  /** Chain to fork, and its block; null: an own replica. */
  readonly fork: { readonly url: string; readonly block: bigint | null } | null;
  /** Folder of recorded tick maps for an own replica; null: generated ones. */
  readonly seedFrom: string | null;
};

/** A read of a contract. */
export type Read = { readonly to: Hex; readonly abi: Abi; readonly name: string; readonly args?: readonly unknown[] };

/** The chain of a simulation: a node of our own, its clock ours, every block a second after the last. */
export type SimulatedChain = {
  readonly url: string;
  readonly chainId: number;
  readonly client: ReplicaClient;
  readonly accounts: ReplicaAccounts;
  /** The block forked from; null on an own replica. */
  readonly forkedFrom: { readonly rpc: Rpc; readonly block: bigint } | null;
  /** Answers in the order of the reads, all at the latest block. @throws TonsorError when one reverts */
  read<Answer = bigint>(reads: readonly Read[]): Promise<readonly Answer[]>;
  /** Sends one transaction, which is mined by itself, and waits. @throws TonsorError RPC_FAILED when it reverts */
  send(from: Hex, to: Hex, abi: Abi, name: string, args: readonly unknown[]): Promise<void>;
  /** Gives an account tokens: minted where anyone may, else as `anvil_dealERC20` does. */
  fund(token: TokenName, to: Hex, amount: bigint): Promise<void>;
  /** Time of the latest block, Unix seconds. */
  time(): Promise<number>;
  /** Mines a block at a time; never backwards. */
  setTime(unixSeconds: number): Promise<void>;
  /** What `anvil_dealERC20` added without a mint, by token. */
  readonly dealt: ReadonlyMap<TokenName, bigint>;
  close(): Promise<void>;
};

/** A development chain, so that our contract is set up by its first proposer at once, whatever chain is forked. */
const CHAIN_ID = 31337;
/** Calls gathered into one `eth_call`: 1 000 accounts of Aave are 27 million gas. */
const READS_TOGETHER = 400;
/** Nobody reads an older block's state; kept, a thousand borrowers' are tens of gigabytes of files. */
const PAST_STATES = 16;
/** Four days before the first instant: the lenders' governance needs two of them. */
const EARLIER_SECONDS = 4 * 86_400;

/**
 * Starts the chain, its clock some days before the first instant, with a trader who can move the pools.
 * @throws TonsorError BAD_ARGUMENT when the forked block is later than that; RPC_FAILED when it cannot be read
 */
export async function openChain(choice: ChainChoice): Promise<SimulatedChain> {
  const start = choice.first - EARLIER_SECONDS;
  if (choice.fork === null) {
    const replica = await startReplica({ timestamp: start, seedFrom: choice.seedFrom, pastStates: PAST_STATES });
    return await chainOf(replica.url, null, () => replica.close());
  }
  const forkedFrom = await openSource(choice.fork, start);
  const anvil = await spawnAnvil({
    chainId: CHAIN_ID,
    pastStates: PAST_STATES,
    fork: { url: choice.fork.url, block: forkedFrom.block },
  });
  try {
    const chain = await chainOf(anvil.url, forkedFrom, () => anvil.close());
    await chain.setTime(start);
    await prepareFork(chain);
    return chain;
  } catch (error) {
    await anvil.close();
    throw error;
  }
}

/** The forked chain at its block. */
async function openSource({ url, block }: NonNullable<ChainChoice["fork"]>, start: number) {
  const id = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] }),
  })
    .then(async (answer) => Number(((await answer.json()) as { result: Hex }).result))
    .catch((cause: unknown) => {
      throw new TonsorError("RPC_FAILED", "the chain to fork does not answer", { field: "--fork-url" }, cause);
    });
  const rpc = openRpc({ url, chainId: id });
  const at = await rpc.block(block ?? "latest");
  if (at.timestamp <= start) return { rpc, block: at.number };
  throw new TonsorError("BAD_ARGUMENT", "the forked block is later than what is played", {
    field: "--block",
    given: `${at.number}, ${new Date(at.timestamp * 1000).toISOString()}`,
    expected: `a block at or before ${new Date(start * 1000).toISOString()}, four days before the first instant`,
  });
}

/** A function of an interface, looked up once; `words`: it takes and gives whole words only, which need no decoder. */
type Item = { readonly abi: Abi; readonly name: string; readonly selector: Hex; readonly words: boolean };

const ITEMS = new WeakMap<Abi, Map<string, Item>>();

function functionOf(abi: Abi, name: string): Item {
  const known = ITEMS.get(abi) ?? new Map<string, Item>();
  ITEMS.set(abi, known);
  const found = known.get(name);
  if (found !== undefined) return found;
  const item = abi.find((one) => one.type === "function" && one.name === name) as AbiFunction | undefined;
  if (item === undefined) throw new Error(`the interface has no ${name}`);
  const words =
    item.inputs.every(({ type }) => type === "address") && item.outputs.every(({ type }) => /^uint\d+$/.test(type));
  const made = { abi: [item], name, selector: toFunctionSelector(item), words };
  known.set(name, made);
  return made;
}

/** Calldata; of addresses alone without viem's encoder, which takes longer than the node. */
function encoded({ abi, name, selector, words }: Item, args: readonly unknown[]): Hex {
  if (!words) return encodeFunctionData({ abi, functionName: name, args });
  return `${selector}${args.map((one) => (one as string).slice(2).toLowerCase().padStart(64, "0")).join("")}`;
}

function decoded({ abi, name, words }: Item, data: Hex): unknown {
  if (!words) return decodeFunctionResult({ abi, functionName: name, data });
  const values = Array.from({ length: (data.length - 2) / 64 }, (_, i) =>
    BigInt(`0x${data.slice(2 + 64 * i, 66 + 64 * i)}`),
  );
  return values.length === 1 ? values[0] : values;
}

/** Answers of these calls at the latest block, in one round trip; null for one that reverts. */
async function together(client: ReplicaClient, calls: readonly Call[]): Promise<readonly (Hex | null)[]> {
  const ask = (...params: readonly unknown[]): Promise<Hex> => client.request({ method: "eth_call", params } as never);
  // Gathered calls are static; Uniswap's quoter, asked alone, swaps and reverts.
  if (calls.length === 1) return [await ask(calls[0], "latest").catch(() => null)];
  const [question, , code] = gatherParams(calls, "0x0") ?? [];
  return readGathered(await ask(question, "latest", code), calls.length) ?? calls.map(() => null);
}

/** On a fork the feeds become ours to set, and the trader gets what the replica mints him. */
async function prepareFork({ client, accounts, fund, send: sendTo }: SimulatedChain): Promise<void> {
  for (const [name, token] of Object.entries(AT.tokens)) {
    if ((await client.getCode({ address: token })) !== undefined) continue;
    const expected = "a chain with mainnet's tokens, pools and feeds";
    throw new TonsorError("BAD_ARGUMENT", `the forked chain has no ${name}`, {
      field: "--fork-url",
      given: token,
      expected,
    });
  }
  const feed = ownArtifact("test/mocks/MockPriceFeed");
  const names = { WETH: "ETH / USD", WBTC: "BTC / USD" } as const;
  for (const name of ["WETH", "WBTC"] as const) {
    await deployAt(client, accounts.deployer.address, AT.feeds[name], feed, [names[name], 8]);
  }
  const { abi } = ownArtifact("test/mocks/MockERC20");
  for (const [name, token] of Object.entries(AT.tokens) as [TokenName, Hex][]) {
    await fund(name, accounts.trader.address, 2n ** 112n);
    await sendTo(accounts.trader.address, token, abi, "approve", [AT.router, maxUint256]);
  }
}

async function chainOf(
  url: string,
  forkedFrom: SimulatedChain["forkedFrom"],
  close: () => Promise<void>,
): Promise<SimulatedChain> {
  const client = replicaClient(url, CHAIN_ID);
  const rpc = openRpc({ url, chainId: CHAIN_ID });
  const accounts = replicaAccounts();
  const token = ownArtifact("test/mocks/MockERC20");
  const dealt = new Map<TokenName, bigint>();
  await client.setLoggingEnabled(false);
  await client.request({ method: "anvil_autoImpersonateAccount", params: [true] } as never);
  await client.setBlockTimestampInterval({ interval: 1 });
  const read = async <Answer = bigint>(reads: readonly Read[]): Promise<readonly Answer[]> => {
    const items = reads.map(({ abi, name }) => functionOf(abi, name));
    const calls = reads.map(({ to, args = [] }, i) => ({ to, data: encoded(items[i] as Item, args) }));
    const found: (Hex | null)[] = [];
    for (let at = 0; at < calls.length; at += READS_TOGETHER) {
      found.push(...(await together(client, calls.slice(at, at + READS_TOGETHER))));
    }
    const failed = found.indexOf(null);
    if (failed >= 0) {
      const { to, name } = reads[failed] as Read;
      const { number } = await rpc.block("latest");
      const [answer] = await rpc.calls([calls[failed] as Call], number);
      throw new TonsorError("RPC_FAILED", `${name} of ${to} reverts: ${answer?.ok === false ? answer.reason : ""}`);
    }
    return found.map((data, i) => decoded(items[i] as Item, data as Hex) as Answer);
  };
  const sendTo: SimulatedChain["send"] = async (from, to, abi, name, args) => {
    await transact(client, { from, to, data: encodeFunctionData({ abi, functionName: name, args }) });
  };
  const balance = async (name: TokenName, of: Hex) => {
    const [found] = await read([{ to: AT.tokens[name], abi: token.abi, name: "balanceOf", args: [of] }]);
    return found as bigint;
  };
  return {
    ...{ url, chainId: CHAIN_ID, client, accounts, forkedFrom, read, dealt, close },
    send: sendTo,
    async fund(name, to, amount) {
      const before = await balance(name, to);
      const data = encodeFunctionData({ abi: token.abi, functionName: "mint", args: [to, amount] });
      const mint = { from: to, to: AT.tokens[name], data };
      const open = await client.call({ account: to, to: mint.to, data }).then(
        () => true,
        () => false,
      );
      if (open) await transact(client, mint);
      if ((await balance(name, to)) === before + amount) return;
      const params = [to, AT.tokens[name], toHex(before + amount)];
      await client.request({ method: "anvil_dealERC20", params } as never);
      dealt.set(name, (dealt.get(name) ?? 0n) + amount);
    },
    time: async () => Number((await client.getBlock()).timestamp),
    async setTime(unixSeconds) {
      await client.request({ method: "evm_mine", params: [toHex(unixSeconds)] } as never);
    },
  };
}
