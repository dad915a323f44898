import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const keeper = join(ROOT, "keeper");

export type Room = {
  /** What is in it, in a few words, for the picture. */
  readonly holds: string;
  /** Rooms that it may import; `type:` allows type-only imports. It may always import itself. */
  readonly imports: readonly string[];
  /** Without clock, randomness, environment, waiting, logging and I/O. */
  readonly pure?: true;
};

/**
 * Who may import whom in `keeper/`. A room is a folder, or a file at the top. The architecture test holds the sources to
 * this table, and `keeper/architecture.svg` is drawn from it.
 */
export const ROOMS: Readonly<Record<string, Room>> = {
  main: {
    holds: "the process",
    imports: ["cli", "operations"],
  },
  keeper: {
    holds: "the wiring",
    imports: [
      "cycle",
      "cosign",
      "impact",
      "sources",
      "submission",
      "runtime",
      "journal",
      "markets",
      "protocols",
      "io",
      "domain",
    ],
  },
  cycle: {
    holds: "the doing",
    imports: ["pipeline", "type:domain"],
  },
  pipeline: {
    holds: "the reasoning",
    imports: ["policy", "quality", "model", "domain"],
    pure: true,
  },
  cli: {
    holds: "commands and their output",
    imports: [
      "type:operations",
      "type:audit",
      "type:submission",
      "dashboard",
      "runtime",
      "type:evidence",
      "policy",
      "model",
      "domain",
    ],
  },
  operations: {
    holds: "service, health, alerts",
    imports: [
      "keeper",
      "pipeline",
      "audit",
      "cosign",
      "impact",
      "type:submission",
      "dashboard",
      "runtime",
      "journal",
      "markets",
      "protocols",
      "venues",
      "io",
      "policy",
      "model",
      "domain",
    ],
  },
  audit: {
    holds: "verify, recompute, rebuild",
    imports: ["pipeline", "cosign", "sources", "journal", "markets", "protocols", "type:io", "evidence", "domain"],
  },
  cosign: {
    holds: "signer quorum",
    imports: ["pipeline", "runtime", "protocols", "domain"],
  },
  impact: {
    holds: "who would be liquidatable",
    imports: ["pipeline", "journal", "type:io", "domain"],
  },
  sources: {
    holds: "which source feeds a market",
    imports: ["runtime", "markets", "protocols", "venues", "type:io", "model", "domain"],
  },
  submission: {
    holds: "transactions",
    imports: ["protocols", "evidence", "domain"],
  },
  dashboard: {
    holds: "status page",
    imports: ["domain"],
  },
  runtime: {
    holds: "settings, clock, key, log",
    imports: ["domain"],
  },
  journal: {
    holds: "write-ahead journal",
    imports: ["domain"],
  },
  markets: {
    holds: "market data files",
    imports: ["domain"],
  },
  protocols: {
    holds: "contract, feeds, record",
    imports: ["type:io", "domain"],
  },
  venues: {
    holds: "options, books, pools",
    imports: ["io", "domain"],
  },
  io: {
    holds: "HTTP, RPC quorum",
    imports: ["domain"],
  },
  evidence: {
    holds: "canonical inputs, hash",
    imports: ["domain"],
  },
  policy: {
    holds: "limits, budgets, decide",
    imports: ["domain"],
    pure: true,
  },
  quality: {
    holds: "accept or name the fault",
    imports: ["model", "domain"],
    pure: true,
  },
  model: {
    holds: "risk and haircuts",
    imports: ["domain"],
    pure: true,
  },
  domain: {
    holds: "units, types, errors, formats",
    imports: [],
    pure: true,
  },
};

/** An import of another file of this repository. */
export type Import = {
  /** Absolute path. */
  readonly target: string;
  readonly typeOnly: boolean;
  /** As written, on one line. */
  readonly line: string;
};

/** Every TypeScript file below a folder, absolute paths. */
export function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesIn(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

/** The room of a file of `keeper/`. @example roomOf("/.../keeper/model/risk.ts") // "model" */
export function roomOf(file: string): string {
  const [first = ""] = relative(keeper, file).split("/");
  return first.replace(/\.ts$/, "");
}

export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

/** What a file imports from this repository, in the order of its lines. */
export function importsOf(file: string): Import[] {
  const text = withoutComments(readFileSync(file, "utf8"));
  const pattern = /(?:import|export)\s+(type\s+)?[^;]*?from\s+"(\.[^"]+)"|import\(\s*"(\.[^"]+)"\s*\)/g;
  return [...text.matchAll(pattern)].map((match) => ({
    target: resolve(dirname(file), (match[2] ?? match[3]) as string),
    typeOnly: match[1] !== undefined,
    line: match[0].replace(/\s+/g, " "),
  }));
}
