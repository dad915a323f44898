import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MODES, SKIP_REASONS } from "../../keeper/domain/contract.ts";
import {
  ACCESS_CONTROL_ABI,
  COLLATERAL_PARAMETERS_ABI,
  SKIP_WORDS,
  skipReasonName,
} from "../../keeper/protocols/abi.ts";

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

test("the typed ABI is the compiled interface, entry for entry", () => {
  const compiled = compiledAbi("interfaces/ICollateralParameters.sol/ICollateralParameters");
  assert.deepEqual(lines(COLLATERAL_PARAMETERS_ABI), lines(compiled));
});

test("the entries taken from AccessControl are those of the compiled contract", () => {
  const compiled = new Set(
    lines(compiledAbi("ParametersModule.sol/ParametersModule")).map((line) => line.replace(',"name":""', "")),
  );
  const shape = (line: string) => line.replaceAll(/,"outputs":\[.*?\]/g, "");
  const known = new Set([...compiled].map(shape));
  for (const line of lines(ACCESS_CONTROL_ABI)) assert.ok(known.has(shape(line)), line);
});

const source = readFileSync(new URL("../../contracts/interfaces/IParameterTypes.sol", import.meta.url), "utf8");
function enumOf(name: string): string[] {
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? "";
  return body
    .replaceAll(/\/\/.*$/gm, "")
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

test("modes and skip reasons stand in the order of the Solidity enums, each with its words", () => {
  assert.deepEqual([...MODES], enumOf("Mode"));
  assert.deepEqual([...SKIP_REASONS], enumOf("SkipReason"));
  assert.deepEqual(Object.keys(SKIP_WORDS), enumOf("SkipReason"));
});

test("a number beyond the enum reads as an unknown reason by number", () => {
  assert.equal(skipReasonName(9), "STEP_TOO_LARGE");
  assert.equal(skipReasonName(99), "UNKNOWN_REASON_99");
});
