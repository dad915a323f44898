import { join, resolve } from "node:path";
import { configError } from "../../keeper/domain/errors.ts";
import { parseEnvironment, type Variables, withDotenv } from "../../keeper/runtime/parseEnvironment.ts";

/** A chain that starts anew whenever its node does: what was deployed on an earlier one may be forgotten. */
export const DEVELOPMENT_CHAIN = 31337;

/** Where a deployment is and is recorded. */
type Place = { readonly rpcUrl: string; readonly chainId: number; readonly folder: string };

/** The options of every script that is told where a deployment is. */
export const PLACE_OPTIONS = {
  "rpc-url": { type: "string" },
  "chain-id": { type: "string" },
  deployments: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** What was given on the command line, which wins over the environment and `.env`. */
export type PlaceFlags = {
  readonly "rpc-url"?: string | undefined;
  readonly "chain-id"?: string | undefined;
  readonly deployments?: string | undefined;
};

const NAMES = ["RPC_URL", "CHAIN_ID", "TONSOR_DEPLOYMENTS"];

/**
 * The place that the keeper would use with the same `.env` and environment, so that what is deployed is what is run.
 *
 * @throws TonsorError BAD_CONFIG with every variable that is wrong
 */
export function placeOf(flags: PlaceFlags, folder: string, variables: Variables): Place {
  const { settings, problems } = parseEnvironment({
    ...withDotenv(folder, variables),
    ...(flags["rpc-url"] === undefined ? {} : { RPC_URL: flags["rpc-url"] }),
    ...(flags["chain-id"] === undefined ? {} : { CHAIN_ID: flags["chain-id"] }),
    ...(flags.deployments === undefined ? {} : { TONSOR_DEPLOYMENTS: flags.deployments }),
  });
  const ours = problems.filter(({ path }) => NAMES.includes(path));
  if (ours.length > 0) throw configError(ours);
  return { rpcUrl: settings.rpcUrl, chainId: settings.chainId, folder: resolve(folder, settings.deployments) };
}

/** Returns the path of the record of a chain's deployment. */
export function manifestFile(folder: string, chainId: number): string {
  return join(folder, `${chainId}.json`);
}
