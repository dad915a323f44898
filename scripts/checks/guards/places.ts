import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

const CORE = "contracts";

/** Where the contract whose guards are counted is, and what tests it. Every path that moves with it is here. */
export const PLACES = {
  core: CORE,
  /** Guards are searched in these. */
  guarded: [`${CORE}/*.sol`, `${CORE}/{core,libraries,gateways}/*.sol`],
  /** Compiled besides them. */
  mocks: ["test/mocks/{Gas,Incident,Mock}*.sol"],
  solidityTests: "test/contracts",
  gateways: `${CORE}/gateways/`,
  gatewayTests: "test/gateways",
  differential: "test/differential/contract/contract.test.ts",
  modelInvariants: "test/lab/contractModel/invariants.prop.test.ts",
} as const;

/** Files of the checkout that match, sorted, from its root. */
export function filesAt(patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).sort();
}

/** Where a Solidity import leads: a path from the root of the checkout, or the name of a package's file. */
function importsOf(file: string, content: string): string[] {
  return [...content.matchAll(/\bfrom\s+"([^"]+)"\s*;|^import\s+"([^"]+)"\s*;/gm)]
    .map(([, from, bare]) => from ?? bare ?? "")
    .map((target) => (target.startsWith(".") ? normalize(join(dirname(file), target)) : target));
}

/** These files and all they import, by the name the compiler knows them by. */
export function withImports(files: readonly string[], read = readSource): Map<string, string> {
  const found = new Map<string, string>();
  const left = [...files];
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (found.has(file)) continue;
    const content = read(file);
    found.set(file, content);
    left.push(...importsOf(file, content));
  }
  return found;
}

function readSource(file: string): string {
  const local = file.startsWith("contracts/") || file.startsWith("test/");
  return readFileSync(local ? join(ROOT, file) : join(ROOT, "node_modules", file), "utf8");
}
