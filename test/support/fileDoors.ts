import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { sha256 } from "viem";
import { ownError } from "../../keeper/domain/errors.ts";
import { decodeBundle, gather } from "../../keeper/evidence/bundle.ts";
import { canonicalText } from "../../keeper/evidence/canonical.ts";
import { readPositionsFile } from "../../keeper/impact/positions.ts";
import { evidenceFolder } from "../../keeper/journal/evidenceFolder.ts";
import { seriesFolder } from "../../keeper/journal/files.ts";
import { readDeployment } from "../../keeper/protocols/readDeployment.ts";
import { parseConfigFile, readConfigFile } from "../../keeper/runtime/configFile.ts";
import { ENVIRONMENT } from "../../keeper/runtime/environment.ts";
import { keystoreAddress } from "../../keeper/runtime/keystore.ts";
import { killSwitches } from "../../keeper/runtime/killSwitch.ts";
import { parseEnvironment } from "../../keeper/runtime/parseEnvironment.ts";
import { connect } from "../../keeper/venues/connection.ts";
import { deribit } from "../../keeper/venues/deribit/deribit.ts";
import { sampleBundle } from "../evidence/sampleBundle.ts";
import { TAKEN } from "../venues/sampleSmile.ts";
import type { Door } from "./everyDoor.ts";
import { packed } from "./packed.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

/** A value, or an error of ours: anything else is a broken door. */
export async function settles(reading: Promise<unknown>): Promise<void> {
  await reading.catch((error: unknown) => {
    if (ownError(error) === null) throw error;
  });
}

/** What throws at once may throw errors of ours alone. */
const ours = async (work: () => unknown): Promise<void> => settles(Promise.resolve().then(work));

const ADDRESS = "5fbdb2315678afecb367f032d93f642f64180aa3";
const VALUATION: Parameters<typeof readPositionsFile>[1] = new Map([["WETH", { marketId: 1, priceUsd: 2_000 }]]);
const POSITION = { protocol: "a", account: "0x1", market: "WETH", collateralAmount: 2, debtUsd: 900 };

/** Files and variables that somebody else may have written. */
export function fileDoors(): readonly Door[] {
  const folder = temporaryFolder();
  for (const name of ["series", "evidence"]) mkdirSync(join(folder, name));
  const put = (name: string, body: Buffer): string => {
    writeFileSync(join(folder, name), body);
    return join(folder, name);
  };
  const door = (name: string, honest: unknown, give: Door["give"], cap = 100_000): Door => {
    return { name, honest: typeof honest === "string" ? honest : JSON.stringify(honest), cap, give };
  };
  const { root, parts } = packed(sampleBundle());
  const bundle = new TextDecoder().decode(root);
  const [[first = "", part = new Uint8Array()] = []] = [...parts];
  const hash = `0x${"ab".repeat(32)}` as const;
  const series = "deribit:ETH-PERPETUAL:history 2";
  const hour = TAKEN - (TAKEN % 3_600);
  return [
    door("a configuration file", { fees: { maxFeePerGasGwei: 80 }, markets: ["WETH"] }, async (body) => {
      put("hostile.json", body);
      const read = await readConfigFile(folder, "hostile.json").catch((error: Error) => {
        assert.match(error.message, /hostile\.json, which cannot be read/);
        return null;
      });
      if (read !== null) parseConfigFile(read.name, read.content);
    }),
    door(
      "the environment",
      Object.fromEntries(Object.entries(ENVIRONMENT).map(([name, one]) => [name, one.default])),
      async (body) => {
        const text = body.toString().slice(0, 100_000);
        parseEnvironment(Object.fromEntries(Object.keys(ENVIRONMENT).map((name) => [name, text])), ["deribit"]);
      },
    ),
    door("evidence read back", bundle, async (body) => ours(() => decodeBundle({ root: body, parts })), 200_000),
    door("a part of evidence", new TextDecoder().decode(part), async (body) => {
      // Under the name that the root has for it, and as the root that its own hash would make of it.
      await ours(() => decodeBundle({ root, parts: new Map([...parts, [first, body]]) }));
      const name = sha256(body).slice(2);
      const named = new TextEncoder().encode(bundle.replace(first, name));
      await ours(() => decodeBundle({ root: named, parts: new Map([...parts, [name, body]]) }));
      await settles(gather(named, async (asked) => (asked === name ? body : (parts.get(asked) ?? new Uint8Array()))));
    }),
    door("a packed file of evidence", bundle, async (body) => {
      const store = evidenceFolder(join(folder, "evidence"));
      for (const file of [body, gzipSync(body, { level: 1 })]) {
        put(`evidence/${hash}.json.gz`, file);
        await settles(store.get(hash));
      }
    }),
    door("a deployment's record", { chainId: 1, contract: { address: `0x${ADDRESS}` }, markets: [{ id: 1 }] }, (body) =>
      ours(() => readDeployment(put("record.json", body))),
    ),
    door(
      "a book of positions",
      { schema: "tonsor.positions.v1", source: "x", time: 1, positions: [POSITION] },
      (body) => settles(readPositionsFile(put("positions.json", body), VALUATION)),
    ),
    door("a keystore", { version: 3, address: ADDRESS, crypto: { kdf: "scrypt", kdfparams: { n: 2 } } }, (body) =>
      ours(() => keystoreAddress(put("keystore.json", body))),
    ),
    door("a pause", "until 2026-01-27T00:00:00Z\nthe node is upgraded", async (body) => {
      put("PAUSED", body);
      const { reason } = killSwitches({ paused: { kind: "none" }, state: folder }, TAKEN);
      assert.ok(reason === null || reason.length < 250);
    }),
    door(
      "a kept series",
      [hour, hour - 3_600].map((time) => [time, 1, 2, 1, 2, 5]),
      async (body) => {
        put(`series/${encodeURIComponent(series)}.json`, body);
        const memory = seriesFolder(join(folder, "series"));
        const { candles } = connect(deribit, { baseUrl: "http://127.0.0.1:9", memory, timeoutMs: 1_000 }).history;
        const { observation, faults } = await candles("ETH-PERPETUAL", TAKEN, 2);
        assert.ok(faults.length > 0);
        if (observation !== null) canonicalText(observation);
      },
    ),
  ];
}
