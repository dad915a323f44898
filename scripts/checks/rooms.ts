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
      "type:markets",
      "protocols",
      "io",
      "type:domain",
    ],
  },
  cycle: {
    holds: "the doing",
    imports: ["pipeline", "type:domain"],
  },
  pipeline: {
    holds: "the reasoning",
    imports: ["policy", "quality", "model", "type:domain"],
    pure: true,
  },
  cli: {
    holds: "commands and their output",
    imports: [
      "type:operations",
      "type:audit",
      "type:submission",
      "dashboard",
      "type:runtime",
      "type:evidence",
      "io",
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
      "evidence",
      "submission",
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
    imports: ["pipeline", "cosign", "sources", "journal", "type:markets", "protocols", "type:io", "evidence", "domain"],
  },
  cosign: {
    holds: "signer quorum",
    imports: ["pipeline", "runtime", "protocols", "io", "domain"],
  },
  impact: {
    holds: "who would be liquidatable",
    imports: ["pipeline", "journal", "type:io", "domain"],
  },
  sources: {
    holds: "which source feeds a market",
    imports: ["protocols", "venues", "type:io", "quality", "model", "domain"],
  },
  submission: {
    holds: "transactions",
    imports: ["protocols", "evidence", "domain"],
  },
  dashboard: {
    holds: "status page",
    imports: ["io", "domain"],
  },
  runtime: {
    holds: "settings, clock, key, log",
    imports: ["io", "domain"],
  },
  journal: {
    holds: "write-ahead journal",
    imports: ["domain"],
  },
  markets: {
    holds: "reads the markets' files",
    imports: ["venues", "domain"],
  },
  protocols: {
    holds: "contract, feeds, record",
    imports: ["io", "domain"],
  },
  venues: {
    holds: "options, books, pools",
    imports: ["io", "domain"],
  },
  io: {
    holds: "HTTP, servers, RPC quorum",
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
