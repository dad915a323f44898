import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { ZeroAddress, ZeroHash } from "ethers";
import { NO_SEQUENCER } from "../../keeper/domain/contract.ts";
import { deploymentArtifacts, linkedLibraries } from "./artifacts.ts";
import type { DeploymentPlan } from "./planSchema.ts";
import { isAddressOf, SETUP_SALT, type SetupArgument, type SetupTarget, setupCalls } from "./setup.ts";

const MODULE = "Tonsor";

type Builder = Parameters<Parameters<typeof buildModule>[1]>[0];

/** Names under which Ignition's journal keeps what it created. */
export const FUTURES = {
  timelock: `${MODULE}#TimelockController`,
  contract: `${MODULE}#CollateralParameters`,
  quorum: `${MODULE}#QuorumDoor`,
  challenge: `${MODULE}#Challenge`,
  listing: `${MODULE}#ListingGate`,
  library: (name: string) => `${MODULE}#${name}`,
};

/** What each constructor is given besides addresses of other contracts. */
export function timelockArguments(
  { timelock }: DeploymentPlan,
  setUpAtOnce: boolean,
): [number, string[], string[], string] {
  // Its admin is nobody: only the timelock itself can change its roles.
  return [setUpAtOnce ? 0 : timelock.delaySeconds, timelock.proposers, timelock.executors, ZeroAddress];
}

export function contractArguments({ profiles, sequencer, classes, markets }: DeploymentPlan) {
  return [
    profiles.map((profile) => ({ ...profile })),
    { ...(sequencer ?? NO_SEQUENCER) },
    classes.map(({ id, limits }) => ({ classId: id, limits: { ...limits } })),
    markets.map(({ collateral, debt, classId, group, initialBps, maintenanceBps }) => ({
      collateral: collateral as string,
      debt: debt as string,
      ...{ classId, group, initialBps, maintenanceBps },
    })),
  ] as const;
}

export function quorumArguments({ threshold, signers }: NonNullable<DeploymentPlan["quorum"]>): [number, string[]] {
  return [threshold, [...signers]];
}

/**
 * Returns what Ignition deploys, one transaction after the other so that addresses are the same whenever it is
 * interrupted: timelock, libraries, the signer quorum, the contract with the timelock as governance, the other gateways.
 * Every role that a constructor can give is given there; the rest is for the timelock alone (setup.ts). The deployer
 * never holds one.
 *
 * With `setUpAtOnce` the plan's first proposer, account 1 of the network, schedules and executes that rest itself, while
 * the timelock still has no delay; the last call gives it the plan's.
 */
export function tonsorModule(plan: DeploymentPlan, setUpAtOnce: boolean) {
  const artifacts = deploymentArtifacts();
  return buildModule(MODULE, (m) => {
    const timelock = m.contract("TimelockController", artifacts.timelock, timelockArguments(plan, setUpAtOnce));
    let after: ReturnType<typeof m.contract>[] = [timelock];
    const libraries: Record<string, ReturnType<typeof m.library>> = {};
    for (const { name } of linkedLibraries(artifacts.contract)) {
      const library = m.library(name, artifacts.libraries[name] as never, { after });
      libraries[name] = library;
      after = [library as never];
    }
    const quorum =
      plan.quorum === null ? null : m.contract("QuorumDoor", artifacts.quorum, quorumArguments(plan.quorum), { after });
    const contract = m.contract(
      "CollateralParameters",
      artifacts.contract,
      [timelock, plan.keeper, quorum ?? ZeroAddress, plan.guardian, ...contractArguments(plan)] as never,
      { libraries: libraries as never, after: quorum === null ? after : [quorum] },
    );
    const challenge = m.contract("Challenge", artifacts.challenge, [contract, timelock, plan.challenge.dailyLimit]);
    const listing = m.contract("ListingGate", artifacts.listing, [contract, timelock], { after: [challenge] });
    if (setUpAtOnce) setUp(m, plan, { timelock, contract, challenge, listing });
    return { timelock, contract, challenge, listing };
  });
}

type Deployed = Readonly<Record<SetupTarget, ReturnType<Builder["contract"]>>>;

/** Has account 1 schedule and execute the setup as one operation of a timelock without delay. */
function setUp(m: Builder, plan: DeploymentPlan, deployed: Deployed): void {
  const resolved = (arg: SetupArgument) => (isAddressOf(arg) ? deployed[arg.addressOf] : arg);
  const calls = setupCalls(plan, true).map(({ target, name, args }, index) => ({
    target: deployed[target],
    data: m.encodeFunctionCall(deployed[target], name, args.map(resolved) as never, { id: `setup${index}` }),
  }));
  const batch = [calls.map(({ target }) => target), calls.map(() => 0n), calls.map(({ data }) => data)];
  const rest = [ZeroHash, SETUP_SALT];
  const from = m.getAccount(1);
  const schedule = [...batch, ...rest, 0n] as never;
  const scheduled = m.call(deployed.timelock, "scheduleBatch", schedule, { from, after: [deployed.listing] });
  m.call(deployed.timelock, "executeBatch", [...batch, ...rest] as never, { from, after: [scheduled] });
}
