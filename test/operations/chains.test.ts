import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { createServices } from "../../keeper/operations/services.ts";
import { type Child, startTonsor } from "../support/child.ts";
import { recordWithoutChain } from "../support/recordWithoutChain.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** Files of variables, one for each chain, and the services of a process that is given them. */
function services(...chains: readonly Readonly<Record<string, string>>[]) {
  const folder = temporaryFolder();
  const files = chains.map((variables, n) => {
    const file = join(folder, `${"ab"[n]}.env`);
    const own = { TONSOR_STATE: join(folder, `state-${n}`), ...variables };
    writeFileSync(
      file,
      Object.entries(own)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    );
    return file;
  });
  const shared = { TONSOR_DEPLOYMENTS: join(folder, "deployments"), STATUS_PORT: "0", LOG_LEVEL: "silent" };
  return createServices(shared, new AbortController().signal, assert.fail, files);
}

const run = (of: ReturnType<typeof services>) =>
  of.runLoop({ signal: new AbortController().signal, onCycle: assert.fail });

const [ONE, OTHER] = [{ CHAIN_ID: "31337" }, { CHAIN_ID: "1337" }];
const KEY = { KEEPER_PRIVATE_KEY: `0x${"1".repeat(64)}` };
const DEADMAN = { DEADMAN_URL: "http://127.0.0.1:9/canary" };
const ADMIN = { TONSOR_ADMIN_TOKEN: "canary-token-of-the-admin-calls", ADMIN_PORT: "8641" };
const STATE = { TONSOR_STATE: "/nonexistent/tonsor" };

describe("several chains in one process", () => {
  for (const [name, one, other] of [
    ["CHAIN_ID", ONE, ONE],
    ["TONSOR_STATE", { ...ONE, ...STATE }, { ...OTHER, ...STATE }],
    ["STATUS_PORT", { ...ONE, STATUS_PORT: "8640" }, { ...OTHER, STATUS_PORT: "8640" }],
    ["PUBLIC_PORT", { ...ONE, PUBLIC_PORT: "8642" }, { ...OTHER, PUBLIC_PORT: "8642" }],
    ["ADMIN_PORT", { ...ONE, ...ADMIN }, { ...OTHER, ...ADMIN }],
    ["DEADMAN_URL", { ...ONE, ...DEADMAN }, { ...OTHER, ...DEADMAN }],
  ] as const) {
    it(`do not start with one ${name} for two`, async () => {
      await assert.rejects(run(services(one, other)), (error: Error & { code?: string }) => {
        assert.equal(error.code, "BAD_CONFIG");
        assert.match(
          error.message,
          new RegExp(`b\\.env: ${name}: given the same as in .*a\\.env, expected each chain its own`),
        );
        assert.match(error.message, /^1 problem /);
        assert.doesNotMatch(error.message, /canary/);
        return true;
      });
    });
  }

  it("end together when every one of them must be corrected, with the first one's reason", async () => {
    const wrong = services({ ...ONE, TICK_SECONDS: "0" }, { ...OTHER, ...KEY });
    await assert.rejects(run(wrong), { code: "BAD_CONFIG", message: /TICK_SECONDS/ });
  });

  it("of a fleet name its Redis, and none of them how many a worker runs", async () => {
    const own = services({ ...ONE, FLEET_CHAINS: "1" }, OTHER);
    await assert.rejects(run(own), {
      code: "BAD_CONFIG",
      message: /a\.env: FLEET_CHAINS: given 1, expected nothing here/,
    });
    const folder = temporaryFolder();
    const alone = createServices(
      { FLEET_CHAINS: "1", TONSOR_STATE: folder },
      new AbortController().signal,
      assert.fail,
    );
    const message = /REDIS_URL: given nothing[\s\S]*--env: given nothing, expected a file for each chain/;
    await assert.rejects(run(alone), { code: "BAD_CONFIG", message });
  });

  it("of a fleet are refused with what is no number of chains, whatever else is set", async () => {
    for (const FLEET_CHAINS of ["0", "-1", "1.5", "1e9", "65"]) {
      for (const chains of [[], [ONE], [ONE, OTHER]]) {
        const files = services(...chains.map((one) => ({ ...one, FLEET_CHAINS, REDIS_URL: "redis://127.0.0.1:1" })));
        const variables = { FLEET_CHAINS, TONSOR_STATE: temporaryFolder() };
        const none = createServices(variables, new AbortController().signal, assert.fail);
        const message = new RegExp(
          `FLEET_CHAINS: given "${FLEET_CHAINS}", expected empty, or a whole number in \\[1, 64\\]`,
        );
        await assert.rejects(run(chains.length === 0 ? none : files), { code: "BAD_CONFIG", message });
      }
    }
  });

  it("run where one of them cannot start: it is named and stays down; one that loses its state is opened anew", async () => {
    const folder = temporaryFolder();
    const file = (chainId: number) => {
      const path = join(folder, `${chainId}.env`);
      writeFileSync(path, `CHAIN_ID=${chainId}\nTONSOR_STATE=${join(folder, `state-${chainId}`)}\nSTATUS_PORT=0\n`);
      return path;
    };
    const words = ["run", "--env", file(1_337), "--env", file(31_337)];
    const nowhere = { RPC_URL: "http://127.0.0.1:9", VENUE_URLS: "deribit=http://127.0.0.1:9", TICK_SECONDS: "1" };
    const shared = { PATH: process.env["PATH"], TONSOR_DEPLOYMENTS: recordWithoutChain(join(folder, "records")) };
    const child: Child = startTonsor(words, { ...shared, ...nowhere }, folder);
    try {
      const said = (pattern: RegExp) => child.until(({ err }) => pattern.test(err), String(pattern));
      await said(/"level":"fatal".*"env":".*1337\.env","code":"NOT_DEPLOYED".*this chain stays down/);
      await said(/"chain":31337,.*"msg":"tick failed/);
      const page = /"chain":31337,"page":"([^"]+)"/.exec(child.said().err)?.[1] ?? "";
      assert.equal((await fetch(new URL("/ready", page))).status, 503);
      const journal = new DatabaseSync(join(folder, "state-31337", "journal.sqlite"), { readOnly: true });
      const owner = journal.prepare("SELECT owner FROM identity").get()?.["owner"];
      journal.close();
      assert.equal(owner, 1, "whoever begins a chain takes its journal over");
      rmSync(join(folder, "state-31337"), { recursive: true });
      await said(/"env":".*31337\.env","code":"STATE_LOST".*this chain ended and is opened anew in 5 s/);
      await said(/("msg":"keeper started"[\s\S]*){2}/);
      child.kill("SIGTERM");
      assert.equal((await child.ended).code, 0);
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("are refused by every command of one chain", async () => {
    const both = services(ONE, OTHER);
    await assert.rejects(both.runOnce({ dryRun: true, signal: new AbortController().signal }), {
      code: "BAD_ARGUMENT",
      message: /field --env; given ".*a\.env .*b\.env"; expected one file/,
    });
    assert.throws(() => both.marketNames(), { code: "BAD_ARGUMENT" });
  });

  it("one file serves every command: what it says wins over the environment", async () => {
    const checks = await services({ ...OTHER, TICK_SECONDS: "7" }).checkConfig();
    assert.match(checks[0]?.found ?? "", /^chain 1337, all markets, a cycle every 7 s/);
    const [typo] = await services({ ...OTHER, STATUS_PROT: "1" }).checkConfig();
    assert.match(JSON.stringify(typo), /STATUS_PROT.*did you mean STATUS_PORT/);
    const missing = createServices({}, new AbortController().signal, assert.fail, ["/nonexistent/a.env"]);
    assert.throws(() => missing.marketNames(), {
      code: "BAD_CONFIG",
      message: /--env: given \/nonexistent\/a\.env \(ENOENT\)/,
    });
  });
});
