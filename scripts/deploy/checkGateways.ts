import { Contract, type JsonRpcProvider, type Result } from "ethers";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { deploymentArtifacts } from "./artifacts.ts";
import { type Check, compare } from "./compare.ts";

/** Returns the comparison of what each gateway was built with, who owns it, and which feeds Challenge reads. */
export async function checkGateways(provider: JsonRpcProvider, deployment: Deployment): Promise<Check[]> {
  const { gateways, timelock, contract, markets } = deployment;
  const artifacts = deploymentArtifacts();
  const at = (name: "quorum" | "challenge" | "listing", address: string) => {
    const gateway = new Contract(address, artifacts[name].abi, provider);
    return async (method: string, ...args: unknown[]) => await gateway.getFunction(method)(...args);
  };
  const checks: Check[] = [];
  if (gateways.quorum !== null) {
    const ask = at("quorum", gateways.quorum.address);
    checks.push(
      compare("quorum threshold", gateways.quorum.threshold, await ask("threshold")),
      compare("quorum signers", gateways.quorum.signers.join(" "), [...(await ask("signers"))].join(" ")),
    );
  }
  const challenge = at("challenge", gateways.challenge.address);
  const listing = at("listing", gateways.listing.address);
  checks.push(
    compare("challenge dailyLimit", gateways.challenge.dailyLimit, await challenge("dailyLimit")),
    compare("challenge parameters", contract.address, await challenge("parameters")),
    compare("challenge owner", timelock.address, await challenge("owner")),
    compare("listing parameters", contract.address, await listing("parameters")),
    compare("listing owner", timelock.address, await listing("owner")),
  );
  for (const { id, name, feeds } of markets) {
    const found: Result = await challenge("feedsOf", id);
    for (const [key, value] of Object.entries(feeds ?? { maxDivergenceBps: 0, maxMoveBps: 0 })) {
      checks.push(compare(`challenge market ${id} ${name} ${key}`, value, found[key]));
    }
  }
  return checks;
}
