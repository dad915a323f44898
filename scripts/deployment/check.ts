import { Contract, JsonRpcProvider, keccak256 } from "ethers";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { deploymentArtifacts } from "./artifacts.ts";
import { checkMarkets } from "./checkMarkets.ts";
import { type CreationBlocks, checkRoles } from "./checkRoles.ts";
import { type Check, compare } from "./compare.ts";

/**
 * Returns every comparison of a deployment record with the chain, agreeing ones too, in a fixed order. When chain id or
 * code differ, or a creating transaction is not there, nothing else can be asked in earnest, and the list ends there.
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
    const places = await checkPlaces(provider, deployment);
    const checks = [...identity, ...places.checks];
    // A wrong block in the file must not hide events: only the chain says where to start reading them.
    if (places.blocks === null) return checks;
    checks.push(await checkDelay(provider, deployment));
    checks.push(...(await checkRoles(provider, deployment, places.blocks)));
    checks.push(...(await checkMarkets(provider, deployment, places.blocks.contract)));
    return checks;
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

/** How both contracts were created, and in which blocks; null when that cannot be said. */
async function checkPlaces(
  provider: JsonRpcProvider,
  deployment: Deployment,
): Promise<{ checks: Check[]; blocks: CreationBlocks | null }> {
  const checks: Check[] = [];
  const blocks: number[] = [];
  for (const name of ["contract", "timelock"] as const) {
    const { transaction, address, block, constructorArguments } = deployment[name];
    const [sent, receipt] = await Promise.all([
      provider.getTransaction(transaction),
      provider.getTransactionReceipt(transaction),
    ]);
    const created = receipt?.contractAddress ?? "no such transaction";
    if (receipt !== null && created === address) blocks.push(receipt.blockNumber);
    checks.push(
      compare(`${name} created by its transaction`, address, created),
      compare(`${name} block`, block, receipt?.blockNumber ?? "none"),
      compare(`${name} deployer`, deployment.deployer, sent?.from ?? "none"),
      compare(
        `${name} constructor arguments`,
        keccak256(constructorArguments),
        sent === null ? "none" : keccak256(lastBytes(sent.data, constructorArguments)),
      ),
    );
  }
  const [contract, timelock] = blocks;
  return { checks, blocks: contract === undefined || timelock === undefined ? null : { contract, timelock } };
}

async function checkDelay(provider: JsonRpcProvider, { timelock }: Deployment): Promise<Check> {
  const asked = new Contract(timelock.address, deploymentArtifacts().timelock.abi, provider);
  return compare("timelock delay, s", timelock.delaySeconds, await asked.getFunction("getMinDelay")());
}

function lastBytes(data: string, like: string): string {
  return `0x${data.slice(data.length - (like.length - 2))}`;
}
