import { id } from "ethers";
import type { DeploymentPlan } from "./planSchema.ts";

/** Salt of the timelock operation that completes a deployment: one per timelock. */
export const SETUP_SALT = id("Tonsor setup");

/** Contracts that the setup speaks to or of. */
export type SetupTarget = "timelock" | "contract" | "challenge" | "listing";

type Plain = bigint | number | string;
export type SetupArgument = Plain | { readonly addressOf: SetupTarget } | { readonly [field: string]: Plain };

/** One call of the timelock, with contracts by their name instead of their address. */
type SetupCall = {
  readonly target: SetupTarget;
  readonly name: string;
  readonly args: readonly SetupArgument[];
};

export function isAddressOf(arg: SetupArgument): arg is { readonly addressOf: SetupTarget } {
  return typeof arg === "object" && "addressOf" in arg;
}

/**
 * Returns what only governance can do after a deployment: give the gateways their roles, let values loosen, name to Challenge
 * its feeds, and, where the timelock started without a delay, set it. Until then nothing loosens.
 */
export function setupCalls(plan: Pick<DeploymentPlan, "aggregate" | "markets" | "timelock">, setsDelay: boolean) {
  const ids = marketIds(plan.markets);
  const calls: SetupCall[] = [
    { target: "contract", name: "grantRole", args: [id("CHALLENGER_ROLE"), { addressOf: "challenge" }] },
    { target: "contract", name: "grantRole", args: [id("LISTER_ROLE"), { addressOf: "listing" }] },
    { target: "contract", name: "setAggregateBudget", args: [plan.aggregate.hotBps, plan.aggregate.quorumBps] },
  ];
  for (const [index, { feeds }] of plan.markets.entries()) {
    const marketId = ids[index];
    if (feeds === null || marketId === undefined) continue;
    calls.push({ target: "challenge", name: "setFeeds", args: [marketId, { ...feeds }] });
  }
  if (setsDelay) calls.push({ target: "timelock", name: "updateDelay", args: [BigInt(plan.timelock.delaySeconds)] });
  return calls;
}

/** Ids that the contract gives markets listed in this order: five a group, the first free lane. */
export function marketIds(markets: readonly { readonly group: number }[]): number[] {
  const lanes = new Map<number, number>();
  return markets.map(({ group }) => {
    const lane = lanes.get(group) ?? 0;
    lanes.set(group, lane + 1);
    return group * 5 + lane + 1;
  });
}
