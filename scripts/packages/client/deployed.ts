import type { DeployedAddresses } from "./addresses.ts";

/** What is deployed, by chain id: the records of `deployments/`. Generated: `npm run generate`. */
export const DEPLOYED: Readonly<Record<number, DeployedAddresses>> = {};
