import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { developmentPlan } from "../../scripts/deploy/plan.ts";
import { SHIPPED } from "./shipped.ts";

const A = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const place = {
  address: A,
  transaction: `0x${"a".repeat(64)}`,
  block: 1,
  bytecodeHash: `0x${"b".repeat(64)}`,
  constructorArguments: "0x",
};

/**
 * Writes the record that the development plan would have after deployment into a folder, for a keeper that is started where no
 * chain is; returns the folder.
 */
export function recordWithoutChain(folder: string): string {
  const plan = developmentPlan(SHIPPED);
  const record = {
    chainId: 31_337,
    contract: place,
    timelock: { ...place, delaySeconds: 172_800, proposers: [A], executors: [A] },
    gateways: { quorum: null, challenge: { ...place, dailyLimit: 3 }, listing: place },
    deployer: A,
    accounts: [{ account: A, power: "HOT", aggregateBps: 100, tripBps: 200 }],
    classes: plan.classes,
    markets: plan.markets.map((market, n) => ({ ...market, id: n + 1 })),
    certificate: { classes: [], allMarkets: [] },
    sources: plan.sources,
    commit: null,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "31337.json"), JSON.stringify(record));
  return folder;
}
