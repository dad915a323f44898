import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { encodeDeployData, getContractAddress, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { openKeeper } from "../../../keeper/keeper.ts";
import { USD } from "../../../keeper/markets/limits.ts";
import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { KEEPER_DEFAULTS } from "../../../keeper/runtime/configFile.ts";
import { deploy } from "../../deploy/deploy.ts";
import { developmentPlan } from "../../deploy/plan.ts";
import { shippedMarkets } from "../../markets.ts";
import type { ReplaySource } from "../replay/replaySource.ts";
import { startReplayVenue } from "../replay/replayVenue.ts";
import { MAINNET_ADDRESSES as AT } from "../replica/addresses.ts";
import { ownArtifact } from "../replica/artifacts.ts";
import { mined, send } from "../replica/node.ts";
import { namedAccount } from "./borrowers.ts";
import type { SimulatedChain } from "./chain.ts";
import { COLLATERALS, type CollateralName } from "./lender.ts";

/** What is put in front of the lenders. */
export type Contracts = {
  readonly deployment: Deployment;
  /** Holds the lender's role of risk admin. */
  readonly agent: Hex;
};

/** The keeper and whoever carries its numbers to the lenders. */
export type Protection = {
  /** One cycle of the keeper, two seconds after a moment at which the venue has a board. */
  cycle(time: number): Promise<CycleNote>;
  /** Anyone carries haircuts and exposure limit to the lenders that do not read them; false: nothing changed. */
  sync(): Promise<boolean>;
  haircuts(): Promise<
    Readonly<Record<CollateralName, { readonly initialBps: number; readonly maintenanceBps: number }>>
  >;
  close(): Promise<void>;
};

/** What a cycle did. */
type CycleNote = { readonly sent: boolean; readonly failures: readonly string[] };

/** Between a board's time and the cycle that reads it, seconds. */
const READ_AFTER = 2;
/** Steps of the threshold, contracts/adapters/README.md. */
const AGENT = { maxThresholdStepBps: 25, stepSeconds: 14_400, minGapBps: 200, maxAgeSeconds: 21_600 };
const AGENT_DEPLOYER = namedAccount("agent deployer");

/** Where the agent will be: its role can be given before it is there. */
export const AGENT_ADDRESS = getContractAddress({ from: AGENT_DEPLOYER, nonce: 0n });

/** Deploys our contract as `npm run deploy` does on a development chain, and the Aave agent at its announced address. */
export async function deployContracts(chain: SimulatedChain, folder: string, provider: Hex): Promise<Contracts> {
  const { client, accounts } = chain;
  const deployment = await deploy({
    rpcUrl: chain.url,
    chainId: chain.chainId,
    deployerKey: accounts.deployer.privateKey,
    plan: developmentPlan(shippedMarkets()),
    deploymentsFolder: join(folder, "deployments"),
  });
  const parameters = deployment.contract.address;
  await client.setBalance({ address: AGENT_DEPLOYER, value: 10n ** 20n });
  const { abi, bytecode } = ownArtifact("contracts/adapters/AaveV3Agent");
  const data = encodeDeployData({ abi, bytecode, args: [parameters, provider, USD, AGENT] } as never);
  const [agent] = await mined(client, [await send(client, { from: AGENT_DEPLOYER, data })]);
  if (agent?.toLowerCase() !== AGENT_ADDRESS.toLowerCase()) {
    throw new TonsorError("RPC_FAILED", "the agent is not where it was announced", {
      given: String(agent),
      expected: AGENT_ADDRESS,
    });
  }
  return { deployment, agent: AGENT_ADDRESS };
}

/** Starts the venue and a keeper whose clock the simulation sets; its state is below `folder`. */
export async function openProtection(
  chain: SimulatedChain,
  { deployment, agent }: Contracts,
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
  const { abi } = ownArtifact("contracts/adapters/AaveV3Agent");
  return {
    async cycle(time) {
      now = time + READ_AFTER;
      const { batch, failures } = await keeper.cycle({ dryRun: false, signal });
      return {
        sent: batch?.status === "CONFIRMED",
        failures: failures.map(({ market, error }) => `${market}: ${error}`),
      };
    },
    async sync() {
      const calls = (name: string) => COLLATERALS.map((token) => ({ to: agent, abi, name, args: [AT.tokens[token]] }));
      const haircuts = await chain.read<readonly [bigint, bigint, boolean]>(calls("preview"));
      const caps = await chain.read<readonly [bigint, boolean]>(calls("previewSupplyCap"));
      const due = [
        ...calls("sync").filter((_, i) => haircuts[i]?.[2] === true),
        ...calls("syncSupplyCap").filter((_, i) => caps[i]?.[1] === true),
      ];
      for (const { name, args } of due) await chain.send(chain.accounts.trader.address, agent, abi, name, args);
      return due.length > 0;
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
