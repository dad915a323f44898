import type { ChaosRow } from "./row.ts";
import { blindButAlive } from "./rows/blindButAlive.ts";
import { configRefused } from "./rows/configRefused.ts";
import { illSurroundings } from "./rows/illSurroundings.ts";
import { killedAnywhere } from "./rows/killedAnywhere.ts";
import { redisGone } from "./rows/redisGone.ts";
import { silentMonth } from "./rows/silentMonth.ts";
import { staleButLive } from "./rows/staleButLive.ts";
import { twoKeepers } from "./rows/twoKeepers.ts";

/** The faults by their number in the design's table. */
export const ROWS = {
  2: blindButAlive,
  3: redisGone,
  4: staleButLive,
  12: killedAnywhere,
  15: twoKeepers,
  16: illSurroundings,
  17: silentMonth,
  18: configRefused,
} as const satisfies Readonly<Record<number, ChaosRow>>;

/** Numbers of the rows that every run of the tests includes. */
export function gateRows(): readonly number[] {
  return Object.entries(ROWS as Readonly<Record<string, ChaosRow>>).flatMap(([number, row]) =>
    row.gate ? [Number(number)] : [],
  );
}
