import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { ZeroAddress, ZeroHash } from "ethers";
import { POWERS } from "../../keeper/domain/contract.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { type DeployedName, deploymentArtifacts } from "./artifacts.ts";
import type { DeploymentPlan } from "./planSchema.ts";
import { isAddressOf, SETUP_SALT, type SetupArgument, type SetupTarget, setupCalls } from "./setup.ts";

const MODULE = "Tonsor";

type Builder = Parameters<Parameters<typeof buildModule>[1]>[0];
type Future = ReturnType<Builder["contract"]>;
type Account = Deployment["accounts"][number];

/** Names under which Ignition's journal keeps what it created. */
export const FUTURES: Readonly<Record<DeployedName, string>> = {
  timelock: `${MODULE}#TimelockController`,
  contract: `${MODULE}#Parameters`,
  quorum: `${MODULE}#SignerQuorum`,
  challenge: `${MODULE}#Challenge`,
  listing: `${MODULE}#ListingGate`,
};

/** What each constructor is given besides addresses of other contracts. */
export function timelockArguments(
  { timelock }: DeploymentPlan,
  setUpAtOnce: boolean,
): [number, string[], string[], string] {
  // Its admin is nobody: only the timelock itself can change its roles.
  return [setUpAtOnce ? 0 : timelock.delaySeconds, timelock.proposers, timelock.executors, ZeroAddress];
}

export function quorumArguments({ threshold, signers }: NonNullable<DeploymentPlan["quorum"]>): [number, string[]] {
  return [threshold, [...signers]];
}

/** The accounts that the contract's constructor admits; `quorum` is the gateway, null without one. */
export function firstAccounts<Gateway>({ keeper, guardian, budgets }: DeploymentPlan, quorum: Gateway | null) {
  const none = { aggregateBps: 0, tripBps: 0 };
  const accounts: (Omit<Account, "account"> & { readonly account: Account["account"] | Gateway })[] = [
    { account: keeper, power: "HOT", ...budgets.hot },
    { account: guardian, power: "GUARDIAN", ...none },
  ];
  return quorum === null ? accounts : [...accounts, { account: quorum, power: "QUORUM" as const, ...budgets.quorum }];
}

/** What the contract's constructor is given after the address of governance. */
export function contractArguments<Gateway>(plan: DeploymentPlan, quorum: Gateway | null) {
  return [
    firstAccounts(plan, quorum).map(({ power, ...account }) => ({ ...account, power: POWERS.indexOf(power) })),
    plan.classes.map(({ id, limits }) => ({ classId: id, limits: { ...limits } })),
    plan.markets.map(({ name: _, feeds: __, ...listing }) => listing),
  ] as const;
}

/**
 * Returns what Ignition deploys, one transaction after the other so that addresses are the same whenever it is
 * interrupted: timelock, the signer quorum, the contract with the timelock as its owner, the other gateways. Every power
 * that the constructor can give is given there; the rest is for the timelock alone (setup.ts). The deployer never holds one.
 *
 * With `setUpAtOnce` the plan's first proposer, account 1 of the network, schedules and executes that rest itself, while
 * the timelock still has no delay; the last call gives it the plan's.
 */
export function tonsorModule(plan: DeploymentPlan, setUpAtOnce: boolean) {
  const artifacts = deploymentArtifacts();
  return buildModule(MODULE, (m) => {
    const timelock = m.contract("TimelockController", artifacts.timelock, timelockArguments(plan, setUpAtOnce));
    const after = [timelock];
    const quorum =
      plan.quorum === null
        ? null
        : m.contract("SignerQuorum", artifacts.quorum, quorumArguments(plan.quorum), { after });
    const args = [timelock, ...contractArguments<Future>(plan, quorum)];
    const contract = m.contract("Parameters", artifacts.contract, args as never, { after });
    const challenge = m.contract("Challenge", artifacts.challenge, [contract, timelock, plan.challenge.dailyLimit]);
    const listing = m.contract("ListingGate", artifacts.listing, [contract, timelock], { after: [challenge] });
    if (setUpAtOnce) setUp(m, plan, { timelock, contract, challenge, listing });
    return { timelock, contract, challenge, listing };
  });
}

type Deployed = Readonly<Record<SetupTarget, Future>>;

/** Has account 1 schedule and execute the setup as one operation of a timelock without delay. */
function setUp(m: Builder, plan: DeploymentPlan, deployed: Deployed): void {
  const resolved = (arg: SetupArgument) => {
    if (typeof arg !== "object") return arg;
    const entries = Object.entries(arg);
    return Object.fromEntries(entries.map(([key, v]) => [key, isAddressOf(v) ? deployed[v.addressOf] : v]));
  };
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
