import { AbiCoder, Contract, Interface, type JsonRpcProvider, type Log, type Result } from "ethers";
import { type Check, compare } from "./compare.ts";

export type Ask = (to: string, abi: Interface, name: string, ...args: readonly unknown[]) => Promise<unknown>;

const LOG_RANGE = 10_000;

/** Every event of an address with these topics since a block, as many at once as nodes give. */
export async function logsSince(
  provider: JsonRpcProvider,
  address: string,
  topics: readonly (string | readonly string[] | null)[],
  fromBlock: number,
  latest?: number,
): Promise<readonly Log[]> {
  const logs: Log[] = [];
  const end = latest ?? (await provider.getBlockNumber());
  for (let from = fromBlock; from <= end; from += LOG_RANGE) {
    const toBlock = Math.min(end, from + LOG_RANGE - 1);
    logs.push(
      ...(await provider.getLogs({
        address,
        topics: topics as (string | string[] | null)[],
        fromBlock: from,
        toBlock,
      })),
    );
  }
  return logs;
}

/** Asks by ethers at the latest block. */
export function askBy(provider: JsonRpcProvider): Ask {
  return async (to, abi, name, ...args) => await new Contract(to, abi, provider).getFunction(name)(...args);
}

/** Constructor arguments by the names of the getters that answer them: without an underscore, a struct's fields one by one. */
export function builtWith(abi: Interface | readonly unknown[], encoded: string): ReadonlyMap<string, string> {
  const { inputs } = (abi instanceof Interface ? abi : new Interface(abi as never)).deploy;
  const values = AbiCoder.defaultAbiCoder().decode(inputs, encoded);
  return new Map(
    inputs.flatMap(({ name, components }, at) => {
      if (components === null) return [[name.replace(/_$/, ""), String(values[at])] as const];
      return components.map((field, n) => [field.name, String((values[at] as Result)[n])] as const);
    }),
  );
}

/** Returns the comparison of what a contract reads and of its getters with what it was built with. */
export async function checkBuilt(
  ask: Ask,
  what: string,
  address: string,
  abi: Interface,
  built: ReadonlyMap<string, string>,
  contract: { readonly address: string },
  stable: { readonly address: string } | undefined,
): Promise<Check[]> {
  const reads = built.get("parameters") ?? "";
  const known = reads === stable?.address ? stable.address : contract.address;
  const checks = [compare(`${what} reads`, known, reads)];
  for (const [getter, value] of built) {
    if (abi.getFunction(getter) === null) continue;
    checks.push(compare(`${what} ${getter}`, value, await ask(address, abi, getter)));
  }
  return checks;
}
