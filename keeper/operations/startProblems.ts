import { resolve } from "node:path";
import { TonsorError } from "../domain/errors.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import { type Deployment, readDeployment } from "../protocols/deployment.ts";
import type { ConfigProblem } from "../runtime/configFile.ts";
import { deploymentProblems } from "./deploymentProblems.ts";
import { parameterProblems } from "./parameterProblems.ts";

/**
 * Everything beside the configuration that keeps a keeper from starting and can be found without a network: governance
 * numbers that contradict each other, and the record of the deployment. A record that is not there is named only beside
 * other problems; alone it has an error of its own, which says what to do.
 * @param others problems found already
 */
export function startProblems(
  where: { readonly deployments: string; readonly chainId: number },
  markets: readonly MarketParameters[],
  others: number,
): readonly ConfigProblem[] {
  const problems = markets.flatMap((market) =>
    parameterProblems(market).map((text) => {
      const [given = text, expected = "another value"] = text.split(", expected ");
      return { path: `keeper/markets/${market.name.toLowerCase()}.ts`, given, expected };
    }),
  );
  const path = `deployments/${where.chainId}.json`;
  const record = recordAt(resolve(where.deployments, `${where.chainId}.json`));
  if (!(record instanceof TonsorError)) {
    const found = deploymentProblems(record, markets);
    return [...problems, ...found.map((problem) => ({ ...problem, path: `${path}: ${problem.path}` }))];
  }
  const known = record.code === "BAD_FILE" || problems.length + others > 0;
  return known ? [...problems, { path, given: record.message, expected: "the record of a deployment" }] : problems;
}

function recordAt(file: string): Deployment | TonsorError {
  try {
    return readDeployment(file);
  } catch (error) {
    if (error instanceof TonsorError) return error;
    throw error;
  }
}
