import { Contract, Interface, type Signer } from "ethers";
import hre from "hardhat";

/**
 * The contract at `address` with all it answers: its own functions, its module's, and its roles.
 * Both artifacts must be compiled.
 */
export async function parametersContract(address: string, signer: Signer): Promise<Contract> {
  const [core, module] = await Promise.all(["IParametersCore", "ParametersModule"].map(abiOf));
  return new Contract(address, new Interface([...(core ?? []), ...(module ?? [])]), signer);
}

async function abiOf(name: string) {
  const { abi } = await hre.artifacts.readArtifact(name);
  return abi.filter((entry: { type: string }) => entry.type !== "constructor");
}
