import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ChainView, CycleReport } from "../../keeper/domain/cycle.ts";
import type { OnChainMarket } from "../../keeper/domain/decision.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { LenderReading } from "../../keeper/domain/lender.ts";
import { lenderDrive } from "../../keeper/submission/lenderDrive.ts";
import { samplePlan } from "../journal/sample.ts";
import { CALM_LIMIT } from "../support/entries.ts";
import { FakeChain, unsigned } from "./fakeChain.ts";
import { contextFor, journalFor, LIMITS } from "./submissionWorld.ts";

const NOW = 1_790_000_000;
const AGENT = `0x${"bb".repeat(20)}` as const;
const MARKET = {
  ...{ initialBps: 2_000, storedInitialBps: 2_000, maintenanceBps: 1_700, maintenanceTargetBps: 1_700 },
  ...{ limit: CALM_LIMIT, mode: "NORMAL" },
} as OnChainMarket;
const READING: LenderReading = {
  ...{
    lender: "Aave",
    market: "WETH",
    agent: AGENT,
    asset: AGENT,
    stepFrom: 0,
    stepSeconds: 14_400,
    stepBps: 25,
    fault: null,
  },
  has: { ltvBps: 8_000, thresholdBps: 8_300, supplyCap: 9, bonusBps: 10_500, frozen: false },
  collateral: { ltvBps: 7_900, thresholdBps: 8_300, changes: true },
  cap: { supplyCap: 9, changes: false },
  due: [],
};

/** A drive that saw a lender which differs at block 7, on a chain that answers a later read as given. */
function world(later: () => Promise<ChainView> = async () => view(9n)) {
  const journal = journalFor(AGENT);
  const chain = { read: later } as unknown as Parameters<typeof lenderDrive>[0]["chain"];
  const parts = { client: {} as never, chain, markets: [], store: journal, now: () => NOW, rank: 0 };
  const drive = lenderDrive({ ...parts, lenders: async () => [READING] });
  const context = {
    ...contextFor(journal, "http://127.0.0.1:1", `0x${"11".repeat(32)}`),
    ...{ account: unsigned, broadcaster: new FakeChain().broadcaster, limits: LIMITS, now: () => NOW },
  };
  const tick = journal.recordTick({ now: NOW, blockNumber: 7n, markets: [] });
  const report = { tick, failures: [] } as unknown as CycleReport;
  /** This key's last transaction is in a block after what was seen. */
  const sentSince = () => {
    const { id } = journal.planIntent(samplePlan(tick, 1, { from: unsigned.address, nonce: 0 }));
    journal.resolveIntent(id, { status: "CONFIRMED", at: NOW, blockNumber: 8n });
  };
  return { drive, journal, context, report, sentSince };
}
const view = (blockNumber: bigint) =>
  ({ blockNumber, blockTime: NOW, markets: new Map([["WETH", MARKET]]) }) as unknown as ChainView;
const seen = { chain: view(7n), lenders: [READING] };

describe("the lenders of a cycle", () => {
  it("leave a report as it is where none were seen, and where the cycle has no row in the journal", async () => {
    const { drive, report, context } = world();
    assert.equal(drive.asSeen(report), report);
    assert.equal(await drive.sync(report, null, context), report);
    drive.saw({ ...seen, lenders: [] });
    assert.equal(await drive.sync(report, null, context), report);
    drive.saw(seen);
    const dry = { ...report, tick: null };
    assert.equal(await drive.sync(dry, null, context), dry);
  });

  it("are told as they were seen, with nothing sent or written", () => {
    const { drive, report, journal } = world();
    drive.saw(seen);
    assert.deepEqual(
      drive.asSeen(report).lenders?.map(({ state, since }) => [state, since]),
      [["DUE", NOW]],
    );
    assert.deepEqual([journal.lenderStates(), journal.recentIntents(1)], [[], []]);
  });

  it("are held by a kill switch, and by a balance that is low, in their words", async () => {
    const { drive, report, context, journal } = world();
    drive.saw(seen);
    const low = { market: "signer", error: "low balance: 0xaa pays for 4 more batches" };
    const said = async (stopped: string | null, failures: CycleReport["failures"]) =>
      (await drive.sync({ ...report, failures }, stopped, context)).lenders?.[0]?.detail;
    assert.equal(await said(null, [{ market: "WETH", error: "no pool" }, low]), low.error);
    assert.equal(await said("file PAUSED: upgrade", [low]), "file PAUSED: upgrade");
    assert.deepEqual(journal.recentIntents(1), []);
  });

  it("that cannot be read again are a failure of the cycle's, told as they were known, and a mistake of ours is none", async () => {
    const failing = world(async () => Promise.reject(new TonsorError("RPC_FAILED", "eth_call: no answer")));
    failing.drive.saw(seen);
    failing.sentSince();
    const report = await failing.drive.sync(failing.report, null, failing.context);
    assert.deepEqual(report.failures, [{ market: "lenders", error: "eth_call: no answer" }]);
    assert.deepEqual(report.lenders, []);
    const wrong = world(async () => Promise.reject(new RangeError("ours")));
    wrong.drive.saw(seen);
    wrong.sentSince();
    await assert.rejects(wrong.drive.sync(wrong.report, null, wrong.context), /ours/);
  });
});
