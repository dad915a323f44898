import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { getContractAddress, type Hex, keccak256, stringToHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { CycleReport } from "../../../keeper/domain/cycle.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { type Keeper, openKeeper } from "../../../keeper/keeper.ts";
import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { KEEPER_DEFAULTS } from "../../../keeper/runtime/configFile.ts";
import { deploy } from "../../deploy/deploy.ts";
import { developmentPlan } from "../../deploy/plan.ts";
import { type DeploymentPlan, parsePlan } from "../../deploy/planSchema.ts";
import { shippedMarkets } from "../../markets.ts";
import type { AaveMarket } from "../lenders/aave.ts";
import { type MorphoMarket, morphoId } from "../lenders/morpho.ts";
import type { ReplaySource } from "../replay/replaySource.ts";
import { startReplayVenue } from "../replay/replayVenue.ts";
import type { SimulatedChain } from "./chain.ts";
import { COLLATERALS, type CollateralName } from "./lender.ts";

/** What is put in front of the lenders. */
export type Contracts = {
  readonly deployment: Deployment;
  /** Holds Aave's role of risk admin. */
  readonly agent: Hex;
  readonly aave: AaveMarket;
};

/** The keeper, with its drive of the lenders. */
export type Protection = {
  /** One cycle of the keeper, two seconds after a moment: it looks, decides, writes, and brings up the lenders. */
  cycle(time: number): Promise<CycleNote>;
  haircuts(): Promise<
    Readonly<Record<CollateralName, { readonly initialBps: number; readonly maintenanceBps: number }>>
  >;
  close(): Promise<void>;
};

/** What a cycle did. */
export type CycleNote = {
  /** The keeper's clock, Unix seconds, and the block that it decided on. */
  readonly time: number;
  readonly decidedBlock: bigint;
  /** The batch that is in a block, with the markets that took it; null: none. */
  readonly batch: { readonly sequence: bigint; readonly block: bigint; readonly markets: readonly string[] } | null;
  /** Transactions by which lenders were brought up. */
  readonly syncs: number;
  /** Markets that the impact gate held, and why. */
  readonly held: readonly string[];
  /** Borrowers in the lenders' books, where they were read for the gate; null: a book could not be read. */
  readonly borrowers?: number | null;
  readonly failures: readonly string[];
};

/** Between a moment and the cycle that reads it, seconds. */
const READ_AFTER = 2;
/** Steps of the threshold, contracts/adapters/README.md. */
const AGENT = { maxThresholdStepBps: 25, stepSeconds: 14_400, minGapBps: 300, maxAgeSeconds: 21_600 };
/** Deploys nothing else, so that the agent's address is known before: it comes after timelock, contract and three gateways. */
const DEPLOYER_KEY = keccak256(stringToHex("Tonsor laboratory deployer"));
const DEPLOYER = privateKeyToAccount(DEPLOYER_KEY);
const AGENT_NONCE = 5n;

/** Where the agent will be: its role can be given before it is there. */
export const AGENT_ADDRESS = getContractAddress({ from: DEPLOYER.address, nonce: AGENT_NONCE });

/** The lenders of a simulation as a plan names them. */
type PlannedLenders = {
  readonly aave: AaveMarket;
  readonly morpho: Hex;
  readonly markets: Readonly<Record<CollateralName, MorphoMarket>>;
};

/** Deploys our contract and the Aave agent as `npm run deploy` does on a development chain; the agent where it was announced. */
export async function deployContracts(
  chain: SimulatedChain,
  folder: string,
  lenders: PlannedLenders,
): Promise<Contracts> {
  await chain.client.setBalance({ address: DEPLOYER.address, value: 10n ** 20n });
  const deployment = await deploy({
    rpcUrl: chain.url,
    chainId: chain.chainId,
    deployerKey: DEPLOYER_KEY,
    // Nobody has borrowed for the simulation yet; whoever did at a forked chain's lenders is nobody's borrower here.
    plan: planOf(Number(await chain.client.getBlockNumber()), lenders),
    deploymentsFolder: join(folder, "deployments"),
  });
  const [first] = deployment.lenders ?? [];
  const agent = first?.kind === "aave-v3" ? first.agent?.address : undefined;
  if (agent !== AGENT_ADDRESS) {
    const facts = { given: String(agent), expected: AGENT_ADDRESS };
    throw new TonsorError("RPC_FAILED", "the agent is not where it was announced", facts);
  }
  return { deployment, agent, aave: lenders.aave };
}

/** Aave with its agent, and Morpho's markets, of which the books are read. */
function planOf(fromBlock: number, { aave: { provider }, morpho, markets }: PlannedLenders): DeploymentPlan {
  const aave = { kind: "aave-v3", name: "Aave v3.6", fromBlock, provider, markets: COLLATERALS, agent: AGENT };
  const books = COLLATERALS.map((market) => ({
    ...{ kind: "morpho-blue", name: `Morpho Blue ${market}`, fromBlock, morpho, market },
    marketId: morphoId(markets[market]),
  }));
  return parsePlan({ ...developmentPlan(shippedMarkets()), lenders: [aave, ...books] });
}

/** Starts the venue and a keeper whose clock the simulation sets; its state is below `folder`. */
export async function openProtection(
  chain: SimulatedChain,
  { deployment }: Contracts,
  source: ReplaySource,
  folder: string,
  signal: AbortSignal,
): Promise<Protection> {
  let now = 0;
  const venue = await startReplayVenue({ data: source, now: () => now * 1000 });
  const state = join(folder, "state");
  mkdirSync(state, { recursive: true });
  const keeper = openKeeper({
    ...KEEPER_DEFAULTS,
    nodes: chain.url,
    chainId: chain.chainId,
    deployment,
    marketFiles: shippedMarkets(),
    venueUrls: { deribit: venue.url },
    state,
    account: privateKeyToAccount(chain.accounts.keeper.privateKey),
    // The node mines at once.
    transactions: { ...KEEPER_DEFAULTS.transactions, pollMilliseconds: 20 },
    now: () => now,
  });
  return {
    async cycle(time) {
      // Loans of the moment take blocks, too: what those say would be of the future.
      now = Math.max(time, await chain.time()) + READ_AFTER;
      return noteOf(keeper, await keeper.cycle({ dryRun: false, signal }));
    },
    async haircuts() {
      const { markets } = await keeper.readChain();
      const of = (name: CollateralName) => {
        const { initialBps = 0, maintenanceBps = 0 } = markets.get(name) ?? {};
        return { initialBps, maintenanceBps };
      };
      return { WETH: of("WETH"), WBTC: of("WBTC") };
    },
    async close() {
      keeper.close();
      await venue.close();
    },
  };
}

function noteOf({ store }: Keeper, report: CycleReport): CycleNote {
  const { batch, books, failures, tick } = report;
  const own = store.recentIntents(RECENT).filter((intent) => intent.tick === tick && intent.status === "CONFIRMED");
  const block = own.find(({ id }) => id === batch?.intent)?.blockNumber ?? null;
  const sum = (counts: readonly (number | null)[]) =>
    counts.reduce((a, b) => (a === null || b === null ? null : a + b), 0);
  return {
    ...{ time: report.now, decidedBlock: report.blockNumber },
    batch: batch === null || block === null ? null : { sequence: batch.sequence, block, markets: batch.applied },
    syncs: own.filter(({ kind }) => kind === "SYNC").length,
    held: (batch?.heldByGate ?? []).map(({ market, reason }) => `${market}: ${reason}`),
    ...(books === undefined ? {} : { borrowers: sum(books.map(({ borrowers }) => borrowers)) }),
    failures: failures.map(({ market, error }) => `${market}: ${error}`),
  };
}

/** Intents of the journal among which all of a cycle are. */
const RECENT = 10;
