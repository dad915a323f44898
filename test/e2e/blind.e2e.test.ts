import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import type { Child } from "../support/child.ts";
import { cycleLines } from "../support/cycleLines.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { type TcpProxy, tcpProxy } from "../support/tcpProxy.ts";

const FROM = Date.UTC(2026, 1, 3) / 1000;
const PATIENCE_MS = 60_000;

/** Fault row 2: a keeper that runs and sees nothing. It says so at /live, gives up with 75, and a new start recovers. */
describe("a keeper that is blind but alive", () => {
  let world: KeeperWorld;
  let proxy: TcpProxy;

  before(async () => {
    const [first = 0] = openReplaySource().source.instants(FROM, FROM + 86_400 * 5);
    world = await keeperWorld(first);
    proxy = await tcpProxy(Number(new URL(world.replica.url).port));
    const schedule = { softTimeoutSeconds: 7, hardTimeoutSeconds: 8, headStallSeconds: 10, stageSeconds: 1 };
    writeFileSync(join(world.folder, "tonsor.config.json"), JSON.stringify({ schedule }));
  });
  after(async () => {
    await proxy?.close();
    await world?.close();
  });

  const throughProxy = () => ({ RPC_URL: `http://127.0.0.1:${proxy.port}` });
  const pageOf = (child: Child): string => {
    const line =
      child
        .said()
        .err.split("\n")
        .find((text) => text.includes('"msg":"keeper started"')) ?? "{}";
    return String((JSON.parse(line) as { page?: unknown }).page);
  };
  const started = async (child: Child): Promise<string> => {
    await child.until(({ out }) => cycleLines(out).length >= 2, "two cycles");
    return pageOf(child);
  };
  /** Asks /live until it says no, or the keeper has gone. */
  const firstNo = async (page: string): Promise<{ status: number; reason: string }> => {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await wait(100)) {
      const response = await fetch(new URL("/live", page), { signal: AbortSignal.timeout(2_000) });
      const { reason } = (await response.json()) as { reason: string };
      if (response.status !== 200) return { status: response.status, reason };
    }
    throw new Error("/live never said no");
  };

  it("with a socket that hangs: 503 at /live with the reason, exit code 75, and the next start works", async () => {
    const child = world.start("run --json", throughProxy());
    const page = await started(child);
    assert.equal((await fetch(new URL("/live", page))).status, 200);
    proxy.hang();
    const no = await firstNo(page);
    assert.equal(no.status, 503);
    assert.match(no.reason, /^no tick has finished for \d+ s, limit 8 s$/);
    const ended = await child.ended;
    assert.equal(ended.code, 75, ended.err);
    assert.match(ended.err, /"level":"fatal".*no progress: giving up/);
    assert.match(ended.out, /"code": "STUCK"/);
    proxy.recover();
    const again = world.start("run --json", throughProxy());
    await started(again);
    again.kill("SIGTERM");
    assert.equal((await again.ended).code, 0);
  });

  it("with a head that stands still: cycles go on, /live is 503, exit code 75", async () => {
    const child = world.start("run --json", { TONSOR_CLOCK: "wall" });
    const page = await started(child);
    const no = await firstNo(page);
    assert.match(no.reason, /^the chain stands at block \d+ for 1\d s, limit 10 s$/);
    const ended = await child.ended;
    assert.equal(ended.code, 75, ended.err);
    assert.ok((ended.err.match(/"msg":"cycle"/g)?.length ?? 0) > 5, "it went on looking");
  });
});
