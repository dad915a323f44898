import { Contract, type EventLog, type JsonRpcProvider, type Result } from "ethers";
import { NO_SEQUENCER } from "../../keeper/domain/contract.ts";
import type { DeployedMarket, Deployment } from "../../keeper/protocols/deployment.ts";
import { deploymentArtifacts } from "./artifacts.ts";
import { type Check, compare } from "./compare.ts";

const UPTIME_FEED = ["function latestRoundData() view returns (uint80, int256 answer, uint256, uint256, uint80)"];
/** Optimism, Base, Arbitrum One, Scroll, zkSync Era, Metis, Celo, Mantle: rollups whose sequencer Chainlink watches. */
const ROLLUPS = new Set([10, 8453, 42161, 534352, 324, 1088, 42220, 5000]);

/**
 * Returns the comparison of everything governance decides: profiles, limits of every class, aggregate budget, and every
 * market with its class, group, the values it was listed at, and where its data comes from.
 */
export async function checkMarkets(provider: JsonRpcProvider, deployment: Deployment, block: number): Promise<Check[]> {
  const contract = new Contract(deployment.contract.address, deploymentArtifacts().contract.abi, provider);
  const checks = [...(await checkNumbers(contract, deployment)), ...(await checkAggregate(contract, deployment))];
  checks.push(...(await checkSequencer(provider, contract, deployment)));
  const { highest, listed } = await listedMarkets(contract);
  checks.push(compare("number of markets", deployment.markets.length, listed));
  for (const market of deployment.markets) {
    if (market.id <= highest) checks.push(...(await checkMarket(contract, market, block)));
    else checks.push(compare(`market ${market.id} ${market.name}`, "listed", "not listed"));
  }
  return [...checks, ...(await checkSources(provider, deployment))];
}

async function checkNumbers(contract: Contract, { profiles, classes }: Deployment): Promise<Check[]> {
  const checks: Check[] = [];
  for (let index = 0; index < 4; index++) {
    const found: Result = await contract.getFunction("profile")(index);
    // Places that the record leaves empty hold the first profile again.
    const recorded = Object.entries(profiles[index] ?? profiles[0] ?? {});
    checks.push(...recorded.map(([key, value]) => compare(`profile ${index} ${key}`, value, found[key])));
  }
  for (let id = 0; id < 64; id++) {
    const found: Result = await contract.getFunction("limitsOfClass")(id);
    const recorded = classes.find((each) => each.id === id);
    const name = `class ${id} ${recorded?.name ?? ""}`.trim();
    // A class that was never defined answers with zeros, and no defined one has a gap of zero.
    if (recorded === undefined && Number(found["minGapBps"]) > 0) checks.push(compare(name, "not defined", "defined"));
    for (const [key, value] of Object.entries(recorded?.limits ?? {})) {
      checks.push(compare(`${name} ${key}`, value, found[key]));
    }
  }
  return checks;
}

/** The feed that stops maintenance, and whether it lets it move now. */
async function checkSequencer(
  provider: JsonRpcProvider,
  contract: Contract,
  { sequencer, chainId }: Deployment,
): Promise<Check[]> {
  const { feed, graceSeconds } = sequencer ?? NO_SEQUENCER;
  const found: Result = await contract.getFunction("sequencer")();
  const forgotten = sequencer === null && ROLLUPS.has(chainId) ? "a rollup without a feed of its sequencer" : null;
  const checks = [
    compare("sequencer feed", feed, found["feed"], forgotten),
    compare("sequencer graceSeconds", graceSeconds, found["graceSeconds"]),
  ];
  if (sequencer === null) return checks;
  const asked = new Contract(feed, UPTIME_FEED, provider);
  const round: Result | null = await asked
    .getFunction("latestRoundData")()
    .catch(() => null);
  const says = round === null ? "nothing" : Number(round["answer"]) === 0 ? "up" : "down";
  return [...checks, compare("sequencer", says, says, says === "up" ? null : "maintenance of no market moves")];
}

async function checkAggregate(contract: Contract, { aggregate }: Deployment): Promise<Check[]> {
  const door: Result = await contract.getFunction("door")();
  const zero = (bps: unknown) => (Number(bps) === 0 ? "a budget of zero: nothing can loosen" : null);
  const tripped = door["tightenOnly"] ? "tighten-only mode is on: nothing loosens until governance resets it" : null;
  const mode = door["tightenOnly"] ? "on" : "off";
  return [
    compare(
      "aggregate budget, hot key, bps a window",
      aggregate.hotBps,
      door["aggregateBps"],
      zero(door["aggregateBps"]),
    ),
    compare(
      "aggregate budget, quorum, bps a window",
      aggregate.quorumBps,
      door["quorumAggregateBps"],
      zero(door["quorumAggregateBps"]),
    ),
    compare("tighten-only mode", mode, mode, tripped),
  ];
}

/** Ids of groups that are not full are skipped, so the highest id is not the number of markets. */
async function listedMarkets(contract: Contract): Promise<{ highest: number; listed: number }> {
  const highest = Number(await contract.getFunction("marketCount")());
  let listed = 0;
  for (let id = 1; id <= highest; id++) {
    const [known] = await contract.getFunction("tryHaircuts(uint16)")(id);
    if (known) listed += 1;
  }
  return { highest, listed };
}

async function checkSources(provider: JsonRpcProvider, { sources }: Deployment): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [kind, named] of Object.entries(sources)) {
    for (const [name, address] of Object.entries(named)) {
      const code = await provider.getCode(address);
      checks.push(compare(`${kind} ${name} ${address}`, "code", code === "0x" ? "no code" : "code"));
    }
  }
  return checks;
}

async function checkMarket(contract: Contract, market: DeployedMarket, block: number): Promise<Check[]> {
  const name = `market ${market.id} ${market.name}`;
  const [known] = await contract.getFunction("tryHaircuts(uint16)")(market.id);
  if (!known) return [compare(name, "listed", "not listed")];
  const state: Result = await contract.getFunction("marketState")(market.id);
  // Markets of the record were listed by the constructor, so the event is in its block.
  const [listed] = (await contract.queryFilter("MarketListed", block, block)).filter(
    (event) => Number((event as EventLog).args["marketId"]) === market.id,
  ) as EventLog[];
  return [
    compare(`${name} initialBps at the start`, market.initialBps, listed?.args["initialBps"] ?? "not listed"),
    compare(
      `${name} maintenanceBps at the start`,
      market.maintenanceBps,
      listed?.args["maintenanceBps"] ?? "not listed",
    ),
    compare(`${name} collateral`, market.collateral, state["collateral"]),
    compare(`${name} debt`, market.debt, state["debt"]),
    compare(`${name} group`, market.group, Math.floor((market.id - 1) / 5)),
    compare(`${name} class`, market.classId, state["classId"]),
  ];
}
