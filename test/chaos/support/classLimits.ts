import { PROFILES, RISK_CLASSES } from "../../../keeper/markets/limits.ts";
import { COLLATERAL_PARAMETERS_ABI as ABI } from "../../../keeper/protocols/abi.ts";
import { write } from "../../../scripts/lab/replica/node.ts";
import type { ChaosWorld } from "./chaosWorld.ts";

/** A class of the long tail's profile: what majors have, but for an initial haircut that may all but close the market. */
const LONG_TAIL = 2;
const LIMITS = { ...RISK_CLASSES.major.limits, maxInitialBps: PROFILES[LONG_TAIL].staleInitialCapBps };

/** Governance takes the first group of markets for thin collateral: what the timelock would do two days later. */
export async function listAsLongTail({ node, deployment }: ChaosWorld): Promise<void> {
  const { contract, timelock } = deployment;
  await node.impersonateAccount({ address: timelock.address });
  await node.setBalance({ address: timelock.address, value: 10n ** 18n });
  const govern = (name: string, args: readonly unknown[]) =>
    write(node, timelock.address, contract.address, ABI, name, args);
  await govern("setLimits", [LONG_TAIL, LIMITS]);
  await govern("setClass", [0, LONG_TAIL]);
}
