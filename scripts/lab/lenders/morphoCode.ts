import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Compiled, compileForeign } from "./compileForeign.ts";

const SETTINGS = { viaIR: true, evmVersion: "paris", optimizer: { enabled: true, runs: 200 } };

/**
 * Morpho Blue 1.0.0, compiled from the sources that Morpho published (8 s the first time). Morpho.sol asks for 0.8.19 and
 * we have one compiler: the line is changed in memory and nowhere else.
 */
export function morphoCode(): Compiled {
  const root = join(dirname(createRequire(import.meta.url).resolve("@morpho-org/morpho-blue/package.json")), "src");
  const source = (path: string) =>
    readFileSync(join(root, path), "utf8").replace("pragma solidity 0.8.19", "pragma solidity ^0.8.19");
  const { Morpho } = compileForeign(["Morpho.sol"], ["Morpho"], SETTINGS, source);
  if (Morpho === undefined) throw new Error("Morpho did not compile");
  return Morpho;
}
