import { id } from "ethers";
import type { Deployment } from "../../../keeper/protocols/deployment.ts";
import { type SafeBatch, safeBatch } from "../../../keeper/protocols/safeBatch.ts";
import { AAVE_ABI } from "../../deploy/aaveMarket.ts";
import { callOf, setupIntent } from "../actions.ts";
import type { Facts } from "../facts.ts";
import { type Transaction, timelockForms } from "../proposal.ts";
import type { LenderFacts } from "./facts.ts";

/** One thing to send, as calldata and as a file for a Safe. */
export type Step = {
  readonly name: string;
  readonly transactions: readonly Transaction[];
  readonly safe: SafeBatch;
};

/** A call of the lender's governance, and what it says. */
export type Act = Transaction & { readonly says: string };

/**
 * What gives the agent its role. Where the deployment's own timelock governs the lender, too, and has not completed the
 * deployment yet, that is in the same proposal.
 */
export function actsOf(lender: LenderFacts, deployment: Deployment, facts: Facts, isSetUp: boolean): readonly Act[] {
  const data = AAVE_ABI.encodeFunctionData("addRiskAdmin", [lender.agent]);
  const role: Act[] = lender.hasRole
    ? []
    : [
        {
          to: lender.acl,
          data,
          says: `ACLManager.addRiskAdmin(${lender.agent}): the agent becomes risk admin at ${lender.name}`,
        },
      ];
  if (isSetUp || BigInt(lender.admin) !== BigInt(deployment.timelock.address)) return role;
  const setup = setupIntent(deployment).actions.map((action) => {
    const { to, name, data: call } = callOf(action, facts, deployment);
    return { to, data: call, says: `${name} of ${to}, which completes the deployment` };
  });
  return [...setup, ...role];
}

/** What takes the role away and puts the reserves back to what they are today. */
export function undoOf({ acl, agent, configurator, markets }: LenderFacts): readonly Act[] {
  const act = (to: string, name: string, args: readonly unknown[], says: string): Act => {
    return { to, data: AAVE_ABI.encodeFunctionData(name, args), says };
  };
  return [
    act(acl, "removeRiskAdmin", [agent], `ACLManager.removeRiskAdmin(${agent}): the agent can set nothing any more`),
    ...markets.flatMap(({ name, asset, now, end }) => {
      const { ltvBps, thresholdBps, bonusBps, supplyCap } = now;
      const lowered = end.thresholdBps - thresholdBps;
      const warning =
        lowered > 0
          ? `; where the threshold has risen this lowers it by up to ${lowered} bp at once, for open loans, too`
          : "";
      const args = [asset, ltvBps, thresholdBps, bonusBps];
      return [
        act(
          configurator,
          "configureReserveAsCollateral",
          args,
          `${name}: LTV ${ltvBps}, threshold ${thresholdBps} bp${warning}`,
        ),
        act(configurator, "setSupplyCap", [asset, supplyCap], `${name}: supply cap ${supplyCap || "none"}`),
      ];
    }),
  ];
}

/** The steps of a proposal: a timelock's two, or one batch of whoever acts at once; none where there is nothing to do. */
export function stepsOf(
  title: string,
  acts: readonly Act[],
  { admin, delaySeconds, time }: Pick<LenderFacts, "admin" | "delaySeconds" | "time">,
  chainId: number,
  salt = id(title),
): readonly Step[] {
  if (acts.length === 0) return [];
  const about = { chainId, time, description: acts.map(({ says }) => says).join("\n") };
  const step = (name: string, transactions: readonly Transaction[]): Step => {
    return { name, transactions, safe: safeBatch(`${title}: ${name}`, about, transactions) };
  };
  const plain = acts.map(({ to, data }) => ({ to, data }));
  if (delaySeconds === null) return [step("execute", plain)];
  const forms = timelockForms(acts, salt, delaySeconds, admin);
  return [step("schedule", [forms.schedule]), step("execute", [forms.execute])];
}
