import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { privateKeyToAccount } from "viem/accounts";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { documentedFields, fieldPaths, leaves } from "../cli/fieldPaths.ts";
import type { Ended } from "../support/child.ts";
import { etherTooLow } from "../support/etherTooLow.ts";
import { type Environment, type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { assertShown, shownBlock } from "../support/shown.ts";
import { web3signer } from "../support/web3signer.ts";

const FROM = Date.UTC(2026, 1, 3) / 1000;
const TO = Date.UTC(2026, 1, 8) / 1000;
const PAGE = "keeper/cli/JSON.md";
const STATUS_PAGE = "keeper/dashboard/JSON.md";

/** The commands as an operator types them, against a running node, contract and venue. */
describe("the commands against a running world", () => {
  let world: KeeperWorld;
  let instants: readonly number[] = [];

  before(async () => {
    instants = openReplaySource().source.instants(FROM, TO);
    world = await keeperWorld(instants[0] ?? 0, etherTooLow());
  });
  after(() => world?.close());

  /** Runs a command, expects this exit code and that nothing was sent by it. */
  const quiet = async (line: string, code: number, environment?: Environment): Promise<Ended> => {
    const { sequence } = (await world.chain()).writer;
    const ended = await world.tonsor(line, environment);
    assert.equal(ended.code, code, `${line}\n${ended.out}\n${ended.err}`);
    assert.equal((await world.chain()).writer.sequence, sequence, `${line} sends nothing`);
    return ended;
  };
  const json = async (line: string, code: number, environment?: Environment): Promise<unknown> => {
    const { out, err } = await quiet(`${line} --json`, code, environment);
    assert.equal(err, "", "with --json nothing goes to stderr that is not for people");
    return JSON.parse(out) as unknown;
  };
  /** Every field of real output is documented; the documented ones that are not shown belong to a part that is null. */
  const documented = (value: unknown, page: string, heading: string): void => {
    const known = documentedFields(page, heading);
    const shown = fieldPaths(value);
    const isKnown = (path: string) =>
      known.some((name) => name === path || name === `${path}[]` || name.startsWith(`${path}[].`));
    assert.deepEqual(
      shown.filter((path) => !isKnown(path)),
      [],
      `fields of ${heading} that ${page} does not name`,
    );
    const missing = leaves(known).filter((path) => !shown.includes(path));
    const inside = (path: string) =>
      shown.some((one) => path.startsWith(`${one}.`) || path.startsWith(`${one}[]`) || `${one}[]` === path);
    assert.deepEqual(
      missing.filter((path) => !inside(path)),
      [],
      `fields of ${heading} that ${page} names and the output does not have`,
    );
  };

  it("config check reads the configuration and the governance numbers", async () => {
    const { out } = await quiet("config check", 0);
    assert.match(out, /^ok {4}configuration {2}chain 31337, all markets, a cycle every 1 s, state in/);
    assert.match(out, /^ok {4}deployment {5}the record is consistent$/m);
    assert.match(out, /4 ok, 0 to watch, 0 failed\n$/);
    documented(await json("config check", 0), PAGE, "doctor, config check");
  });

  it("doctor finds a healthy world healthy, every source with its age", async () => {
    const { out } = await quiet("doctor", 0);
    assert.match(out, /ok +chain +chain 31337, block \d+, \d s old\n/);
    assert.match(out, /ok +contract +0x[0-9a-fA-F]{40}, last\s+batch\s+0,\s+2\s+markets/);
    assert.match(out, /ok +signer +0x[0-9a-fA-F]{40}, 10000\.0000 ETH\n/);
    assert.match(out, /ok +deribit:ETH:options +\d+ s old/);
    assert.match(out, /warn +deribit:ETH-PERPETUAL:past +not read yet: the long run begins 20/);
    assert.match(out, /ok +next tightening +signed and rehearsed, not sent\n/);
    assert.match(out, /0 failed\n$/);
    assertShown(shownBlock("tonsor doctor"), out, [/0x[0-9a-fA-F]{40}/g, /block \d+|\d+ s old|20\d\d-\d\d-\d\d/g]);
    documented(await json("doctor", 0), PAGE, "doctor, config check");
  });

  it("dry-run decides and says that it sends nothing", async () => {
    const { out } = await quiet("dry-run", 0);
    assert.match(
      out,
      /time UTC +market +price implied realised +used +depth initial maint\. initial maint\. +limit action reason/,
    );
    assert.match(out, /^02-03 04:\d\d WETH +\$2,33\d\.\d\d .* submit TIGHTEN/m);
    assert.match(out, /^ {2}batch: nothing is sent: dry run$/m);
    const cycle = await json("dry-run", 0);
    documented(cycle, PAGE, "once, dry-run, run");
  });

  it("explain WETH reads as sentences: decision, limit, sources, volatility, depth, both waterfalls", async () => {
    const { out } = await quiet("explain WETH", 0);
    assert.match(
      out,
      /^WETH {3}2026-02-03 04:\d\d UTC {3}price \$2,33\d\.\d\d {3}oldest datum \d+ s old {3}confidence \d\.\d\d\n/,
    );
    assert.match(out, /TIGHTEN +risk rose: raise the haircut, or lower the exposure limit, at once/);
    assert.match(out, /ladder L1 \(options surface with realised volatility\), multiplier 1\.00/);
    assert.match(out, /sellable now +\$[\d.]+ [kM] {2}at an average slippage of 4\.26 % or less/);
    const percentOf = (line: RegExp): number => {
      const [, percent] = line.exec(out) ?? [];
      assert.ok(percent !== undefined, `${line}\n${out}`);
      return Number(percent);
    };
    const longRun = percentOf(/^ {2}realised, long run +([\d.]+) %/m);
    const used = percentOf(/^ {2}used, after floors and multiplier +([\d.]+) %/m);
    const loss = String.raw`24\.0 h; price loss [\d.]+ % at a volatility of ([\d.]+) %, from the`;
    const counted = percentOf(/^ {2}\d+ days of it and a typical year +([\d.]+) %/m);
    assert.ok(counted > longRun && counted < 80, `${counted} between ${longRun} and a typical 80`);
    assert.equal(percentOf(new RegExp(`^ {2}maintenance: ${loss}`, "m")), counted);
    const initial = percentOf(new RegExp(`^ {2}initial: ${loss}`, "m"));
    assert.ok(
      Math.abs(initial - Math.sqrt(used * counted)) < 0.15,
      `half-way between ${used} and ${counted}: ${initial}`,
    );
    assert.match(out, /^ {4}\$[\d.]+ [kM] sell within 4 h at the slippage that the bonus pays;/m);
    for (const side of ["Maintenance", "Initial"])
      assert.match(out, new RegExp(`^${side} haircut, from the model$`, "m"));
    assert.deepEqual(
      out.split("\n").filter((line) => line.length > 100),
      [],
    );
  });

  it("explain WBTC says that bitcoin's options stand in, one rung down the ladder", async () => {
    const { out } = await quiet("explain WBTC", 0);
    assert.match(out, /ladder L3 \(implied volatility transferred from a listed underlying\), multiplier 1\.15/);
    assert.match(out, /transfer +deribit:BTC:options +\d+ s old/);
  });

  it("lab stress reads the market as it is now and in scenarios, and sends nothing", async () => {
    const { sequence } = (await world.chain()).writer;
    const { code, out, err } = await world.lab("stress as-it-is price-falls --markets WETH --present");
    assert.equal(code, 0, err);
    assert.equal((await world.chain()).writer.sequence, sequence);
    assert.match(out, /^WETH +\$2,33\d\.\d\d on 2026-02-03 04:\d\d/);
    for (const name of ["as-it-is", "price-falls"]) assert.match(out, new RegExp(`^${name} +WETH +[\\d.]+ % `, "m"));
  });

  it("explain --json has the documented fields, and its waterfalls add up", async () => {
    for (const market of ["WETH", "wbtc"]) {
      const explained = (await json(`explain ${market}`, 0)) as {
        readonly waterfalls: Record<"maintenance" | "initial", { steps: { bps: number }[]; totalBps: number }>;
        readonly target: { initialBps: number; maintenanceBps: number };
      };
      for (const side of ["maintenance", "initial"] as const) {
        const { steps, totalBps } = explained.waterfalls[side];
        assert.equal(
          steps.reduce((sum, step) => sum + step.bps, 0),
          totalBps,
        );
        assert.equal(explained.target[`${side}Bps`], totalBps);
      }
      const own = documentedFields(PAGE, "explain");
      const terms = documentedFields(PAGE, "explain: terms of a haircut");
      const shared = documentedFields(STATUS_PAGE, "/api/status").filter((path) => path.startsWith("markets[]."));
      const known = [
        ...own,
        ...shared.map((path) => path.slice("markets[].".length)),
        ...["maintenance", "initial"].flatMap((side) => terms.map((term) => `${side}.${term}`)),
      ];
      const unknown = fieldPaths(explained).filter((path) => !known.includes(path) && !known.includes(`${path}[]`));
      const unnamed = unknown.filter(
        (path) => !known.some((name) => name.startsWith(`${path}.`) || name.startsWith(`${path}[]`)),
      );
      assert.deepEqual(unnamed, []);
    }
  });

  it("status before the first cycle says so; after one it counts it, with its transaction", async () => {
    // A fresh board: on a busy machine the first one has grown old by now, and its leaving would be news to the next cycle.
    await world.moveTo(instants[1] ?? 0);
    assert.match((await quiet("status", 0)).out, /^keeper stopped .* 0 cycles, no cycle yet\n {2}no cycle was run yet/);
    const once = await world.tonsor("once");
    assert.equal(once.code, 0, once.err);
    assert.match(once.out, /WETH .* submit TIGHTEN .* 0x[0-9a-f]{6}\.\.[0-9a-f]{4}$/m);
    assert.equal((await world.chain()).writer.sequence, 1);
    const { out } = await quiet("status", 0, { TICK_SECONDS: "3600" });
    assert.match(
      out,
      /^keeper running .* 1 cycle, last cycle \d+ s ago\n {2}(the next tightening could be sent|data of)/,
    );
    assert.match(out, /^ {2}WETH +\$2,\d{3}\.\d\d .* NORMAL/m);
    assert.match(out, /^ {2}#1 +0x[0-9a-f]{6}\.\.[0-9a-f]{4} +CONFIRMED .* WETH, WBTC$/m);
    documented(await json("status", 0), STATUS_PAGE, "/api/status");
  });

  it("recompute decides what was sent again, as recorded", async () => {
    const { out } = await quiet("recompute", 0);
    assert.match(
      out,
      /^2 decisions of 1 batches decided again by model version \d+\nall as recorded, value for value\n/,
    );
  });

  it("once holds when there is nothing newer, and its JSON has the documented fields", async () => {
    documented(await json("once", 0), PAGE, "once, dry-run, run");
  });

  it("a kill switch, file or variable, stops once from sending and is named with its reason", async () => {
    await world.moveTo(instants.find((time) => time - (instants[0] ?? 0) >= 6 * 3_600) ?? 0);
    const file = join(world.state, "PAUSED");
    writeFileSync(file, "node maintenance until noon\n");
    try {
      const { out } = await quiet("once", 0);
      assert.match(out, /^ {2}batch: nothing is sent: file PAUSED: node maintenance until noon$/m);
      assert.match(
        (await quiet("status", 0, { TICK_SECONDS: "3600" })).out.replaceAll(/\s+/g, " "),
        /^keeper paused .* nothing is sent: file PAUSED: node maintenance until noon/,
      );
      assert.match(
        (await quiet("doctor", 0)).out,
        /warn +kill switches +file PAUSED: node maintenance until noon\n +-> Nothing is sent/,
      );
    } finally {
      rmSync(file);
    }
    const byVariable = await quiet("once", 0, { TONSOR_PAUSED: "1" });
    assert.match(byVariable.out, /^ {2}batch: nothing is sent: TONSOR_PAUSED is set$/m);
    const { failures } = (await json("once", 0, { TONSOR_PAUSED: "2100-01-01T00:00:00Z" })) as { failures: unknown };
    assert.deepEqual(failures, [
      { market: "batch", message: "nothing is sent: TONSOR_PAUSED until 2100-01-01T00:00:00.000Z" },
    ]);
  });

  it("once signs at a remote signer; one that signs something else is named, and nothing is sent", async () => {
    const own = privateKeyToAccount(world.key);
    const at = ({ url }: { readonly url: string }) => ({
      KEEPER_PRIVATE_KEY: undefined,
      REMOTE_SIGNER_URL: url,
      REMOTE_SIGNER_ADDRESS: own.address,
    });
    const lying = await web3signer([own], { alter: (asked) => ({ ...asked, value: "0x1" }) });
    const { out } = await quiet("once", 75, at(lying));
    assert.match(
      out.replaceAll(/\s+/g, " "),
      /batch: SIGNER_ALTERS: what it signed differs from what .* in value\. The/,
    );
    assert.match(
      (await quiet("doctor", 1, at(lying))).out.replaceAll(/\s+/g, " "),
      /fail next tightening signer: SIGNER_ALTERS: what it signed differs .* in value -> See \S*RUNBOOK.md#tonsorcannottighten/,
    );
    const honest = await web3signer([own]);
    const sent = await world.tonsor("once", at(honest));
    assert.equal(sent.code, 0, sent.out + sent.err);
    assert.equal((await world.chain()).writer.sequence, 2, "without the switches it sends");
    await Promise.all([lying.close(), honest.close()]);
  });
});
