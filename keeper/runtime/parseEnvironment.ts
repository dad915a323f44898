import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { resolve } from "node:path";
import { parse } from "dotenv";
import { isAddress } from "viem";
import { HOUR_SECONDS } from "../domain/calendar.ts";
import type { Hex } from "../domain/contract.ts";
import { type ConfigProblem, configError } from "../domain/errors.ts";
import { nearest } from "../domain/nearest.ts";
import { withoutMark } from "./configFile.ts";
import { ENVIRONMENT, OUR_PREFIXES, type VariableName } from "./environment.ts";
import { untilTime } from "./killSwitch.ts";

/** The pause set in the environment: none, for good, or until a time (Unix seconds). */
type Pause =
  | { readonly kind: "none" }
  | { readonly kind: "always" }
  | { readonly kind: "until"; readonly time: number };

const CLOCKS = ["wall", "chain"] as const;
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

/** Environment variables, checked and typed. */
export type EnvironmentSettings = Readonly<ReturnType<typeof parseEnvironment>["settings"]>;

/** Variables by name, as in `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Returns the settings of the environment with defaults, and everything that is wrong with it. A value that is secret is
 * never repeated in a problem. An empty value counts as absent.
 * @param venueNames what VENUE_URLS may name, see `VENUES.urlNames`; absent: nothing
 */
export function parseEnvironment(variables: Variables, venueNames: readonly string[] = []) {
  const isOurs = (name: string) => OUR_PREFIXES.some((prefix) => name.startsWith(prefix)) || name in RENAMED;
  const set = Object.keys(variables).filter((name) => !(name in RENAMED) || (variables[name] ?? "") !== "");
  const problems = unknownNames(set, isOurs);
  const { read, optional, url, optionalUrl, path, optionalPath, host, whole, optionalWhole } = readers(
    variables,
    problems,
  );
  const listed = read("RPC_URLS", webAddresses, "http(s) addresses with commas between them", []);
  const rpcUrls = listed.length > 0 ? listed : [url("RPC_URL")];
  const majority = Math.floor(rpcUrls.length / 2) + 1;
  const settings = {
    rpcUrl: rpcUrls[0] ?? "",
    rpcUrls,
    /** So many of them must agree. */
    rpcQuorum: read(
      "RPC_QUORUM",
      (text) => (text === "" ? majority : wholeNumber(text, majority, rpcUrls.length)),
      `empty, or a whole number in [${majority}, ${rpcUrls.length}]: more than half of the nodes given`,
      majority,
    ),
    /** Null: cycles follow the timer alone. */
    rpcWsUrl: optional("RPC_WS_URL", webSocketAddress, "ws(s)://host[:port][/path]"),
    privateRelayUrl: optionalUrl("PRIVATE_RELAY_URL"),
    chainId: whole("CHAIN_ID", 1, Number.MAX_SAFE_INTEGER),
    mainnetRpcUrl: optionalUrl("MAINNET_RPC_URL"),
    privateKey: optional("KEEPER_PRIVATE_KEY", privateKey, "0x and 64 hexadecimal digits"),
    keystoreFile: optionalPath("KEYSTORE_FILE"),
    keystorePasswordFile: optionalPath("KEYSTORE_PASSWORD_FILE"),
    remoteSignerUrl: read("REMOTE_SIGNER_URL", guardedAddress, "empty, https://host, or http:// on loopback", null),
    remoteSignerAddress: optional("REMOTE_SIGNER_ADDRESS", account, "0x and 40 hexadecimal digits"),
    /** Addresses by `VENUES.urlNames`; a venue that is not named is asked at its own. */
    venueUrls: read<Readonly<Record<string, string>>>(
      "VENUE_URLS",
      (text) => venueAddresses(text, venueNames),
      `name=address with commas between, of ${venueNames.join(", ")}; no user, password or query in an address, for what is said of venues is public`,
      {},
    ),
    configFile: path("TONSOR_CONFIG"),
    state: path("TONSOR_STATE"),
    /** Null: evidence is in the state folder alone. */
    mirror: optionalPath("TONSOR_MIRROR"),
    deployments: path("TONSOR_DEPLOYMENTS"),
    marketsFolder: optionalPath("TONSOR_MARKETS"),
    clock: read("TONSOR_CLOCK", (text) => CLOCKS.find((one) => one === text), CLOCKS.join(" or "), "wall"),
    data: optionalPath("TONSOR_DATA"),
    paused: read<Pause>("TONSOR_PAUSED", pause, "1, 0, or an ISO time with a zone", { kind: "always" }),
    statusPort: whole("STATUS_PORT", 0, 65_535),
    statusHost: host("STATUS_HOST"),
    /** Null: no public page. */
    publicPort: optionalWhole("PUBLIC_PORT", 0, 65_535),
    publicHost: host("PUBLIC_HOST"),
    adminToken: optional("TONSOR_ADMIN_TOKEN", adminToken, "20 characters or more without spaces"),
    adminPort: whole("ADMIN_PORT", 0, 65_535),
    alertWebhookUrl: optionalUrl("ALERT_WEBHOOK_URL"),
    rampWebhookUrl: optionalUrl("RAMP_WEBHOOK_URL"),
    deadmanUrl: optionalUrl("DEADMAN_URL"),
    logLevel: read("LOG_LEVEL", (text) => LOG_LEVELS.find((level) => level === text), LOG_LEVELS.join(", "), "info"),
    tickSeconds: whole("TICK_SECONDS", 1, HOUR_SECONDS),
    redisUrl: optional("REDIS_URL", redisAddress, "redis(s)://[user:password@]host[:port][/number]"),
    /** Null: no worker of a fleet. */
    fleetChains: optionalWhole("FLEET_CHAINS", 1, 64),
    instanceRank: whole("INSTANCE_RANK", 0, 9),
    retentionDays: whole("RETENTION_DAYS", 35, 3_650),
  };
  return { settings, problems };
}

/** How a variable of each kind is read; what is wrong with it is noted in `problems`. */
function readers(variables: Variables, problems: ConfigProblem[]) {
  const read = <T>(name: VariableName, parse: (text: string) => T | undefined, expected: string, fallback: T): T => {
    const { default: standard, secret } = ENVIRONMENT[name];
    const given = variables[name]?.trim();
    const value = parse(given === undefined || given === "" ? standard : given);
    if (value !== undefined) return value;
    const shown = secret || given?.includes("@") ? "(not shown)" : JSON.stringify(given);
    problems.push({ path: name, given: shown, expected });
    return fallback;
  };
  /** Null where it is empty. */
  const optional = <T>(name: VariableName, parse: (text: string) => T | undefined, expected: string) =>
    read<T | null>(name, (text) => (text === "" ? null : parse(text)), `empty, or ${expected}`, null);
  const url = (name: VariableName) => read(name, webAddress, "http(s)://host[:port][/path]", "");
  const optionalUrl = (name: VariableName) => optional(name, webAddress, "http(s)://host[:port][/path]");
  const path = (name: VariableName) => read(name, (text) => text, "a path", "");
  const optionalPath = (name: VariableName) => path(name) || null;
  const host = (name: VariableName) =>
    read(name, (text) => (isIP(text) === 0 ? undefined : text), "an IP address", "127.0.0.1");
  const whole = (name: VariableName, least: number, most: number) =>
    read(name, (text) => wholeNumber(text, least, most), `a whole number in [${least}, ${most}]`, least);
  const optionalWhole = (name: VariableName, least: number, most: number) =>
    optional(name, (text) => wholeNumber(text, least, most), `a whole number in [${least}, ${most}]`);
  return { read, optional, url, optionalUrl, path, optionalPath, host, whole, optionalWhole };
}

/** Variables of earlier releases and what says the same now: set, they are refused, for ignoring one could send the keeper elsewhere. */
const RENAMED: Readonly<Record<string, string>> = {
  DERIBIT_URL: "VENUE_URLS=deribit=<address>",
  REPLICA_RANK: "INSTANCE_RANK",
};

/** Problems of names that `isOurs` but no variable has, each with the name that was probably meant. */
export function unknownNames(names: readonly string[], isOurs: (name: string) => boolean): ConfigProblem[] {
  const known = Object.keys(ENVIRONMENT);
  return names
    .filter((name) => isOurs(name) && !known.includes(name))
    .map((name) => {
      const renamed = RENAMED[name];
      if (renamed !== undefined) return { path: name, given: "a variable of an earlier release", expected: renamed };
      const meant = nearest(name, known);
      const expected = meant === null ? `one of ${known.join(", ")}` : `a known variable; did you mean ${meant}?`;
      return { path: name, given: "an unknown variable", expected };
    });
}

function webAddress(text: string): string | undefined {
  const address = URL.canParse(text) ? new URL(text) : null;
  return address?.protocol === "http:" || address?.protocol === "https:" ? text : undefined;
}

/** A web address on the way to which nobody listens. */
function guardedAddress(text: string): string | null | undefined {
  if (text === "") return null;
  if (webAddress(text) === undefined) return undefined;
  const { protocol, hostname } = new URL(text);
  const loopback = hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  return protocol === "https:" || loopback ? text : undefined;
}

function webSocketAddress(text: string): string | undefined {
  return URL.canParse(text) && /^wss?:\/\/[^#]+$/.test(text) ? text : undefined;
}

function redisAddress(text: string): string | undefined {
  const address = URL.canParse(text) ? new URL(text) : null;
  const fine = /^rediss?:$/.test(address?.protocol ?? "") && address?.hostname !== "";
  return fine ? text : undefined;
}

/** Undefined when a name is unknown or there twice, or an address is none. */
function venueAddresses(text: string, known: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (text === "") return {};
  const pairs = text.split(",").map((part) => /^\s*(\w+)\s*=\s*(\S+?)\/*\s*$/.exec(part)?.slice(1) ?? []);
  const isKnown = ([name, address = ""]: readonly string[]) =>
    name !== undefined && known.includes(name) && isPublic(address);
  if (!pairs.every(isKnown) || new Set(pairs.map(([name]) => name)).size < pairs.length) return undefined;
  return Object.fromEntries(pairs);
}

/** A web address in which nothing but its path can be a secret. */
function isPublic(text: string): boolean {
  if (webAddress(text) === undefined) return false;
  const { username, password, search, hash } = new URL(text);
  return username + password + search + hash === "";
}

/** Undefined when one of them is no address, or is there twice. */
function webAddresses(text: string): readonly string[] | undefined {
  const parts = text.split(",").map((part) => part.trim());
  if (text === "") return [];
  return parts.every((part) => webAddress(part)) && new Set(parts).size === parts.length ? parts : undefined;
}

function wholeNumber(text: string, least: number, most: number): number | undefined {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

function privateKey(text: string): Hex | undefined {
  return /^0x[0-9a-fA-F]{64}$/.test(text) ? (text as Hex) : undefined;
}

function account(text: string): Hex | undefined {
  return isAddress(text) ? text : undefined;
}

function adminToken(text: string): string | undefined {
  return /^[!-~]{20,}$/.test(text) ? text : undefined;
}

/** A kill switch that cannot be read must not be taken for "not set". */
function pause(text: string): Pause | undefined {
  if (text === "" || text === "0" || text.toLowerCase() === "false") return { kind: "none" };
  if (text === "1" || text.toLowerCase() === "true") return { kind: "always" };
  try {
    return { kind: "until", time: untilTime(text) };
  } catch {
    return undefined;
  }
}

/** The names and values in the `.env` of a folder; none when there is no such file. */
export function readDotenv(folder: string): Variables {
  const file = resolve(folder, ".env");
  return existsSync(file) ? parse(withoutMark(readFileSync(file, "utf8"))) : {};
}

/** The names and values in a chain's own file. @throws TonsorError BAD_CONFIG when it cannot be read */
export function readEnvFile(path: string): Variables {
  try {
    return parse(withoutMark(readFileSync(path, "utf8")));
  } catch (error) {
    const given = `${path} (${(error as NodeJS.ErrnoException).code ?? "unreadable"})`;
    throw configError([{ path: "--env", given, expected: "a readable file of one NAME=value a line" }]);
  }
}

/**
 * The variables of `.env`, of the environment, which wins, and of a chain's own file, which wins over both. `NAME=` means
 * "not set here", as in docker compose, and hides nothing.
 */
export function withDotenv(folder: string, variables: Variables, own: Variables = {}): Variables {
  const set = [...Object.entries(variables), ...Object.entries(own)].filter(([, value]) => (value ?? "") !== "");
  return { ...readDotenv(folder), ...Object.fromEntries(set) };
}

/** The folder of the markets' files that the variables name, absolute; null: the shipped one. */
export function marketsFolder(folder: string, variables: Variables, own: Variables = {}): string | null {
  const { marketsFolder: named } = parseEnvironment(withDotenv(folder, variables, own)).settings;
  return named === null ? null : resolve(folder, named);
}
