import { WETH } from "../../../keeper/markets/weth.ts";
import { setFeeds } from "../../../keeper/simulation/replica/movePrice.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit } from "../support/audit.ts";
import { httpFaultProxy } from "../support/httpFaultProxy.ts";
import { insideKeeper } from "../support/insideKeeper.ts";
import { redated } from "../support/redated.ts";

const STEP = 300;
const FACTORS = [2, 4, 8, 16, 24];

/**
 * The collateral's pool is bought up to a multiple of its price by real swaps; first alone, then with the feed that lenders
 * read. Borrowable value is price times one less initial: the second factor is this project's, and may only fall. The first is
 * the lender's feed, and nothing here limits how fast it rises: that is printed, without a mark. The keeper runs inside this
 * process.
 */
export const pumped: ChaosRow = {
  fault: "collateral pumped x2 to x24 (XVS, MNGO, THE), in the pool alone and in pool and feed",
  mark: "the part of its price that can be borrowed does not rise; the rise of the price is the lender's",
  gate: false,
  async run({ world: open, short, note }) {
    const world = await open();
    await world.advance();
    const state = world.stateOf("pumped");
    const proxy = await httpFaultProxy(world.venueUrl);
    let time = world.instant();
    proxy.rule = () => ({ change: (answer) => redated(answer, time - 1) });
    const keeper = insideKeeper(world, { state, markets: [WETH], deribitUrl: proxy.url, sends: true });
    const findings: Finding[] = [];
    const usd = (currency: string) => world.source.board(currency, world.instant())?.rows[0]?.index ?? 0;
    const lendable = async () => 1 - ((await world.chain()).markets[0]?.initialBps ?? 0) / 1e4;
    try {
      await keeper.look();
      const audit = await beginAudit(world);
      const honest = { WETH: usd("ETH"), WBTC: usd("BTC") };
      const trader = world.replica.accounts.trader.address;
      for (const follows of short ? [false] : [false, true]) {
        const name = follows ? "pool and feed" : "pool alone";
        note(name);
        let share = await lendable();
        let [rises, loosening, unnamed, most] = [0, 0, 0, 0];
        for (const factor of FACTORS) {
          time += STEP;
          await world.replica.movePrice({ ...honest, WETH: honest.WETH * factor });
          if (!follows) await setFeeds(world.node, trader, honest);
          await world.passTo(time);
          const [seen] = (await keeper.look()).assessments;
          if (seen === undefined) throw new Error("a look without an assessment");
          if (seen.decision.reasons.includes("LOOSEN")) loosening += 1;
          if (!seen.readings.faults.some(({ code }) => code === "DISAGREES")) unnamed += 1;
          const now = await lendable();
          rises = Math.max(rises, 1e4 * (now - share));
          share = now;
          most = Math.max(most, now * (follows ? factor : 1));
        }
        findings.push(atMost(`${name}: most that the borrowable part rose in a step, bp`, rises, 0));
        findings.push(atMost(`${name}: decisions that loosen`, loosening, 0));
        findings.push(atMost(`${name}: looks of ${FACTORS.length} that name no disagreement`, unnamed, 0));
        findings.push({
          what: `${name}: most borrowed against one token, of its honest price`,
          value: `${(100 * most).toFixed(0)} %`,
          mark: follows ? "none: the feed is the lender's" : "<= 100 %",
          met: follows || most <= 1,
        });
        await world.replica.movePrice(honest);
        time += STEP;
        await world.passTo(time);
      }
      const { loosened, liquidations } = await audit.ledger([state], true);
      await world.advance();
      time = world.instant();
      const [back] = (await keeper.look()).assessments;
      findings.push(holds("afterwards the price is believed again", back?.readings.priceUsd !== null));
      const ledger = await audit.ledger([state], (back?.decision.confidence ?? 0) > 0);
      return { ledger: { ...ledger, loosened, liquidations }, findings };
    } finally {
      keeper.close();
      await proxy.close();
    }
  },
};
