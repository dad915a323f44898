import { Interface, type JsonRpcProvider, type Result, toBeHex } from "ethers";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { AAVE_V4_ABI, type Power, powersOf, readLendersAt } from "./aaveV4.ts";
import { adapterArtifact, deploymentArtifacts } from "./artifacts.ts";
import { type Ask, askBy, builtWith, checkBuilt, logsSince } from "./built.ts";
import { beside, type Check, compare, setOf } from "./compare.ts";

type Lender = Extract<NonNullable<Deployment["lenders"]>[number], { kind: "aave-v4" }>;

/** Returns the comparison of an Aave v4 agent with what it was built with, of its powers, and of each market's numbers. */
export async function checkAaveV4(provider: JsonRpcProvider, deployment: Deployment, lender: Lender): Promise<Check[]> {
  const ask = askBy(provider);
  const { name, agent } = lender;
  const built = builtWith(adapterArtifact("AaveV4Agent").abi, agent.constructorArguments);
  const powers = await powersOf(ask, agent.address, built);
  return [
    ...(await checkAgentV4(provider, deployment, lender)),
    ...powers.map(({ name: power, role, stands, delaySeconds }) => {
      const late = `${delaySeconds} s after it is scheduled, which the agent cannot do: its role has an execution delay`;
      const found = stands ? "at once" : delaySeconds > 0 ? late : "not allowed";
      return compare(`${name} ${power} by the agent, role ${role}`, "at once", found);
    }),
    ...(await checkOthers(provider, ask, lender, powers)),
    ...(await checkNumbers(provider, ask, deployment, lender)),
  ];
}

/** Returns the comparison of all that an agent was built with and reads; its code is checkCode's. */
export async function checkAgentV4(
  provider: JsonRpcProvider,
  { contract, adapters = [] }: Deployment,
  { name, agent, spoke, hub }: Lender,
): Promise<Check[]> {
  const abi = new Interface(adapterArtifact("AaveV4Agent").abi);
  const built = builtWith(abi, agent.constructorArguments);
  const stable = adapters.find((each) => each.contract === "CurrentParameters");
  return [
    compare(`agent of ${name} is for the spoke`, spoke, built.get("spoke")),
    compare(`agent of ${name} is for the hub`, hub, built.get("hub")),
    ...(await checkBuilt(askBy(provider), `agent of ${name}`, agent.address, abi, built, contract, stable)),
  ];
}

/** Who else has a role of the agent's is a warning and governance's business. */
async function checkOthers(
  provider: JsonRpcProvider,
  ask: Ask,
  { name, fromBlock, agent }: Lender,
  powers: readonly Power[],
): Promise<Check[]> {
  const others = new Set<string>();
  const granted = AAVE_V4_ABI.getEvent("RoleGranted")?.topicHash ?? null;
  for (const manager of new Set(powers.map((power) => power.manager))) {
    const roles = powers.filter((power) => power.manager === manager).map(({ role }) => toBeHex(role, 32));
    for (const log of await logsSince(provider, manager, [granted, [...new Set(roles)]], fromBlock)) {
      const [roleId, account] = (AAVE_V4_ABI.parseLog(log)?.args ?? []) as unknown as [bigint, string];
      const [isMember] = (await ask(manager, AAVE_V4_ABI, "hasRole", roleId, account)) as [boolean, bigint];
      if (isMember && account !== agent.address) others.add(account);
    }
  }
  const why = others.size === 0 ? null : "they may set what the agent sets";
  return [compare(`${name} roles of the agent by others since block ${fromBlock}`, setOf(others), setOf(others), why)];
}

/** The newest configuration's factor and the add cap beside the contract's numbers; looser without a reason is an error. */
async function checkNumbers(
  provider: JsonRpcProvider,
  ask: Ask,
  deployment: Deployment,
  lender: Lender,
): Promise<Check[]> {
  const { name } = lender;
  const block = await provider.getBlockNumber();
  const parameters = new Interface(deploymentArtifacts().contract.abi);
  const checks: Check[] = [];
  for (const { market, has, collateral, cap, fault } of await readLendersAt(
    provider,
    { ...deployment, lenders: [lender] },
    block,
  )) {
    const { id } = deployment.markets.find((each) => each.name === market) as Deployment["markets"][number];
    if (has === null) {
      checks.push(compare(`${name} ${market} answers`, "as a reserve", fault?.detail));
      continue;
    }
    const [, says] = (await ask(deployment.contract.address, parameters, "tryHaircuts(uint16)", id)) as [
      boolean,
      Result,
    ];
    const [limit] = (await ask(deployment.contract.address, parameters, "exposureLimit", id)) as [bigint, boolean];
    const due = (changes: boolean | undefined) => {
      if (changes === undefined) return `the agent refuses: ${fault?.detail}`;
      return changes ? "a synchronisation is due, which anyone may send" : null;
    };
    const [ltvBps, most] = [10_000 - Number(says["initialBps"]), Math.max(1, Number(limit))];
    const lower = "the data are old, Aave holds the reserve, the bonus bounds it, or it is less than the least rise";
    const supplyCap = has.supplyCap ?? Number.POSITIVE_INFINITY;
    const capLower = supplyCap < most ? "Aave's own cap is lower, or it may not grow now" : null;
    checks.push(
      beside(
        `${name} ${market} newest factor, bp`,
        ltvBps,
        has.ltvBps,
        due(collateral?.changes) ?? (has.ltvBps < ltvBps ? lower : null),
      ),
      beside(`${name} ${market} add cap, tokens`, most, supplyCap, due(cap?.changes) ?? capLower),
    );
  }
  return checks;
}
