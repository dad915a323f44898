import type { Assessment } from "../../../keeper/domain/decision.ts";
import { WETH } from "../../support/shipped.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { isAnswered } from "../support/answered.ts";
import { beginAudit } from "../support/audit.ts";
import { httpFaultProxy } from "../support/httpFaultProxy.ts";
import { insideKeeper } from "../support/insideKeeper.ts";
import { redated } from "../support/redated.ts";
import { spelledVenues } from "../support/spelledVenues.ts";

const MARKET = { ...WETH, sources: { ...WETH.sources, optionVenues: ["deribit", "okx", "bybit"] } };
const STEP = 600;
const LOOKS = 5;

/**
 * One of three options venues shows every volatility 30 % higher, then another one 35 % lower, for an hour each. The keeper
 * runs inside this process, for a process lists one venue; its HTTP, chain, journal and transactions are real. A second one,
 * which sends nothing, sees the same world with all venues honest: the difference is what the fault did.
 */
export const wrongVenue: ChaosRow = {
  fault: "one of three options venues +30 % or -35 % for an hour",
  mark: "haircut moves <= 10 bp, venue quarantined in 1 cycle",
  gate: false,
  async run({ world: open, short, random, note }) {
    const world = await open();
    await world.advance();
    const audit = await beginAudit(world);
    const states = { wrong: world.stateOf("wrongVenue"), honest: world.stateOf("honestVenues") };
    const proxy = await httpFaultProxy(world.venueUrl);
    let time = world.instant();
    proxy.rule = () => ({ change: (answer) => redated(answer, time - 1) });
    const wrong = await spelledVenues(proxy.url);
    const honest = await spelledVenues(proxy.url);
    const urls = (others: Readonly<Record<string, string>>) => ({ deribit: proxy.url, ...others });
    const common = { markets: [MARKET] };
    const faulted = insideKeeper(world, { ...common, state: states.wrong, venueUrls: urls(wrong.urls), sends: true });
    const control = insideKeeper(world, {
      ...common,
      state: states.honest,
      venueUrls: urls(honest.urls),
      sends: false,
    });
    const findings: Finding[] = [];
    const look = async () => {
      // A busy machine may not answer in time: then the two did not see the same world.
      for (let n = 0; n < LOOKS; n++) {
        const [clean] = (await control.look()).assessments;
        const [seen] = (await faulted.look()).assessments;
        if (clean === undefined || seen === undefined) throw new Error("a look without an assessment");
        if (isAnswered(clean) && isAnswered(seen)) return { clean, seen };
      }
      throw new Error(`the venues did not answer in ${LOOKS} looks`);
    };
    try {
      const venues = random() < 0.5 ? (["okx", "bybit"] as const) : (["bybit", "okx"] as const);
      const before = await look();
      findings.push(
        holds("three honest venues stand together", boards(before.seen) === 3, String(boards(before.seen))),
      );
      const faults = [
        [venues[0], 1.3],
        [venues[1], 0.65],
      ] as const;
      for (const [venue, factor] of short ? faults.slice(0, 1) : faults) {
        const name = `${venue} x${factor}`;
        note(name);
        wrong.factor[venue] = factor;
        let [worst, loosening, inside] = [0, 0, 0];
        const looks = short ? 2 : 6;
        for (let n = 0; n < looks; n++) {
          time += STEP;
          await world.passTo(time);
          const { clean, seen } = await look();
          if (n === 0) {
            const out = seen.readings.quarantine?.some(([source]) => source === `${venue}:ETH:options`) === true;
            findings.push(holds(`${name}: in quarantine after one cycle`, out));
          }
          worst = Math.max(worst, distanceBps(clean, seen));
          if (seen.decision.reasons.includes("LOOSEN")) loosening += 1;
          if (
            [seen.readings.options, ...(seen.readings.otherOptions ?? [])].some((one) => one?.source.startsWith(venue))
          )
            inside += 1;
        }
        findings.push(atMost(`${name}: most that a haircut moved, bp`, worst, 10));
        findings.push(atMost(`${name}: looks of ${looks} in which its board was used`, inside, 0));
        findings.push(atMost(`${name}: decisions that loosen`, loosening, 0));
        wrong.factor[venue] = 1;
        time = await world.advance(2);
      }
      const { loosened } = await audit.ledger([states.wrong], true);
      await world.advance();
      time = world.instant();
      const back = await look();
      const ledger = await audit.ledger([states.wrong], boards(back.seen) >= 1 && back.seen.decision.confidence > 0);
      return { ledger: { ...ledger, loosened }, findings };
    } finally {
      faulted.close();
      control.close();
      for (const one of [wrong, honest, proxy]) await one.close();
    }
  },
};

function boards({ readings }: Assessment): number {
  return (readings.options === null ? 0 : 1) + (readings.otherOptions?.length ?? 0);
}

/** Largest distance of the targets of either haircut, basis points. */
function distanceBps(clean: Assessment, seen: Assessment): number {
  const { target: a } = clean;
  const { target: b } = seen;
  return 1e4 * Math.max(Math.abs(a.initial - b.initial), Math.abs(a.maintenance - b.maintenance));
}
