import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Interface } from "ethers";
import type { Artifact } from "hardhat/types/artifacts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { buildInput, deploymentArtifacts } from "./artifacts.ts";
import { placesOf } from "./checkCode.ts";

/**
 * Writes what others need of a deployment besides its record, to `<chainId>.verification`: `abi.json`, the contract's whole
 * ABI; `combined.abi.json`, that of all its contracts together; `contracts.json`, for each contract of ours its address, name in the sources, constructor arguments, compiler and the
 * file of its input; and each input once, the standard JSON that an explorer compiles. The timelock is OpenZeppelin's own build.
 *
 * @throws TonsorError BAD_FILE when the contracts are not compiled here
 */
export function writeVerification(folder: string, deployment: Deployment): void {
  const into = join(folder, `${deployment.chainId}.verification`);
  mkdirSync(into, { recursive: true });
  const write = (name: string, content: unknown, indent?: number) =>
    writeFileSync(join(into, name), `${JSON.stringify(content, null, indent)}\n`);
  const inputs = new Map<string, string>();
  const places = placesOf(deployment);
  const contracts = places.flatMap(({ name, artifact, address, constructorArguments }) => {
    if (name === "timelock") return [];
    const { contractName, inputSourceName, buildInfoId = "" } = artifact;
    const { input, solcLongVersion } = buildInput(artifact);
    if (!inputs.has(buildInfoId)) {
      inputs.set(buildInfoId, `input-${inputs.size + 1}.json`);
      write(inputs.get(buildInfoId) ?? "", input);
    }
    const source = `${inputSourceName}:${contractName}`;
    const compiler = `v${solcLongVersion.replace(/^v/, "").replace(/\.Emscripten.*$/, "")}`;
    return [{ name, address, source, compiler, constructorArguments, input: inputs.get(buildInfoId) }];
  });
  write("contracts.json", contracts, 2);
  write("abi.json", deploymentArtifacts().contract.abi, 2);
  write("combined.abi.json", combinedAbi(places.map(({ artifact }) => artifact)), 2);
}

/** Whatever can be called, emitted or refused anywhere in a deployment, each once, without constructors. */
function combinedAbi(artifacts: readonly Artifact[]): unknown[] {
  const items = new Map<string, unknown>();
  for (const { abi } of artifacts) {
    for (const fragment of new Interface(abi).fragments) {
      if (fragment.type !== "constructor") items.set(fragment.format("sighash"), JSON.parse(fragment.format("json")));
    }
  }
  return [...items.values()];
}
