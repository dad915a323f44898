import { getAddress, type PublicClient } from "viem";
import type { Hex } from "../domain/contract.ts";
import { type ConfigProblem, configError } from "../domain/errors.ts";
import type { Observed } from "../domain/observation.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../protocols/abi.ts";
import type { Deployment } from "../protocols/deployment.ts";
import { onChain } from "../protocols/onChain.ts";
import { haveAllAnswered, wiringProblems } from "./wiring.ts";

type Observations = ReadonlyMap<string, readonly Observed[]>;

/** Whether everything that a keeper is wired to is what the deployment's record says. */
type WiringCheck = {
  /** Checks the markets that were not found sound before. */
  check(markets: readonly MarketParameters[], observed: Observations, blockNumber: bigint): Promise<void>;
  /** What the last check found. */
  problems(): readonly ConfigProblem[];
  /** @throws TonsorError BAD_CONFIG with every problem and its path */
  assertSound(): void;
};

/**
 * A market whose sources have all answered and were sound is not checked again: what they say later is data, and has
 * faults.
 * @param parts.client reads which pair each of the record's market ids is on chain
 */
export function wiringCheck(parts: {
  readonly client: PublicClient;
  readonly deployment: Deployment;
  readonly feedSays: ReadonlyMap<string, string>;
}): WiringCheck {
  const { client, deployment, feedSays } = parts;
  const sound = new Set<string>();
  let found: readonly ConfigProblem[] = [];
  return {
    async check(markets, observed, blockNumber) {
      const unchecked = markets.filter((market) => !sound.has(market.name));
      found = [];
      if (unchecked.length === 0) return;
      const pairs = await Promise.all(unchecked.map((market) => wrongPair(market.name, blockNumber)));
      found = [...pairs.flat(), ...wiringProblems(markets, observed, feedSays)].map((problem) => ({
        ...problem,
        path: `deployments/${deployment.chainId}.json: ${problem.path}`,
      }));
      if (found.length > 0) return;
      for (const market of unchecked) {
        if (haveAllAnswered(market, observed.get(market.name) ?? [])) sound.add(market.name);
      }
    },
    problems: () => found,
    assertSound() {
      if (found.length > 0) throw configError(found);
    },
  };

  /** A record whose ids are exchanged would write one market's haircuts to another. */
  async function wrongPair(name: string, blockNumber: bigint): Promise<readonly ConfigProblem[]> {
    const index = deployment.markets.findIndex((one) => one.name === name);
    const market = deployment.markets[index];
    if (market === undefined) return [];
    const address = deployment.contract.address as Hex;
    const call = { address, abi, functionName: "storedMarket", args: [market.id], blockNumber } as const;
    const [, collateral, debt] = await onChain(client, () => client.readContract(call));
    const same = [collateral, debt].map((one) => getAddress(one)).join() === [market.collateral, market.debt].join();
    if (same) return [];
    const given = `${market.id}, on chain ${collateral} against ${debt}`;
    return [{ path: `markets.${index}.id`, given, expected: `the id of ${market.collateral} against ${market.debt}` }];
  }
}
