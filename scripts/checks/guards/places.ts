import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** What has guards: the parameter contract, what stands in front of it, and what stands behind it. */
export const PARTS = ["parameters", "gateways", "adapters"] as const;
export type Part = (typeof PARTS)[number];

/** Where the contracts whose guards are counted are, and what tests them. Every path that moves with them is here. */
export const PLACES = {
  guarded: PARTS.map((part) => `contracts/${part}/*.sol`),
  /** Compiled besides them. */
  mocks: ["test/mocks/{Gas,Incident,Mock}*.sol"],
  solidityTests: "test/contracts",
  differential: "test/differential/contract/contract.test.ts",
  modelInvariants: "test/lab/contractModel/invariants.prop.test.ts",
} as const;

/** The contracts that have guards, and what they share. */
export function guardedFiles(): string[] {
  return [...withImports(filesAt(PLACES.guarded)).keys()].filter((file) => file.startsWith("contracts/")).sort();
}

/** The part a file of the contracts belongs to; what parts share is the parameter contract's. */
export function partOf(file: string): Part {
  return PARTS.find((part) => file.startsWith(`contracts/${part}/`)) ?? "parameters";
}

/** The tests of a part: in Solidity, and in TypeScript with those that are named after the file first. */
export const testsOf = {
  solidity: (part: Part): string[] => filesAt([`${PLACES.solidityTests}/${part}/**/*.t.sol`]),
  typescript: (part: Part, file = ""): string[] => {
    const all = filesAt([`test/${part}/*.test.ts`]);
    const isOwn = (test: string) => basename(test).startsWith(basename(file, ".sol"));
    return [...all.filter(isOwn), ...all.filter((test) => !isOwn(test))];
  },
};

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
