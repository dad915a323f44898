import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import hre from "hardhat";
import { compiled } from "../../../support/compiled.ts";

type Variable = { readonly label: string; readonly slot: string; readonly offset: number; readonly type: string };

const MAX_RUNTIME = 24_576;
const MAX_INITCODE = 49_152;
const root = new URL("../../../../", import.meta.url);

await compiled();
const bytes = (hex: string) => (hex.length - 2) / 2;

for (const name of ["CollateralParameters", "ParametersModule"]) {
  test(`${name} fits a mainnet: runtime code within 24 576 bytes, initcode within 49 152`, async () => {
    const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact(name);
    assert.ok(bytes(deployedBytecode) > 0 && bytes(deployedBytecode) <= MAX_RUNTIME, `${bytes(deployedBytecode)}`);
    assert.ok(bytes(bytecode) <= MAX_INITCODE, `${bytes(bytecode)}`);
  });
}

test("the module's storage starts with the contract's, variable for variable", () => {
  const core = layoutOf("contracts/CollateralParameters.sol", "CollateralParameters");
  const module = layoutOf("contracts/ParametersModule.sol", "ParametersModule");
  assert.ok(core.length > 5, `${core.length} variables`);
  assert.deepEqual(module.slice(0, core.length), core);
  // What follows is the module's alone: roles.
  assert.deepEqual(
    module.slice(core.length).map(({ label }) => label),
    ["_roles"],
  );
});

/** Storage of a contract as the compiler lays it out. No code is generated, so this takes a second. */
function layoutOf(file: string, name: string): readonly Variable[] {
  const solc = createRequire(import.meta.url)("solc") as {
    compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string;
  };
  const read = (path: string) => {
    const found = [new URL(path, root), new URL(`node_modules/${path}`, root)].find((url) => existsSync(url));
    return found ? { contents: readFileSync(found, "utf8") } : { error: `no file ${path}` };
  };
  const source = { content: readFileSync(new URL(file, root), "utf8") };
  const settings = { outputSelection: { [file]: { [name]: ["storageLayout"] } } };
  const input = { language: "Solidity", sources: { [file]: source }, settings };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read })) as {
    contracts: Record<string, Record<string, { storageLayout: { storage: readonly Variable[] } }>>;
  };
  const storage = output.contracts[file]?.[name]?.storageLayout.storage ?? [];
  // Types carry numbers of the compiler's own: t_mapping(...)1234_storage.
  return storage.map(({ label, slot, offset, type }) => ({
    label,
    slot,
    offset,
    type: type.replaceAll(/\)\d+/g, ")"),
  }));
}
