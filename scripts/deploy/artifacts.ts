import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Artifact } from "hardhat/types/artifacts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";

/** Where each contract of a deployment is compiled to, below artifacts/contracts; the timelock comes from npm. */
const OURS = {
  contract: "parameters/Parameters.sol/Parameters",
  quorum: "gateways/SignerQuorum.sol/SignerQuorum",
  challenge: "gateways/Challenge.sol/Challenge",
  listing: "gateways/ListingGate.sol/ListingGate",
};

type Recorded = NonNullable<Deployment["adapters"]>[number]["contract"];

/** The agent of each kind of lender that has one. */
export const AGENTS = { "aave-v3": "AaveV3Agent", "aave-v4": "AaveV4Agent" } as const;

/** A contract that a plan may ask for besides. */
export type AdapterName = Recorded | (typeof AGENTS)[keyof typeof AGENTS];

/** Returns a compiled adapter. @throws TonsorError BAD_FILE */
export function adapterArtifact(name: AdapterName): Artifact {
  return ours(`adapters/${name}.sol/${name}`);
}

/** A contract of a deployment, by what it is there. */
export type DeployedName = "timelock" | keyof typeof OURS;
type DeploymentArtifacts = Readonly<Record<DeployedName, Artifact>>;

/** Returns OpenZeppelin's timelock as OpenZeppelin compiled it, and our contracts as Hardhat did. */
export function deploymentArtifacts(): DeploymentArtifacts {
  const timelock = createRequire(import.meta.url).resolve(
    "@openzeppelin/contracts/build/contracts/TimelockController.json",
  );
  return {
    timelock: read<Artifact>(timelock, "run `npm ci`"),
    contract: ours(OURS.contract),
    quorum: ours(OURS.quorum),
    challenge: ours(OURS.challenge),
    listing: ours(OURS.listing),
  };
}

/** What an explorer compiles to verify a contract: the compiler's version, and its standard JSON input as it was given. */
type BuildInput = { readonly solcLongVersion: string; readonly input: unknown };

/** Returns the compilation that an artifact of ours comes from. @throws TonsorError BAD_FILE */
export function buildInput({ buildInfoId }: Artifact): BuildInput {
  return read<BuildInput>(compiledFile(`build-info/${buildInfoId}`), "compile first: `npm run build`");
}

function ours(path: string): Artifact {
  return read<Artifact>(compiledFile(`contracts/${path}`), "compile first: `npm run build`");
}

function compiledFile(path: string): string {
  return fileURLToPath(new URL(`../../artifacts/${path}.json`, import.meta.url));
}

function read<Content>(file: string, advice: string): Content {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Content;
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `no compiled contract at ${file}`, { expected: advice }, cause);
  }
}
