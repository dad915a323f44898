import { isAddress } from "viem";
import { z } from "zod";
import { schemaProblems, TonsorError } from "../domain/errors.ts";

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

const whole = (most: number) => z.int().min(0).max(most);

/** Limits of one risk class, named as in IParameters.Limits. */
export const limitsSchema = z.strictObject({
  minInitialBps: bps,
  maxInitialBps: bps,
  minMaintenanceBps: bps,
  maxMaintenanceBps: bps,
  minGapBps: bps,
  liquidationBonusBps: bps,
  tightenSpeedBpsPer30Days: bps,
  loosenSpeedBpsPer30Days: bps,
  ttlHours: whole(63),
  decayHours: whole(63),
  staleInitialCapBps: bps,
  maxAgeMinutes: whole(4_095),
  hotStepBps: bps,
  quorumStepBps: bps,
  hotBudgetBps: bps,
  quorumBudgetBps: bps,
  hotRaiseStep: whole(4_095),
  quorumRaiseStep: whole(4_095),
  hotRaiseBudget: whole(4_095),
  quorumRaiseBudget: whole(4_095),
});

const code = {
  address,
  /** keccak256 of the code on chain. */
  bytecodeHash: hash,
};

const created = {
  ...code,
  transaction: hash,
  block: z.int().min(0),
  /** ABI-encoded, as a block explorer wants them for verification. */
  constructorArguments: bytes,
};

/** Feeds of one market that Challenge compares, named as in Challenge.Feeds. */
export const challengeFeedsSchema = z.strictObject({
  first: address,
  second: address,
  maxDivergenceBps: bps,
  maxMoveBps: bps,
  firstMaxAge: seconds,
  secondMaxAge: seconds,
});

/** A risk class. */
const riskClassSchema = z.strictObject({
  id: z.int().min(0).max(63),
  name: z.string().min(1),
  limits: limitsSchema,
});

/** One market as it was listed. */
const deployedMarketSchema = z.strictObject({
  id: z.int().min(1).max(512),
  name: z.string().min(1),
  collateral: address,
  debt: address,
  classId: z.int().min(0).max(63),
  initialBps: bps,
  maintenanceBps: bps,
  /** Exposure limit and its bounds, as the contract writes them (contract.ts). */
  limit: whole(0xffff),
  lowestLimit: whole(0xffff),
  highestLimit: whole(0xffff),
  /** What Challenge compares; null: only stale data can be challenged. */
  feeds: challengeFeedsSchema.nullable(),
});

/** The most a stolen key moves one market of a class in a span of hours, in basis points. */
const damageSchema = z.strictObject({
  hours: z.int().min(1),
  loosenedBps: z.int().min(0),
  /** Raises of the exposure limit, in notches: 1024 double it. */
  raisedNotches: z.int().min(0),
  maintenanceUpBps: z.int().min(0),
  maintenanceDownBps: z.int().min(0),
});

/** The same for every class, and the most that all markets together loosen in each span. */
const certificateSchema = z.strictObject({
  classes: z.array(z.strictObject({ id: z.int(), hotKey: z.array(damageSchema), quorum: z.array(damageSchema) })),
  allMarkets: z.array(z.strictObject({ hours: z.int(), hotKeyBps: z.int().min(0), quorumBps: z.int().min(0) })),
});

/** A key or gateway, named as in IParameters.AccountSetting. */
const accountSchema = z.strictObject({
  account: address,
  power: z.enum(["HOT", "QUORUM", "GUARDIAN", "CHALLENGER", "LISTER"]),
  /** What it may loosen in a window, summed over markets; 0: nothing. */
  aggregateBps: whole(0xff_ffff),
  /** Loosening asked for in a window past which it only tightens; 0: never. */
  tripBps: whole(0xff_ffff),
});

const lender = { name: z.string().min(1), fromBlock: z.int().min(0) };

/** A lender that takes a market's numbers, or whose book is read. */
const lenderSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("aave-v3"),
    ...lender,
    provider: address,
    pool: address,
    /** Ids of the markets whose collateral this pool lends against. */
    markets: z.array(whole(512).min(1)).min(1),
    /** The AaveV3Agent that the keeper drives; null: nothing is set there, its book is read. */
    agent: z.strictObject(created).nullable(),
  }),
  z.strictObject({
    kind: z.literal("aave-v4"),
    ...lender,
    spoke: address,
    hub: address,
    /** Ids of the markets whose collateral this spoke lends against. */
    markets: z.array(whole(512).min(1)).min(1),
    /** The AaveV4Agent that the keeper drives. */
    agent: z.strictObject(created),
  }),
  z.strictObject({
    kind: z.literal("morpho-blue"),
    ...lender,
    morpho: address,
    marketId: hash,
    market: whole(512).min(1),
  }),
]);

/** A contract that says the numbers in the form of who reads them; contracts/adapters/README.md. */
const adapterSchema = z.strictObject({
  name: z.string().min(1),
  contract: z.enum([
    "CurrentParameters",
    "BidAskQuoter",
    "RiskOraclePublisher",
    "HaircutFactorFeed",
    "HaircutPriceFeed",
  ]),
  ...created,
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
  gateways: z.strictObject({
    quorum: z.strictObject({ ...created, threshold: z.int().min(1), signers: z.array(address) }).nullable(),
    challenge: z.strictObject({ ...created, dailyLimit: z.int().min(1) }),
    listing: z.strictObject(created),
  }),
  /** Holds no power; here so that this can be checked. */
  deployer: address,
  /** Every account with a power, once governance has admitted the gateways; the timelock is the owner. */
  accounts: z.array(accountSchema).min(1),
  classes: z.array(riskClassSchema).min(1),
  markets: z.array(deployedMarketSchema).min(1),
  certificate: certificateSchema,
  /** Absent: numbers end in the contract, and no book is read from chain. */
  lenders: z.exactOptional(z.array(lenderSchema)),
  /** Absent: nobody reads the numbers in another form than the contract's. */
  adapters: z.exactOptional(z.array(adapterSchema)),
  /** Addresses by the names that the markets' files use. */
  sources: z.strictObject({
    tokens: z.record(z.string(), address),
    pools: z.record(z.string(), address),
    feeds: z.record(z.string(), address),
    /** Contracts that say what a claim is worth; absent: no market asks for one. */
    rates: z.exactOptional(z.record(z.string(), address)),
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
export type Certificate = z.output<typeof certificateSchema>;

/**
 * Returns a deployment, checked against the schema.
 *
 * @throws TonsorError BAD_FILE listing every problem with its path.
 */
export function parseDeployment(value: unknown, name = "deployment"): Deployment {
  const parsed = deploymentSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(parsed.error.issues, value, "file");
  throw new TonsorError("BAD_FILE", `${name} is not a deployment: ${problems}`);
}
