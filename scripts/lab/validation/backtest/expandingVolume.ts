/** Constants of `historyVolatility`: days of the month, days before the long history counts, and the cap on its multiple. */
const WINDOW_DAYS = 30;
const LEAST_LONG_RUN_DAYS = 90;
const MOST_VOLUME_RISE = 10;

/** Daily volume of `historyVolatility` day after day: the month's median, at most ten times that of the whole history. */
export class ExpandingVolume {
  readonly #month: number[] = [];
  readonly #sortedMonth: number[] = [];
  readonly #sorted: number[] = [];

  /** Takes the newest day's volume (0 without a candle) and returns the volume that counts, USD a day. */
  next(volumeUsd: number): number {
    this.#month.push(volumeUsd);
    const dropped = this.#month.length > WINDOW_DAYS ? this.#month.shift() : undefined;
    if (dropped !== undefined) this.#sortedMonth.splice(rankOf(this.#sortedMonth, dropped), 1);
    insert(this.#sortedMonth, volumeUsd);
    insert(this.#sorted, volumeUsd);
    const month = medianOf(this.#sortedMonth);
    return this.#sorted.length > LEAST_LONG_RUN_DAYS
      ? Math.min(month, MOST_VOLUME_RISE * medianOf(this.#sorted))
      : month;
  }
}

function insert(ascending: number[], value: number): void {
  ascending.splice(rankOf(ascending, value), 0, value);
}

/** How many values are smaller. */
function rankOf(ascending: readonly number[], value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function medianOf(ascending: readonly number[]): number {
  const upper = ascending[ascending.length >> 1] ?? 0;
  return ascending.length % 2 === 1 ? upper : ((ascending[(ascending.length >> 1) - 1] ?? 0) + upper) / 2;
}
