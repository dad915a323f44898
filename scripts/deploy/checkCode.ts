import { type JsonRpcProvider, keccak256 } from "ethers";
import type { Artifact } from "hardhat/types/artifacts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { type DeployedName, deploymentArtifacts } from "./artifacts.ts";
import { type Check, compare } from "./compare.ts";

type Place = Deployment["contract"] & { readonly name: DeployedName };

/** Every contract of a deployment with its name, in the order in which they were created. */
export function placesOf({ contract, timelock, gateways }: Deployment): Place[] {
  const { quorum, challenge, listing } = gateways;
  const named = { timelock, quorum, contract, challenge, listing };
  return Object.entries(named).flatMap(([name, place]) =>
    place === null ? [] : [{ ...place, name: name as DeployedName }],
  );
}

/**
 * Returns two comparisons for every contract: the hash of its code with the record's, and its code with what is compiled
 * here, immutables masked on both sides.
 */
export async function checkCode(provider: JsonRpcProvider, deployment: Deployment): Promise<Check[]> {
  const artifacts = deploymentArtifacts();
  const checks: Check[] = [];
  for (const { name, address, bytecodeHash } of placesOf(deployment)) {
    const code = await provider.getCode(address);
    const [compiled, found] = [artifacts[name].deployedBytecode, code].map((each) => masked(each, artifacts[name]));
    checks.push(
      compare(`${name} code hash`, bytecodeHash, code === "0x" ? "no code" : keccak256(code)),
      compare(`${name} code as compiled here`, keccak256(compiled ?? "0x"), keccak256(found ?? "0x")),
    );
  }
  return checks;
}

/** Runtime code with zeros for immutables; code shorter than expected stays as it is, and differs. */
function masked(code: string, { immutableReferences }: Artifact): string {
  let out = code;
  for (const { start, length } of Object.values(immutableReferences ?? {}).flat()) {
    const [from, to] = [2 + 2 * start, 2 + 2 * (start + length)];
    if (out.length >= to) out = out.slice(0, from) + "00".repeat(length) + out.slice(to);
  }
  return out;
}
