import assert from "node:assert/strict";
import { test } from "node:test";
import { openJournal } from "../../keeper/journal/journal.ts";
import { headOf, noteCycle } from "../../keeper/operations/statusPage.ts";
import type { CycleSummary } from "../../keeper/operations/summary.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { emptyBook } from "../dashboard/pageWorld.ts";
import { IDENTITY, NOW, samplePlan } from "../journal/sample.ts";

const KEEPER = { chainId: 31_337, contract: `0x${"5f".repeat(20)}` as const, now: () => 1_770_000_000 };
const dataOf = (config: Parameters<typeof headOf>[1]) => headOf(KEEPER, config).data;

test("what is read by the chain's clock is called a replay, with the addresses in place of the venues' own", () => {
  const venueUrls = { deribit: "http://127.0.0.1:8400/api/v2?key=secret" };
  assert.deepEqual(dataOf({ clock: "chain", venueUrls }), {
    kind: "replay",
    label: "the time of the chain's latest block, deribit at 127.0.0.1:8400",
  });
});

test("live data is called live, and a venue asked through a proxy is named with the proxy", () => {
  assert.deepEqual(dataOf({ clock: "wall", venueUrls: {} }), { kind: "live", label: "live sources" });
  const venueUrls = { okx: "https://proxy.example/okx" };
  assert.deepEqual(dataOf({ clock: "wall", venueUrls }).label, "live sources, okx at proxy.example");
});

test("what brings lenders up is no batch, and stands in no list of batches", () => {
  const store = openJournal(":memory:", IDENTITY);
  const tick = store.recordTick({ now: NOW, blockNumber: null, markets: [] });
  store.planIntent(samplePlan(tick, 1, { nonce: 1, plannedAt: NOW }));
  store.resolveIntent(1, { status: "CONFIRMED", at: NOW });
  const batch = { ...samplePlan(tick).batch, entries: [] };
  store.planIntent(samplePlan(tick, 2, { nonce: 2, kind: "SYNC", batch }));
  const book = emptyBook();
  const deployment = { markets: [] } as unknown as Deployment;
  noteCycle(book, { store, deployment }, { entries: [] } as unknown as CycleSummary);
  assert.deepEqual(
    book.snapshot().transactions.map(({ sequence }) => sequence),
    [7],
  );
});
