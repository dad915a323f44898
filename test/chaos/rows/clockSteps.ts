import { join } from "node:path";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit, journal } from "../support/audit.ts";
import { fakeTime, withoutFakeTime } from "../support/fakeTime.ts";
import { cyclesMore, cyclesOf, stopped } from "../support/running.ts";

/** The machine's clock is stepped under a running keeper; then zone and locale are strange. */
export const clockSteps: ChaosRow = {
  fault: "clock -600 / +3600 s, TZ and locale",
  mark: "ticks go on; loosening halts while offset > limit; same digests",
  gate: false,
  without: withoutFakeTime,
  async run({ world: open, short, random, note }) {
    const world = await open();
    const state = world.stateOf("clock");
    await world.advance();
    const audit = await beginAudit(world);
    const clock = fakeTime(join(world.folder, "clock"));
    const chainOffset = async () => (await world.chain()).blockTime + 2 - Date.now() / 1_000;
    clock.set(await chainOffset());
    const environment = { ...clock.environment, TONSOR_STATE: state, TONSOR_CLOCK: "wall" };
    const run = world.start("run --json", environment);
    await run.until(() => cyclesOf(run).length >= 2, "two cycles by the wall clock");
    const findings: Finding[] = [];
    const steps = [-600, 3_600].map((step) => step + Math.floor((random() - 0.5) * 60));
    for (const step of short ? steps.slice(0, 1) : steps) {
      note(`clock ${step} s`);
      const before = cyclesOf(run).length;
      clock.set((await chainOffset()) + step);
      await cyclesMore(run, 4);
      const during = cyclesOf(run).slice(before + 1);
      const named = during.some((cycle) => cycle.failures.some((one) => one.market === "clock"));
      const loosening = during.flatMap((cycle) => cycle.decisions).filter((one) => one.reasons.includes("LOOSEN"));
      findings.push(holds(`${step} s: the offset is named`, named));
      findings.push(atMost(`${step} s: decisions that loosen`, loosening.length, 0));
      clock.set(await chainOffset());
      await cyclesMore(run, 2);
    }
    const ended = await stopped(run);
    const [last] = journal(world, state).slice(-1);
    if (last !== undefined) {
      const odd = { TONSOR_STATE: state, TZ: "Pacific/Kiritimati", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8" };
      const verified = await world.tonsor(`verify ${last.transactionHash}`, odd);
      findings.push(holds("verify gives the same digest in another zone and locale", verified.code === 0));
    }
    return { ledger: await audit.ledger([state], ended.code === 0), findings };
  },
};
