import { FORWARD, INDEX, SMILE, TAKEN } from "../sampleSmile.ts";

/** What the toy venue answers: the sample market in its own spelling. */
export type Row = Record<string, unknown>;
const HOUR = 3_600;

export const answer = (data: unknown): string => JSON.stringify({ ok: true, data });

export const options = (): Row[] =>
  SMILE.map(({ strike, side, iv, mark, bid, ask }) => ({
    ...{ name: `ETH-27FEB26-${strike}-${side}`, iv, mark, bid, ask, forward: FORWARD },
  }));

export const board = (list: unknown = options(), time = TAKEN * 1_000): string =>
  answer({ time, index: INDEX, options: list });

export const book = (sides: { readonly bids: unknown; readonly asks: unknown }, time = TAKEN): string =>
  answer({ time: time * 1_000, ...sides });

/** Closed candles of the last `hours`, and the one still open. */
export const candles = (hours: number): string =>
  answer(
    Array.from({ length: hours + 1 }, (_, at) => {
      const open = INDEX + Math.sin(hours - at) * 20;
      const close = INDEX + Math.sin(hours - at - 1) * 20;
      const start = (Math.floor(TAKEN / HOUR) - hours + at) * HOUR;
      return [start, open, Math.max(open, close) + 5, Math.min(open, close) - 5, close, 100];
    }),
  );
