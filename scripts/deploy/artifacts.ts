import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Artifact } from "hardhat/types/artifacts";
import { TonsorError } from "../../keeper/domain/errors.ts";

/** Where each contract of a deployment is compiled to, below artifacts/contracts; the timelock comes from npm. */
const OURS = {
  contract: "CollateralParameters.sol/CollateralParameters",
  quorum: "gateways/QuorumDoor.sol/QuorumDoor",
  challenge: "gateways/Challenge.sol/Challenge",
  listing: "gateways/ListingGate.sol/ListingGate",
};

const INTERFACE = "interfaces/ICollateralParameters.sol/ICollateralParameters";

type DeploymentArtifacts = Readonly<Record<"timelock" | keyof typeof OURS, Artifact>> & {
  /** What the contract links, by name. */
  readonly libraries: Readonly<Record<string, Artifact>>;
};

/** Returns OpenZeppelin's timelock as OpenZeppelin compiled it, and our contracts as Hardhat did. */
export function deploymentArtifacts(): DeploymentArtifacts {
  const require = createRequire(import.meta.url);
  const timelock = require.resolve("@openzeppelin/contracts/build/contracts/TimelockController.json");
  const contract = ours(OURS.contract);
  // What a module answers for the contract is in its interface, not in its own list.
  const roles = require.resolve("@openzeppelin/contracts/build/contracts/AccessControl.json");
  const abi = united(contract.abi, ours(INTERFACE).abi, read(roles, "run `npm ci`").abi);
  return {
    timelock: read(timelock, "run `npm ci`"),
    contract: { ...contract, abi },
    quorum: ours(OURS.quorum),
    challenge: ours(OURS.challenge),
    listing: ours(OURS.listing),
    libraries: Object.fromEntries(
      linkedLibraries(contract).map(({ file, name }) => [name, ours(`${file.replace(/^contracts\//, "")}/${name}`)]),
    ),
  };
}

type Fragment = {
  readonly type: string;
  readonly name?: string;
  readonly inputs?: readonly { readonly type: string }[];
};

/** Every function, event and error once. */
function united(...abis: readonly Artifact["abi"][]): Artifact["abi"] {
  const fragments = abis.flat() as readonly Fragment[];
  const keyOf = ({ type, name, inputs }: Fragment) => `${type} ${name} ${inputs?.map((each) => each.type).join(",")}`;
  return [...new Map(fragments.toReversed().map((each) => [keyOf(each), each])).values()];
}

/** Libraries whose addresses go into a contract's bytecode, in a fixed order; `file` as in contracts/. */
export function linkedLibraries({ linkReferences }: Artifact): { file: string; name: string }[] {
  return Object.entries(linkReferences)
    .flatMap(([file, names]) => Object.keys(names).map((name) => ({ file: file.replace(/^project\//, ""), name })))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Returns any contract of this repository as Hardhat compiled it. @example ours("core/Module.sol/Module") */
function ours(path: string): Artifact {
  const file = new URL(`../../artifacts/contracts/${path}.json`, import.meta.url);
  return read(fileURLToPath(file), "compile first: `npm run build`");
}

function read(file: string, advice: string): Artifact {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Artifact;
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `no compiled contract at ${file}`, { expected: advice }, cause);
  }
}
