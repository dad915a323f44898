import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { evidenceFolder } from "../../keeper/journal/evidenceFolder.ts";
import { readMarkets } from "../../keeper/markets/marketFiles.ts";
import { configChecks } from "../../keeper/operations/configChecks.ts";
import type { Context } from "../../keeper/operations/context.ts";
import { evidenceBytes } from "../../keeper/operations/statusPage.ts";
import { type Config, loadConfig } from "../../keeper/runtime/config.ts";
import { onePiece } from "../support/packed.ts";

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "tonsor-main-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A context of which only the configuration and the markets are asked. */
const contextOf = (config: () => Promise<Config>) => ({ config, markets: () => MARKETS }) as unknown as Context;
const MARKETS = readMarkets(null);
const { names } = MARKETS;

describe("configChecks", () => {
  it("says what is configured, and that every market's parameters agree with each other", async (t) => {
    const folder = temporary(t);
    const variables = { TICK_SECONDS: "5", TONSOR_STATE: "s" };
    const checks = await configChecks(contextOf(() => loadConfig({ folder, variables, marketNames: names })));
    assert.deepEqual(checks, [
      {
        name: "configuration",
        state: "ok",
        found: `chain 31337, all markets, a cycle every 5 s, state in ${join(folder, "s")}`,
        cure: null,
      },
      ...names.map((name) => ({
        name: `market ${name}`,
        state: "ok",
        found: "parameters and listing are consistent",
        cure: null,
      })),
    ]);
  });

  it("finds a bad secret of co-signing before the keeper starts, and says how it should be", async (t) => {
    const folder = temporary(t);
    const secretFile = join(folder, "cosign");
    const peers = ["http://127.0.0.1:8643"];
    const check = async (text: string, mode = 0o600, cosign: object = { secretFile, peers }) => {
      writeFileSync(secretFile, text);
      chmodSync(secretFile, mode);
      writeFileSync(join(folder, "tonsor.config.json"), JSON.stringify({ cosign }));
      const checks = await configChecks(contextOf(() => loadConfig({ folder, variables: {}, marketNames: names })));
      return checks.find(({ name }) => name === "co-signing secret");
    };
    const good = "0123456789abcdef0123456789abcdef\n";
    assert.deepEqual(await check(good), {
      ...{ name: "co-signing secret", state: "ok", found: `${secretFile}, shared with 1 other instances`, cure: null },
    });
    const wrong = [
      [await check("short\n"), /given "5 characters"; expected a file of one line of 32 characters or more/],
      [await check(good, 0o644), /has mode 644: others than its owner may open it/],
      [await check(`${good}${good}`), /has several lines/],
      [await check(good, 0o600, { secretFile: join(folder, "none"), peers }), /cannot be read \(ENOENT\)/],
      [await check(good, 0o600, { peers }), /peers without a secret/],
    ] as const;
    for (const [found, pattern] of wrong) {
      assert.equal(found?.state, "fail");
      assert.match(found?.found ?? "", pattern);
    }
    assert.equal(await check(good, 0o600, {}), undefined, "nothing is said where it is off");
  });

  it("names the markets that are chosen", async (t) => {
    const folder = temporary(t);
    writeFileSync(join(folder, "tonsor.config.json"), '{"markets":["WETH","WBTC"]}');
    const [first] = await configChecks(contextOf(() => loadConfig({ folder, variables: {}, marketNames: names })));
    assert.match(first?.found ?? "", /^chain 31337, WETH, WBTC, a cycle every 60 s, /);
  });

  it("gives a broken configuration with every problem and its cure, and looks at the markets all the same", async (t) => {
    const folder = temporary(t);
    const variables = { CHAIN_ID: "x", LOG_LEVEL: "y" };
    const checks = await configChecks(contextOf(() => loadConfig({ folder, variables, marketNames: names })));
    const [first, ...rest] = checks;
    assert.deepEqual([first?.name, first?.state], ["configuration", "fail"]);
    assert.match(first?.found ?? "", /CHAIN_ID: given "x"/);
    assert.match(first?.found ?? "", /LOG_LEVEL: given "y"/);
    assert.equal(first?.cure, "Correct the listed settings, then run `config check`.");
    assert.deepEqual(
      rest.map((check) => check.state),
      names.map(() => "ok"),
    );
  });

  it("names what is wrong with a market by its file and path, with its cure, and what is wrong with the folder", async (t) => {
    const folder = temporary(t);
    const weth = readFileSync("deployments/markets/WETH.jsonc", "utf8");
    writeFileSync(join(folder, "WETH.jsonc"), weth.replace('"initialBps": 2200', '"initialBps": 2100'));
    const checksOf = async (markets: string) => {
      const config = () => loadConfig({ folder, variables: {}, marketNames: [] });
      return (await configChecks({ config, markets: () => readMarkets(markets) } as unknown as Context)).slice(1);
    };
    const file = join(folder, "WETH.jsonc");
    const found =
      "listing.initialBps: given 2100, expected whole bp in [2200,5000]: its class's bounds, and a gap of 300";
    assert.deepEqual(await checksOf(folder), [{ name: "market WETH", state: "fail", found, cure: `Correct ${file}.` }]);
    const none = join(folder, "none");
    assert.deepEqual(await checksOf(none), [
      {
        ...{ name: "markets", state: "fail", cure: `Correct ${none}.` },
        found: `${none}: given no such file, expected a folder of markets`,
      },
    ]);
  });

  it("hides no error of its own", async () => {
    const broken = contextOf(() => Promise.reject(new RangeError("a bug")));
    await assert.rejects(configChecks(broken), { name: "RangeError", message: "a bug" });
  });
});

describe("lookups", () => {
  it("find evidence by its hash, and nothing under another, a changed or a senseless one", async (t) => {
    const folder = temporary(t);
    const evidence = evidenceFolder(folder);
    const bytes = Buffer.from('{"inputs":1}');
    const hash = await evidence.put(onePiece(bytes));
    assert.deepEqual(Buffer.from((await evidenceBytes({ evidence }, hash)) ?? []), bytes);
    assert.equal(await evidenceBytes({ evidence }, `0x${"00".repeat(32)}`), null);
    assert.equal(await evidenceBytes({ evidence }, "../journal.sqlite"), null);
    writeFileSync(join(folder, `${hash}.json.gz`), "torn");
    assert.equal(await evidenceBytes({ evidence }, hash), null);
  });
});
