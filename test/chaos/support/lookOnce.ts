import type { Ended } from "../../support/child.ts";
import type { Environment } from "../../support/keeperWorld.ts";
import type { ChaosWorld } from "./chaosWorld.ts";

const TRIES = 5;
/** What a keeper says when somebody should call again: a busy machine that did not answer in time, for instance. */
const AGAIN = 75;

/** One cycle as a process, again while it asks for that, as a schedule would. */
export async function lookOnce(world: ChaosWorld, environment: Environment): Promise<Ended> {
  let ended = await world.tonsor("once --json", environment);
  for (let n = 1; n < TRIES && ended.code === AGAIN; n++) ended = await world.tonsor("once --json", environment);
  return ended;
}
