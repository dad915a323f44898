import { TonsorError } from "../keeper/domain/errors.ts";
import { explainFailure } from "./deploy/explainFailure.ts";

/** What governance runs, by the name that npm has for it. Each loads nothing of the others. */
const SCRIPTS = {
  deploy: () => import("./deploy/main.ts"),
  "next-plan": () => import("./deploy/nextPlan.ts"),
  "check-deployment": () => import("./deploy/checkDeployment.ts"),
  "propose-limits": () => import("./governance/proposeLimits.ts"),
  "propose-lender": () => import("./governance/lenders/proposeLender.ts"),
  rehearse: () => import("./rehearse/main.ts"),
  "roll-back": () => import("./governance/rollBack.ts"),
};

/** `node scripts/govern.ts propose-limits --help` */
async function main([name = "", ...words]: readonly string[]): Promise<void> {
  const load = Object.hasOwn(SCRIPTS, name) ? SCRIPTS[name as keyof typeof SCRIPTS] : null;
  const facts = { given: name, expected: `one of ${Object.keys(SCRIPTS).join(", ")}` };
  if (load === null) throw new TonsorError("BAD_ARGUMENT", "no such script", facts);
  await (await load()).main(words);
}

await main(process.argv.slice(2)).catch(explainFailure);
