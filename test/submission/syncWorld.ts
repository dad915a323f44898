import { type Hex, zeroHash } from "viem";
import type { CycleReport } from "../../keeper/domain/cycle.ts";
import type { Journal } from "../../keeper/domain/journal.ts";
import type { LenderState } from "../../keeper/domain/lender.ts";
import { openRpc, type Rpc } from "../../keeper/io/rpc.ts";
import { USD } from "../../keeper/markets/limits.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { encodeBatch } from "../../keeper/protocols/collateralParameters.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { lenderReader } from "../../keeper/protocols/lenderReader.ts";
import { chainReader } from "../../keeper/protocols/readMarkets.ts";
import type { SendContext } from "../../keeper/submission/context.ts";
import { lenderDrive } from "../../keeper/submission/lenderDrive.ts";
import { reconcile } from "../../keeper/submission/reconcile.ts";
import { dollarFeed } from "../../scripts/lab/fork/lenders.ts";
import { aaveAbi, aclCall, deployAave, type Reserve } from "../../scripts/lab/lenders/aave.ts";
import { createContract } from "../../scripts/lab/lenders/create.ts";
import { replicaAccounts } from "../../scripts/lab/replica/accounts.ts";
import { spawnAnvil } from "../../scripts/lab/replica/anvil.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { type ReplicaClient, replicaClient, transact, write } from "../../scripts/lab/replica/node.ts";
import { CLASS_LIMITS } from "../support/classLimits.ts";
import { CALM_LIMIT } from "../support/entries.ts";
import { SHIPPED } from "../support/shipped.ts";
import { CHAIN_ID, contextFor, journalFor } from "./submissionWorld.ts";

const HOUR = 3_600;
const START = 1_790_000_000;
const NAMES = ["WETH", "WBTC"] as const;
type Name = (typeof NAMES)[number];

/** Steps of the threshold, as contracts/adapters/README.md has them. */
const AGENT = { maxThresholdStepBps: 25, stepSeconds: 4 * HOUR, minGapBps: 200, maxAgeSeconds: 6 * HOUR };

/** What a test has otherwise of the contract. */
export type ContractChange = { readonly limits?: Partial<typeof CLASS_LIMITS>; readonly initialBps?: number };

type LenderWorldChange = ContractChange & {
  readonly agent?: Partial<typeof AGENT>;
  /** LTV and threshold at the lender. */
  readonly collateral?: Readonly<Record<Name, { readonly ltvBps: number; readonly thresholdBps: number }>>;
};

/** The real parameter contract with WETH and WBTC at initial 22 % and maintenance 19 %, on an anvil whose clock the test moves. */
async function contractWorld({ limits = {}, initialBps = 2_200 }: ContractChange) {
  const anvil = await spawnAnvil({ chainId: CHAIN_ID, timestamp: START });
  try {
    const node = replicaClient(anvil.url, CHAIN_ID);
    const accounts = replicaAccounts();
    const { deployer, keeper, trader, guardian, governance } = accounts;
    const [from, admin] = [deployer.address, governance.address];
    const create = (path: string, args: readonly unknown[]) => createContract(node, from, ownArtifact(path), args);
    const tokens = {
      WETH: await create("test/mocks/MockERC20", ["Wrapped Ether", "WETH", 18]),
      WBTC: await create("test/mocks/MockERC20", ["Wrapped Bitcoin", "WBTC", 8]),
    };
    const powers = { writer: trader.address, lister: guardian.address };
    const parameters = await contractOf(node, from, tokens, powers, { limits, initialBps });
    /** The record of a deployment with one lender. */
    const recordOf = (lender: object) =>
      ({
        chainId: CHAIN_ID,
        contract: { address: parameters },
        markets: NAMES.map((name, n) => ({ id: n + 1, name, collateral: tokens[name], debt: USD })),
        lenders: [{ fromBlock: 0, ...lender }],
      }) as unknown as Deployment;
    return { anvil, node, accounts, from, admin, tokens, parameters, keeper, create, recordOf };
  } catch (error) {
    await anvil.close();
    throw error;
  }
}

type ContractWorld = Awaited<ReturnType<typeof contractWorld>>;

/** The world that `lay` makes on a contract's; its node ends where that fails. */
export async function laidOn<World>(
  change: ContractChange,
  lay: (on: ContractWorld) => Promise<World>,
): Promise<ContractWorld & World> {
  const on = await contractWorld(change);
  try {
    return { ...on, ...(await lay(on)) };
  } catch (error) {
    await on.anvil.close();
    throw error;
  }
}

/** The contract, and a real Aave v3.6 whose reserves are the same market's at LTV 78 % and threshold 81 %, beside dollars to borrow, with our agent as its risk admin. */
export async function lenderWorld({ agent: settings = {}, ...change }: LenderWorldChange = {}) {
  return await laidOn(change, async ({ node, from, admin, tokens, parameters, create, recordOf }) => {
    const usdc = await create("test/mocks/MockERC20", ["USD Coin", "USDC", 6]);
    const feed = await create("test/mocks/MockPriceFeed", ["ETH / USD", 8]);
    await write(node, from, feed, ownArtifact("test/mocks/MockPriceFeed").abi, "setAnswer", [2_000n * 10n ** 8n]);
    const reserves = NAMES.map((symbol): Reserve => {
      const own = change.collateral?.[symbol] ?? { ltvBps: 7_800, thresholdBps: 8_100 };
      const collateral = { ...own, bonusBps: 10_500 };
      return { asset: tokens[symbol], symbol, decimals: symbol === "WETH" ? 18 : 8, feed, collateral };
    });
    const dollars = { asset: usdc, symbol: "USDC", decimals: 6, feed: await dollarFeed(node, from), collateral: null };
    const aave = await deployAave(node, from, { owner: admin, reserves: [...reserves, dollars] });
    const agentArgs = [parameters, aave.provider, USD, { ...AGENT, ...settings }];
    const agent = await create("contracts/adapters/AaveV3Agent", agentArgs);
    await transact(node, { from: admin, ...aclCall(aave.acl, "addRiskAdmin", agent) });
    await transact(node, { from: admin, ...aclCall(aave.acl, "addEmergencyAdmin", admin) });
    const { provider, pool } = aave;
    const lender = { kind: "aave-v3", name: "Aave", provider, pool, markets: [1, 2], agent: { address: agent } };
    return { usdc, aave, agent, record: recordOf(lender) };
  });
}

export type LenderWorld = Awaited<ReturnType<typeof lenderWorld>>;

async function contractOf(
  node: ReplicaClient,
  from: Hex,
  tokens: Readonly<Record<Name, Hex>>,
  { writer, lister }: { readonly writer: Hex; readonly lister: Hex },
  change: { readonly limits: Partial<typeof CLASS_LIMITS>; readonly initialBps: number },
): Promise<Hex> {
  const [HOT, LISTER] = [1, 5];
  const limits = {
    ...CLASS_LIMITS,
    minInitialBps: 500,
    maxInitialBps: 10_000,
    minMaintenanceBps: 500,
    ...change.limits,
  };
  const powers = [
    { account: writer, power: HOT, aggregateBps: 1_000, tripBps: 0 },
    { account: lister, power: LISTER, aggregateBps: 0, tripBps: 0 },
  ];
  const artifact = ownArtifact("contracts/parameters/Parameters");
  const contract = await createContract(node, from, artifact, [from, powers, [{ classId: 0, limits }], []]);
  for (const name of NAMES) {
    const bounds = { limit: CALM_LIMIT, lowestLimit: 1, highestLimit: CALM_LIMIT };
    const listed = {
      collateral: tokens[name],
      debt: USD,
      classId: 0,
      initialBps: change.initialBps,
      maintenanceBps: 1_900,
      ...bounds,
    };
    await write(node, lister, contract, artifact.abi, "listMarket", [listed]);
  }
  return contract;
}

/** Batches of another writer, governance, and the clock. */
export function contractHands({ node, accounts, from, parameters }: ContractWorld) {
  let sequence = 0n;
  return {
    time: async () => Number((await node.getBlock()).timestamp),
    pass: async (seconds: number) => {
      await node.increaseTime({ seconds });
      await node.mine({ blocks: 1 });
    },
    /** Writes both markets, the data of this minute. */
    async batch(initialBps: number, maintenanceTargetBps: number, limit = CALM_LIMIT): Promise<void> {
      const now = Number((await node.getBlock()).timestamp);
      sequence += 1n;
      const entries = [1, 2].map((marketId) => ({
        ...{ marketId, generation: 16, asOf: now - (now % 60), initialBps, maintenanceTargetBps, limit },
        ...{ confidence: 31, sources: 7, orTighter: false },
      }));
      const data = encodeBatch({ sequence, deadline: now + 600, modelVersion: 1, evidence: zeroHash, entries });
      await transact(node, { from: accounts.trader.address, to: parameters, data });
    },
    mode: (marketId: number, mode: 0 | 1 | 2) =>
      write(node, from, parameters, ownArtifact("contracts/parameters/Parameters").abi, "setMode", [marketId, mode]),
    /** Transactions of the keeper in blocks. */
    sent: (account: Hex) => node.getTransactionCount({ address: account }),
  };
}

/** Those, and Aave's admins. */
export function hands(world: LenderWorld) {
  const { node, accounts, admin, tokens, aave, agent } = world;
  const configurator = (name: string, ...args: readonly unknown[]) =>
    write(node, admin, aave.configurator, aaveAbi("PoolConfiguratorInstance"), name, args);
  const configuration = async (name: Name) => {
    const args = [tokens[name]];
    const { data } = (await node.readContract({
      address: aave.pool,
      abi: aaveAbi("PoolInstance"),
      functionName: "getConfiguration",
      args,
    })) as { data: bigint };
    return {
      ltv: Number(data & 0xffffn),
      threshold: Number((data >> 16n) & 0xffffn),
      cap: Number((data >> 116n) & ((1n << 36n) - 1n)),
    };
  };
  const holder = accounts.guardian.address;
  const erc20 = ownArtifact("test/mocks/MockERC20").abi;
  const raw = (name: Name, whole: number) => BigInt(whole) * 10n ** (name === "WETH" ? 18n : 8n);
  const pool = (name: string, ...args: readonly unknown[]) =>
    write(node, holder, aave.pool, aaveAbi("PoolInstance"), name, args);
  return {
    ...contractHands(world),
    configurator,
    configuration,
    /** Brings whole tokens to the pool, and takes them out again. */
    async supply(name: Name, whole: number) {
      await write(node, holder, tokens[name], erc20, "mint", [holder, raw(name, whole)]);
      await write(node, holder, tokens[name], erc20, "approve", [aave.pool, raw(name, whole)]);
      await pool("supply", tokens[name], raw(name, whole), holder, 0);
    },
    withdraw: (name: Name, whole: number) => pool("withdraw", tokens[name], raw(name, whole), holder),
    /** What the agent set, one for each change. */
    async synced(): Promise<number> {
      return (await node.getLogs({ address: agent, fromBlock: 0n })).length;
    },
    admin: (name: string, ...args: readonly unknown[]) =>
      transact(node, { from: admin, ...aclCall(aave.acl, name, ...args) }),
  };
}

/** The keeper's part that drives lenders, as a cycle uses it, on a journal of its own. */
export function openDrive(
  { anvil, record, keeper }: { anvil: { url: string }; record: Deployment; keeper: { privateKey: Hex } },
  journal: Journal = journalFor(record.contract.address),
  more: {
    readonly rank?: number;
    readonly rpc?: (rpc: Rpc) => Rpc;
    readonly key?: Hex;
    readonly context?: Partial<SendContext>;
  } = {},
) {
  const client = chainClient({ chainId: CHAIN_ID, rpc: anvil.url });
  const rpc = (more.rpc ?? ((one) => one))(openRpc({ url: anvil.url, chainId: CHAIN_ID }));
  let now = 0;
  const context: SendContext = {
    ...contextFor(journal, anvil.url, more.key ?? keeper.privateKey),
    now: () => now,
    ...more.context,
  };
  const chain = chainReader({ rpc, deployment: record, writer: context.account.address, pending: () => new Map() });
  const markets = SHIPPED.map(({ parameters }) => parameters).filter(({ name }) => chain.has(name));
  const parts = { client, chain, markets, store: journal, now: () => now, rank: more.rank ?? 0 };
  const drive = lenderDrive({ ...parts, lenders: lenderReader({ rpc, deployment: record }) });
  const { signal } = context;
  return {
    journal,
    context,
    /** One cycle at the chain's time without a batch of its own; returns how each market stands, in the record's order. */
    async tick(stopped: string | null = null): Promise<readonly LenderState[]> {
      now = Number((await client.getBlock()).timestamp);
      await reconcile(context);
      const block = await rpc.block("latest", signal);
      const [view, lenders] = await Promise.all([chain.read(markets, block, signal), drive.read(block.number, signal)]);
      drive.saw({ chain: view, lenders });
      const tick = journal.recordTick({ now, blockNumber: block.number, markets: [] });
      const report = { tick, failures: [], blockNumber: block.number } as unknown as CycleReport;
      const { lenders: states = [], failures } = await drive.sync(report, stopped, context);
      if (failures.length > 0) throw new Error(JSON.stringify(failures));
      return states;
    },
  };
}
