import { developmentPlan } from "../../scripts/deploy/plan.ts";
import type { DeploymentPlan } from "../../scripts/deploy/planSchema.ts";
import { SHIPPED } from "./shipped.ts";

/** Below what ether's long run asks for, recorded (18 %) or generated (14 %). */
const LISTED = { maintenanceBps: 1_200, initialBps: 1_500 } as const;

/**
 * The plan with ether listed too low, so that a keeper raises both of its haircuts at once: maintenance follows the
 * long run, which a crash moves by little, and stays below what ether is really listed with.
 */
export function etherTooLow(): DeploymentPlan {
  const plan = developmentPlan(SHIPPED);
  return { ...plan, markets: plan.markets.map((one) => (one.name === "WETH" ? { ...one, ...LISTED } : one)) };
}
