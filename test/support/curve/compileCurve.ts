import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Abi, Hex } from "viem";

type Output = {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly abi: Abi; readonly evm: { readonly bytecode: { readonly object: string } } }>>
    >
  >;
};
export type Compiled = { readonly abi: Abi; readonly bytecode: Hex };

/** The test pools of this folder, compiled by the npm compiler; they are no part of the project's own contracts. */
export function compileCurve(): Readonly<Record<"StableSwapPool" | "CryptoSwapPool", Compiled>> {
  const solc: { compile(input: string): string } = createRequire(import.meta.url)("solc");
  const names = ["StableSwapPool", "CryptoSwapPool"] as const;
  const content = (name: string) => readFileSync(new URL(`./${name}.sol`, import.meta.url), "utf8");
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(names.map((name) => [`${name}.sol`, { content: content(name) }])),
    settings: {
      viaIR: true,
      evmVersion: "cancun",
      optimizer: { enabled: true, runs: 1 },
      outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
    },
  };
  const output: Output = JSON.parse(solc.compile(JSON.stringify(input)));
  const wrong = (output.errors ?? []).filter(({ severity }) => severity === "error");
  if (wrong.length > 0) throw new Error(wrong.map((one) => one.formattedMessage).join("\n"));
  const of = (name: (typeof names)[number]): Compiled => {
    const contract = output.contracts[`${name}.sol`]?.[name];
    if (contract === undefined) throw new Error(`${name} was not compiled`);
    return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` };
  };
  return { StableSwapPool: of("StableSwapPool"), CryptoSwapPool: of("CryptoSwapPool") };
}
