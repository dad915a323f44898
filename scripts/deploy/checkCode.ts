import { type JsonRpcProvider, keccak256 } from "ethers";
import type { Artifact } from "hardhat/types/artifacts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { deploymentArtifacts } from "./artifacts.ts";
import { type Check, compare } from "./compare.ts";

type Place = { readonly name: string; readonly address: string; readonly bytecodeHash: string };

/** Every contract of a deployment with its name, in the order in which they were created; the module has no artifact. */
export function placesOf({ contract, module, libraries, timelock, doors }: Deployment): Place[] {
  const { quorum, challenge, listing } = doors;
  const named = { timelock, ...libraries, quorum, contract, module, challenge, listing };
  return Object.entries(named).flatMap(([name, place]) => (place === null ? [] : [{ name, ...place }]));
}

/**
 * Returns two comparisons for every contract: the hash of its code with the record's, and its code with what is compiled
 * here, libraries linked and immutables masked on both sides. The module is compared by its hash alone: the creation
 * code of its parent, compared with its transaction (check.ts), contains it.
 */
export async function checkCode(provider: JsonRpcProvider, deployment: Deployment): Promise<Check[]> {
  const { libraries, ...contracts } = deploymentArtifacts();
  const artifacts: Record<string, Artifact> = { ...libraries, ...contracts };
  const checks: Check[] = [];
  for (const { name, address, bytecodeHash } of placesOf(deployment)) {
    const code = await provider.getCode(address);
    checks.push(compare(`${name} code hash`, bytecodeHash, code === "0x" ? "no code" : keccak256(code)));
    const artifact = artifacts[name];
    if (artifact === undefined) continue;
    const runtime = linked(artifact.deployedBytecode, artifact.deployedLinkReferences, deployment);
    const compiled = masked(runtime, artifact);
    checks.push(compare(`${name} code as compiled here`, keccak256(compiled), keccak256(masked(code, artifact))));
  }
  return checks;
}

/** Returns what a contract's creating transaction carries before the constructor arguments; null without an artifact. */
export function creationCode(name: string, deployment: Deployment): string | null {
  const { libraries, ...contracts } = deploymentArtifacts();
  const artifact = { ...libraries, ...contracts }[name];
  return artifact === undefined ? null : linked(artifact.bytecode, artifact.linkReferences, deployment);
}

/** Code with the recorded addresses of libraries in it. */
function linked(bytecode: string, references: Artifact["linkReferences"], { libraries }: Deployment): string {
  let code = bytecode;
  for (const names of Object.values(references ?? {})) {
    for (const [name, places] of Object.entries(names)) {
      const address = libraries[name]?.address.slice(2).toLowerCase() ?? "0".repeat(40);
      for (const { start } of places) code = overwritten(code, start, address);
    }
  }
  return code;
}

/** Runtime code with zeros for immutables, and for the own address that a library carries against direct calls. */
function masked(code: string, { immutableReferences, deployedBytecode }: Artifact): string {
  let out = code;
  for (const places of Object.values(immutableReferences ?? {})) {
    for (const { start, length } of places) out = overwritten(out, start, "00".repeat(length));
  }
  const library = /^0x730{40}30146080/.test(deployedBytecode);
  return library ? overwritten(out, 1, "00".repeat(20)) : out;
}

/** Code shorter than expected stays as it is, and differs. */
function overwritten(code: string, start: number, hex: string): string {
  const at = 2 + 2 * start;
  return code.length < at + hex.length ? code : code.slice(0, at) + hex + code.slice(at + hex.length);
}
