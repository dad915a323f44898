import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { evidenceFolder } from "../../keeper/journal/evidenceFolder.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { onePiece } from "../support/packed.ts";
import { smallDisk } from "../support/smallDisk.ts";
import { IDENTITY, NOW, sampleAssessment, samplePlan } from "./sample.ts";

const disk = smallDisk(800);
const aTick = {
  now: NOW,
  blockNumber: 12n,
  markets: [{ marketId: 1, market: "WETH", assessment: sampleAssessment() }],
};
const full = (error: unknown) => error instanceof TonsorError && error.code === "DISK_FULL" && error.retryable;

describe("a state folder on a full disk", { skip: typeof disk === "string" ? disk : false }, () => {
  if (typeof disk === "string") return;
  after(() => disk.close());
  const store = openJournal(join(disk.folder, "journal.sqlite"), IDENTITY);
  const evidence = evidenceFolder(join(disk.folder, "evidence"));

  it("refuses ticks, transactions and evidence with DISK_FULL, loses nothing, and goes on when there is space", async () => {
    const tick = store.recordTick(aTick);
    const kept = store.planIntent(samplePlan(tick));
    await evidence.put(onePiece("kept"));
    disk.fill();
    assert.throws(() => {
      for (let n = 0; n < 500; n++) store.recordTick({ ...aTick, now: NOW + n });
    }, full);
    await assert.rejects(evidence.put(onePiece(Array.from({ length: 99_999 }, Math.random).join())), full);
    assert.equal((await evidence.list()).length, 1, "no half file");
    store.integrity();
    assert.deepEqual(store.openIntents(), [kept]);
    disk.free();
    store.markSent(kept.id, NOW);
    assert.ok(store.recordTick(aTick) > tick);
    await evidence.put(onePiece("more"));
    store.integrity();
  });
});
