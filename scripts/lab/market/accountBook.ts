import { TonsorError } from "../../../keeper/domain/errors.ts";

/** Amounts are whole units, so that sums are exact: a millionth of a token and a cent. Both stay below 2^53. */
export const TOKEN_UNITS = 1_000_000;
export const USD_UNITS = 100;

/** Width of a bucket in the natural logarithm of debt per collateral, and the logarithm where the first begins. */
const WIDTH = 1e-4;
const LOWEST = -25;
const BUCKETS = 350_000;

/**
 * Borrowers of one collateral, ordered by debt per unit of collateral, so that a fall of the price touches only those it
 * reaches. An account is liquidatable exactly when `debt / collateral > price * liquidation threshold`; each is kept in a
 * bucket of the logarithm of that ratio, and buckets at the border are checked account by account.
 *
 * Opening, changing and closing cost O(1); finding what is due costs the accounts due, those of two border buckets, and the
 * empty blocks between (two for a fall of 1 %).
 */
export class AccountBook {
  #collateral: Float64Array;
  #debt: Float64Array;
  #next: Int32Array;
  #previous: Int32Array;
  #bucket: Int32Array;
  readonly #heads = new Int32Array(BUCKETS).fill(-1);
  readonly #bucketDebt = new Float64Array(BUCKETS);
  /** Accounts in each block of 64 buckets, so that empty ones are passed over at once. */
  readonly #blocks = new Int32Array((BUCKETS >> 6) + 1);
  #generation: Int32Array;
  readonly #free: number[] = [];
  #size = 0;
  /** No bucket above it holds an account. */
  #top = -1;
  /** Accounts read or written since the book was made: what the work grows with. */
  touched = 0;
  /** Whole units held by all accounts. */
  totalCollateral = 0;
  totalDebt = 0;

  /** @param capacity accounts to make room for; grows by itself */
  constructor(capacity = 1_024) {
    this.#collateral = new Float64Array(capacity);
    this.#debt = new Float64Array(capacity);
    this.#next = new Int32Array(capacity);
    this.#previous = new Int32Array(capacity);
    this.#bucket = new Int32Array(capacity);
    this.#generation = new Int32Array(capacity);
  }

  /** How often the id was closed: an id is given again, a pair of id and generation is not. */
  generationOf(id: number): number {
    return this.#generation[id] as number;
  }

  /** Accounts that were ever open at the same time: ids are below it. */
  get ids(): number {
    return this.#size;
  }

  /** Whole units; 0 for an account that was closed. */
  collateralOf(id: number): number {
    return this.#collateral[id] as number;
  }

  /** Whole units; 0 for an account that was closed. */
  debtOf(id: number): number {
    return this.#debt[id] as number;
  }

  /**
   * Opens an account and returns its id.
   * @param collateral whole units > 0
   * @param debt whole units > 0
   * @throws TonsorError OUT_OF_RANGE when an amount is not a positive whole number of units
   */
  open(collateral: number, debt: number): number {
    requireUnits("collateral", collateral);
    requireUnits("debt", debt);
    const id = this.#free.pop() ?? this.#size++;
    if (id >= this.#debt.length) this.#grow();
    this.#put(id, collateral, debt);
    return id;
  }

  /** Gives an account new amounts; without debt or collateral it is closed. */
  change(id: number, collateral: number, debt: number): void {
    this.#take(id);
    if (collateral > 0 && debt > 0) this.#put(id, collateral, debt);
    else {
      this.#collateral[id] = 0;
      this.#debt[id] = 0;
      this.#generation[id] = (this.#generation[id] as number) + 1;
      this.#free.push(id);
    }
  }

  /**
   * Ids of the accounts with debt per collateral in (above, upTo], bucket by bucket from the riskiest down, each bucket
   * sorted by that ratio and then by id. The book may be changed while they are visited; what was changed comes again
   * only in a new call.
   */
  *between(above: number, upTo: number): Generator<number> {
    const last = Math.max(0, bucketOf(above) - 1);
    const first = Math.min(this.#top, bucketOf(upTo) + 1);
    for (let bucket = this.#filled(first, last); bucket >= last; bucket = this.#filled(bucket - 1, last)) {
      const found: number[] = [];
      for (let id = this.#heads[bucket] as number; id !== -1; id = this.#next[id] as number) {
        this.touched += 1;
        const ratio = this.ratio(id);
        if (ratio > above && ratio <= upTo) found.push(id);
      }
      if (found.length > 1) found.sort((a, b) => this.ratio(b) - this.ratio(a) || a - b);
      yield* found;
    }
  }

  /** Debt of the accounts with debt per collateral in (above, upTo], whole units; buckets inside are summed whole. */
  debtBetween(above: number, upTo: number): number {
    const [low, high] = [bucketOf(above) + 1, bucketOf(upTo) - 1];
    if (this.#top < low - 2) return 0;
    let sum = 0;
    const border = (bucket: number): void => {
      if (bucket < 0 || bucket >= BUCKETS) return;
      for (let id = this.#heads[bucket] as number; id !== -1; id = this.#next[id] as number) {
        this.touched += 1;
        const ratio = this.ratio(id);
        if (ratio > above && ratio <= upTo) sum += this.#debt[id] as number;
      }
    };
    // The logarithm may round a ratio at a border into the bucket beside it.
    const outer = new Set([low - 2, low - 1, low, high, high + 1, high + 2]);
    for (const bucket of outer) border(bucket);
    const [first, last] = [Math.min(high - 1, this.#top), low + 1];
    for (let bucket = this.#filled(first, last); bucket >= last; bucket = this.#filled(bucket - 1, last)) {
      if (!outer.has(bucket)) sum += this.#bucketDebt[bucket] as number;
    }
    return sum;
  }

  /** Debt per unit of collateral. */
  ratio(id: number): number {
    return (this.#debt[id] as number) / (this.#collateral[id] as number);
  }

  /** The highest bucket in [last, bucket] that holds an account; below `last` when none does. */
  #filled(bucket: number, last: number): number {
    let at = bucket;
    while (at >= last && this.#heads[at] === -1) {
      at = this.#blocks[at >> 6] === 0 ? ((at >> 6) << 6) - 1 : at - 1;
    }
    return at;
  }

  #put(id: number, collateral: number, debt: number): void {
    this.touched += 1;
    this.#collateral[id] = collateral;
    this.#debt[id] = debt;
    this.totalCollateral += collateral;
    this.totalDebt += debt;
    const bucket = bucketOf(debt / collateral);
    const head = this.#heads[bucket] as number;
    this.#bucket[id] = bucket;
    this.#next[id] = head;
    this.#previous[id] = -1;
    if (head !== -1) this.#previous[head] = id;
    this.#heads[bucket] = id;
    this.#bucketDebt[bucket] = (this.#bucketDebt[bucket] as number) + debt;
    this.#blocks[bucket >> 6] = (this.#blocks[bucket >> 6] as number) + 1;
    if (bucket > this.#top) this.#top = bucket;
  }

  #take(id: number): void {
    const bucket = this.#bucket[id] as number;
    const debt = this.#debt[id] as number;
    const next = this.#next[id] as number;
    const previous = this.#previous[id] as number;
    if (previous === -1) this.#heads[bucket] = next;
    else this.#next[previous] = next;
    if (next !== -1) this.#previous[next] = previous;
    this.#bucketDebt[bucket] = (this.#bucketDebt[bucket] as number) - debt;
    this.#blocks[bucket >> 6] = (this.#blocks[bucket >> 6] as number) - 1;
    this.totalCollateral -= this.#collateral[id] as number;
    this.totalDebt -= debt;
    if (bucket === this.#top) this.#top = this.#filled(bucket, 0);
  }

  #grow(): void {
    const capacity = this.#debt.length * 2;
    const larger = <T extends Float64Array | Int32Array>(old: T, made: T): T => {
      made.set(old);
      return made;
    };
    this.#collateral = larger(this.#collateral, new Float64Array(capacity));
    this.#debt = larger(this.#debt, new Float64Array(capacity));
    this.#next = larger(this.#next, new Int32Array(capacity));
    this.#previous = larger(this.#previous, new Int32Array(capacity));
    this.#bucket = larger(this.#bucket, new Int32Array(capacity));
    this.#generation = larger(this.#generation, new Int32Array(capacity));
  }
}

/** Bucket of a ratio; what lies outside is kept in the first or the last. */
function bucketOf(ratio: number): number {
  if (ratio === Number.POSITIVE_INFINITY) return BUCKETS - 1;
  const bucket = ratio > 0 ? Math.floor((Math.log(ratio) - LOWEST) / WIDTH) : 0;
  return Math.min(BUCKETS - 1, Math.max(0, bucket));
}

function requireUnits(field: string, given: number): void {
  if (Number.isSafeInteger(given) && given > 0) return;
  throw new TonsorError("OUT_OF_RANGE", `${field} is no amount`, { field, given, expected: "whole units > 0" });
}
