import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MODES, POWERS, SKIP_REASONS } from "../../keeper/domain/contract.ts";
import { COLLATERAL_PARAMETERS_ABI } from "../../keeper/protocols/abi.ts";
import { SKIP_WORDS, skipReasonName } from "../../keeper/protocols/words.ts";

function compiledAbi(path: string): unknown[] {
  const file = new URL(`../../artifacts/contracts/${path}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).abi;
}

/** Every entry as one line of text, without what only the compiler knows. */
function lines(abi: readonly unknown[]): string[] {
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== "object") return value;
    const kept = Object.entries(value).filter(([key]) => key !== "internalType" && key !== "anonymous");
    const named = kept.filter(
      ([key, entry]) => !(key === "name" && entry === "") && !(key === "indexed" && entry === false),
    );
    return Object.fromEntries(named.sort().map(([key, entry]) => [key, plain(entry)]));
  };
  return abi.map((entry) => JSON.stringify(plain(entry))).sort();
}

/** Entries of an ABI without the names of what a call returns, which an implementation may leave out. */
function unnamedOutputs(abi: readonly unknown[]): unknown[] {
  return abi.map((entry) => {
    const { outputs, ...rest } = entry as { readonly outputs?: readonly object[] };
    return outputs === undefined ? rest : { ...rest, outputs: outputs.map((one) => ({ ...one, name: "" })) };
  });
}

test("the typed ABI is that of the compiled contract, entry for entry, and returns are named as in its interface", () => {
  const compiled = compiledAbi("parameters/Parameters.sol/Parameters");
  assert.deepEqual(lines(unnamedOutputs(COLLATERAL_PARAMETERS_ABI)), lines(unnamedOutputs(compiled)));
  const ours = new Set(lines(COLLATERAL_PARAMETERS_ABI));
  const declared = lines(compiledAbi("parameters/IParameters.sol/IParameters"));
  assert.ok(declared.length > 40, String(declared.length));
  for (const line of declared) assert.ok(ours.has(line), line);
});

const source = (name: string) => readFileSync(new URL(`../../contracts/${name}.sol`, import.meta.url), "utf8");
function enumOf(file: string, name: string): string[] {
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source(file))?.[1] ?? "";
  return body
    .replaceAll(/\/\/.*$/gm, "")
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

test("modes and powers stand in the order of the Solidity enums", () => {
  assert.deepEqual([...MODES], enumOf("interfaces/IHaircuts", "Mode"));
  assert.deepEqual([...POWERS], enumOf("parameters/IParameters", "Power"));
});

test("skip reasons have the numbers of Reasons.sol, each with its words", () => {
  const numbered = [...source("parameters/Reasons").matchAll(/uint256 internal constant (\w+) = (\d+);/g)];
  assert.equal(numbered.length, SKIP_REASONS.length - 1);
  for (const [, name, number] of numbered) assert.equal(SKIP_REASONS[Number(number)], name);
  assert.deepEqual(Object.keys(SKIP_WORDS), [...SKIP_REASONS]);
});

test("a number beyond them reads as an unknown reason by number", () => {
  assert.equal(skipReasonName(11), "STEP_TOO_LARGE");
  assert.equal(skipReasonName(99), "UNKNOWN_REASON_99");
});
