import { Contract, type JsonRpcProvider } from "ethers";
import {
  type Account,
  type ContractLimits,
  type Hex,
  type ListingValues,
  type MarketMode,
  MODES,
} from "../../keeper/domain/contract.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { storedAccountOf, storedClassOf, storedMarketOf } from "../../keeper/protocols/words.ts";
import { deploymentArtifacts } from "../deploy/artifacts.ts";
import type { Intent } from "./actionSchema.ts";

/** One market as it is at a block: numbers as stored, which new loans get while the data is fresh and the market NORMAL. */
export type MarketFacts = ListingValues & {
  readonly id: number;
  readonly name: string;
  readonly collateral: string;
  readonly debt: string;
  readonly maintenanceTargetBps: number;
  readonly probe: string;
  /** Governance has ended it. */
  readonly delisted: boolean;
  /** What consumers read at the block: stale or closed, it is tighter than what is stored. */
  readonly readInitialBps: number;
  /** In force at the block. */
  readonly mode: MarketMode;
};

/** What a proposal is written about: the chain itself, not the record. */
export type Facts = {
  readonly block: number;
  readonly time: number;
  readonly delaySeconds: number;
  readonly classes: ReadonlyMap<number, ContractLimits>;
  /** Those of the record and those that a proposal names. */
  readonly accounts: ReadonlyMap<string, Account>;
  readonly markets: readonly MarketFacts[];
};

const CLASSES = 64;

/** Reads the facts at the latest block. */
export async function readFacts(provider: JsonRpcProvider, deployment: Deployment): Promise<Facts> {
  const { contract: artifact, timelock } = deploymentArtifacts();
  const contract = new Contract(deployment.contract.address, artifact.abi, provider);
  const block = await provider.getBlock("latest");
  const at = { blockTag: block?.number ?? 0 };
  const ask = async (method: string, ...args: unknown[]) => await contract.getFunction(method)(...args, at);
  const classes = new Map<number, ContractLimits>();
  for (let id = 0; id < CLASSES; id++) {
    const word: bigint = await ask("storedClass", id);
    if (word !== 0n) classes.set(id, storedClassOf(word).limits);
  }
  const markets: MarketFacts[] = [];
  for (let id = 1; id <= Number(await ask("marketCount")); id++) {
    const [word, collateral, debt, probe] = (await ask("storedMarket", id)) as [bigint, string, string, string];
    const [, haircuts] = await ask("tryHaircuts(uint16)", id);
    const { classId, initialBps, maintenanceTargetBps, limit, lowestLimit, highestLimit, generation } =
      storedMarketOf(word);
    markets.push({
      ...{ collateral, debt, id, name: deployment.markets.find((market) => market.id === id)?.name ?? `market ${id}` },
      ...{ classId, initialBps, maintenanceTargetBps, limit, lowestLimit, highestLimit, probe },
      delisted: generation === 0,
      maintenanceBps: Number(haircuts["maintenanceBps"]),
      readInitialBps: Number(haircuts["initialBps"]),
      mode: MODES[Number(haircuts["mode"])] ?? "FROZEN",
    });
  }
  const lock = new Contract(deployment.timelock.address, timelock.abi, provider);
  return {
    block: at.blockTag,
    time: block?.timestamp ?? 0,
    delaySeconds: Number(await lock.getFunction("getMinDelay")(at)),
    classes,
    accounts: await readAccounts(
      provider,
      deployment,
      deployment.accounts.map(({ account }) => account),
      at.blockTag,
    ),
    markets,
  };
}

/** The facts with the accounts that a proposal names. */
export async function withAccounts(
  provider: JsonRpcProvider,
  deployment: Deployment,
  facts: Facts,
  { actions }: Intent,
): Promise<Facts> {
  const named = actions.flatMap((action) => (action.action === "admit" ? [action.account] : []));
  const accounts = await readAccounts(provider, deployment, named, facts.block);
  return { ...facts, accounts: new Map([...facts.accounts, ...accounts]) };
}

/** Accounts by their address, as at a block. */
async function readAccounts(
  provider: JsonRpcProvider,
  deployment: Deployment,
  addresses: readonly Hex[],
  block: number,
): Promise<Map<string, Account>> {
  const contract = new Contract(deployment.contract.address, deploymentArtifacts().contract.abi, provider);
  const accounts = new Map<string, Account>();
  for (const address of addresses) {
    accounts.set(address, storedAccountOf(await contract.getFunction("storedWriter")(address, { blockTag: block })));
  }
  return accounts;
}
