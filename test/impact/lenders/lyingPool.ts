import { type Abi, decodeFunctionData, encodeFunctionResult, type Hex, parseAbi, zeroAddress } from "viem";
import { AAVE_BORROW } from "../../../keeper/impact/lenders/aaveV3/aaveV3.ts";
import { openLenders } from "../../../keeper/impact/lenders/lenders.ts";
import type { Call, Rpc } from "../../../keeper/io/rpc.ts";
import { openJournal } from "../../../keeper/journal/journal.ts";

const abi: Abi = parseAbi([
  "function getReservesCount() view returns (uint256)",
  "function getReserveAddressById(uint16 id) view returns (address)",
  "function getConfiguration(address asset) view returns (uint256)",
  "function getReserveAToken(address asset) view returns (address)",
  "function getReserveVariableDebtToken(address asset) view returns (address)",
  "function getReserveNormalizedIncome(address asset) view returns (uint256)",
  "function getReserveNormalizedVariableDebt(address asset) view returns (uint256)",
  "function getEModeCategoryCollateralConfig(uint8 id) view returns (uint16 ltv, uint16 threshold, uint16 bonus)",
  "function getEModeCategoryCollateralBitmap(uint8 id) view returns (uint128)",
  "function getUserAccountData(address account) view returns (uint256, uint256, uint256, uint256, uint256, uint256)",
  "function getPool() view returns (address)",
  "function getPriceOracle() view returns (address)",
  "function BASE_CURRENCY() view returns (address)",
  "function BASE_CURRENCY_UNIT() view returns (uint256)",
  "function getAssetPrice(address asset) view returns (uint256)",
  "function decimals() view returns (uint8)",
  "function totalSupply() view returns (uint256)",
]);

const at = (kind: string, id: number): Hex => `0x${kind.repeat(19)}${id.toString(16).padStart(2, "0")}`;
export const assetAt = (id: number): Hex => at("a5", id);
export const accountAt = (id: number): Hex => at("ac", id);
const [PROVIDER, POOL, ORACLE] = [at("01", 1), at("01", 2), at("01", 3)];
const RAY = 10n ** 27n;

/** What an account has and owes, scaled, by reserve id. */
export type Held = { readonly has: Readonly<Record<number, bigint>>; readonly owes: Readonly<Record<number, bigint>> };

/**
 * A pool with so many reserves (eight decimals, one dollar each, threshold of 80 %, indices of 1) that answers what it is told to:
 * `lies` by the name of a view. Its asset 0 is our market 1.
 */
export function lyingPool(reserves: number, accounts: readonly Held[]) {
  const lies: Record<string, (...args: readonly unknown[]) => unknown> = {};
  const paused = new Set<number>();
  const idOf = (address: unknown) => Number.parseInt(String(address).slice(-2), 16);
  const sum = (of: Readonly<Record<number, bigint>>) => Object.values(of).reduce((total, one) => total + one, 0n);
  const honest: typeof lies = {
    getReservesCount: () => BigInt(reserves),
    getReserveAddressById: (id) => assetAt(Number(id)),
    getConfiguration: (asset) => (8n << 48n) | (8_000n << 16n) | (paused.has(idOf(asset)) ? 1n << 60n : 0n),
    getReserveAToken: (asset) => at("a7", idOf(asset)),
    getReserveVariableDebtToken: (asset) => at("d7", idOf(asset)),
    getReserveNormalizedIncome: () => RAY,
    getReserveNormalizedVariableDebt: () => RAY,
    getEModeCategoryCollateralConfig: () => [9_000, 9_300, 10_100],
    getEModeCategoryCollateralBitmap: () => 0n,
    getUserAccountData(account) {
      const one = accounts[idOf(account)];
      const [has, owes] = [sum(one?.has ?? {}), sum(one?.owes ?? {})];
      return [has, owes, 0n, 8_000n, 0n, owes === 0n ? 2n ** 256n - 1n : (has * 8_000n * 10n ** 18n) / owes / 10_000n];
    },
    getPool: () => POOL,
    getPriceOracle: () => ORACLE,
    BASE_CURRENCY: () => zeroAddress,
    BASE_CURRENCY_UNIT: () => 10n ** 8n,
    getAssetPrice: () => 10n ** 8n,
    decimals: () => 8,
    totalSupply: () => accounts.reduce((total, { has }) => total + (has[0] ?? 0n), 0n),
  };
  const word = (value: bigint, bytes: number) => value.toString(16).padStart(2 * bytes, "0");
  /** What `AaveLens` answers about the accounts of its input. */
  const lens = (data: Hex): Hex => {
    const size = 2 + 40 + 4 + reserves * 80;
    const asked = data.slice(size).match(/.{40}/g) ?? [];
    const answers = asked.map((account) => {
      const { has, owes } = accounts[idOf(account)] ?? { has: {}, owes: {} };
      let [flags, balances] = [0n, ""];
      for (let id = 0; id < reserves; id++) {
        if (has[id] !== undefined) flags |= 2n << BigInt(2 * id);
        if (owes[id] !== undefined) flags |= 1n << BigInt(2 * id);
        balances += [has[id], owes[id]].map((one) => (one === undefined ? "" : word(one, 16))).join("");
      }
      return word(flags, 32) + word(0n, 1) + balances;
    });
    return `0x${answers.join("")}`;
  };
  const calls: Rpc["calls"] = async (all) =>
    all.map(({ data, code }: Call) => {
      if (code !== undefined) return { ok: true, data: lens(data) };
      const { functionName, args = [] } = decodeFunctionData({ abi, data });
      const result = (lies[functionName] ?? honest[functionName])?.(...args);
      if (result === "revert") return { ok: false, reason: "because" };
      return { ok: true, data: encodeFunctionResult({ abi, functionName, result } as never) };
    });
  const block = async (number: bigint | "latest") => {
    const hash: Hex = `0x${word(BigInt(number), 32)}`;
    return { number: BigInt(number), hash, timestamp: 0, baseFee: 0n };
  };
  const ask = async () =>
    accounts.map((_, i) => {
      const topics = [AAVE_BORROW.topics[0], `0x${word(0n, 32)}`, `0x${word(BigInt(accountAt(i)), 32)}`];
      return { address: POOL, topics, blockNumber: "0x1" };
    });
  const lender = { kind: "aave-v3", name: "Aave", fromBlock: 1, provider: PROVIDER, pool: POOL, markets: [1] } as const;
  const deployment = { lenders: [lender], markets: [{ id: 1, collateral: assetAt(0) }] };
  const rpc = { chainId: 1, name: "liar", calls, block };
  const store = openJournal(":memory:", { chainId: 1, contract: POOL });
  let number = 10n;
  return {
    ...{ lies, paused, deployment, rpc, ask, store },
    /** Reads its book at the next block. */
    async look() {
      number += 1n;
      const seen = await openLenders({ deployment, rpc, ask, store })?.({ number, timestamp: 0 });
      return { fault: seen?.states[0]?.fault ?? "none", book: seen?.markets.get(1), states: seen?.states ?? [], seen };
    },
  };
}
