import { existsSync, readFileSync } from "node:fs";
import { BlockList, isIP } from "node:net";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { DAY_SECONDS, HOUR_SECONDS } from "../domain/calendar.ts";
import type { ConfigProblem } from "../domain/errors.ts";
import { nearest } from "../domain/nearest.ts";
import { parseCanonical } from "../io/json.ts";

const nearby = new BlockList();
nearby.addSubnet("127.0.0.0", 8);
nearby.addSubnet("10.0.0.0", 8);
nearby.addSubnet("172.16.0.0", 12);
nearby.addSubnet("192.168.0.0", 16);
nearby.addAddress("::1", "ipv6");
nearby.addSubnet("fc00::", 7, "ipv6");

/** Whether an IP address is of this machine or of a private network. @example isNearby("0.0.0.0") // false */
export function isNearby(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && nearby.check(address, version === 6 ? "ipv6" : "ipv4");
}

const positive = (least: number, most: number, what: string) =>
  z.number(`${what}, a number in [${least}, ${most}]`).min(least, `>= ${least}`).max(most, `<= ${most}`);

const wholeIn = (least: number, most: number, what: string) =>
  positive(least, most, what).int(`a whole number of ${what}`);

const hasNoUser = (url: string): boolean => !/^https?:\/\/[^/]*@/i.test(url);

const isEachOnce = (all: readonly string[]): boolean => new Set(all).size === all.length;

/** What an operator may set in `tonsor.config.ts` or `.json`; every entry has a default. */
const configFileSchema = z.strictObject({
  /** Names of the markets to keep; absent: all. */
  markets: z.array(z.string()).nullable().default(null),
  schedule: z
    .strictObject({
      /** A tick is asked to stop after this, and given up after the hard limit. */
      softTimeoutSeconds: positive(1, 600, "seconds").default(45),
      hardTimeoutSeconds: positive(2, 900, "seconds").default(90),
      /** The chain's head may stay the same for this long before the keeper counts as blind. */
      headStallSeconds: positive(10, HOUR_SECONDS, "seconds").default(180),
      /** A keeper instance of rank r waits r times this before it acts: longer than a block, to see what lower ranks did. */
      stageSeconds: positive(1, 120, "seconds").default(15),
    })
    .refine((schedule) => schedule.hardTimeoutSeconds > schedule.softTimeoutSeconds, {
      path: ["hardTimeoutSeconds"],
      message: "more than softTimeoutSeconds",
    })
    .prefault({}),
  /** The RPC quorum: several nodes asked as one; see keeper/io/quorum/QUORUM.md. */
  rpc: z
    .strictObject({
      /** For one request to one node. */
      timeoutSeconds: positive(0.1, 60, "seconds").default(10),
      /** A node so many blocks behind the elected block is set aside. */
      maxLagBlocks: positive(1, 1_000, "blocks").default(3),
      /** Below this age of the elected block, a node that claims far later ones is not believed (wall clock only). */
      freshSeconds: positive(1, HOUR_SECONDS, "seconds").default(36),
      /** So long a node is set aside at least (monotonic clock). */
      restSeconds: positive(0, HOUR_SECONDS, "seconds").default(30),
      /** Elections in a row in which a node that was set aside must be right before it counts again. */
      readmitAfter: positive(1, 1_000, "elections").default(3),
    })
    .prefault({}),
  fees: z
    .strictObject({
      /** Absolute cap on what is ever offered per gas. */
      maxFeePerGasGwei: positive(0.001, 10_000, "gwei").default(200),
      /** The tip is what others paid in the last blocks, at first no more than this. */
      maxPriorityFeePerGasGwei: positive(0, 1_000, "gwei").default(2),
      /** No offer is above so many times the present base fee and tip. */
      maxMarketMultiple: wholeIn(2, 1_000, "times the market").default(10),
      /** Fees of one hour and of one day, at most; what does not tighten may use half of each. */
      hourlyBudgetEther: positive(0, 1_000, "ether").default(0.5),
      dailyBudgetEther: positive(0, 10_000, "ether").default(1),
      /** Fees of one day for bringing lenders up to the contract, beside those. */
      lendersDailyBudgetEther: positive(0, 10_000, "ether").default(0.5),
      /** A balance that pays for fewer batches than this is warned of; below one nothing is sent. */
      warnBelowBatches: positive(0, 100_000, "batches").default(50),
    })
    .refine((fees) => fees.maxFeePerGasGwei > fees.maxPriorityFeePerGasGwei, {
      path: ["maxFeePerGasGwei"],
      message: "more than maxPriorityFeePerGasGwei",
    })
    .prefault({}),
  /** Limits above which the keeper stops sending; the first two until an operator clears the halt. */
  submissionHalt: z
    .strictObject({
      /** A haircut may move by this in one step, percentage points of value. */
      maxStepPoints: positive(1, 100, "percentage points").default(40),
      /** Batches in a row that were mined and refused. */
      maxReverts: wholeIn(1, 100, "reverts").default(3),
      /** Share of failed ticks among the last ones above which nothing is sent until it falls again, percent. */
      maxFailedPercent: positive(1, 100, "percent").default(50),
      /** Over how many of the last ticks that share is taken. */
      failureWindowTicks: wholeIn(5, 1_000, "ticks").default(20),
    })
    .prefault({}),
  /** What one update may make liquidatable at most, and where positions are read; see keeper/impact/IMPACT.md. */
  impact: z
    .strictObject({
      /** Debt of one market, US dollars, and its share of all debt of the market: more than either is held. */
      maxDebtUsd: positive(0, 1e12, "US dollars").default(5_000_000),
      maxDebtPercent: positive(0, 100, "percent").default(2),
      /** A `positions.json`; null: none. Older than the limit it counts as unread. */
      positionsFile: z.string().min(1).nullable().default(null),
      positionsMaxAgeSeconds: positive(1, 30 * DAY_SECONDS, "seconds").default(HOUR_SECONDS),
    })
    .prefault({}),
  /** Batches signed by k of n keeper instances, the signer quorum; see keeper/cosign/COSIGN.md. */
  cosign: z
    .strictObject({
      /** A file of one line, 32 characters or more, that only its owner may open, the same on every instance; null: off. */
      secretFile: z.string().min(1).nullable().default(null),
      /** Addresses of the other instances, e.g. "http://10.0.0.2:8642"; none: this one signs for others and sends its own batches alone. */
      peers: z
        .array(
          z
            .url({ protocol: /^https?$/, error: "http(s)://host[:port]" })
            .refine(hasNoUser, "an address without user and password"),
        )
        .max(15)
        .refine(isEachOnce, "each instance once")
        .default([]),
      /** Where proposals are listened for: an address of loopback or of a private network; port 0: any free one. */
      host: z.string().refine(isNearby, "an address of loopback or of a private network").default("127.0.0.1"),
      port: wholeIn(0, 65_535, "ports").default(8_642),
      /** A proposal's value may differ from the instance's own by this. */
      toleranceBps: wholeIn(0, 1_000, "basis points").default(25),
      /** The instance's own decision counts for so long. */
      maxDecisionAgeSeconds: positive(1, HOUR_SECONDS, "seconds").default(150),
      /** How long a proposer waits for signatures. */
      timeoutSeconds: positive(0.1, 30, "seconds").default(5),
      /** With too few signatures: the instance's own hot key, or nothing (tightening waits too). */
      fallback: z.enum(["hot", "hold"], "hot or hold").default("hot"),
    })
    .prefault({}),
  transactions: z
    .strictObject({
      /**
       * How long a batch may wait for a block before the contract refuses it. Less than ten minutes: what it asks for in vain of numbers
       * that have stood for so long counts towards the writer's trip, and those it has not seen must be younger.
       */
      deadlineSeconds: positive(15, 540, "seconds").default(300),
      receiptTimeoutSeconds: positive(1, 600, "seconds").default(30),
      pollMilliseconds: positive(10, 10_000, "milliseconds").default(500),
      /** Gas offered above the estimate, percent. */
      gasMarginPercent: positive(0, 200, "percent").default(25),
      /** What a replacement offers above the transaction it replaces, both fee fields; nodes ask for 10 or more. */
      feeBumpPercent: positive(12.5, 100, "percent").default(12.5),
      /** Unmined for this long, a transaction no longer counts as on its way: the next cycle decides as if it were not. */
      replaceAfterSeconds: positive(5, 600, "seconds").default(30),
      /** And so many blocks must have been mined without it: while a chain stands still no offer is too low. */
      replaceAfterBlocks: wholeIn(0, 100, "blocks").default(2),
      /** Where the fee cap allows no replacement, the same bytes are sent again after this. */
      resendAfterSeconds: positive(10, HOUR_SECONDS, "seconds").default(60),
      /** Past its deadline for this long with nothing to send in its place, a transaction is cancelled. */
      cancelAfterSeconds: positive(0, DAY_SECONDS, "seconds").default(600),
      /** So many blocks deep a transaction is final; until then it is watched for reorganisations. */
      confirmations: wholeIn(0, 256, "blocks").default(12),
      /** After so many blocks unmined a tightening that was given to the private relay alone goes to everyone. */
      relayFallbackBlocks: wholeIn(1, 100, "blocks").default(3),
    })
    .prefault({}),
});

/** The file with its defaults. */
export type FileSettings = z.output<typeof configFileSchema>;

/** What a keeper reads of a file that sets nothing. */
export const KEEPER_DEFAULTS = keeperPart(configFileSchema.parse({}));

function keeperPart({ schedule, rpc, fees, impact, transactions }: FileSettings) {
  return { schedule, rpc, fees, impact, transactions };
}

/** Returns the content of the configuration file, `{}` when none is named and none is there, with its name. Throws words that name the file. */
export async function readConfigFile(folder: string, named: string): Promise<{ name: string; content: unknown }> {
  const candidates = named === "" ? ["tonsor.config.ts", "tonsor.config.json"] : [named];
  const file = candidates.map((name) => resolve(folder, name)).find((path) => existsSync(path));
  if (file === undefined) {
    if (named !== "") throw new Error(`no file ${named}`);
    return { name: "tonsor.config", content: {} };
  }
  try {
    if (file.endsWith(".json")) {
      const text = withoutMark(readFileSync(file, "utf8"));
      const [content, canonical] = [JSON.parse(text) as unknown, parseCanonical(text)];
      if ("why" in canonical) throw new Error(canonical.why);
      return { name: basename(file), content };
    }
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    return { name: basename(file), content: module.default };
  } catch (error) {
    throw new Error(`${file}, which cannot be read: ${(error as Error).message}`);
  }
}

/** A text without the byte order mark that some editors put before it, and no parser knows. */
export function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, "");
}

/** Returns the settings of a file's content with defaults, and everything that is wrong with it. */
export function parseConfigFile(name: string, content: unknown): { settings: FileSettings; problems: ConfigProblem[] } {
  const parsed = configFileSchema.safeParse(content);
  if (parsed.success) return { settings: parsed.data, problems: [] };
  const problems = parsed.error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(name, path, key));
    const given = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], content);
    return [{ path: `${name}: ${path.join(".")}`, given: shown(given), expected: issue.message }];
  });
  return { settings: configFileSchema.parse({}), problems };
}

function shown(given: unknown): string {
  const text = JSON.stringify(given) ?? "nothing";
  return /:\/\/[^/]*@/.test(text) ? "(not shown)" : text;
}

function unknownKey(name: string, path: readonly string[], key: string): ConfigProblem {
  const defaults: unknown = configFileSchema.parse({});
  const here = path.reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], defaults);
  const known = Object.keys(here as object);
  const meant = nearest(key, known);
  const expected = meant === null ? `one of ${known.join(", ")}` : `a known setting; did you mean ${meant}?`;
  return { path: `${name}: ${[...path, key].join(".")}`, given: "an unknown setting", expected };
}
