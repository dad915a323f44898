import { ZeroAddress } from "ethers";
import type { DeployedMarket, Deployment } from "../../keeper/protocols/deployment.ts";
import { storedClassOf, storedMarketOf } from "../../keeper/protocols/words.ts";
import type { ContractEvent } from "../lab/contractModel/events.ts";
import { type Asked, type Check, compare } from "./compare.ts";

const CLASSES = 64;

/**
 * Returns the comparison of everything governance decides: limits of every class, and every market with its assets, class,
 * bounds of the exposure limit, and the values it was listed at.
 */
export async function checkMarkets(
  asked: Asked,
  deployment: Deployment,
  events: readonly ContractEvent[],
): Promise<Check[]> {
  const checks = await checkClasses(asked, deployment);
  const count = Number(await asked("marketCount"));
  checks.push(compare("number of markets", deployment.markets.length, count));
  for (const market of deployment.markets) {
    if (market.id <= count) checks.push(...(await checkMarket(asked, market, events)));
    else checks.push(compare(`market ${market.id} ${market.name}`, "listed", "not listed"));
  }
  return checks;
}

async function checkClasses(asked: Asked, { classes }: Deployment): Promise<Check[]> {
  const checks: Check[] = [];
  for (let id = 0; id < CLASSES; id++) {
    const word = (await asked("storedClass", id)) as bigint;
    const recorded = classes.find((each) => each.id === id);
    const name = `class ${id} ${recorded?.name ?? ""}`.trim();
    if (recorded === undefined && word !== 0n) checks.push(compare(name, "not defined", "defined"));
    const { limits } = storedClassOf(word);
    for (const [key, value] of Object.entries(recorded?.limits ?? {})) {
      checks.push(compare(`${name} ${key}`, value, limits[key as keyof typeof limits]));
    }
  }
  return checks;
}

async function checkMarket(asked: Asked, market: DeployedMarket, events: readonly ContractEvent[]): Promise<Check[]> {
  const name = `market ${market.id} ${market.name}`;
  const [word, collateral, debt, probe] = (await asked("storedMarket", market.id)) as [bigint, string, string, string];
  const stored = storedMarketOf(word);
  const listed = events.find((event) => event.name === "MarketListed" && event.marketId === market.id);
  const start = listed?.name === "MarketListed" ? listed : null;
  const checks = (["initialBps", "maintenanceBps", "limit"] as const).map((key) =>
    compare(`${name} ${key} at the start`, market[key], start?.[key] ?? "not listed"),
  );
  return [
    ...checks,
    compare(`${name} collateral`, market.collateral, collateral),
    compare(`${name} debt`, market.debt, debt),
    compare(`${name} probe`, ZeroAddress, probe),
    compare(`${name} delisted`, "no", stored.generation === 0 ? "yes" : "no"),
    compare(`${name} class`, market.classId, stored.classId),
    compare(`${name} lowestLimit`, market.lowestLimit, stored.lowestLimit),
    compare(`${name} highestLimit`, market.highestLimit, stored.highestLimit),
  ];
}
