import type { Assessment } from "../../../keeper/domain/decision.ts";
import type { MarketParameters } from "../../../keeper/domain/parameters.ts";
import { WETH } from "../../../keeper/markets/weth.ts";
import { setFeeds, type UsdPrices } from "../../../scripts/lab/replica/movePrice.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { answered } from "../support/answered.ts";
import { beginAudit } from "../support/audit.ts";
import type { ChaosWorld } from "../support/chaosWorld.ts";
import { type HttpFaultProxy, httpFaultProxy } from "../support/httpFaultProxy.ts";
import { insideKeeper } from "../support/insideKeeper.ts";
import { poolLiquidity } from "../support/poolLiquidity.ts";
import { redated } from "../support/redated.ts";

const STEP = 120;
/** Of eight parts seven leave; half a part more, for the pool's own depth is not the same everywhere. */
const PARTS = 8.5;
/** Slices that the borrower of `bindingMarket` takes at the normal depth: a day of half hours has 46 after the reaction. */
const SLICES = 40;
const HOUR = 3_600;

/**
 * Seven eighths of a pool's liquidity leave while no price moves, as of 4 000 in the ezETH pool 500 stayed; then ten times
 * what is left stands there for one look, and once for less than a block. Liquidity comes and goes by real mints and burns; the
 * keeper runs inside this process, with everything but its schedule.
 *
 * Depth acts by the time that a sale takes, which is at least 24 hours. So the market is one whose largest borrower takes
 * about that long at the pool's normal depth. One that sells in a slice or two rightly hardly moves; it is looked at beside it.
 */
export const depthGone: ChaosRow = {
  fault: "depth 8 -> 1 with the price at peg (ezETH); 10x depth for one sample; JIT within a block",
  mark: "tightened in 2 cycles; no loosening",
  gate: true,
  async run({ world: open, short, random, note }) {
    const world = await open();
    await world.advance();
    const pool = await poolLiquidity(world);
    const state = world.stateOf("depth");
    const proxy = await httpFaultProxy(world.venueUrl);
    let time = world.instant();
    // The market stands still, so that whatever moves is the depth's doing.
    proxy.rule = standingStill(() => time);
    const prices = pricesAt(world);
    const common = { venueUrls: { deribit: proxy.url } };
    const slack = insideKeeper(world, { ...common, state: world.stateOf("slack"), markets: [WETH], sends: false });
    const later = async (seconds = STEP) => {
      time += seconds;
      await world.passTo(time);
      await setFeeds(world.node, world.replica.accounts.trader.address, prices);
    };
    const depthNow = async () => {
      await later();
      return (await answered(slack)).risk.depth.nowUsd;
    };
    // As much again as is in range, and from what that adds, seven times the depth that the pool has by itself.
    const [own, unit] = [await depthNow(), await pool.inRange()];
    const probe = await pool.around(unit);
    await pool.put(probe);
    const added = (await depthNow()) - own;
    await pool.take(probe);
    const parts = Math.ceil(((PARTS - 1) * own * 1e6) / added);
    const seven = await pool.around((unit * BigInt(parts)) / 1_000_000n);
    await pool.put(seven);
    await later();
    const market = bindingMarket(await answered(slack));
    const keeper = insideKeeper(world, { ...common, state, markets: [market], sends: true });
    const findings: Finding[] = [];
    const stored = async () => (await world.chain()).markets[0]?.storedInitialBps ?? 0;
    const look = () => answered(keeper);
    try {
      // Loosening needs a day of depth that was seen: with less, nothing could loosen whatever came.
      for (let n = 0; n < (short ? 2 : 5); n++) {
        await look();
        await answered(slack);
        await later((short ? 15 : 6) * HOUR);
      }
      const before = await look();
      const slackBefore = await answered(slack);
      const audit = await beginAudit(world);
      const stood = await stored();
      const horizon = before.target.initialTerms.current;
      note(
        `depth ${millions(before.risk.depth.nowUsd)}, horizon ${horizon.horizonHours} h (${horizon.horizonBinding})`,
      );

      await pool.take(seven);
      let tightenedAfter = 0;
      let after = before;
      for (let cycle = 1; cycle <= 2 && tightenedAfter === 0; cycle++) {
        await later();
        after = await look();
        if ((await stored()) > stood) tightenedAfter = cycle;
      }
      const { nowUsd } = after.risk.depth;
      findings.push(atMost("depth left, % of what there was", (100 * nowUsd) / before.risk.depth.nowUsd, 12.5));
      findings.push(holds("the price stood still", after.readings.priceUsd === before.readings.priceUsd));
      findings.push(holds("tightened on chain within two cycles", tightenedAfter > 0, `cycle ${tightenedAfter}`));
      note(
        `target of initial ${percent(before)} before, ${percent(after)} after, stored ${stood} to ${await stored()} bp`,
      );
      note(
        `where a sale takes a slice or two: ${percent(slackBefore)} before, ${percent(await answered(slack))} after`,
      );

      const tight = await stored();
      const tenfold = await pool.around((await pool.inRange()) * (9n + BigInt(Math.floor(random() * 3))));
      note("ten times the depth for one sample");
      await later();
      await pool.put(tenfold);
      const once = await look();
      const seen = once.risk.depth.nowUsd;
      findings.push(holds("one sample: it was seen", seen > 2 * nowUsd, millions(seen)));
      findings.push(atMost("one sample: target of initial fell by, bp", fall(after, once), 1));
      findings.push(atMost("one sample: initial on chain fell by, bp", Math.max(0, tight - (await stored())), 0));
      await pool.take(tenfold);

      note("liquidity that is there within one block only");
      await later();
      await pool.flash(tenfold);
      const flashed = await look();
      findings.push(atMost("within a block: depth seen, times", flashed.risk.depth.nowUsd / nowUsd, 1.01));
      findings.push(atMost("within a block: target of initial fell by, bp", fall(after, flashed), 1));
      findings.push(atMost("within a block: initial on chain fell by, bp", Math.max(0, tight - (await stored())), 0));
      const loosening = [once, flashed].filter((one) => one.decision.reasons.includes("LOOSEN")).length;
      findings.push(atMost("decisions that loosen", loosening, 0));
      const ledger = await audit.ledger([state], (await look()).decision.confidence > 0);
      return { ledger, findings };
    } finally {
      keeper.close();
      slack.close();
      await proxy.close();
    }
  },
};

/** Wrapped ether at a lender whose one large borrower takes a day to sell out at the depth that is there now. */
function bindingMarket({ risk, target }: Assessment): MarketParameters {
  const { depthFactor } = target.initialTerms.current;
  const { nowUsd, shockedUsd, shockedNowUsd = shockedUsd ?? 0 } = risk.depth;
  const slice = WETH.model.initialDepthShare * Math.min(depthFactor * nowUsd, shockedNowUsd);
  const size = Math.round(SLICES * slice);
  return { ...WETH, model: { ...WETH.model, largestBorrowerUsd: size, supplyCapUsd: size } };
}

/** By how much the target of initial is lower, basis points; some hundredths are the options' that grew older. */
function fall(from: Assessment, to: Assessment): number {
  return Math.max(0, 1e4 * (from.target.initial - to.target.initial));
}

/** A venue that answers with the boards it showed first, written now; its candles go on. */
function standingStill(now: () => number): HttpFaultProxy["rule"] {
  const boards = new Map<string, string>();
  return ({ path }) => ({
    change(answer) {
      if (!path.includes("book_summary")) return answer;
      if (!boards.has(path)) boards.set(path, answer);
      return redated(boards.get(path) ?? answer, now() - 1);
    },
  });
}

/** What the market stands at, USD. */
function pricesAt({ source, instant }: ChaosWorld): UsdPrices {
  const usd = (currency: string) => source.board(currency, instant())?.rows[0]?.index ?? 0;
  return { WETH: usd("ETH"), WBTC: usd("BTC") };
}

function percent({ target }: Assessment): string {
  return `${(100 * target.initial).toFixed(2)} %`;
}

function millions(usd: number): string {
  return `${(usd / 1e6).toFixed(2)} million USD`;
}
