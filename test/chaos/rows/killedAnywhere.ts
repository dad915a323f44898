import { setTimeout } from "node:timers/promises";
import { atMost, type ChaosRow, type Finding, holds, type Ledger } from "../row.ts";
import { beginAudit } from "../support/audit.ts";
import { AWAITS, type Await, type AwaitProxies, awaitProxies } from "../support/awaits.ts";
import { type ChaosWorld, chaosWorld, PATIENT } from "../support/chaosWorld.ts";
import { cyclesMore, cyclesOf, stopped, within } from "../support/running.ts";
import { shuffled } from "../support/shuffled.ts";
import { sumLedgers } from "../support/sumLedgers.ts";

/** Times that every await is drawn; each draw has a world of its own, for the recorded days are few. */
const DRAWS = 10;
const PATIENCE_MS = 120_000;

type Round = { readonly place: Await; readonly signal: "SIGKILL" | "SIGTERM" };
type Counts = {
  rounds: number;
  reached: number;
  late: number;
  unclean: number;
  notOnce: number;
  missed: Map<string, number>;
};

/** The keeper is killed, or asked to end, while it waits at one place after the other; what takes its place is next. */
export const killedAnywhere: ChaosRow = {
  fault: `kill -9 at every labelled await (${AWAITS.length}) x ${DRAWS} draws; SIGTERM in each phase`,
  mark: "converges in 1 tick after restart, nothing lost or doubled",
  gate: true,
  async run({ world: open, short, random, note }) {
    const counts: Counts = { rounds: 0, reached: 0, late: 0, unclean: 0, notOnce: 0, missed: new Map() };
    const ledgers: Ledger[] = [];
    for (let draw = 0; draw < (short ? 1 : DRAWS); draw++) {
      const kills = shuffled(AWAITS, random).map((place): Round => ({ place, signal: "SIGKILL" }));
      const terms = shuffled(AWAITS, random).map((place): Round => ({ place, signal: "SIGTERM" }));
      const rounds = short ? kills.slice(0, 2) : draw === 0 ? [...kills, ...terms] : kills;
      const world = draw === 0 ? await open() : await chaosWorld();
      try {
        ledgers.push(await killedInOrder(world, rounds, { random, counts, note }));
      } finally {
        if (draw > 0) await world.close();
      }
      note(`draw ${draw + 1}: ${counts.rounds} rounds, ${counts.late} late, ${counts.notOnce} not once`);
    }
    return { ledger: sumLedgers(ledgers), findings: findingsOf(counts) };
  },
};

function findingsOf({ rounds, reached, late, unclean, notOnce, missed }: Counts): readonly Finding[] {
  const places = [...missed].map(([label, times]) => `${label} x ${times}`).join(", ");
  return [
    atMost("restarts that took more than one tick", late, 0),
    atMost("rounds with another number of batches than one", notOnce, 0),
    atMost("SIGTERM that did not end with 0", unclean, 0),
    holds(
      "killed where it waited, all of them",
      reached === rounds,
      `${reached} of ${rounds}${places && `: ${places}`}`,
    ),
  ];
}

/** Runs rounds in one world. The process that takes the place of the one that was killed is the next to be killed. */
async function killedInOrder(
  world: ChaosWorld,
  rounds: readonly Round[],
  parts: { readonly random: () => number; readonly counts: Counts; readonly note: (text: string) => void },
): Promise<Ledger> {
  const { counts, note } = parts;
  const state = world.stateOf("killed");
  await world.advance();
  const audit = await beginAudit(world);
  const proxies = await awaitProxies(world.replica.url, world.venueUrl);
  const start = () =>
    world.start("run --json", { TONSOR_STATE: state, TONSOR_CONFIG: PATIENT, ...proxies.environment });
  let run = start();
  try {
    await cyclesMore(run, 2);
    for (const round of rounds) {
      counts.rounds += 1;
      const sequence = (await world.chain()).writer.sequence;
      run.kill("SIGSTOP");
      await world.advance();
      const reached = await endedAt(run, round, proxies, parts);
      if (!reached) counts.missed.set(round.place.label, (counts.missed.get(round.place.label) ?? 0) + 1);
      else counts.reached += 1;
      // What arrives late is there before the keeper is back.
      if (round.place.late === true) await within(2, async () => (await world.chain()).writer.sequence > sequence);
      run = start();
      await run.until(() => cyclesOf(run).length >= 2, `two cycles after ${round.place.label}`);
      const [, second] = cyclesOf(run);
      const settled = second?.decisions.every(({ action, transaction }) => action === "hold" && transaction === null);
      if (settled !== true || second?.failures.length !== 0) {
        counts.late += 1;
        note(`${round.signal} ${round.place.label}: ${JSON.stringify(second)?.slice(0, 600)}`);
      }
      const sent = (await world.chain()).writer.sequence - sequence;
      if (sent !== 1) {
        counts.notOnce += 1;
        note(`${round.signal} ${round.place.label}: ${sent} batches`);
      }
    }
    const ended = await stopped(run);
    return await audit.ledger([state], ended.code === 0, "good");
  } finally {
    run.kill("SIGKILL");
    await proxies.close();
  }
}

/** Lets the keeper go on to an await and ends it there; false when it was not seen to wait there in time. */
async function endedAt(
  run: ReturnType<ChaosWorld["start"]>,
  { place, signal }: Round,
  proxies: AwaitProxies,
  { random, counts }: { readonly random: () => number; readonly counts: Counts },
): Promise<boolean> {
  const held = proxies.hold(place);
  run.kill("SIGCONT");
  const first = await Promise.race([
    held.reached.then(() => "held" as const),
    run.ended.then(() => "ended" as const),
    setTimeout(PATIENCE_MS, "late" as const),
  ]);
  // A little later, by the seed: what waits beside it has gone further or not.
  await setTimeout(Math.floor(random() * 20));
  run.kill(signal);
  if (signal === "SIGTERM") held.release();
  const { code } = await run.ended;
  held.release();
  if (signal === "SIGTERM" && code !== 0) counts.unclean += 1;
  return first === "held";
}
