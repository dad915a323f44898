import { join } from "node:path";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit, journal } from "../support/audit.ts";
import { type ChaosWorld, PATIENT } from "../support/chaosWorld.ts";
import { fakeTime } from "../support/fakeTime.ts";
import { cyclesMore, cyclesOf, stopped } from "../support/running.ts";

/** After so long without an update initial has risen by itself, and coming down again is due: hours. */
const SILENCE = 27;
const TICKS = 4;

/** Zones and locales in which a date, a number or an order of letters is written as nowhere else. */
const STRANGE: readonly Readonly<Record<string, string>>[] = [
  { TZ: "Pacific/Kiritimati", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8" },
  { TZ: "America/St_Johns", LC_ALL: "ar_EG.UTF-8", LANG: "ar_EG.UTF-8" },
  { TZ: "Asia/Kathmandu", LC_ALL: "de_DE.UTF-8", LANG: "de_DE.UTF-8" },
];

/** The machine's clock is stepped under a running keeper while loosening is due; then zone and locale are strange. */
export const clockSteps: ChaosRow = {
  fault: "clock -600 / +3600 s, TZ and locale",
  mark: "ticks go on; loosening halts while offset > limit; same digests",
  gate: false,
  async run({ world: open, short, random, note }) {
    const world = await open();
    const state = world.stateOf("clock");
    await world.advance();
    const audit = await beginAudit(world);
    const clock = fakeTime(join(world.folder, "clock"));
    const held = heldClock(world, clock);
    await held.offBy(0);
    // The whole run is in a strange place; what it writes is verified in others.
    const own = { TONSOR_STATE: state, TONSOR_CLOCK: "wall", TONSOR_CONFIG: PATIENT };
    const environment = { ...clock.environment, ...STRANGE[0], ...own };
    const run = world.start("run --json", environment);
    await run.until(() => cyclesOf(run).length >= 2, "two cycles by the wall clock");
    const findings: Finding[] = [];
    const steps = [-600, 3_600].map((step) => step + Math.floor((random() - 0.5) * 60));
    for (const step of short ? steps.slice(0, 1) : steps) {
      note(`clock ${step} s`);
      run.kill("SIGSTOP");
      await world.advance(SILENCE);
      await held.offBy(step);
      run.kill("SIGCONT");
      // A cycle that was stopped in the middle saw both clocks.
      await cyclesMore(run, 1);
      const before = cyclesOf(run).length;
      await cyclesMore(run, TICKS);
      const during = cyclesOf(run).slice(before);
      const named = during.every((cycle) => cycle.failures.some((one) => one.market === "clock"));
      findings.push(holds(`${step} s: ticks go on`, during.length >= TICKS, `${during.length} more`));
      findings.push(holds(`${step} s: the offset is named in each`, named));
      findings.push(atMost(`${step} s: decisions that loosen`, loosening(during).length, 0));
      const right = cyclesOf(run).length;
      await held.offBy(0);
      await run.until(() => loosening(cyclesOf(run).slice(right)).length > 0, "a loosening with the clock right");
      findings.push(holds(`${step} s: loosens once the clock is right again`, true));
    }
    const ended = await stopped(run);
    held.close();
    findings.push(...(await sameDigests(world, state, short)));
    return { ledger: await audit.ledger([state], ended.code === 0, "good"), findings };
  },
};

/** Holds the process's clock at the latest block's time and `offBy` seconds, so that only steps move it. */
function heldClock(world: ChaosWorld, clock: ReturnType<typeof fakeTime>) {
  let off = 0;
  const follow = async () => {
    const { timestamp } = await world.node.getBlock();
    clock.set(Number(timestamp) + 2 + off - Date.now() / 1_000);
  };
  const timer = setInterval(() => void follow().catch(() => undefined), 400).unref();
  return {
    async offBy(seconds: number) {
      off = seconds;
      await follow();
    },
    close: () => clearInterval(timer),
  };
}

function loosening(cycles: ReturnType<typeof cyclesOf>) {
  return cycles.flatMap((cycle) => cycle.decisions).filter((one) => one.reasons.includes("LOOSEN"));
}

/** What was written in one zone and locale is recomputed from chain and evidence in others. */
async function sameDigests(world: ChaosWorld, state: string, short: boolean): Promise<readonly Finding[]> {
  const confirmed = journal(world, state).filter(({ status }) => status === "CONFIRMED");
  const findings: Finding[] = [holds("updates to verify", confirmed.length > 0, String(confirmed.length))];
  for (const { transactionHash } of confirmed.slice(-1)) {
    for (const place of short ? STRANGE.slice(1, 2) : [...STRANGE, { TZ: "UTC", LC_ALL: "C", LANG: "C" }]) {
      const { code } = await world.tonsor(`verify ${transactionHash}`, { TONSOR_STATE: state, ...place });
      findings.push(holds(`same digest in ${place["TZ"]}, ${place["LC_ALL"]}`, code === 0, String(code)));
    }
  }
  return findings;
}
