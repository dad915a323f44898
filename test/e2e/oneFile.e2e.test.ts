import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { developmentPlan } from "../../scripts/deploy/plan.ts";
import { dataFolder } from "../../scripts/lab/dataFolder.ts";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { layMarket } from "../../scripts/rehearse/layMarket.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { linkFolder } from "../support/linkMarket.ts";

const FROM = Date.parse("2026-01-28T00:00:00Z") / 1_000;

const LINK_USD = 15;
const { folder, files, link } = linkFolder();

let world: KeeperWorld;
/** Nobody answers for Binance: LINK has no history, and is judged as if nothing were known. */
const environment = () => ({
  TONSOR_MARKETS: folder,
  VENUE_URLS: `deribit=${world.venueUrl},binance=http://127.0.0.1:9`,
});

before(async () => {
  const [first = 0] = openReplaySource().source.instants(FROM, FROM + 86_400);
  world = await keeperWorld(first, developmentPlan(files), (replica, node) => layMarket(link, LINK_USD, replica, node));
});
after(() => world.close());

test("One file more, and LINK is configured, deployed, explained, and tightened on chain for want of a history.", async () => {
  const checked = await world.tonsor("config check --json", environment());
  assert.equal(checked.code, 0, checked.err);
  const names = (JSON.parse(checked.out) as { checks: { name: string }[] }).checks.map(({ name }) => name);
  assert.deepEqual(names.slice(-2), ["market WETH", "market LINK"]);

  const before = await world.chain();
  const sent = await world.tonsor("once --json", environment());
  assert.equal(sent.code, 0, sent.err);
  const [wethBefore, linkBefore] = before.markets;
  const [wethAfter, linkAfter] = (await world.chain()).markets;
  assert.equal(linkBefore?.initialBps, 3_400, "as its file lists it");
  assert.ok((linkAfter?.initialBps ?? 0) > 3_400, `${linkAfter?.initialBps}`);
  assert.ok((linkAfter?.asOf ?? 0) > (linkBefore?.asOf ?? 0));
  assert.ok((wethAfter?.asOf ?? 0) >= (wethBefore?.asOf ?? 0));

  const explained = await world.tonsor("explain link --json", environment());
  assert.equal(explained.code, 0, explained.err);
  const unknown = await world.tonsor("explain wbtc", environment());
  assert.match(unknown.err, /expected one of WETH, LINK/);
});

test("The laboratory judges LINK with its own numbers on recorded prices.", {
  skip: dataFolder() === null,
}, async () => {
  const depth = join(folder, "depth.csv");
  writeFileSync(depth, "time,depth_usd\n2023-12-30T18:00:00Z,300000\n2023-12-30T19:00:00Z,300000\n");
  const prices = join(dataFolder() ?? "", "collateral/binance_spot_LINKUSDT_1h.csv.gz");
  const { code, out, err } = await world.lab(
    `assess LINK --prices ${prices} --gaps --depth ${depth} --json`,
    environment(),
  );
  assert.equal(code, 0, err);
  assert.equal((JSON.parse(out) as { market: string }).market, "LINK");
});
