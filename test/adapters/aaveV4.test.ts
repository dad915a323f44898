import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Abi, AbiFunction, AbiParameter } from "viem";
import { toFunctionSelector } from "viem";

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Our interface, and the published ABI that it must be part of. */
const PAIRS = [
  ["IAaveSpoke", "ISpokeV4"],
  ["IAaveHub", "IHubV4"],
  ["IAaveSpokeConfigurator", "ISpokeConfigurator"],
  ["IAaveHubConfigurator", "IHubConfigurator"],
] as const;

const functionsOf = (abi: Abi) => abi.filter((item): item is AbiFunction => item.type === "function");

/** What a parameter is on the wire, names of fields included: two of the same type may not change places. */
function wireOf({ type, name, components }: AbiParameter & { components?: readonly AbiParameter[] }): string {
  return components === undefined
    ? type
    : `${type}(${components.map((each) => `${each.name}:${wireOf(each)}`)})${name}`;
}

for (const [ours, published] of PAIRS) {
  test(`${ours} is part of the ABI that Aave publishes for v4 as ${published}`, () => {
    const path = `${root}artifacts/contracts/interfaces/adapters/IAaveV4.sol/${ours}.json`;
    const functions = functionsOf(JSON.parse(readFileSync(path, "utf8")).abi);
    const book = require(`@aave-dao/aave-address-book/abis/${published}`) as Record<string, Abi>;
    const theirs = new Map(
      functionsOf(book[`${published}_ABI`] as Abi).map((each) => [toFunctionSelector(each), each]),
    );
    assert.ok(functions.length > 0);
    for (const each of functions) {
      const other = theirs.get(toFunctionSelector(each));
      assert.ok(other !== undefined, `${each.name} is not published`);
      assert.deepEqual(other.outputs.map(unnamed), each.outputs.map(unnamed), each.name);
      assert.equal(other.stateMutability === "view", each.stateMutability === "view", each.name);
    }
  });
}

const unnamed = (parameter: AbiParameter) => wireOf({ ...parameter, name: "" });
