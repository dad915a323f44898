import { parseArgs } from "node:util";
import type { Power } from "../../keeper/domain/contract.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import type { Facts } from "../governance/facts.ts";
import { withGoverned } from "../governance/present.ts";
import { type AdapterName, AGENTS, adapterArtifact } from "./artifacts.ts";
import { builtWith } from "./built.ts";
import { PLACE_OPTIONS } from "./place.ts";
import { type DeploymentPlan, parsePlan } from "./planSchema.ts";

type Place = Deployment["contract"];

const HELP = `Usage: npm run next-plan -- [options] > plan.json

Prints the plan of the deployment that takes over from the recorded one: the same accounts and signers, classes and markets as
they are on chain now, in the order of their ids, and the lenders and adapters of the record. deployments/README.md says how to move house with it.

  --rpc-url <url>          endpoint (default RPC_URL, else http://127.0.0.1:8545)
  --chain-id <number>      chain whose record is used (default CHAIN_ID, else 31337)
  --deployments <folder>   where the record is (default deployments)`;

/**
 * Returns the plan of the next deployment, from the chain where it can tell. Maintenance starts where it is now, and at rest:
 * the first update names its target again. A market that governance has ended keeps its id, to be ended again there.
 */
function nextPlan(deployment: Deployment, facts: Facts): DeploymentPlan {
  const { gateways, timelock, classes, markets, sources } = deployment;
  const holderOf = (power: Power) => [...facts.accounts].find(([, account]) => account.power === power);
  const budgetOf = (power: Power) => {
    const { aggregateBps = 0, tripBps = 0 } = holderOf(power)?.[1] ?? {};
    return { aggregateBps, tripBps };
  };
  const { threshold, signers } = gateways.quorum ?? { threshold: 0, signers: [] };
  return parsePlan({
    keeper: holderOf("HOT")?.[0],
    guardian: holderOf("GUARDIAN")?.[0],
    quorum: gateways.quorum === null ? null : { threshold, signers },
    timelock: { delaySeconds: facts.delaySeconds, proposers: timelock.proposers, executors: timelock.executors },
    challenge: { dailyLimit: gateways.challenge.dailyLimit },
    budgets: { hot: budgetOf("HOT"), quorum: budgetOf("QUORUM") },
    classes: [...facts.classes].map(([id, limits]) => {
      return { id, name: classes.find((each) => each.id === id)?.name ?? `class ${id}`, limits };
    }),
    markets: facts.markets.map((market) => {
      const { id, name, collateral, debt, classId, initialBps, maintenanceBps, limit, lowestLimit, highestLimit } =
        market;
      const assets = { name, collateral, debt, feeds: markets.find((each) => each.id === id)?.feeds ?? null };
      return { ...assets, classId, initialBps, maintenanceBps, limit, lowestLimit, highestLimit };
    }),
    sources,
    ...besides(deployment),
  });
}

const AGENT_SETTINGS = {
  "aave-v3": ["maxThresholdStepBps", "stepSeconds", "minGapBps", "maxAgeSeconds"],
  "aave-v4": ["maxStepBps", "stepSeconds", "leastRiseBps", "maxAgeSeconds"],
};

/**
 * Lenders and adapters as the record has them. The address that outlives a deployment, and whatever reads it, is taken over
 * where it is; what reads the contract itself is created anew for the next one.
 */
function besides({ markets, lenders = [], adapters = [] }: Deployment) {
  const nameOf = (id: unknown) => markets.find((each) => each.id === Number(id))?.name ?? `market ${id}`;
  const stable = adapters.find(({ contract }) => contract === "CurrentParameters");
  const whole = (contract: AdapterName, { address, transaction, block, bytecodeHash, constructorArguments }: Place) => {
    const built = builtWith(adapterArtifact(contract).abi, constructorArguments);
    const place = { address, transaction, block, bytecodeHash, constructorArguments };
    const stays = contract === "CurrentParameters" || built.get("parameters") === stable?.address;
    return { built, ...(stays ? { at: place } : {}) };
  };
  return {
    lenders: lenders.map((lender) => {
      if (lender.kind === "morpho-blue") return { ...lender, market: nameOf(lender.market) };
      const { pool: _, ...rest } = { pool: null, ...lender, markets: lender.markets.map(nameOf) };
      if (lender.agent === null) return rest;
      const { built, ...at } = whole(AGENTS[lender.kind], lender.agent);
      const settings = AGENT_SETTINGS[lender.kind].map((field) => [field, Number(built.get(field))]);
      const places = lender.kind === "aave-v4" ? ["spokeConfigurator", "hubConfigurator"] : [];
      const more = Object.fromEntries(places.map((place) => [place, built.get(place)]));
      return { ...rest, ...more, agent: { ...Object.fromEntries(settings), ...at } };
    }),
    adapters: adapters.map(({ name, contract, ...place }) => {
      const { built, ...at } = whole(contract, place);
      return { name, contract, ...at, ...askedFor(contract, built, nameOf(built.get("marketId"))) };
    }),
  };
}

/** What a plan says of an adapter besides its name. */
function askedFor(contract: AdapterName, built: ReadonlyMap<string, string>, market: string): object {
  switch (contract) {
    case "BidAskQuoter":
      return { prices: built.get("prices") };
    case "RiskOraclePublisher":
      return { debt: built.get("debt") };
    case "HaircutFactorFeed":
      return { market, side: built.get("side") === "0" ? "INITIAL" : "MAINTENANCE" };
    case "HaircutPriceFeed":
      return { market, priceFeed: built.get("priceFeed") };
    default:
      return {};
  }
}

export async function main(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...words], options: PLACE_OPTIONS });
  if (values.help) return console.log(HELP);
  await withGoverned(values, async ({ deployment, facts }) => {
    console.log(JSON.stringify(nextPlan(deployment, facts), null, 2));
    for (const { id, name, delisted, probe, initialBps, readInitialBps } of facts.markets) {
      const say = (what: string) => console.error(`${name} (${id}) ${what}`);
      if (delisted) say("is ended here: end it there too (delistMarket)");
      else if (readInitialBps !== initialBps) {
        say(`reads initial ${readInitialBps}, stale or closed, and would start at ${initialBps}, the value stored`);
      }
      if (BigInt(probe) !== 0n) say("has a probe: set it there too (changeMarket)");
    }
  });
}
