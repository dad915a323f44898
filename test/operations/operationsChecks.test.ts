import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { LenderState } from "../../keeper/domain/lender.ts";
import { chainCheck, lenderChecks, nodeChecks, operationsChecks } from "../../keeper/operations/operationsChecks.ts";
import { haltSubmission, writePause } from "../../keeper/runtime/killSwitch.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const NOW = 1_770_379_200;
type Settings = Parameters<typeof operationsChecks>[0];

/** On mainnet, with everything as it should be; each test changes one thing. */
function world(change: (folder: string) => Partial<Settings> = () => ({})) {
  const folder = temporaryFolder();
  const keystoreFile = join(folder, "key.json");
  writeFileSync(keystoreFile, "{}", { mode: 0o600 });
  writeFileSync(join(folder, ".env"), "", { mode: 0o600 });
  const settings: Settings = {
    paused: { kind: "none" },
    state: folder,
    chainId: 1,
    keystoreFile,
    keystorePasswordFile: "/etc/password",
    statusHost: "127.0.0.1",
    alertWebhookUrl: "https://hooks",
    deadmanUrl: "https://ping",
    ...change(folder),
  };
  return operationsChecks(settings, folder, NOW);
}
/** The same with one of its files opened to others. */
const open = (name: string, mode: number) =>
  world((folder) => {
    chmodSync(join(folder, name), mode);
    return {};
  });
const ill = (checks: ReturnType<typeof world>) =>
  checks
    .filter(({ state }) => state !== "ok")
    .map(
      ({ name, found, cure }) =>
        `${name}: ${found.replaceAll(/\/\S*\//g, "")} -> ${cure?.replaceAll(/\/tmp\S*\//g, "")}`,
    );

describe("doctor on a keeper's surroundings", () => {
  it("finds nothing where nothing is wrong", () => {
    assert.deepEqual(
      world().map(({ name, state, cure }) => [name, state, cure]),
      [
        ["kill switches", "ok", null],
        ["keystore", "ok", null],
        ["status page", "ok", null],
        ["alerts", "ok", null],
      ],
    );
  });

  it("names the cure for each switch by itself", () => {
    const found = ill(
      world((folder) => {
        writePause(folder, { reason: "upgrade", until: null }, NOW);
        haltSubmission(folder, "reverts", "3 in a row", NOW);
        return { paused: { kind: "always" } };
      }),
    );
    assert.equal(found.length, 3);
    assert.match(found[0] ?? "", /TONSOR_PAUSED is set -> .*unset TONSOR_PAUSED/);
    assert.match(found[1] ?? "", /file PAUSED: upgrade -> .*`tonsor resume`/);
    assert.match(found[2] ?? "", /submission halt: reverts: 3 in a row.* -> .*find out why.*then `tonsor resume`/);
  });

  it("tells secrets in files that others can read", () => {
    assert.deepEqual(ill(open("key.json", 0o644)), [
      "keystore: key.json can be read by other users -> Encrypted, but it can be copied and tried: chmod 600 key.json.",
    ]);
    assert.equal(ill(open("key.json", 0o640)).length, 1, "by the group too");
    const development = world((folder) => {
      chmodSync(join(folder, ".env"), 0o644);
      return { chainId: 31_337 };
    });
    assert.deepEqual(ill(development), []);
    assert.deepEqual(ill(open(".env", 0o640)), [
      ".env: .env can be read by other users -> It holds tokens of nodes and alerts: chmod 600 .env.",
    ]);
  });

  it("tells a page that others can reach", () => {
    for (const statusHost of ["0.0.0.0", "::", "10.0.0.7"]) {
      assert.match(ill(world(() => ({ statusHost })))[0] ?? "", /^status page: listens on .* -> .*access control/);
    }
    for (const statusHost of ["::1", "127.0.0.2"]) assert.deepEqual(ill(world(() => ({ statusHost }))), []);
  });

  it("asks for alerts where the keeper matters, and not on a development chain", () => {
    assert.match(ill(world(() => ({ deadmanUrl: null })))[0] ?? "", /^alerts: DEADMAN_URL not set -> Set them/);
    assert.match(
      ill(world(() => ({ deadmanUrl: null, alertWebhookUrl: null })))[0] ?? "",
      /ALERT_WEBHOOK_URL and DEADMAN_URL/,
    );
    assert.deepEqual(ill(world(() => ({ deadmanUrl: null, chainId: 31337 }))), []);
  });
});

describe("doctor on the nodes of a quorum", () => {
  const node = { name: "a.example", quarantine: null, detail: "", head: 100, silent: 0 };

  it("is content with one that answers, and says why another does not count, with the cure", () => {
    const checks = nodeChecks([
      node,
      { ...node, name: "b.example", silent: 2, detail: "timed out" },
      { ...node, name: "c.example", quarantine: "FORKED", detail: "block 100 is 0xab" },
    ]);
    assert.deepEqual(
      checks.map(({ state, found }) => [state, found]),
      [
        ["ok", "head 100"],
        ["warn", "does not answer: timed out"],
        ["warn", "at the elected height it has another block: block 100 is 0xab"],
      ],
    );
    assert.match(checks[1]?.cure ?? "", /RPC_URLS/);
  });
});

describe("doctor on the chain's head", () => {
  it("is content within two minutes either way, and beyond says which of node and clock to mend", () => {
    const told = (age: number) => {
      const { state, cure } = chainCheck("block 7", age);
      return `${state} ${cure ?? ""}`.trim();
    };
    assert.deepEqual([told(12), told(120), told(-120)], ["ok", "ok", "ok"]);
    assert.match(told(121), /^warn The node lags behind: .* clock is ahead/);
    assert.match(told(-121), /^warn This machine's clock is behind/);
  });
});

describe("doctor on the lenders", () => {
  const numbers = { ltvBps: 7_400, thresholdBps: 8_100, supplyCap: 12_000 };
  const row = (change: Partial<LenderState>) => {
    const aave = { lender: "Aave", market: "WETH", state: "AGREES", has: numbers, says: numbers } as const;
    const [check] = lenderChecks([{ ...aave, since: null, nextAt: null, detail: null, tried: null, ...change }]);
    return check;
  };

  it("has a row for each market of each, and none where there is none", () => {
    assert.deepEqual(row({}), {
      name: "Aave WETH",
      state: "ok",
      found:
        "has what its agent would set; LTV 74 %, threshold 81 %, cap 12,000, the contract says LTV 74 %, threshold 81 %, cap 12,000",
      cure: null,
    });
    assert.equal(row({ state: "STEPPING" })?.state, "ok");
    assert.deepEqual(lenderChecks([]), []);
  });

  it("warns of one that differs, with what it answered, since when, and where to read on", () => {
    const refused = row({
      state: "REFUSED",
      since: NOW,
      detail: "sync: no role",
      has: { ...numbers, supplyCap: null },
    });
    assert.equal(refused?.state, "warn");
    assert.match(
      refused?.found ?? "",
      /^it refuses the change \(sync: no role\), since 2026-02-06T12:00:00Z; .* no cap,/,
    );
    assert.equal(refused?.cure, "See deployments/service/RUNBOOK.md#tonsorlenderdiffers.");
    assert.equal(row({ state: "UNREADABLE", has: null })?.found, "a view fails, or its answer makes no sense");
  });
});
