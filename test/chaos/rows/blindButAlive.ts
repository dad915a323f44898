import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit } from "../support/audit.ts";
import { type HttpFault, httpFaultProxy } from "../support/httpFaultProxy.ts";
import { cyclesOf, pageOf, stopped, within } from "../support/running.ts";

/** Seconds. The fault begins within a tick, so five whole ones later is up to six from its beginning. */
const TICK = 3;

/** The node's socket hangs while the keeper runs: it lives, and sees nothing. */
export const blindButAlive: ChaosRow = {
  fault: "blind but alive (socket hung, node answers nothing)",
  mark: "`/live` 503 within 5 ticks, exit 75, recovers",
  gate: true,
  async run({ world: open, short, random, note }) {
    const world = await open();
    const state = world.stateOf("blind");
    await world.advance();
    const audit = await beginAudit(world);
    const schedule = { softTimeoutSeconds: 9, hardTimeoutSeconds: 12, stageSeconds: 1 };
    await world.write("quick.json", JSON.stringify({ schedule }));
    const findings: Finding[] = [];
    const faults: readonly (readonly [string, HttpFault])[] = [
      ["socket hung", "hang"],
      ["connection cut", "loseRequest"],
    ];
    const proxy = await httpFaultProxy(world.replica.url);
    const environment = {
      TONSOR_STATE: state,
      RPC_URL: proxy.url,
      TONSOR_CONFIG: "quick.json",
      TICK_SECONDS: String(TICK),
    };
    try {
      for (const [name, fault] of short ? faults.slice(0, 1) : faults) {
        note(name);
        proxy.rule = () => "none";
        const run = world.start("run --json", environment);
        await run.until(() => cyclesOf(run).length >= 2, "two cycles");
        const live = `${pageOf(run)}/live`;
        await new Promise((resolve) => setTimeout(resolve, random() * 1_000 * TICK));
        const began = performance.now();
        proxy.rule = () => fault;
        let saw503 = false;
        let ended: number | null | undefined;
        void run.ended.then(({ code }) => {
          ended = code;
        });
        await within(60, async () => {
          saw503 ||= (await fetch(live).catch(() => null))?.status === 503;
          return saw503 || ended !== undefined;
        });
        const ticks = (performance.now() - began) / 1_000 / TICK;
        findings.push(atMost(`${name}: /live 503, or the process ended, after`, ticks, 6, " ticks"));
        await within(30, () => ended !== undefined);
        findings.push(holds(`${name}: exit code 75`, ended === 75, String(ended)));
        if (ended === undefined) await stopped(run);
        proxy.rule = () => "none";
        const again = await world.tonsor("once --json", environment);
        findings.push(holds(`${name}: the next start works`, again.code === 0, String(again.code)));
      }
    } finally {
      await proxy.close();
    }
    return { ledger: await audit.ledger([state], true), findings };
  },
};
