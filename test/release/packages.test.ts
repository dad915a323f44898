import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Abi, Hex, PublicClient } from "viem";
import { encodeFunctionData } from "viem";
import { limitOf } from "../../keeper/domain/contract.ts";
import { hashEvidence } from "../../keeper/evidence/bundle.ts";
import { RISK_CLASSES, USD } from "../../keeper/markets/limits.ts";
import { totalVariance } from "../../keeper/model/options/svi.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { encodeBatch, readSequence } from "../../keeper/protocols/collateralParameters.ts";
import { storedClassOf } from "../../keeper/protocols/words.ts";
import { compileForeign } from "../../scripts/lab/lenders/compileForeign.ts";
import { replicaAccounts } from "../../scripts/lab/replica/accounts.ts";
import { type AnvilProcess, spawnAnvil } from "../../scripts/lab/replica/anvil.ts";
import { mined, replicaClient, send } from "../../scripts/lab/replica/node.ts";
import type * as Client from "../../scripts/packages/client/client.ts";
import type * as Model from "../../scripts/packages/model/model.ts";
import { problemsOf } from "../../scripts/release/inspect.ts";
import { PACKAGES } from "../../scripts/release/packages.ts";
import { stagePackages } from "../../scripts/release/stage.ts";
import { compiled } from "../support/compiled.ts";
import { entriesOf } from "../support/entries.ts";
import { CALM, smileBoard } from "../support/smileBoard.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { promised, writePageFiles } from "./pageFiles.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(import.meta.url);
const CHAIN_ID = 31337;
const GENESIS = 1_800_000_000;

describe("what npm run release packs", () => {
  /** An empty folder beside the packages, as a consumer's after npm install. */
  let consumer = "";
  let folders: Readonly<Record<string, string>> = {};
  before(async () => {
    await compiled();
    consumer = join(temporaryFolder(), "consumer");
    mkdirSync(join(consumer, "node_modules"), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(consumer, "..", "node_modules"));
    folders = stagePackages(join(consumer, "node_modules"));
  });
  const folderOf = (name: string): string => folders[name] ?? "";
  const json = (name: string, file: string) => JSON.parse(readFileSync(join(folderOf(name), file), "utf8"));

  it("is small, complete, without strays and without a path of this machine", () => {
    for (const spec of PACKAGES) assert.deepEqual(problemsOf(spec, folderOf(spec.name)), []);
    const [contracts] = PACKAGES;
    assert.ok(contracts !== undefined);
    writeFileSync(join(folderOf(contracts.name), "notes.txt"), root);
    const found = problemsOf({ ...contracts, mostBytes: 1_000 }, folderOf(contracts.name)).join("\n");
    assert.match(found, /bytes, at most 1000\n.*notes.txt is of no kind.*\n.*notes.txt names a path here$/);
  });

  it("depends on what its code imports, in the versions tested here, and on nothing else", () => {
    const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    assert.deepEqual(json("@tonsor/contracts", "package.json").dependencies, {
      "@openzeppelin/contracts": own.dependencies["@openzeppelin/contracts"],
    });
    assert.deepEqual(Object.keys(json("@tonsor/model", "package.json").dependencies), ["zod"]);
    assert.deepEqual(Object.keys(json("@tonsor/client", "package.json").dependencies), ["canonicalize", "zod"]);
    assert.deepEqual(json("@tonsor/client", "package.json").peerDependencies, { viem: `^${own.dependencies.viem}` });
    const keeper = json("tonsor", "package.json");
    for (const [name, version] of Object.entries(keeper.dependencies))
      assert.equal(version, own.dependencies[name], name);
    assert.equal(keeper.version, own.version);
  });

  it("reads and thinks without Node: neither client nor model imports a module of it", () => {
    for (const name of ["@tonsor/client", "@tonsor/model"]) {
      const files = globSync("dist/**/*.{js,d.ts}", { cwd: folderOf(name) });
      assert.ok(files.length > 60, `${name}: ${files.length} files`);
      const impure = files.filter((file) =>
        /(?:from|import\(?) ?"node:/.test(readFileSync(join(folderOf(name), file), "utf8")),
      );
      assert.deepEqual(impure, [], name);
    }
  });

  it("has the ABI of the compiled contract", () => {
    const artifact = (path: string) =>
      JSON.parse(readFileSync(join(root, "artifacts", "contracts", `${path}.json`), "utf8")).abi as Abi;
    const abis = json("@tonsor/contracts", "abi.json") as Record<string, Abi>;
    const plain = (abi: Abi) =>
      abi.map((item) => JSON.stringify(item, (key, value) => (key === "outputs" ? value.length : value)));
    assert.deepEqual(plain(abis["Parameters"] ?? []), plain(artifact("parameters/Parameters.sol/Parameters")));
    assert.deepEqual(abis["IHaircuts"], artifact("interfaces/IHaircuts.sol/IHaircuts"));
    assert.ok("HaircutPriceFeed" in abis && "SignerQuorum" in abis);
  });

  it("runs: the keeper's help, its configuration check, and every example of the model's page", () => {
    const node = (...words: string[]) => execFileSync(process.execPath, words, { cwd: consumer, encoding: "utf8" });
    const keeper = join(folderOf("tonsor"), "keeper", "main.js");
    assert.match(node(keeper, "--help"), /^Usage: tonsor /);
    assert.equal(node(keeper, "--version").trim(), json("tonsor", "package.json").version);
    assert.match(node(keeper, "config", "check"), /market WETH/);
    const scripts = writePageFiles("model", consumer);
    assert.equal(scripts.size, 3);
    for (const [file, text] of scripts) assert.deepEqual(node(file).trim().split("\n"), promised(text), file);
  });

  it("finds the volatility that an options board was made of", async () => {
    const { surface } = (await import(
      join(folderOf("@tonsor/model"), "dist/scripts/packages/model/model.js")
    )) as typeof Model;
    const [board] = surface(smileBoard()).boards;
    const smile = Math.sqrt(totalVariance(CALM, 0) / (30 / 365));
    assert.ok(Math.abs((board?.atmVolatilityByDays["30"] ?? 0) - smile) < 1e-4, String(smile));
  });

  describe("on a chain", () => {
    let anvil: AnvilProcess;
    let client: PublicClient;
    let tonsor: typeof Client;
    let [parameters, fixture]: [Hex, Hex] = ["0x", "0x"];
    let sendAs: (from: Hex, data: Hex) => Promise<Hex>;
    let call: (functionName: string, args: readonly unknown[]) => Promise<void>;
    let pass: (seconds: number) => Promise<void>;
    before(async () => {
      tonsor = (await import(
        join(folderOf("@tonsor/client"), "dist/scripts/packages/client/client.js")
      )) as typeof Client;
      anvil = await spawnAnvil({ chainId: CHAIN_ID, timestamp: GENESIS });
      client = chainClient({ chainId: CHAIN_ID, rpc: anvil.url });
      const node = replicaClient(anvil.url, CHAIN_ID);
      const from = replicaAccounts().deployer.address;
      const { abi, bytecode } = fixtureOf(folderOf("@tonsor/contracts"));
      const [created] = await mined(node, [await send(node, { from, data: `0x${bytecode.replace(/^0x/, "")}` })]);
      assert.ok(created);
      fixture = created;
      await node.impersonateAccount({ address: fixture });
      await node.setBalance({ address: fixture, value: 10n ** 18n });
      sendAs = async (from, data) => {
        const hash = await send(node, { from, to: parameters, data });
        await mined(node, [hash]);
        return hash;
      };
      parameters = (await client.readContract({ address: fixture, abi, functionName: "parameters" })) as Hex;
      call = async (functionName, args) =>
        void (await mined(node, [
          await send(node, { from, to: fixture, data: encodeFunctionData({ abi, functionName, args }) }),
        ]));
      pass = async (seconds) => {
        await node.increaseTime({ seconds });
        await node.mine({ blocks: 1 });
      };
      // Any contract may be the collateral.
      for (const collateral of [fixture, parameters]) await call("list", [collateral, USD, 2_200, 1_800]);
    });
    after(() => anvil?.close());

    it("deploys the contract of this release, with the limits of the class that is shipped", async () => {
      const at = { address: parameters, abi: tonsor.parametersAbi };
      const word = await client.readContract({ ...at, functionName: "storedClass", args: [0] });
      assert.deepEqual(storedClassOf(word).limits, RISK_CLASSES.major.limits);
    });

    it("prints what the client's page says, from a plain script", () => {
      const scripts = writePageFiles("client", consumer);
      assert.deepEqual([...scripts.keys()], ["read.mjs", "count.mjs", "verify.mjs"]);
      for (const [file, text] of [...scripts].slice(0, 2)) {
        const out = execFileSync(process.execPath, [file, anvil.url, parameters], { cwd: consumer, encoding: "utf8" });
        assert.deepEqual(out.trim().split("\n"), promised(text), file);
      }
    });

    it("fetches the evidence of a transaction and says what is wrong with it, by the script of that page", async () => {
      const bytes = new TextEncoder().encode("{}");
      const evidence = hashEvidence(bytes);
      const server = createServer(({ url }, response) =>
        response.writeHead(url === `/evidence/${evidence}` ? 200 : 404).end(bytes),
      );
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      try {
        await pass(60);
        const asOf = Number((await client.getBlock()).timestamp);
        const numbers = {
          marketId: 2,
          asOf,
          initialBps: 2_201,
          maintenanceTargetBps: 1_800,
          limit: limitOf(1_000_000),
        };
        const sequence = (await readSequence(client, parameters, fixture)) + 1n;
        const batch = { sequence, deadline: asOf + 60, modelVersion: 4, evidence, entries: entriesOf([numbers]) };
        const hash = await sendAs(fixture, encodeBatch(batch));
        const page = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const words = ["verify.mjs", anvil.url, parameters, hash, page];
        const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: consumer });
        assert.match(stdout, /ok: false,\s+difference: 'evidence is not of the schema; /);
        const other = new TextEncoder().encode(
          JSON.stringify({ schema: "tonsor.evidence.v5", observed: ["0".repeat(64)], markets: [] }),
        );
        const asked = async (name: string) => assert.fail(`a part was asked for: ${name}`);
        const said = await tonsor.verifyEvidence(client, parameters, hash, other, asked);
        assert.match(said.ok ? "" : said.difference, /^the evidence hashes to 0x/);
      } finally {
        server.close();
      }
    });

    it("says when maintenance gets to its target, to the minute, and tells who watches when it has moved", async () => {
      await pass(60);
      await call("publish", [1, 2_300, 1_802, 1_000_000n]);
      const seen: Client.Ramp[] = [];
      const stop = tonsor.watchRamps(client, parameters, [1], ([ramp]) => void (ramp && seen.push(ramp)), {
        pollingMs: 20,
      });
      const until = async (isSo: () => boolean) => {
        for (let tries = 0; !isSo() && tries < 500; tries += 1) await new Promise((done) => setTimeout(done, 20));
        assert.ok(isSo(), JSON.stringify(seen.map(({ blockNumber: _, ...ramp }) => ramp)));
      };
      try {
        await until(() => seen.length === 1);
        const [{ reachesAt, maintenanceBps, targetBps, staleFrom }] = seen as [Client.Ramp];
        assert.deepEqual([maintenanceBps, targetBps], [1_800, 1_802]);
        assert.ok(reachesAt !== null && reachesAt < staleFrom);
        const now = async () => Number((await client.getBlock()).timestamp);
        await pass(reachesAt - 30 - (await now()));
        await until(() => seen.at(-1)?.maintenanceBps === 1_801);
        assert.equal(seen.at(-1)?.reachesAt, reachesAt);
        await pass(reachesAt - (await now()));
        await until(() => seen.at(-1)?.maintenanceBps === 1_802);
        assert.equal(seen.at(-1)?.reachesAt, null);
      } finally {
        stop();
      }
    });

    it("reads stale and closed markets as the contract has them, and past blocks", async () => {
      const before = await client.getBlockNumber();
      await call("setMode", [2, 1]);
      const [open, closed] = await tonsor.readHaircuts(client, parameters, [1, 2]);
      assert.deepEqual([open?.mode, open?.initialBps, open?.mayGrow], ["NORMAL", 2_300, true]);
      assert.deepEqual([closed?.mode, closed?.initialBps, closed?.mayGrow], ["NO_NEW_RISK", 10_000, false]);
      await pass(49 * 3_600);
      const [stale] = await tonsor.readHaircuts(client, parameters, [1]);
      assert.deepEqual([stale?.initialBps, stale?.maintenanceBps, stale?.mayGrow], [9_500, 1_802, false]);
      const [past] = await tonsor.readHaircuts(client, parameters, [2], before);
      assert.deepEqual([past?.mode, past?.exposureLimitTokens], ["NORMAL", 999_936n]);
      await assert.rejects(tonsor.readHaircuts(client, parameters, [3]), /UnknownMarket/);
      assert.equal((await tonsor.readRamps(client, parameters, [1]))[0]?.reachesAt, null);
    });
  });
});

/** The fixture as a consumer compiles it, without the optimizer. */
function fixtureOf(folder: string) {
  const read = (path: string) =>
    readFileSync(path.startsWith("@") ? require.resolve(path) : join(folder, path), "utf8");
  const settings = { viaIR: false, evmVersion: "cancun", optimizer: { enabled: false } };
  const sources = globSync("**/*.sol", { cwd: folder }).sort();
  const { HaircutsFixture } = compileForeign(sources, ["HaircutsFixture"], settings, read);
  assert.ok(HaircutsFixture !== undefined, "every source of the package compiles");
  return { abi: HaircutsFixture.abi as Abi, bytecode: HaircutsFixture.bytecode };
}
