import { privateKeyToAddress } from "viem/accounts";
import { percentApart, tokensOf } from "../../../keeper/domain/contract.ts";
import type { Decision } from "../../../keeper/domain/decision.ts";
import type { MarketParameters } from "../../../keeper/domain/parameters.ts";
import { RISK_CLASSES } from "../../../keeper/markets/limits.ts";
import { MODEL_VERSION } from "../../../keeper/pipeline.ts";
import { encodeBatch } from "../../../keeper/protocols/collateralParameters.ts";
import { setFeeds, type UsdPrices } from "../../../scripts/lab/replica/movePrice.ts";
import { mined, send } from "../../../scripts/lab/replica/node.ts";
import { entriesOf } from "../../support/entries.ts";
import { admitHotKey, haltByGuardian, holdByHand, removeAccount } from "../../support/powers.ts";
import { WETH } from "../../support/shipped.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { answered } from "../support/answered.ts";
import { beginAudit } from "../support/audit.ts";
import { type ChaosWorld, chaosWorld } from "../support/chaosWorld.ts";
import { httpFaultProxy } from "../support/httpFaultProxy.ts";
import { insideKeeper } from "../support/insideKeeper.ts";
import { redated } from "../support/redated.ts";

const STEP = 600;
/** The keeper's data is so many seconds old and of the minute before the one that the thief states. */
const LATE = 20;
/** The largest borrower holds so many times as much: one rise of risk after the other, for more falls due at once. */
const RISES = [11, 14, 17, 20] as const;
const LIMITS = RISK_CLASSES.major.limits;
/** Percent of the exposure limit that the keeper lets stand: its dead band. */
const LIMIT_BAND = 5;
const DAY = 86_400;

/**
 * Powers of the contract used against the keeper, or beside it, while risk rises (a borrower grows, and more falls due in a
 * stress, so that the exposure limit falls): governance holds the values by hand; a thief with a second hot key states calm numbers again as the newest, and
 * loosens what its budget allows behind each tightening; a guardian halts the keeper's key. The keeper runs inside this process.
 */
export const powersUsed: ChaosRow = {
  fault: "values held by governance, a thief with a second hot key, the keeper's key halted, while risk rises",
  mark: "tightening lands behind a hold and a thief; the thief loosens the budget of a window and no more; a halt is said and ends",
  gate: true,
  async run({ short, note }) {
    // Of its own: where other rows have led the market through its crash, initial stands at its highest and cannot tighten.
    const world = await chaosWorld();
    await world.advance();
    const state = world.stateOf("powers");
    const proxy = await httpFaultProxy(world.venueUrl);
    let time = world.instant();
    proxy.rule = () => ({ change: (answer) => redated(answer, time - LATE) });
    const common = { state, venueUrls: { deribit: proxy.url }, sends: true };
    const prices = pricesNow(world);
    const look: Look = async (times, before = async () => {}) => {
      time += STEP - (time % 60) + LATE / 4;
      await world.passTo(time);
      await setFeeds(world.node, world.replica.accounts.trader.address, prices);
      await before();
      const keeper = insideKeeper(world, { ...common, markets: [withBorrower(times)] });
      try {
        const { decision } = await answered(keeper);
        return { ...decision, stored: await storedOf(world), storedLimit: await limitOn(world) };
      } finally {
        keeper.close();
      }
    };
    const own = privateKeyToAddress(world.key);
    const findings: Finding[] = [];
    try {
      const { stored } = await look(1);
      const audit = await beginAudit(world, own);
      note(`governance holds the values, initial ${stored} bp`);
      findings.push(...(await heldByGovernance(world, look)));
      note(`a thief has a second hot key, initial ${await storedOf(world)} bp`);
      const thief = await openThief(world);
      for (const rise of short ? RISES.slice(1, 2) : RISES.slice(1, 3)) {
        findings.push(...(await behindAThief(thief, (before) => look(rise, before))));
      }
      await removeAccount(world, thief.account);
      note(`a guardian halts the key, initial ${await storedOf(world)} bp`);
      await haltByGuardian(world, own);
      const halted = await look(RISES[3]);
      findings.push(
        holds("halted: the keeper holds and says so", halted.action === "hold" && halted.reasons.includes("HALTED")),
      );
      await admitHotKey(world, own);
      const ended = await look(RISES[3]);
      findings.push(
        holds("halted: once admitted anew it tightens", hasTightened(ended, halted.storedLimit), said(ended)),
      );
      const { action } = await look(RISES[3]);
      return { ledger: await audit.ledger([state], action === "hold"), findings };
    } finally {
      await proxy.close();
      await world.close();
    }
  },
};

/** What was decided, and what is stored afterwards: initial in basis points, the exposure limit as written. */
type Seen = Decision & { readonly stored: number; readonly storedLimit: number };
/** The market a while later with so much larger a borrower; what happens before the keeper looks. */
type Look = (times: number, before?: () => Promise<void>) => Promise<Seen>;

/** A larger borrower lowers the exposure limit alone. */
function hasTightened({ reasons, limit, storedLimit }: Seen, from: number): boolean {
  return reasons.includes("TIGHTEN") && storedLimit === limit && storedLimit < from;
}

const said = ({ action, reasons, limit, storedLimit }: Seen) =>
  `${action} ${reasons.join(" ")}, limit ${tokensOf(limit)} tokens decided, ${tokensOf(storedLimit)} stored`;

async function heldByGovernance(world: ChaosWorld, look: Look): Promise<readonly Finding[]> {
  const before = await limitOn(world);
  const { blockTime } = await world.chain();
  await holdByHand(world, blockTime + 7 * DAY);
  const risen = await look(RISES[0]);
  const calm = await look(1);
  await holdByHand(world, 0);
  return [
    holds("held: a tightening goes through", hasTightened(risen, before), said(risen)),
    holds("held: nothing else does", calm.action === "hold" && calm.stored === risen.stored, said(calm)),
  ];
}

type Thief = Awaited<ReturnType<typeof openThief>>;

/** A second hot key in a thief's hands; it writes WETH with data of the block's own minute. */
async function openThief(world: ChaosWorld) {
  const [account = "0x"] = (await world.node.getAddresses()).slice(8);
  await admitHotKey(world, account);
  /** States the numbers so much looser, initial in basis points and the limit in notches, and says whether the contract took it. */
  const states = async (looserBps: number, notches = 0): Promise<boolean> => {
    const { writer, blockTime, markets } = await world.chain(account);
    const [weth] = markets;
    if (weth === undefined) throw new Error("the contract lists a market");
    const initialBps = weth.storedInitialBps - looserBps;
    const data = encodeBatch({
      ...{ sequence: BigInt(writer.sequence) + 1n, deadline: blockTime + DAY, modelVersion: MODEL_VERSION },
      evidence: `0x${"00".repeat(32)}`,
      entries: entriesOf([{ ...weth, initialBps, limit: weth.limit + notches, asOf: blockTime, orTighter: false }]),
    });
    const hash = await send(world.node, { from: account, to: world.deployment.contract.address, data });
    return mined(world.node, [hash]).then(
      () => true,
      () => false,
    );
  };
  /** What of the market's budgets is left in the window: basis points, and notches of the limit. */
  const left = async () => {
    const [weth] = (await world.chain()).markets;
    return { bps: LIMITS.hotBudgetBps - (weth?.spentBps ?? 0), notches: LIMITS.hotRaiseBudget - (weth?.raised ?? 0) };
  };
  const minuteLater = async () => world.passTo((await world.chain()).blockTime + 61);
  return { account, states, left, minuteLater, stored: () => storedOf(world), limit: () => limitOn(world) };
}

async function behindAThief(
  thief: Thief,
  look: (before: () => Promise<void>) => Promise<Seen>,
): Promise<readonly Finding[]> {
  const before = await thief.limit();
  let restated = false;
  const risen = await look(async () => {
    restated = await thief.states(0);
  });
  await thief.minuteLater();
  const left = await thief.left();
  await thief.states(left.bps);
  const loosened = risen.stored - (await thief.stored());
  const further = await thief.states(1);
  const raised = await thief.states(0, left.notches);
  const risenLimit = await thief.limit();
  const furtherRaised = await thief.states(0, 1);
  const again = await look(async () => {});
  return [
    holds("thief: calm numbers are stated again as the newest", restated),
    holds("thief: a tightening of older data lands behind it", hasTightened(risen, before), said(risen)),
    atMost("thief: loosens, bp", loosened, left.bps),
    holds("thief: not a basis point more", !further),
    holds("thief: raises the limit by the window's budget", raised && risenLimit === risen.storedLimit + left.notches),
    holds("thief: not by a notch more", !furtherRaised),
    atMost("thief: left of it after the next look, bp", again.initialBps - again.stored, WETH.policy.deadBandBps),
    atMost(
      "thief: left of the limit after it, percent",
      percentApart(again.storedLimit, risen.storedLimit),
      LIMIT_BAND,
    ),
  ];
}

async function storedOf(world: ChaosWorld): Promise<number> {
  return (await world.chain()).markets[0]?.storedInitialBps ?? 0;
}

async function limitOn(world: ChaosWorld): Promise<number> {
  return (await world.chain()).markets[0]?.limit ?? 0;
}

function withBorrower(times: number): MarketParameters {
  const { model } = WETH;
  return { ...WETH, model: { ...model, largestBorrowerUsd: model.largestBorrowerUsd * times } };
}

function pricesNow({ source, instant }: ChaosWorld): UsdPrices {
  const usd = (currency: string) => source.board(currency, instant())?.rows[0]?.index ?? 0;
  return { WETH: usd("ETH"), WBTC: usd("BTC") };
}
