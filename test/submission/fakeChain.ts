import { keccak256, type LocalAccount, parseTransaction, serializeTransaction } from "viem";
import type { Batch, Entry, Hex } from "../../keeper/domain/contract.ts";
import type { Broadcaster, Receipt } from "../../keeper/submission/broadcaster.ts";
import { CALM_LIMIT } from "../support/entries.ts";

type Transaction = { hash: Hex; nonce: number; data: Hex; maxFeePerGas: bigint; maxPriorityFeePerGas: bigint };
type Mined = Transaction & Receipt;

/** Signs nothing: the unsigned bytes are as good for a chain that does not look at signatures. */
export const unsigned = {
  address: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
  signTransaction: async (transaction: Parameters<typeof serializeTransaction>[0]) => serializeTransaction(transaction),
} as unknown as LocalAccount;

/**
 * A chain of one account and one contract, as unkind as chains are: the node's pool forgets, other pools do not, and any
 * transaction that a node ever took may be the one that is mined. The contract takes the next sequence, in time.
 */
export class FakeChain {
  time = 1_000;
  height = 0n;
  baseFee = 20n;
  sequence = 0n;
  current = { marketId: 1, initialBps: 2_000, maintenanceTargetBps: 1_700, limit: CALM_LIMIT };
  readonly mined: Mined[] = [];
  readonly batches = new Map<Hex, Batch>();
  /** What the node has, by nonce; and everything any node ever took. */
  readonly pool = new Map<number, Transaction>();
  readonly everTaken: Transaction[] = [];
  loseNextAnswer = false;

  readonly broadcaster: Broadcaster = {
    chainId: async () => 31_337,
    latestBlock: async () => ({ time: this.time, number: this.height, baseFee: this.baseFee }),
    nonce: async (_, tag) => this.mined.length + (tag === "pending" && this.pool.has(this.mined.length) ? 1 : 0),
    tip: async () => null,
    publicationFee: async () => 0n,
    balance: async () => 10n ** 20n,
    receipt: async (hash) => this.mined.find((one) => one.hash === hash) ?? null,
    knows: async (hash) => [...this.mined, ...this.pool.values()].some((one) => one.hash === hash),
    send: async (raw) => {
      this.#take(raw);
      if (!this.loseNextAnswer) return;
      this.loseNextAnswer = false;
      throw new Error("socket hang up");
    },
  };

  #take(raw: Hex): void {
    const { nonce = 0, data = "0x", maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = parseTransaction(raw);
    const given = { hash: keccak256(raw), nonce, data, maxFeePerGas, maxPriorityFeePerGas };
    const rival = this.pool.get(nonce);
    if (nonce < this.mined.length) throw new Error("nonce too low");
    if (nonce > this.mined.length) throw new Error("a gap that no keeper should leave");
    if (rival?.hash === given.hash) throw new Error("already known");
    // geth: at least a tenth more, and strictly more, of both.
    const beats = (field: "maxFeePerGas" | "maxPriorityFeePerGas") =>
      rival === undefined || (given[field] * 10n >= rival[field] * 11n && given[field] > rival[field]);
    if (!beats("maxFeePerGas") || !beats("maxPriorityFeePerGas"))
      throw new Error("replacement transaction underpriced");
    this.pool.set(nonce, given);
    if (!this.everTaken.some((one) => one.hash === given.hash)) this.everTaken.push(given);
  }

  /** Mines a block with the `choice`-th of the transactions that may be in it, or with none. */
  mine(choice: number): void {
    this.time += 12;
    this.height += 1n;
    const nonce = this.mined.length;
    const able = this.everTaken.filter((one) => one.nonce === nonce && one.maxFeePerGas >= this.baseFee);
    const chosen = able[choice % Math.max(1, able.length)];
    if (chosen === undefined) return;
    const batch = this.batches.get(chosen.data);
    const success = batch === undefined || (batch.sequence === this.sequence + 1n && this.time <= batch.deadline);
    const block = { blockNumber: BigInt(nonce + 1), blockHash: chosen.hash, feeWei: chosen.maxFeePerGas * 50_000n };
    this.mined.push({ ...chosen, success, ...block });
    this.pool.delete(nonce);
    if (batch === undefined || !success) return;
    this.sequence = batch.sequence;
    const [update] = batch.entries;
    if (update !== undefined) this.current = { ...this.current, ...valuesOf(update) };
  }
}

const valuesOf = ({ initialBps, maintenanceTargetBps, limit }: Entry) => ({
  initialBps,
  maintenanceTargetBps,
  limit,
});
