import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openReplaySource } from "../../../scripts/lab/replay/openReplaySource.ts";
import { type KeeperWorld, keeperWorld } from "../../support/keeperWorld.ts";

/** Both sources have boards from here on, the generated one for two weeks and a half. */
const FROM = Date.UTC(2026, 0, 29) / 1000;
const TO = Date.UTC(2026, 3, 15) / 1000;
const HOUR = 3_600;

/**
 * Name of a configuration whose limits of time a busy machine does not reach, for rows whose fault is not one of time: a
 * tick that takes a minute there is no tick that hangs.
 */
export const PATIENT = "patient.json";
export const PATIENT_SCHEDULE = { softTimeoutSeconds: 600, hardTimeoutSeconds: 900, headStallSeconds: 3_600 } as const;

/** The world of the tests, walked forward through the recorded crash by one row after the other. */
export type ChaosWorld = KeeperWorld & {
  /** Moves the market to the first instant at least so many hours after the last: an update is due from six hours on. */
  advance(hours?: number): Promise<number>;
  /** Moves the market to an instant of the calendar. */
  goTo(instant: number): Promise<void>;
  /** The instant at which the market stands. */
  instant(): number;
  /** A state folder of one row's own. */
  stateOf(name: string): string;
  /** Puts a file into the keeper's folder. */
  write(name: string, text: string): Promise<void>;
  /** The first instant of the calendar at or after a time, or the last one there is. */
  instantAfter(time: number): number;
};

/** @param chainId absent: the usual development chain */
export async function chaosWorld(chainId?: number): Promise<ChaosWorld> {
  const instants = openReplaySource().source.instants(FROM, TO);
  let at = instants[0] ?? 0;
  const world = await keeperWorld(at, undefined, undefined, chainId);
  writeFileSync(join(world.folder, PATIENT), JSON.stringify({ schedule: PATIENT_SCHEDULE }));
  return {
    ...world,
    instant: () => at,
    async advance(hours = 6) {
      // A row may have let time pass without the market.
      const { blockTime } = await world.chain();
      const next = instants.find((instant) => instant - at >= hours * HOUR && instant > blockTime + HOUR);
      if (next === undefined) throw new Error("the recorded days are over: run fewer rows at once");
      await world.moveTo(next);
      at = next;
      return next;
    },
    instantAfter: (time) => instants.find((instant) => instant >= time) ?? instants.at(-1) ?? 0,
    async goTo(instant) {
      await world.moveTo(instant);
      at = instant;
    },
    write: async (name, text) => writeFileSync(join(world.folder, name), text),
    stateOf: (name) => join(world.folder, `state-${name}`),
  };
}
