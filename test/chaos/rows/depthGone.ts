import { WETH } from "../../../keeper/markets/weth.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit } from "../support/audit.ts";
import { httpFaultProxy } from "../support/httpFaultProxy.ts";
import { insideKeeper } from "../support/insideKeeper.ts";
import { poolLiquidity } from "../support/poolLiquidity.ts";
import { redated } from "../support/redated.ts";

const STEP = 120;

/** So much more than what stays that little is left when it goes, wherever the price has gone meanwhile. */
const TIMES = 100n;

/**
 * Nearly all of a pool's liquidity leave while no price moves, as 4 000 of it became 500 in the ezETH pool; then ten times
 * what is left stands there for one look, and once for less than a block. Liquidity comes and goes by real mints and burns; the
 * keeper runs inside this process, with everything but its schedule.
 */
export const depthGone: ChaosRow = {
  fault: "depth 8 -> 1 with the price at peg (ezETH); 10x depth for one sample; JIT within a block",
  mark: "tightened in 2 cycles; no loosening",
  gate: false,
  async run({ world: open, short, random, note }) {
    const world = await open();
    await world.advance();
    const pool = await poolLiquidity(world);
    const state = world.stateOf("depth");
    const proxy = await httpFaultProxy(world.venueUrl);
    let time = world.instant();
    // The market stands still, so that whatever moves is the depth's doing.
    proxy.rule = () => ({ change: (answer) => redated(answer, time - 1) });
    const keeper = insideKeeper(world, { state, markets: [WETH], deribitUrl: proxy.url, sends: true });
    const findings: Finding[] = [];
    const stored = async () => (await world.chain()).markets[0]?.storedInitialBps ?? 0;
    const look = async () => {
      const { assessments, sent } = await keeper.look();
      const [seen] = assessments;
      if (seen === undefined) throw new Error("a look without an assessment");
      return { seen, sent };
    };
    const later = async () => {
      time += STEP;
      await world.passTo(time);
    };
    try {
      const base = await pool.inRange();
      const deep = await pool.around(base * TIMES);
      await pool.put(deep);
      for (let n = 0; n < (short ? 2 : 5); n++) {
        await look();
        time = await world.advance(6);
      }
      const { seen: before } = await look();
      const audit = await beginAudit(world);
      const stood = await stored();
      note(`depth ${millions(before.risk.depth.nowUsd)} before`);

      await pool.take(deep);
      let tightenedAfter = 0;
      let after = before;
      for (let cycle = 1; cycle <= 2 && tightenedAfter === 0; cycle++) {
        await later();
        after = (await look()).seen;
        if ((await stored()) > stood) tightenedAfter = cycle;
      }
      const { nowUsd } = after.risk.depth;
      findings.push(atMost("depth left, % of what there was", (100 * nowUsd) / before.risk.depth.nowUsd, 12.5));
      findings.push(holds("the price stood still", after.readings.priceUsd === before.readings.priceUsd));
      findings.push(holds("tightened on chain within two cycles", tightenedAfter > 0, `cycle ${tightenedAfter}`));

      const tight = await stored();
      const tenfold = await pool.around((await pool.inRange()) * (9n + BigInt(Math.floor(random() * 3))));
      note(`target of initial ${percent(before.target.initial)} before, ${percent(after.target.initial)} after`);
      note("ten times the depth for one sample");
      await later();
      await pool.put(tenfold);
      const once = (await look()).seen;
      findings.push(
        holds("one sample: it was seen", once.risk.depth.nowUsd > 2 * nowUsd, millions(once.risk.depth.nowUsd)),
      );
      // The averages of a day still hold the old depth, and the target may go back to them: never beyond.
      const beyond = 1e4 * Math.max(0, before.target.initial - once.target.initial);
      findings.push(atMost("one sample: target below what it was with the old depth, bp", beyond, 1));
      findings.push(atMost("one sample: initial on chain fell by, bp", Math.max(0, tight - (await stored())), 0));
      note(`target of initial ${percent(once.target.initial)} at that sample`);
      await pool.take(tenfold);

      note("liquidity that is there within one block only");
      await later();
      await pool.flash(tenfold);
      const flashed = (await look()).seen;
      findings.push(atMost("within a block: depth seen, times", flashed.risk.depth.nowUsd / nowUsd, 1.01));
      findings.push(atMost("within a block: initial on chain fell by, bp", Math.max(0, tight - (await stored())), 0));
      const loosening = [once, flashed].filter((one) => one.decision.reasons.includes("LOOSEN")).length;
      findings.push(atMost("decisions that loosen", loosening, 0));
      const ledger = await audit.ledger([state], (await look()).seen.decision.confidence > 0);
      return { ledger, findings };
    } finally {
      keeper.close();
      await proxy.close();
    }
  },
};

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)} %`;
}

function millions(usd: number): string {
  return `${(usd / 1e6).toFixed(2)} million USD`;
}
