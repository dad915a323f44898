import { atMost, type ChaosRow, holds } from "../row.ts";
import { beginAudit } from "../support/audit.ts";
import { PATIENT } from "../support/chaosWorld.ts";
import { cyclesMore, cyclesOf, stopped } from "../support/running.ts";

/** Nothing is written for thirty days; positions stand at the edge of initial all the while. */
export const silentMonth: ChaosRow = {
  fault: "30 days silent",
  mark: "nobody liquidatable; one catch-up decision, not a burst",
  gate: true,
  async run({ world: open, random, note }) {
    const world = await open();
    const state = world.stateOf("silent");
    await world.advance();
    const first = await world.tonsor("once --json", { TONSOR_STATE: state });
    const audit = await beginAudit(world);
    // First time alone passes, so that what it does to the positions is not the market's doing.
    const back = world.instantAfter(world.instant() + (30 + 2 * random()) * 86_400);
    const days = (back - world.instant()) / 86_400;
    await world.passTo(back - 3_600);
    const during = await audit.ledger([state], true);
    await world.goTo(back);
    const run = world.start("run --json", { TONSOR_STATE: state, TONSOR_CONFIG: PATIENT });
    await run.until(() => cyclesOf(run).length >= 1, "the first cycle after the silence");
    await cyclesMore(run, 4);
    await stopped(run);
    const sent = cyclesOf(run).flatMap((cycle) => cycle.decisions.filter((one) => one.transaction !== null));
    const perMarket = new Map<string, number>();
    for (const { market } of sent) perMarket.set(market, (perMarket.get(market) ?? 0) + 1);
    const most = Math.max(0, ...perMarket.values());
    // Which of them was one too many is seen by what moved each.
    if (most > 1) for (const one of sent) note(JSON.stringify(one));
    const applied = (await audit.applied()).length;
    const ledger = await audit.ledger([state], applied > 0, "good");
    return {
      // What the market did to the positions in a month is not the keeper's: they are counted before it moves.
      ledger: { ...ledger, liquidations: during.liquidations },
      findings: [
        { what: "days of silence", value: days.toFixed(1), mark: ">= 30, or all that was recorded", met: days > 10 },
        atMost("catch-up decisions of one market", most, 1),
        atMost("batches in which it caught up", applied, perMarket.size),
        holds("there was a catch-up", sent.length > 0, `first start ${first.code}, ${sent.length} decisions`),
      ],
    };
  },
};
