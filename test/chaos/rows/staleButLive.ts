import { type CycleLine, cycleLines } from "../../support/cycleLines.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit } from "../support/audit.ts";
import { httpFaultProxy } from "../support/httpFaultProxy.ts";
import { lookOnce } from "../support/lookOnce.ts";

const NAMED = /STALE|FROZEN|FUTURE|CLOCK/;

/** The venue answers with yesterday's bytes, or dates them by a clock that runs away. */
export const staleButLive: ChaosRow = {
  fault: "stale data that looks live; identical payloads; venue clock drifting",
  mark: "STALE in 2 cycles, never loosens",
  gate: false,
  async run({ world: open, short, random, note }) {
    const world = await open();
    const state = world.stateOf("stale");
    await world.advance();
    const first = await lookOnce(world, { TONSOR_STATE: state });
    const audit = await beginAudit(world);
    const proxy = await httpFaultProxy(world.venueUrl);
    const findings: Finding[] = [];
    const kept = new Map<string, string>();
    const driftSeconds = (random() < 0.5 ? 1 : -1) * (1_800 + Math.floor(random() * 1_800));
    const changes: readonly (readonly [string, (answer: string, path: string) => string])[] = [
      [
        "identical payloads",
        (answer, path) => {
          const key = path.replaceAll(/\d{10,}/g, "");
          if (!kept.has(key)) kept.set(key, answer);
          return kept.get(key) ?? answer;
        },
      ],
      [`clock off by ${driftSeconds} s`, (answer) => drifted(answer, driftSeconds)],
    ];
    const environment = { TONSOR_STATE: state, VENUE_URLS: `deribit=${proxy.url}` };
    try {
      for (const [name, change] of short ? changes.slice(0, 1) : changes) {
        note(name);
        proxy.rule = ({ path }) => ({ change: (answer) => change(answer, path) });
        await world.tonsor("dry-run --json", environment);
        // Eight hours later the bytes are the same.
        await world.passTo((await world.chain()).blockTime + 8 * 3_600);
        const cycles: CycleLine[] = [];
        for (let n = 0; n < 2; n++) cycles.push(...lineOf((await lookOnce(world, environment)).out));
        const explained = await world.tonsor("explain WETH", environment);
        findings.push(holds(`${name}: named within two cycles`, NAMED.test(explained.out)));
        const doubt = cycles.at(-1)?.decisions.every((one) => one.confidence < 0.8) === true;
        findings.push(holds(`${name}: confidence below what may loosen`, doubt));
        const loosening = cycles.flatMap((one) => one.decisions).filter((one) => one.reasons.includes("LOOSEN"));
        findings.push(atMost(`${name}: decisions that loosen`, loosening.length, 0));
      }
    } finally {
      await proxy.close();
    }
    const { loosened } = await audit.ledger([state], true);
    await world.advance();
    const back = await lookOnce(world, { TONSOR_STATE: state });
    const ledger = await audit.ledger([state], first.code === 0 && back.code === 0);
    // The last update is on good data again; only what was decided on bad data counts as loosened.
    return { ledger: { ...ledger, loosened }, findings };
  },
};

/** Every microsecond and millisecond time in the answer, moved. */
function drifted(answer: string, seconds: number): string {
  return answer
    .replaceAll(/\b(17\d{14})\b/g, (time) => String(Number(time) + seconds * 1e6))
    .replaceAll(/\b(17\d{11})\b/g, (time) => String(Number(time) + seconds * 1e3));
}

function lineOf(out: string): readonly CycleLine[] {
  try {
    return [JSON.parse(out) as CycleLine];
  } catch {
    return cycleLines(out);
  }
}
