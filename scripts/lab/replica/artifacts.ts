import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Abi, Hex } from "viem";
import { z } from "zod";
import { TonsorError } from "../../../keeper/domain/errors.ts";

/** A compiled contract: what is needed to deploy and to call it. */
export type Artifact = { readonly contractName: string; readonly abi: Abi; readonly bytecode: Hex };

const artifactFile = z.object({
  contractName: z.string(),
  abi: z.array(z.unknown()),
  bytecode: z.string().regex(/^0x[0-9a-f]+$/i, "bytecode that needs no linking"),
});

/**
 * Returns a contract that npm ships compiled.
 *
 * @example npmArtifact("@uniswap/v3-core", "artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json")
 */
export function npmArtifact(name: string, path: string): Artifact {
  return readArtifact(createRequire(import.meta.url).resolve(`${name}/${path}`), "run `npm ci`");
}

/** Returns a contract of this repository as Hardhat compiled it, by its path. @example ownArtifact("test/mocks/MockERC20") */
export function ownArtifact(path: string): Artifact {
  const name = path.split("/").at(-1);
  const file = new URL(`../../../artifacts/${path}.sol/${name}.json`, import.meta.url);
  return readArtifact(fileURLToPath(file), "compile first: `npm run build`");
}

/** Artifacts that were read, by file: one that is used in every step is parsed once. */
const known = new Map<string, Artifact>();

function readArtifact(file: string, advice: string): Artifact {
  const found = known.get(file);
  if (found !== undefined) return found;
  try {
    const { contractName, abi, bytecode } = artifactFile.parse(JSON.parse(readFileSync(file, "utf8")));
    const artifact = { contractName, abi: abi as Abi, bytecode: bytecode as Hex };
    known.set(file, artifact);
    return artifact;
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `no compiled contract at ${file}`, { expected: advice }, cause);
  }
}
