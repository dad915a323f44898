import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PACKED_PARAMETERS_ABI } from "../../../keeper/protocols/packed/abi.ts";

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

test("the typed ABI is the compiled interface of the packed contract, entry for entry", () => {
  const path = "../../../artifacts/contracts/packed/interfaces/IPackedParameters.sol/IPackedParameters.json";
  const compiled = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")).abi as unknown[];
  assert.deepEqual(lines(PACKED_PARAMETERS_ABI), lines(compiled));
});
