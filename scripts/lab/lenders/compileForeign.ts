import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";

/** What is deployed of another project: interface, creation code and where libraries go in it. */
export type Compiled = {
  readonly abi: readonly unknown[];
  readonly bytecode: string;
  readonly linkReferences: LinkReferences;
};
type LinkReferences = Readonly<
  Record<string, Readonly<Record<string, readonly { readonly start: number; readonly length: number }[]>>>
>;
type Output = {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Readonly<
    Record<
      string,
      Readonly<
        Record<string, { abi: unknown[]; evm: { bytecode: { object: string; linkReferences: LinkReferences } } }>
      >
    >
  >;
};

/** Beside Hardhat's own cache. */
const folder = fileURLToPath(new URL("../../../cache/foreign-contracts", import.meta.url));

/**
 * Compiles another project's sources with our compiler and returns the contracts asked for, by name. `settings` are
 * solc's. `read` returns the text of an import path. A result is kept in the cache folder by the hash of everything
 * that went into it, so the second run takes milliseconds.
 */
export function compileForeign(
  roots: readonly string[],
  contracts: readonly string[],
  settings: Readonly<Record<string, unknown>>,
  read: (path: string) => string,
): Record<string, Compiled> {
  const sources = closure(roots, read);
  const outputSelection = Object.fromEntries(
    [...sources.keys()].map((path) => [path, Object.fromEntries(contracts.map((name) => [name, OUTPUTS]))]),
  );
  const input = JSON.stringify({
    language: "Solidity",
    sources: Object.fromEntries([...sources].map(([path, content]) => [path, { content }])),
    settings: { ...settings, outputSelection },
  });
  const file = join(folder, `${createHash("sha256").update(input).digest("hex")}.json`);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const output = solc.compile(input) as string;
    writeFileSync(`${file}.${process.pid}`, output);
    renameSync(`${file}.${process.pid}`, file);
  }
  return pick(JSON.parse(readFileSync(file, "utf8")) as Output, contracts);
}

const OUTPUTS = ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences"];

/** Every source that the roots import, by the path under which it is imported. */
function closure(roots: readonly string[], read: (path: string) => string): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  const waiting = [...roots];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (sources.has(path)) continue;
    const content = read(path);
    sources.set(path, content);
    for (const match of content.matchAll(/^\s*(?:import|\}\s*from)[^;'"]*['"]([^'"]+)['"]/gm)) {
      const imported = match[1] ?? "";
      waiting.push(imported.startsWith(".") ? join(path, "..", imported) : imported);
    }
  }
  return sources;
}

function pick(output: Output, names: readonly string[]): Record<string, Compiled> {
  const errors = (output.errors ?? []).filter((error) => error.severity === "error");
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  const found = Object.values(output.contracts).flatMap((file) => Object.entries(file));
  return Object.fromEntries(
    names.map((name) => {
      const contract = found.find(([key, value]) => key === name && value.evm.bytecode.object !== "")?.[1];
      if (contract === undefined) throw new Error(`no contract ${name} in the sources`);
      const { object, linkReferences } = contract.evm.bytecode;
      return [name, { abi: contract.abi, bytecode: `0x${object}`, linkReferences }];
    }),
  );
}

/** Creation code with the addresses of its libraries filled in, by library name. */
export function linked(compiled: Compiled, libraries: Readonly<Record<string, string>>): string {
  let { bytecode } = compiled;
  for (const file of Object.values(compiled.linkReferences)) {
    for (const [name, places] of Object.entries(file)) {
      const address = libraries[name];
      if (address === undefined) throw new Error(`library ${name} is not deployed`);
      for (const { start, length } of places) {
        const from = 2 + start * 2;
        bytecode = bytecode.slice(0, from) + address.slice(2).toLowerCase() + bytecode.slice(from + length * 2);
      }
    }
  }
  return bytecode;
}
