import { Contract, type EventLog, type JsonRpcProvider } from "ethers";
import type { DeployedMarket, Deployment } from "../../keeper/protocols/deployment.ts";
import { deploymentArtifacts } from "./artifacts.ts";
import { type Check, compare } from "./compare.ts";

/** Returns the comparison of every market, with the values it was listed at, its limits, and where its data comes from. */
export async function checkMarkets(provider: JsonRpcProvider, deployment: Deployment, block: number): Promise<Check[]> {
  const contract = new Contract(deployment.contract.address, deploymentArtifacts().contract.abi, provider);
  const count = Number(await contract.getFunction("marketCount")());
  const checks = [compare("number of markets", deployment.markets.length, count)];
  for (const market of deployment.markets) {
    if (market.id <= count) checks.push(...(await checkMarket(contract, market, block)));
    else checks.push(compare(`market ${market.id} ${market.name}`, "listed", "not listed"));
  }
  return [...checks, ...(await checkSources(provider, deployment))];
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
  const [state, limits] = await Promise.all([
    contract.getFunction("marketState")(market.id),
    contract.getFunction("limitsOf")(market.id),
  ]);
  // Markets of the record were listed by the constructor, so the event is in its block.
  const [listed] = (await contract.queryFilter("MarketListed", block, block)).filter(
    (event) => Number((event as EventLog).args.marketId) === market.id,
  ) as EventLog[];
  return [
    compare(`${name} initialBps at the start`, market.initialBps, listed?.args.initialBps ?? "not listed"),
    compare(`${name} maintenanceBps at the start`, market.maintenanceBps, listed?.args.maintenanceBps ?? "not listed"),
    compare(`${name} collateral`, market.collateral, state.collateral),
    compare(`${name} debt`, market.debt, state.debt),
    ...Object.entries(market.limits).map(([limit, value]) => compare(`${name} ${limit}`, value, limits[limit])),
  ];
}
