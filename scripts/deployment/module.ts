import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Artifact } from "hardhat/types/artifacts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { DeploymentPlan } from "./plan.ts";

/** Names under which Ignition's journal keeps the two contracts. */
export const FUTURES = { timelock: "Tonsor#TimelockController", contract: "Tonsor#CollateralParameters" } as const;

/** Returns OpenZeppelin's timelock as OpenZeppelin compiled it, and our contract as Hardhat did. */
export function deploymentArtifacts(): { timelock: Artifact; contract: Artifact } {
  const require = createRequire(import.meta.url);
  const ours = new URL("../../artifacts/contracts/CollateralParameters.sol/CollateralParameters.json", import.meta.url);
  return {
    timelock: read(require.resolve("@openzeppelin/contracts/build/contracts/TimelockController.json"), "run `npm ci`"),
    contract: read(fileURLToPath(ours), "compile first: `npm run build`"),
  };
}

/** Constructor arguments of the timelock. Its admin is nobody: only the timelock itself can change its roles. */
export function timelockArguments({ timelock }: DeploymentPlan): [number, string[], string[], string] {
  return [timelock.delaySeconds, timelock.proposers, timelock.executors, `0x${"0".repeat(40)}`];
}

/** Constructor arguments of the contract after `governance`. */
export function contractArguments({ keeper, guardian, markets }: DeploymentPlan) {
  const listings = markets.map(({ collateral, debt, initialBps, maintenanceBps, limits }) => ({
    collateral: collateral as string,
    debt: debt as string,
    initialBps,
    maintenanceBps,
    limits,
  }));
  return [keeper as string, guardian as string, listings] as const;
}

/**
 * Returns what Ignition deploys: the timelock, then the contract with the timelock as governance. Two transactions;
 * every role is given in the constructors, so the deployer never holds one.
 */
export function tonsorModule(plan: DeploymentPlan) {
  const artifacts = deploymentArtifacts();
  return buildModule("Tonsor", (m) => {
    const timelock = m.contract("TimelockController", artifacts.timelock, timelockArguments(plan));
    const contract = m.contract("CollateralParameters", artifacts.contract, [timelock, ...contractArguments(plan)]);
    return { timelock, contract };
  });
}

function read(file: string, advice: string): Artifact {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Artifact;
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `no compiled contract at ${file}`, { expected: advice }, cause);
  }
}
