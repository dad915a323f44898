import { id } from "ethers";
import { POWERS, type Power } from "../../keeper/domain/contract.ts";
import type { DeploymentPlan } from "./planSchema.ts";

/** Salt of the timelock operation that completes a deployment: one per timelock. */
export const SETUP_SALT = id("Tonsor setup");

/** Contracts that the setup speaks to or of. */
export type SetupTarget = "timelock" | "contract" | "challenge" | "listing";

type Plain = bigint | number | string;
type AddressOf = { readonly addressOf: SetupTarget };
export type SetupArgument = Plain | { readonly [field: string]: Plain | AddressOf };

/** One call of the timelock, with contracts by their name instead of their address. */
type SetupCall = {
  readonly target: SetupTarget;
  readonly name: string;
  readonly args: readonly SetupArgument[];
};

export function isAddressOf(value: Plain | AddressOf): value is AddressOf {
  return typeof value === "object";
}

/** The gateways that need the contract's address, and so are admitted after it, with the power that each gets. */
export const ADMITTED_LATER = { challenge: "CHALLENGER", listing: "LISTER" } as const satisfies Record<string, Power>;

/**
 * Returns what only governance can do after a deployment: admit the gateways that were created after the contract, name to
 * Challenge its feeds, and, where the timelock started without a delay, set it. Until then markets can neither be challenged
 * nor listed.
 */
export function setupCalls(plan: Pick<DeploymentPlan, "markets" | "timelock">, setsDelay: boolean): SetupCall[] {
  const calls: SetupCall[] = Object.entries(ADMITTED_LATER).map(([gateway, power]) => {
    const account = { addressOf: gateway as keyof typeof ADMITTED_LATER };
    const setting = { account, power: POWERS.indexOf(power), aggregateBps: 0, tripBps: 0 };
    return { target: "contract", name: "admit", args: [setting] };
  });
  for (const [index, { feeds }] of plan.markets.entries()) {
    if (feeds !== null) calls.push({ target: "challenge", name: "setFeeds", args: [index + 1, { ...feeds }] });
  }
  if (setsDelay) calls.push({ target: "timelock", name: "updateDelay", args: [BigInt(plan.timelock.delaySeconds)] });
  return calls;
}
