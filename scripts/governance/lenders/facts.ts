import { Contract, type JsonRpcProvider, ZeroHash } from "ethers";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { AAVE_ABI, type ReserveSettings, reserveOf } from "../../deploy/aaveMarket.ts";
import { adapterArtifact, deploymentArtifacts } from "../../deploy/artifacts.ts";
import { checkCodeOf } from "../../deploy/checkCode.ts";
import { checkAgent } from "../../deploy/checkLenders.ts";
import type { Facts } from "../facts.ts";

/** One market of the lender: what its reserve is now, and where the contract's numbers lead it if nothing else changes. */
export type LenderMarket = {
  readonly name: string;
  readonly asset: string;
  readonly now: ReserveSettings;
  /** The data are young enough for the agent to follow them. */
  readonly isFresh: boolean;
  /** The threshold at the higher of maintenance and its target, so where its walk ends lowest; and LTV beside it. */
  readonly end: { readonly ltvBps: number; readonly thresholdBps: number };
};

/** What a proposal to a lender is written about, at one block. */
export type LenderFacts = {
  readonly name: string;
  readonly block: number;
  readonly time: number;
  readonly agent: string;
  readonly pool: string;
  readonly acl: string;
  readonly configurator: string;
  /** Who gives roles there, and its delay if it is a timelock; null: it acts at once, as a Safe does. */
  readonly admin: string;
  readonly delaySeconds: number | null;
  /** The agent has its role already. */
  readonly hasRole: boolean;
  /** What the record says of agent and pool and the chain does not; empty: they are what they are said to be. */
  readonly doubts: readonly string[];
  /** Settings of the agent. */
  readonly minGapBps: number;
  readonly stepBps: number;
  readonly stepSeconds: number;
  readonly markets: readonly LenderMarket[];
};

/**
 * Reads them.
 *
 * @throws TonsorError BAD_ARGUMENT for a lender without an agent, or an admin that cannot give roles there; BAD_FILE for a market
 * that the contract does not have
 */
export async function readLender(
  provider: JsonRpcProvider,
  deployment: Deployment,
  facts: Facts,
  name: string,
  givenAdmin?: string,
): Promise<LenderFacts> {
  const { lenders = [], contract: parameters } = deployment;
  const lender = lenders.find((each) => each.name === name);
  if (lender?.kind !== "aave-v3" || lender.agent === null) {
    const able = lenders.flatMap((each) => (each.kind === "aave-v3" && each.agent !== null ? [each.name] : []));
    const expected = able.length === 0 ? "a record with one: deploy it first" : `one of ${able.join(", ")}`;
    throw new TonsorError("BAD_ARGUMENT", "no such lender with an agent", { field: "--lender", given: name, expected });
  }
  const at = { blockTag: facts.block };
  const ask = async (to: string, method: string, ...args: unknown[]) =>
    await new Contract(to, AAVE_ABI, provider).getFunction(method)(...args, at);
  const [acl, configurator, pool] = [
    await ask(lender.provider, "getACLManager"),
    await ask(lender.provider, "getPoolConfigurator"),
    await ask(lender.provider, "getPool"),
  ];
  const admin: string = givenAdmin ?? (await ask(lender.provider, "getACLAdmin"));
  if (!(await ask(acl, "hasRole", ZeroHash, admin))) {
    const expected = "an account with DEFAULT_ADMIN_ROLE of its ACLManager";
    throw new TonsorError("BAD_ARGUMENT", `${name} lets others give its roles`, {
      field: "--admin",
      given: admin,
      expected,
    });
  }
  const artifact = adapterArtifact("AaveV3Agent");
  const agent = new Contract(lender.agent.address, artifact.abi, provider);
  const setting = async (method: string) => Number(await agent.getFunction(method)(at));
  const [minGapBps, stepBps] = [await setting("minGapBps"), await setting("maxThresholdStepBps")];
  const maxAgeSeconds = await setting("maxAgeSeconds");
  const contract = new Contract(parameters.address, deploymentArtifacts().contract.abi, provider);
  const markets: LenderMarket[] = [];
  for (const id of lender.markets) {
    const market = facts.markets.find((each) => each.id === id);
    if (market === undefined) {
      const expected = `one of ${facts.markets.map((each) => each.id).join(", ")}`;
      throw new TonsorError("BAD_FILE", `${name} takes a market that the contract does not have`, {
        field: "lenders.markets",
        given: id,
        expected,
      });
    }
    const now = reserveOf(await ask(pool, "getConfiguration", market.collateral));
    const wanted = 10_000 - Math.max(market.maintenanceBps, market.maintenanceTargetBps);
    const thresholdBps = Math.min(wanted, Math.floor(100_000_000 / now.bonusBps));
    const ltvBps = Math.max(0, Math.min(10_000 - market.readInitialBps, thresholdBps - minGapBps));
    const [, { asOf }] = await contract.getFunction("tryHaircuts(uint16)")(id, at);
    const isFresh = facts.time <= Number(asOf) + maxAgeSeconds;
    markets.push({ name: market.name, asset: market.collateral, now, isFresh, end: { ltvBps, thresholdBps } });
  }
  return {
    ...{ name, admin, acl, configurator, pool, markets, minGapBps, stepBps },
    ...{ block: facts.block, time: facts.time, agent: lender.agent.address },
    delaySeconds: await delayOf(provider, admin, facts.block),
    hasRole: await ask(acl, "isRiskAdmin", lender.agent.address),
    doubts: [
      ...(await checkCodeOf(provider, { ...lender.agent, name: `agent of ${name}`, artifact })),
      ...(await checkAgent(provider, deployment, { ...lender, agent: lender.agent })),
    ].flatMap(({ what, expected, found, agrees }) => (agrees ? [] : [`${what}: ${found}, expected ${expected}`])),
    stepSeconds: await setting("stepSeconds"),
  };
}

/** The delay of a timelock, seconds; null: it is none. */
export async function delayOf(provider: JsonRpcProvider, admin: string, block: number): Promise<number | null> {
  if ((await provider.getCode(admin, block)) === "0x") return null;
  try {
    return Number(await new Contract(admin, AAVE_ABI, provider).getFunction("getMinDelay")({ blockTag: block }));
  } catch {
    return null;
  }
}

const LOG_RANGE = 10_000;

/** Everybody who has borrowed from a pool between two blocks, in order of their first loan. */
export async function borrowersOf(
  provider: JsonRpcProvider,
  pool: string,
  fromBlock: number,
  toBlock: number,
): Promise<readonly string[]> {
  const found = new Set<string>();
  const topics = [AAVE_ABI.getEvent("Borrow")?.topicHash ?? null];
  for (let from = fromBlock; from <= toBlock; from += LOG_RANGE) {
    const last = Math.min(toBlock, from + LOG_RANGE - 1);
    for (const log of await provider.getLogs({ address: pool, topics, fromBlock: from, toBlock: last })) {
      found.add(AAVE_ABI.parseLog(log)?.args["onBehalfOf"]);
    }
  }
  return [...found];
}
