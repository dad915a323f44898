import type { ChaosRow } from "./row.ts";
import { blindButAlive } from "./rows/blindButAlive.ts";
import { clockSteps } from "./rows/clockSteps.ts";
import { configRefused } from "./rows/configRefused.ts";
import { cosigning } from "./rows/cosigning.ts";
import { depthGone } from "./rows/depthGone.ts";
import { falseNonce } from "./rows/falseNonce.ts";
import { feeStorm } from "./rows/feeStorm.ts";
import { hostileAnswers } from "./rows/hostileAnswers.ts";
import { illSurroundings } from "./rows/illSurroundings.ts";
import { killedAnywhere } from "./rows/killedAnywhere.ts";
import { lostAnswers } from "./rows/lostAnswers.ts";
import { millionTicks } from "./rows/millionTicks.ts";
import { mutatedPayloads } from "./rows/mutatedPayloads.ts";
import { nodesLie } from "./rows/nodesLie.ts";
import { optionsDark } from "./rows/optionsDark.ts";
import { powersUsed } from "./rows/powersUsed.ts";
import { pumped } from "./rows/pumped.ts";
import { redisGone } from "./rows/redisGone.ts";
import { reorganised } from "./rows/reorganised.ts";
import { silentMonth } from "./rows/silentMonth.ts";
import { staleButLive } from "./rows/staleButLive.ts";
import { stateAndNonce } from "./rows/stateAndNonce.ts";
import { twoKeepers } from "./rows/twoKeepers.ts";
import { wrongVenue } from "./rows/wrongVenue.ts";

/** The faults by their number in the design's table, and those of this repository's own. */
export const ROWS = {
  1: lostAnswers,
  2: blindButAlive,
  3: redisGone,
  4: staleButLive,
  5: mutatedPayloads,
  6: wrongVenue,
  7: optionsDark,
  8: depthGone,
  9: pumped,
  10: nodesLie,
  11: feeStorm,
  12: killedAnywhere,
  13: reorganised,
  14: clockSteps,
  15: twoKeepers,
  16: illSurroundings,
  17: silentMonth,
  18: configRefused,
  19: millionTicks,
  20: cosigning,
  21: powersUsed,
  22: hostileAnswers,
  23: stateAndNonce,
  24: falseNonce,
} as const satisfies Readonly<Record<number, ChaosRow>>;

/** Numbers of the rows that every run of the tests includes. */
export function gateRows(): readonly number[] {
  return Object.entries(ROWS as Readonly<Record<string, ChaosRow>>).flatMap(([number, row]) =>
    row.gate ? [Number(number)] : [],
  );
}
