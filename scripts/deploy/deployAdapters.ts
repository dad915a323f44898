import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { Contract, id, type JsonRpcProvider, keccak256 } from "ethers";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { type Deployment, parseDeployment } from "../../keeper/protocols/deployment.ts";
import { AAVE_ABI, reserveOf } from "./aaveMarket.ts";
import { AAVE_V4_ABI } from "./aaveV4.ts";
import { type AdapterName, AGENTS, adapterArtifact } from "./artifacts.ts";
import { askBy } from "./built.ts";
import type { Creation } from "./journal.ts";
import { encodeArguments, placeOf } from "./manifest.ts";
import type { DeploymentPlan } from "./planSchema.ts";

/** Creates one contract by Ignition, or finds it in the journal that bears this name. */
export type CreateOne = (module: ReturnType<typeof buildModule>, future: string, name: string) => Promise<Creation>;

type Place = Deployment["contract"];
type PlannedAdapter = DeploymentPlan["adapters"][number];
type PlannedLender = DeploymentPlan["lenders"][number];
type Adapter = NonNullable<Deployment["adapters"]>[number];
type Lender = NonNullable<Deployment["lenders"]>[number];

/**
 * Deploys what the plan asks for beside the contract and the record does not have under its name, one after the other, each
 * with a journal of its own, so that a run that was killed is completed by the next and nothing is created twice. Returns the
 * record with it; the same one when there is nothing to do. What the record has and the plan does not name stays.
 *
 * @param pools what askPools answered
 * @throws TonsorError BAD_CONFIG when the record has another one of the same name; NOT_DEPLOYED when what the plan takes over is not there
 */
export async function deployAdapters(
  provider: JsonRpcProvider,
  plan: DeploymentPlan,
  core: Deployment,
  pools: ReadonlyMap<string, string>,
  create: CreateOne,
): Promise<Deployment> {
  const adapters = [...(core.adapters ?? [])];
  const lenders = [...(core.lenders ?? [])];
  let isNew = false;
  const make = async (name: string, contract: AdapterName, args: readonly unknown[], recorded?: Place, at?: Place) => {
    const artifact = adapterArtifact(contract);
    // An address that outlives deployments was built for the first of them.
    const moves = contract === "CurrentParameters" && at !== undefined;
    const encoded = moves ? at.constructorArguments : encodeArguments(artifact.abi, args);
    if (recorded !== undefined) {
      if (recorded.constructorArguments !== encoded) throw another(name, "constructorArguments", recorded, encoded);
      return recorded;
    }
    isNew = true;
    if (at !== undefined) return await takeOver(provider, name, at, encoded);
    const mark = `${contract}-${id(`${name} ${encoded}`).slice(2, 10)}`;
    const module = buildModule("Adapter", (m) => ({ made: m.contract(contract, artifact, [...args] as never) }));
    return await placeOf(provider, await create(module, `Adapter#${contract}`, mark), encoded);
  };
  // First what the others read.
  const first = ({ contract }: PlannedAdapter) => (contract === "CurrentParameters" ? 0 : 1);
  for (const planned of plan.adapters.toSorted((a, b) => first(a) - first(b))) {
    const { name, contract } = planned;
    const recorded = adapters.find((each) => each.name === name);
    if (recorded !== undefined && recorded.contract !== contract) throw another(name, "contract", recorded, contract);
    const args = adapterArguments(planned, core, readFrom(core, adapters));
    const place = await make(name, contract, args, recorded, planned.at);
    if (recorded === undefined) adapters.push({ name, contract, ...place } as Adapter);
  }
  for (const planned of plan.lenders) {
    const index = lenders.findIndex(({ name }) => name === planned.name);
    const recorded = lenders[index];
    const entry = lenderEntry(planned, core, pools);
    if (recorded !== undefined) requireSame(recorded, entry);
    const had = recorded === undefined || recorded.kind === "morpho-blue" ? undefined : (recorded.agent ?? undefined);
    const asked = planned.kind === "morpho-blue" ? null : planned.agent;
    const args = agentArguments(planned, core, readFrom(core, adapters));
    const name = planned.kind === "morpho-blue" ? null : AGENTS[planned.kind];
    const agent = args === null || name === null ? (had ?? null) : await make(planned.name, name, args, had, asked?.at);
    isNew ||= recorded === undefined;
    const lender = (name === null ? entry : { ...entry, agent }) as Lender;
    lenders.splice(index < 0 ? lenders.length : index, index < 0 ? 0 : 1, lender);
  }
  if (!isNew) return core;
  const lists = { ...(lenders.length > 0 ? { lenders } : {}), ...(adapters.length > 0 ? { adapters } : {}) };
  return parseDeployment({ ...core, ...lists });
}

/** What agents and adapters read: the address that outlives a deployment, where there is one. */
function readFrom({ contract }: Deployment, adapters: readonly Adapter[]): string {
  return adapters.find((each) => each.contract === "CurrentParameters")?.address ?? contract.address;
}

function idOf({ markets }: Deployment, name: string): number {
  return markets.find((each) => each.name === name)?.id ?? 0;
}

function adapterArguments(planned: PlannedAdapter, core: Deployment, parameters: string): unknown[] {
  switch (planned.contract) {
    case "CurrentParameters":
      return [core.contract.address, core.timelock.address];
    case "BidAskQuoter":
      return [parameters, planned.prices];
    case "RiskOraclePublisher":
      return [parameters, planned.debt];
    case "HaircutFactorFeed":
      return [parameters, idOf(core, planned.market), planned.side === "INITIAL" ? 0 : 1];
    case "HaircutPriceFeed":
      return [parameters, idOf(core, planned.market), planned.priceFeed];
  }
}

/** Null: no agent is asked for. */
function agentArguments(planned: PlannedLender, core: Deployment, parameters: string): unknown[] | null {
  if (planned.kind === "morpho-blue" || planned.agent === null) return null;
  const debt = core.markets.find(({ name }) => name === planned.markets[0])?.debt;
  const { at: _, ...settings } = planned.agent;
  if (planned.kind === "aave-v3") return [parameters, planned.provider, debt, settings];
  const { spoke, hub, spokeConfigurator, hubConfigurator } = planned;
  return [parameters, { spoke, hub, spokeConfigurator, hubConfigurator }, debt, settings];
}

/** A lender as the record has it, but for its agent. */
function lenderEntry(planned: PlannedLender, core: Deployment, pools: ReadonlyMap<string, string>) {
  if (planned.kind === "morpho-blue") return { ...planned, market: idOf(core, planned.market) };
  const { kind, name, fromBlock } = planned;
  const markets = planned.markets.map((each) => idOf(core, each));
  if (kind === "aave-v4") return { kind, name, fromBlock, spoke: planned.spoke, hub: planned.hub, markets };
  return { kind, name, fromBlock, provider: planned.provider, pool: pools.get(name), markets };
}

function requireSame(recorded: Lender, entry: object): void {
  const has = new Map<string, unknown>(Object.entries(recorded));
  for (const [key, value] of Object.entries(entry)) {
    if (JSON.stringify(has.get(key)) !== JSON.stringify(value)) throw another(recorded.name, key, recorded, value);
  }
}

/** A contract that stands already. @throws TonsorError NOT_DEPLOYED, or BAD_CONFIG for one that was built with something else */
async function takeOver(provider: JsonRpcProvider, name: string, at: Place, encoded: string): Promise<Place> {
  if (at.constructorArguments !== encoded) throw another(name, "at.constructorArguments", at, encoded);
  const found = keccak256(await provider.getCode(at.address));
  if (found === at.bytecodeHash) return at;
  const facts = { field: `${name}.at.bytecodeHash`, given: at.bytecodeHash, expected: found };
  throw new TonsorError("NOT_DEPLOYED", `${at.address} is not the contract that the plan takes over`, facts);
}

/**
 * The pool that each Aave v3 market's provider names; every market's collateral must be one there, and of Aave v4 a reserve that
 * its spoke has of its hub.
 *
 * @throws TonsorError BAD_CONFIG before anything is sent
 */
export async function askPools(provider: JsonRpcProvider, plan: DeploymentPlan): Promise<ReadonlyMap<string, string>> {
  const pools = new Map<string, string>();
  for (const lender of plan.lenders) {
    if (lender.kind === "aave-v4") await askSpoke(provider, plan, lender);
    if (lender.kind !== "aave-v3") continue;
    const market = new Contract(lender.provider, AAVE_ABI, provider);
    const pool = await asked(lender.name, "provider", lender.provider, () => market.getFunction("getPool")());
    const reserves = new Contract(pool, AAVE_ABI, provider);
    for (const name of lender.markets) {
      const collateral = plan.markets.find((each) => each.name === name)?.collateral;
      const ask = () => reserves.getFunction("getConfiguration")(collateral);
      const word = BigInt(await asked<bigint>(lender.name, name, collateral, ask));
      if (reserveOf(word).thresholdBps === 0) throw unfit(lender.name, name, collateral, "a collateral of that pool");
    }
    pools.set(lender.name, pool);
  }
  return pools;
}

async function askSpoke(
  provider: JsonRpcProvider,
  plan: DeploymentPlan,
  {
    name: lender,
    spoke,
    hub,
    spokeConfigurator,
    hubConfigurator,
    markets,
  }: Extract<PlannedLender, { kind: "aave-v4" }>,
): Promise<void> {
  const ask = askBy(provider);
  for (const name of markets) {
    const collateral = plan.markets.find((each) => each.name === name)?.collateral;
    const listed = async () =>
      await ask(spoke, AAVE_V4_ABI, "getReserveId", hub, await ask(hub, AAVE_V4_ABI, "getAssetId", collateral));
    await asked(lender, name, collateral, listed, "a reserve that the spoke has of the hub");
  }
  for (const [field, place] of Object.entries({ spokeConfigurator, hubConfigurator })) {
    await asked(lender, field, place, () => ask(place, AAVE_V4_ABI, "authority"), "a configurator of Aave v4");
  }
}

async function asked<Answer>(
  lender: string,
  field: string,
  given: unknown,
  ask: () => Promise<Answer>,
  expected = "an Aave v3 market that answers",
): Promise<Answer> {
  try {
    return await ask();
  } catch (cause) {
    throw unfit(lender, field, given, expected, cause);
  }
}

function unfit(lender: string, field: string, given: unknown, expected: string, cause?: unknown): TonsorError {
  const facts = { field, given: String(given), expected };
  return new TonsorError("BAD_CONFIG", `the lender ${lender} of the plan does not answer as one`, facts, cause);
}

function another(name: string, key: string, recorded: object, wanted: unknown): TonsorError {
  const has = JSON.stringify(new Map<string, unknown>(Object.entries(recorded)).get(key.replace("at.", "")));
  return new TonsorError("BAD_CONFIG", `the record has another ${name}`, {
    field: `${name}.${key}`,
    given: wanted,
    expected: `${has}, as deployed under this name, or a new name`,
  });
}
