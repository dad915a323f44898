import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildInput, deploymentArtifacts } from "../deploy/artifacts.ts";
import { closureOf, compileSources } from "./compile.ts";
import { parametersAbi } from "./generate.ts";
import { PACKAGES, type PackageSpec } from "./packages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

type Manifest = {
  readonly version: string;
  readonly license: string;
  readonly engines: Readonly<Record<string, string>>;
} & {
  readonly dependencies: Readonly<Record<string, string>>;
};

/**
 * Makes the folder of every package below `place`, each ready for `npm pack`: compiled code, what it imports as dependencies
 * of the versions tested here, copies, page and licence. Contracts have to be compiled (`npm run build`).
 * @returns the folders, by the package's name
 */
export function stagePackages(place: string): Readonly<Record<string, string>> {
  rmSync(place, { recursive: true, force: true });
  const compiled = join(place, ".compiled");
  mkdirSync(compiled, { recursive: true });
  compileSources(
    root,
    PACKAGES.flatMap(({ code }) => code?.entry ?? []),
    compiled,
  );
  const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
  const folders = PACKAGES.map((spec) => [spec.name, stage(spec, join(place, spec.name), compiled, own)] as const);
  rmSync(compiled, { recursive: true });
  return Object.fromEntries(folders);
}

function stage(spec: PackageSpec, folder: string, compiled: string, own: Manifest): string {
  const put = (from: string, to: string) => cpSync(from, join(folder, to), { recursive: true });
  // The links of a room's own page lead to files that are not in the package.
  const filter = (file: string) => basename(file) !== "README.md";
  for (const [from, to] of spec.copies) cpSync(join(root, from), join(folder, to), { recursive: true, filter });
  put(join(root, "LICENSE"), "LICENSE");
  put(join(root, spec.folder, "README.md"), "README.md");
  const { code } = spec;
  const closure = code === undefined ? null : closureOf(compiled, code.entry, code.types);
  for (const file of closure?.files ?? []) put(join(compiled, file), code?.types === true ? join("dist", file) : file);
  if (code?.types === false) asProgram(join(folder, code.entry.replace(/\.ts$/, ".js")));
  if (code === undefined) addCompiled(folder);
  const manifest = manifestOf(spec, closure?.imports ?? [], own);
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return folder;
}

function manifestOf(spec: PackageSpec, imports: readonly string[], own: Manifest): Record<string, unknown> {
  const { name, description, keywords, code, optional = [] } = spec;
  const peers = [...spec.peers, ...optional];
  const imported = imports.filter((one) => !one.startsWith("node:")).map(packageOf);
  const wanted = [...new Set([...imported, ...spec.dependencies])].sort();
  // A program runs with what it was tested with; a library takes what its consumer has.
  const range = (one: string) => `${code?.types === true ? "^" : ""}${own.dependencies[one]}`;
  const versions = (names: readonly string[]) => Object.fromEntries(names.map((one) => [one, range(one)]));
  const entry = code?.entry.replace(/\.ts$/, "") ?? "";
  return {
    ...{ name, version: own.version, description, keywords, license: own.license },
    ...(code === undefined ? {} : { type: "module" }),
    ...(code?.types === true ? { sideEffects: false, exports: exportsOf(entry) } : {}),
    ...(code?.types === false ? { bin: { [name]: `${entry}.js` }, engines: own.engines } : {}),
    dependencies: versions(wanted.filter((one) => !peers.includes(one))),
    ...(peers.length === 0 ? {} : { peerDependencies: versions(peers) }),
    ...(optional.length === 0 ? {} : { peerDependenciesMeta: optionalPeers(optional) }),
    publishConfig: { access: "public" },
  };
}

function optionalPeers(names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, { optional: true }]));
}

function exportsOf(entry: string): Record<string, unknown> {
  const main = { types: `./dist/${entry}.d.ts`, default: `./dist/${entry}.js` };
  return { ".": main, "./package.json": "./package.json" };
}

/** @example packageOf("@a/b/c") // "@a/b" */
function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function asProgram(file: string): void {
  writeFileSync(file, `#!/usr/bin/env node\n${readFileSync(file, "utf8")}`);
  chmodSync(file, 0o755);
}

/** What the compiler made: the ABIs by contract, and the creation code that the fixture deploys; and the mock's imports. */
function addCompiled(folder: string): void {
  const abis = Object.fromEntries(
    globSync("{adapters,gateways,interfaces,parameters}/**/*.sol", { cwd: folder }).sort().flatMap(abisOf),
  );
  const all = { ...abis, Parameters: parametersAbi() };
  writeFileSync(join(folder, "abi.json"), `${JSON.stringify(all)}\n`);
  const { contract } = deploymentArtifacts();
  const { solcLongVersion, input } = buildInput(contract);
  const { viaIR, evmVersion, optimizer } = (input as { readonly settings: Readonly<Record<string, unknown>> }).settings;
  writeFileSync(
    join(folder, "testing", "ParametersCode.sol"),
    `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev The creation code of parameters/Parameters.sol as released: solc ${solcLongVersion},
/// ${JSON.stringify({ viaIR, evmVersion, optimizer })}
function parametersCode() pure returns (bytes memory) {
    return hex"${contract.bytecode.slice(2)}";
}
`,
  );
  const mock = join(folder, "testing", "MockHaircuts.sol");
  writeFileSync(mock, readFileSync(mock, "utf8").replaceAll("../../contracts/", "../"));
}

/** Every contract and interface of a source that has an ABI. */
function abisOf(source: string): readonly (readonly [name: string, abi: unknown])[] {
  const compiled = join(root, "artifacts", "contracts", source);
  return globSync("*.json", { cwd: compiled }).flatMap((file) => {
    const { contractName, abi } = JSON.parse(readFileSync(join(compiled, file), "utf8")) as {
      readonly contractName: string;
      readonly abi: readonly unknown[];
    };
    return abi.length === 0 ? [] : [[contractName, abi] as const];
  });
}
