import { resolve } from "node:path";
import { type ConfigProblem, TonsorError } from "../domain/errors.ts";
import type { MarketFile, MarketFolder } from "../markets/marketFiles.ts";
import type { Deployment } from "../protocols/deployment.ts";
import { readDeployment } from "../protocols/readDeployment.ts";
import { deploymentProblems } from "./deploymentProblems.ts";

/**
 * Everything beside the configuration that keeps a keeper from starting and can be found without a network: governance
 * numbers that contradict each other, and the record of the deployment. A record that is not there is named only beside
 * other problems; alone it has an error of its own, which says what to do.
 * @param others problems found already
 */
export function startProblems(
  where: { readonly deployments: string; readonly chainId: number },
  { files, problems }: MarketFolder,
  others: number,
): readonly ConfigProblem[] {
  return [...problems, ...recordProblems(where, files, problems.length + others)];
}

/** The part of `startProblems` that is about the record. */
export function recordProblems(
  where: { readonly deployments: string; readonly chainId: number },
  markets: readonly MarketFile[],
  others: number,
): readonly ConfigProblem[] {
  const path = `deployments/${where.chainId}.json`;
  const record = recordAt(resolve(where.deployments, `${where.chainId}.json`));
  if (!(record instanceof TonsorError)) {
    const found = deploymentProblems(record, markets);
    return found.map((problem) => ({ ...problem, path: `${path}: ${problem.path}` }));
  }
  const known = record.code === "BAD_FILE" || others > 0;
  return known ? [{ path, given: record.message, expected: "the record of a deployment" }] : [];
}

function recordAt(file: string): Deployment | TonsorError {
  try {
    return readDeployment(file);
  } catch (error) {
    if (error instanceof TonsorError) return error;
    throw error;
  }
}
