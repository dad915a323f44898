import { Interface, id, type JsonRpcProvider, type Result } from "ethers";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { AAVE_ABI, reserveOf } from "./aaveMarket.ts";
import { adapterArtifact, deploymentArtifacts } from "./artifacts.ts";
import { type Ask, askBy, builtWith, checkBuilt, logsSince } from "./built.ts";
import { checkAaveV4 } from "./checkAaveV4.ts";
import { beside, type Check, compare, setOf } from "./compare.ts";

type Lender = Extract<NonNullable<Deployment["lenders"]>[number], { kind: "aave-v3" }>;
type Agent = NonNullable<Lender["agent"]>;
const RISK_ADMIN = id("RISK_ADMIN");

/**
 * Returns the comparison of adapters and agents with what they were built with, of what they read with the contract, of the role
 * at each lender, and of each lender's numbers with the contract's: where they differ, the warning says why.
 */
export async function checkLenders(provider: JsonRpcProvider, deployment: Deployment): Promise<Check[]> {
  const ask = askBy(provider);
  const checks: Check[] = [];
  const { contract, timelock, adapters = [], lenders = [] } = deployment;
  const stable = adapters.find((each) => each.contract === "CurrentParameters");
  for (const { name, contract: kind, address, constructorArguments } of adapters) {
    const { abi } = adapterArtifact(kind);
    const built = builtWith(abi, constructorArguments);
    if (kind === "CurrentParameters") {
      checks.push(
        compare(`${name} current`, contract.address, await ask(address, new Interface(abi), "current")),
        compare(`${name} owner`, timelock.address, await ask(address, new Interface(abi), "owner")),
      );
    } else checks.push(...(await checkBuilt(ask, name, address, new Interface(abi), built, contract, stable)));
  }
  for (const lender of lenders) {
    if (lender.kind === "morpho-blue") continue;
    const check = () =>
      lender.kind === "aave-v3" ? checkLender(provider, deployment, lender) : checkAaveV4(provider, deployment, lender);
    try {
      checks.push(...(await check()));
    } catch (failure) {
      // A lender that does not answer hides nothing of the rest.
      const { shortMessage } = failure as { shortMessage?: string };
      const why = shortMessage ?? (failure instanceof Error ? failure.message : String(failure));
      checks.push(
        compare(
          `${lender.name} answers`,
          `as an ${lender.kind === "aave-v3" ? "Aave v3 market" : "Aave v4 spoke"}`,
          why,
        ),
      );
    }
  }
  return checks;
}

async function checkLender(provider: JsonRpcProvider, deployment: Deployment, lender: Lender): Promise<Check[]> {
  const { name, agent } = lender;
  const ask = askBy(provider);
  const pool = String(await ask(lender.provider, AAVE_ABI, "getPool"));
  if (agent === null) return [compare(`${name} pool`, lender.pool, pool)];
  const checks = await checkAgent(provider, deployment, { ...lender, agent });
  checks.push(...(await checkRole(provider, ask, lender, agent)));
  for (const id of lender.markets) checks.push(...(await checkNumbers(ask, deployment, { name, pool }, agent, id)));
  return checks;
}

/** Returns the comparison of a lender's pool and of all that its agent was built with and reads; its code is checkCode's. */
export async function checkAgent(
  provider: JsonRpcProvider,
  { contract, adapters = [] }: Deployment,
  { name, provider: at, pool, agent }: Lender & { readonly agent: Agent },
): Promise<Check[]> {
  const ask = askBy(provider);
  const abi = new Interface(adapterArtifact("AaveV3Agent").abi);
  const built = builtWith(abi, agent.constructorArguments);
  const stable = adapters.find((each) => each.contract === "CurrentParameters");
  return [
    compare(`${name} pool`, pool, await ask(at, AAVE_ABI, "getPool")),
    compare(`agent of ${name} provider`, at, built.get("provider")),
    ...(await checkBuilt(ask, `agent of ${name}`, agent.address, abi, built, contract, stable)),
  ];
}

/** RISK_ADMIN is held by the agent; who else holds it is a warning and governance's business. */
async function checkRole(provider: JsonRpcProvider, ask: Ask, lender: Lender, agent: Agent): Promise<Check[]> {
  const { name, fromBlock, provider: at } = lender;
  const acl = String(await ask(at, AAVE_ABI, "getACLManager"));
  const topics = [AAVE_ABI.getEvent("RoleGranted")?.topicHash ?? null, RISK_ADMIN];
  const logs = await logsSince(provider, acl, topics, fromBlock);
  const granted = new Set<string>(logs.map((log) => AAVE_ABI.parseLog(log)?.args["account"]));
  const others: string[] = [];
  for (const account of granted) {
    if (account !== agent.address && (await ask(acl, AAVE_ABI, "isRiskAdmin", account))) others.push(account);
  }
  const held = (await ask(acl, AAVE_ABI, "isRiskAdmin", agent.address)) === true ? "held" : "not held";
  const why = others.length === 0 ? null : "they may set what the agent sets";
  return [
    compare(`${name} RISK_ADMIN of the agent`, "held", held),
    compare(`${name} RISK_ADMIN of others since block ${fromBlock}`, setOf(others), setOf(others), why),
  ];
}

/** A reserve's numbers beside the contract's. They may differ for a reason, which is named; looser without one is an error. */
async function checkNumbers(
  ask: Ask,
  { contract, markets }: Deployment,
  { name, pool }: Pick<Lender, "name"> & { readonly pool: string },
  { address }: Agent,
  marketId: number,
): Promise<Check[]> {
  const market = markets.find((each) => each.id === marketId);
  if (market === undefined) return [compare(`${name} market ${marketId}`, "in the record", "not in the record")];
  const agentAbi = new Interface(adapterArtifact("AaveV3Agent").abi);
  const asset = market.collateral;
  const parameters = new Interface(deploymentArtifacts().contract.abi);
  const [, says] = (await ask(contract.address, parameters, "tryHaircuts(uint16)", marketId)) as [boolean, Result];
  const [limit, mayGrow] = (await ask(contract.address, parameters, "exposureLimit", marketId)) as [bigint, boolean];
  const reserve = reserveOf((await ask(pool, AAVE_ABI, "getConfiguration", asset)) as bigint);
  const preview = async (method: string, last: number) => {
    try {
      const answer = (await ask(address, agentAbi, method, asset)) as Result;
      return answer[last] === true ? "a synchronisation is due, which anyone may send" : null;
    } catch (failure) {
      const data = (failure as { data?: string }).data ?? "";
      return `the agent refuses: ${(data.length < 10 ? null : agentAbi.parseError(data))?.name ?? "without a reason"}`;
    }
  };
  const held = await preview("preview", 2);
  const capHeld = await preview("previewSupplyCap", 1);
  const threshold =
    "it walks in steps, keeps its gap, stops at the bonus, and waits while the data are old or the market is closed";
  const lower = "it keeps its gap to the threshold, and only falls while the data are old";
  const cap = mayGrow ? "Aave's own cap is lower" : "it may not grow now";
  const line = (what: string, wanted: number, found: number, why: string | null) =>
    beside(`${name} ${market.name} ${what}`, wanted, found, why);
  const [ltvBps, most] = [10_000 - Number(says["initialBps"]), Math.max(1, Number(limit))];
  // In Aave 0 is no cap at all.
  const supplyCap = reserve.supplyCap === 0 ? Number.POSITIVE_INFINITY : reserve.supplyCap;
  return [
    line("LTV, bp", ltvBps, reserve.ltvBps, held ?? (reserve.ltvBps < ltvBps ? lower : null)),
    line("liquidation threshold, bp", 10_000 - Number(says["maintenanceBps"]), reserve.thresholdBps, held ?? threshold),
    line("supply cap, tokens", most, supplyCap, capHeld ?? (supplyCap < most ? cap : null)),
  ];
}
