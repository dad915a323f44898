import { Contract, JsonRpcProvider, keccak256 } from "ethers";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { checkMarkets } from "./checkMarkets.ts";
import { checkRoles } from "./checkRoles.ts";
import { type Check, compare } from "./compare.ts";
import { deploymentArtifacts } from "./module.ts";

/**
 * Returns every comparison of a deployment record with the chain, agreeing ones too, in a fixed order. When chain id or
 * code differ, nothing else can be asked in earnest, and the list ends there.
 *
 * @throws TonsorError RPC_FAILED when the endpoint does not answer.
 */
export async function checkDeployment(rpcUrl: string, deployment: Deployment): Promise<Check[]> {
  const provider = new JsonRpcProvider(rpcUrl, deployment.chainId, { staticNetwork: true, cacheTimeout: -1 });
  try {
    const chainId = Number(await provider.send("eth_chainId", []));
    const identity = [compare("chain id", deployment.chainId, chainId)];
    if (chainId === deployment.chainId) {
      for (const name of ["contract", "timelock"] as const) identity.push(await checkCode(provider, deployment, name));
    }
    if (!identity.every(({ agrees }) => agrees)) return identity;
    return [
      ...identity,
      ...(await checkPlace(provider, deployment)),
      ...(await checkRoles(provider, deployment)),
      ...(await checkMarkets(provider, deployment)),
    ];
  } catch (cause) {
    if (cause instanceof TonsorError) throw cause;
    throw new TonsorError("RPC_FAILED", "the chain could not be compared with the record", {}, cause);
  } finally {
    provider.destroy();
  }
}

async function checkCode(
  provider: JsonRpcProvider,
  deployment: Deployment,
  name: "contract" | "timelock",
): Promise<Check> {
  const { address, bytecodeHash } = deployment[name];
  const code = await provider.getCode(address);
  return compare(`${name} code hash`, bytecodeHash, code === "0x" ? "no code" : keccak256(code));
}

async function checkPlace(provider: JsonRpcProvider, deployment: Deployment): Promise<Check[]> {
  const checks: Check[] = [];
  for (const name of ["contract", "timelock"] as const) {
    const { transaction, address, block, constructorArguments } = deployment[name];
    const [sent, receipt] = await Promise.all([
      provider.getTransaction(transaction),
      provider.getTransactionReceipt(transaction),
    ]);
    checks.push(
      compare(`${name} created by its transaction`, address, receipt?.contractAddress ?? "no such transaction"),
      compare(`${name} block`, block, receipt?.blockNumber ?? "none"),
      compare(`${name} deployer`, deployment.deployer, sent?.from ?? "none"),
      compare(
        `${name} constructor arguments`,
        keccak256(constructorArguments),
        sent === null ? "none" : keccak256(lastBytes(sent.data, constructorArguments)),
      ),
    );
  }
  const timelock = new Contract(deployment.timelock.address, deploymentArtifacts().timelock.abi, provider);
  const delay = await timelock.getFunction("getMinDelay")();
  checks.push(compare("timelock delay, s", deployment.timelock.delaySeconds, delay));
  return checks;
}

function lastBytes(data: string, like: string): string {
  return `0x${data.slice(data.length - (like.length - 2))}`;
}
