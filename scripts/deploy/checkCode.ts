import { type JsonRpcProvider, keccak256 } from "ethers";
import type { Artifact } from "hardhat/types/artifacts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { AGENTS, adapterArtifact, type DeployedName, deploymentArtifacts } from "./artifacts.ts";
import { type Check, compare } from "./compare.ts";

type Place = Deployment["contract"] & { readonly name: string; readonly artifact: Artifact };

/** Every contract of a deployment with its name and what it is compiled from, in the order in which they were created. */
export function placesOf(deployment: Deployment): Place[] {
  const { contract, timelock, gateways, lenders = [], adapters = [] } = deployment;
  const { quorum, challenge, listing } = gateways;
  const named = { timelock, quorum, contract, challenge, listing };
  const artifacts = deploymentArtifacts();
  const core = Object.entries(named).flatMap(([name, place]) =>
    place === null ? [] : [{ ...place, name, artifact: artifacts[name as DeployedName] }],
  );
  const agents = lenders.flatMap((lender) =>
    lender.kind === "morpho-blue" || lender.agent === null
      ? []
      : [{ ...lender.agent, name: `agent of ${lender.name}`, artifact: adapterArtifact(AGENTS[lender.kind]) }],
  );
  const others = adapters.map((adapter) => ({ ...adapter, artifact: adapterArtifact(adapter.contract) }));
  return [...core, ...agents, ...others];
}

/** Returns the comparisons of every contract's code. */
export async function checkCode(provider: JsonRpcProvider, deployment: Deployment): Promise<Check[]> {
  const checks: Check[] = [];
  for (const place of placesOf(deployment)) checks.push(...(await checkCodeOf(provider, place)));
  return checks;
}

/**
 * Returns two comparisons of a contract: the hash of its code with the record's, and its code with what is compiled here,
 * immutables masked on both sides.
 */
export async function checkCodeOf(
  provider: JsonRpcProvider,
  { name, artifact, address, bytecodeHash }: Pick<Place, "name" | "artifact" | "address" | "bytecodeHash">,
): Promise<Check[]> {
  const code = await provider.getCode(address);
  const [compiled, found] = [artifact.deployedBytecode, code].map((each) => masked(each, artifact));
  return [
    compare(`${name} code hash`, bytecodeHash, code === "0x" ? "no code" : keccak256(code)),
    compare(`${name} code as compiled here`, keccak256(compiled ?? "0x"), keccak256(found ?? "0x")),
  ];
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
