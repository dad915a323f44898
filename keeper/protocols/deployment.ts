import { readFileSync } from "node:fs";
import { isAddress } from "viem";
import { z } from "zod";
import { TonsorError } from "../domain/errors.ts";

/** The form of deployments/<chainId>.json; deployments/README.md says what each field is for. */
const address = z.custom<`0x${string}`>(
  (text) => typeof text === "string" && isAddress(text),
  "an address with its checksum",
);
const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, "32 bytes, lower-case hex")
  .transform((text) => text as `0x${string}`);
const bytes = z
  .string()
  .regex(/^0x([0-9a-f]{2})*$/, "bytes, lower-case hex")
  .transform((text) => text as `0x${string}`);
const bps = z.int().min(0).max(10_000);
const seconds = z.int().min(0).max(0xffffffff);

/** Limits of one market, named as in ICollateralParameters.Limits. */
export const limitsSchema = z.strictObject({
  minInitialBps: bps,
  maxInitialBps: bps,
  minMaintenanceBps: bps,
  maxMaintenanceBps: bps,
  minGapBps: bps,
  liquidationBonusBps: bps,
  maxLooseningStepBps: bps,
  looseningBudgetBpsPerDay: bps,
  tightenSpeedBpsPerDay: bps,
  loosenSpeedBpsPerDay: bps,
  staleInitialCapBps: bps,
  ttlSeconds: seconds,
  decaySeconds: seconds,
  maxAgeSeconds: seconds,
});

const created = {
  address,
  transaction: hash,
  block: z.int().min(0),
  /** keccak256 of the code on chain. */
  bytecodeHash: hash,
  /** ABI-encoded, as a block explorer wants them for verification. */
  constructorArguments: bytes,
};

/** One market as it was listed. */
export const deployedMarketSchema = z.strictObject({
  id: z.int().min(1).max(0xffff),
  name: z.string().min(1),
  collateral: address,
  debt: address,
  initialBps: bps,
  maintenanceBps: bps,
  limits: limitsSchema,
});

export const deploymentSchema = z.strictObject({
  chainId: z.int().min(1),
  contract: z.strictObject(created),
  timelock: z.strictObject({
    ...created,
    delaySeconds: z.int().min(0),
    proposers: z.array(address),
    executors: z.array(address),
  }),
  /** Holds no role; here so that this can be checked. */
  deployer: address,
  roles: z.strictObject({ governance: z.array(address), keeper: z.array(address), guardian: z.array(address) }),
  markets: z.array(deployedMarketSchema).min(1),
  /** Addresses by the names that keeper/markets uses. */
  sources: z.strictObject({
    tokens: z.record(z.string(), address),
    pools: z.record(z.string(), address),
    feeds: z.record(z.string(), address),
  }),
  /** Git commit deployed from; null outside of a repository. */
  commit: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .nullable(),
});

/** One deployment: everything a keeper, an integrator or a checker needs to know of it. */
export type Deployment = z.output<typeof deploymentSchema>;
export type DeployedMarket = z.output<typeof deployedMarketSchema>;
export type MarketLimits = z.output<typeof limitsSchema>;

/**
 * Returns a deployment, checked against the schema.
 *
 * @throws TonsorError BAD_FILE listing every problem with its path.
 */
export function parseDeployment(value: unknown, name = "deployment"): Deployment {
  const parsed = deploymentSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "file"}: ${message}`);
  throw new TonsorError("BAD_FILE", `${name} is not a deployment: ${problems.join("; ")}`);
}

/**
 * Reads deployments/<chainId>.json.
 *
 * @throws TonsorError NOT_DEPLOYED when there is no such file, BAD_FILE when it is damaged.
 */
export function readDeployment(file: string): Deployment {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new TonsorError("NOT_DEPLOYED", `there is no deployment at ${file}`, {}, cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `${file} is not JSON`, {}, cause);
  }
  return parseDeployment(value, file);
}
