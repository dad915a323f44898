import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { ReplaySource } from "../replay/replaySource.ts";
import type { UsdPrices } from "../replica/movePrice.ts";

/** A moment that is played: prices of the market, and whether the keeper's venue has a new board then. */
export type Moment = { readonly time: number; readonly prices: UsdPrices; readonly board: boolean };

/**
 * Moments of a source in [from, to): every board, at its index, and between boards the closes of hourly candles, one in
 * `stepHours`, where they are at least a quarter of an hour from a board.
 * @param flat every price stays at its first value, while boards go on as they are
 * @throws TonsorError BAD_ARGUMENT when the source has no board at the beginning
 */
export function momentsOf(
  source: ReplaySource,
  {
    from,
    to,
    stepHours,
    flat,
  }: { readonly from: number; readonly to: number; readonly stepHours: number; readonly flat: boolean },
): readonly Moment[] {
  const boards = source.instants(from, to - 1);
  const [first] = boards;
  if (first === undefined) {
    throw new TonsorError("BAD_ARGUMENT", `the ${source.name} data has no board in the span`, {
      field: "--from",
      given: new Date(from * 1000).toISOString(),
      expected: "a time of the recorded boards, for instance 2026-01-28",
    });
  }
  const index = (currency: string, time: number): number | undefined => source.board(currency, time)?.rows[0]?.index;
  const moments: Moment[] = boards.flatMap((time) => {
    const [WETH, WBTC] = [index("ETH", time), index("BTC", time)];
    return WETH === undefined || WBTC === undefined ? [] : [{ time, prices: { WETH, WBTC }, board: true }];
  });
  const closes = (currency: string) =>
    new Map(
      source.candles(`${currency}-PERPETUAL`, first, to, to).map((candle) => [candle[0] + HOUR_SECONDS, candle[4]]),
    );
  const [eth, btc] = [closes("ETH"), closes("BTC")];
  const near = (time: number) => boards.some((board) => Math.abs(board - time) < HOUR_SECONDS / 4);
  for (const [time, WETH] of eth) {
    const WBTC = btc.get(time);
    const hours = Math.round((time - first) / HOUR_SECONDS);
    if (WBTC === undefined || time >= to || hours % stepHours !== 0 || near(time)) continue;
    moments.push({ time, prices: { WETH, WBTC }, board: false });
  }
  const sorted = moments.sort((a, b) => a.time - b.time);
  const start = (sorted[0] as Moment).prices;
  return flat ? sorted.map((moment) => ({ ...moment, prices: start })) : sorted;
}
