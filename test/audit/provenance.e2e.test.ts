import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createPublicClient, encodeAbiParameters, encodeEventTopics, http, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { checkProvenance } from "../../keeper/audit/provenance.ts";
import { verifyTransaction } from "../../keeper/audit/verify.ts";
import { type AppliedBatch, type Hex, SKIP_REASONS } from "../../keeper/domain/contract.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { decodeBundle, readEvidence } from "../../keeper/evidence/bundle.ts";
import type { EvidenceBundle, MarketEvidence } from "../../keeper/evidence/schema.ts";
import { type Keeper, openKeeper } from "../../keeper/keeper.ts";
import { evidenceFrom } from "../../keeper/operations/evidenceFrom.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../keeper/protocols/abi.ts";
import { readBatches } from "../../keeper/protocols/events.ts";
import { KEEPER_DEFAULTS } from "../../keeper/runtime/configFile.ts";
import { verifyEvidence } from "../../scripts/packages/client/client.ts";
import { startTonsor } from "../support/child.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { loopback } from "../support/loopback.ts";
import { SHIPPED } from "../support/shipped.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const FIRST = Date.UTC(2026, 0, 28, 12) / 1000;

describe("provenance of evidence", () => {
  let world: KeeperWorld;
  let keeper: Keeper;
  let bundle: EvidenceBundle;
  let batch: AppliedBatch;
  let hash = "";

  before(async () => {
    const source = (await import("../../scripts/lab/replay/openReplaySource.ts")).openReplaySource().source;
    const instant = source.instants(FIRST - 86_400, FIRST + 86_400)[0];
    assert.ok(instant !== undefined);
    world = await keeperWorld(instant);
    keeper = openKeeper({
      ...KEEPER_DEFAULTS,
      marketFiles: SHIPPED,
      nodes: world.replica.url,
      chainId: world.replica.chainId,
      deployment: world.deployment,
      venueUrls: { deribit: world.venueUrl },
      state: join(world.folder, "own"),
      account: privateKeyToAccount(world.key),
      now: () => instant + 2,
    });
    await world.passTo(instant + 2);
    const report = await keeper.cycle({ dryRun: false, signal: new AbortController().signal });
    hash = report.batch?.hash ?? "";
    assert.equal(report.batch?.status, "CONFIRMED", report.batch?.detail);
    const [applied] = await readBatches(keeper.client, keeper.contract, { transactionHash: hash as `0x${string}` });
    assert.ok(applied);
    batch = applied;
    bundle = decodeBundle(await readEvidence(keeper.evidence, applied.evidence));
  });
  after(async () => {
    keeper?.close();
    await world?.close();
  });

  /** What is said of the bundle with its first market changed. */
  const lie = async (change: (market: MarketEvidence) => Partial<MarketEvidence>): Promise<string> => {
    const markets = bundle.markets.map((market, i) => (i === 0 ? { ...market, ...change(market) } : market));
    return (await checkProvenance({ ...bundle, markets }, batch, keeper)).difference ?? "nothing";
  };

  it("finds nothing wrong with what a keeper wrote, and says what no chain can confirm", async () => {
    const result = await verifyTransaction(keeper, hash);
    assert.deepEqual([result.verified, result.difference], [true, null]);
    assert.match(result.batches[0]?.notes.join() ?? "", /venue's word/);
  });

  it("is recomputed by the client's package from root and parts alone, and not with a byte of either changed", async () => {
    const { root: bytes, parts: stored } = await readEvidence(keeper.evidence, batch.evidence);
    const parts = new Map(stored);
    const part = async (name: string) => parts.get(name) ?? new Uint8Array();
    // As a front-end makes it: it was told of no chain.
    const client = createPublicClient({ transport: http(world.replica.url) });
    const verified = (evidence: Uint8Array) => verifyEvidence(client, keeper.contract, hash as Hex, evidence, part);
    assert.deepEqual(await verified(bytes), { ok: true, markets: bundle.markets.map(({ name }) => name) });
    const changed = await verified(bytes.map((byte, i) => (i === 100 ? byte ^ 1 : byte)));
    assert.match(changed.ok ? "" : changed.difference, /^the evidence hashes to 0x/);
    const [[last = "", content = new Uint8Array()] = []] = [...parts].slice(-1);
    parts.set(
      last,
      content.map((byte, i) => (i === 100 ? byte ^ 1 : byte)),
    );
    const other = await verified(bytes);
    assert.match(other.ok ? "" : other.difference, new RegExp(`the part ${last} was changed`));
    await assert.rejects(verifyEvidence(client, keeper.contract, hash as Hex, bytes), { code: "EVIDENCE_MISSING" });
    await assert.rejects(verifyEvidence(client, `0x${"11".repeat(20)}`, hash as Hex, bytes), {
      code: "UNKNOWN_TRANSACTION",
    });
  });

  it("takes evidence that somebody else serves, and not with a byte of it changed", async () => {
    const { root: bytes, parts } = await readEvidence(keeper.evidence, batch.evidence);
    const served = new Map([[`/evidence/${batch.evidence}`, bytes]]);
    for (const [name, content] of parts) served.set(`/evidence/parts/${name}`, content);
    const server = createServer((request, response) => {
      const found = served.get(request.url ?? "");
      response.writeHead(found === undefined ? 404 : 200).end(found);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const evidence = evidenceFrom(`${address}/evidence/`);
    const verified = async () => verifyTransaction({ ...keeper, evidence }, hash, "numbers");
    try {
      assert.equal((await verified()).verified, true);
      const changed = Uint8Array.from(bytes);
      const at = changed.indexOf("7".charCodeAt(0));
      changed[at] = "8".charCodeAt(0);
      served.set(`/evidence/${batch.evidence}`, changed);
      const { verified: still, difference } = await verified();
      assert.equal(still, false);
      assert.match(difference ?? "", new RegExp(`the evidence was changed: .* says ${batch.evidence}`));
      served.clear();
      await assert.rejects(verified(), { code: "EVIDENCE_MISSING" });
      await assert.rejects(verifyTransaction({ ...keeper, evidence: evidenceFrom(world.folder) }, hash, "numbers"), {
        code: "EVIDENCE_MISSING",
      });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it("is verified by a stranger with a node and a plain static server, from an empty folder, which stays empty", async () => {
    let flip = "";
    const server = await loopback((request, response) => {
      const path = request.url ?? "";
      const file = join(world.folder, "own/evidence", path);
      if (!existsSync(file)) return void response.writeHead(404).end();
      const bytes = readFileSync(file);
      response.end(path.includes(flip || "no file") ? bytes.with(30, (bytes[30] ?? 0) ^ 1) : bytes);
    });
    const folder = temporaryFolder();
    const environment = { PATH: process.env["PATH"], RPC_URL: world.replica.url };
    const verify = async () =>
      startTonsor(["verify", hash, "--evidence", server.url, "--json"], environment, folder).ended;
    try {
      const { code, out, err } = await verify();
      assert.equal(code, 0, err);
      const told = JSON.parse(out);
      assert.deepEqual([told.verified, told.contract], [true, keeper.contract]);
      assert.deepEqual(told.batches[0].signers, [keeper.signer]);
      assert.match(
        told.batches[0].notes.join(),
        /pools and feeds were not compared .* no record of this deployment .* the contract is the one that the transaction names/,
      );
      assert.deepEqual(readdirSync(folder), []);
      flip = batch.evidence;
      const changed = await verify();
      assert.equal(changed.code, 1);
      assert.equal(JSON.parse(changed.out).verified, false);
    } finally {
      await server.close();
    }
  });

  it("notes a market that kept a number which another key had tightened meanwhile", async () => {
    const receipt = await keeper.client.getTransactionReceipt({ hash: hash as Hex });
    const at = receipt.logs.length - 1;
    const topics = encodeEventTopics({
      abi,
      eventName: "LooseningSkipped",
      args: { marketId: bundle.markets[0]?.marketId ?? 0 },
    });
    const values = [{ type: "uint8" }, { type: "uint256" }, { type: "uint256" }] as const;
    const data = encodeAbiParameters(values, [SKIP_REASONS.indexOf("AGGREGATE_SPENT"), 21n, 20n]);
    const said = { ...receipt.logs[at], topics, data } as (typeof receipt.logs)[number];
    const client = {
      ...keeper.client,
      getTransactionReceipt: async () => ({ ...receipt, logs: [said, ...receipt.logs] }),
    };
    const result = await verifyTransaction({ ...keeper, client: client as typeof keeper.client }, hash, "numbers");
    assert.equal(result.verified, true);
    const name = bundle.markets[0]?.name;
    assert.deepEqual(result.batches[0]?.notes, [
      `${name}: only what tightens was applied (AGGREGATE_SPENT: given 21, allowed 20)`,
    ]);
    assert.deepEqual((await verifyTransaction(keeper, hash, "numbers")).batches[0]?.notes, []);
  });

  it("judges every batch of a transaction that carries several, and not by the first alone", async () => {
    const receipt = await keeper.client.getTransactionReceipt({ hash: hash as Hex });
    /** The transaction with its batch once more, by a number so much later. */
    const also = (later: bigint) => {
      const logs = receipt.logs.map((log) => {
        const [event, head = "0x0"] = log.topics;
        return { ...log, topics: [event, toHex(BigInt(head) + later, { size: 32 })] } as typeof log;
      });
      const twice = { ...receipt, logs: [...receipt.logs, ...logs] };
      return { ...keeper.client, getTransactionReceipt: async () => twice } as typeof keeper.client;
    };
    const same = await verifyTransaction({ ...keeper, client: also(0n) }, hash, "numbers");
    assert.deepEqual([same.verified, same.difference, same.batches.length], [true, null, 2]);
    const other = await verifyTransaction({ ...keeper, client: also(1n) }, hash, "numbers");
    assert.equal(other.verified, false);
    assert.equal(other.difference, "batch 2 of 2: sequence: the evidence says 1, the chain says 2");
    assert.equal(other.batches[0]?.difference, null);
    // The client's package judges every batch that the given evidence is of.
    const { root: bytes, parts } = await readEvidence(keeper.evidence, batch.evidence);
    const part = async (name: string) => parts.get(name) ?? new Uint8Array();
    const judged = (later: bigint) => verifyEvidence(also(later), keeper.contract, hash as Hex, bytes, part);
    assert.equal((await judged(0n)).ok, true);
    const said = await judged(1n);
    assert.equal(said.ok ? "" : said.difference, "sequence: the evidence says 1, the chain says 2");
  });

  it("names parameters that are not governance's", async () => {
    const said = await lie(({ parameters }) => ({
      parameters: { ...parameters, model: { ...parameters.model, supplyCapUsd: 1 } },
    }));
    assert.match(said, /WETH: parameters\.model\.supplyCapUsd is 1 in the evidence, 30000000 in truth/);
  });

  it("names a state and limits that did not stand on chain", async () => {
    const stored = await lie(({ onChain }) => ({ onChain: { ...onChain, storedInitialBps: 9_000 } }));
    assert.match(stored, /state\.storedInitialBps is 9000 in the evidence, \d+ in truth on chain at block \d+/);
    const writer = await lie(({ onChain }) => ({
      onChain: { ...onChain, writer: { ...onChain.writer, spentBps: 7 } },
    }));
    assert.match(writer, /state\.writer\.spentBps is 7 in the evidence, 0 in truth/);
    const limits = await lie(({ onChain }) => ({
      onChain: { ...onChain, limits: { ...onChain.limits, minGapBps: 1 } },
    }));
    assert.match(limits, /state\.limits\.minGapBps is 1/);
  });

  it("names a pool and a feed that the chain did not have", async () => {
    const pool = await lie(({ observed }) => ({
      observed: observed.map((one) =>
        one.observation?.kind === "pool" ? { ...one, observation: { ...one.observation, liquidity: 7n } } : one,
      ),
    }));
    assert.match(pool, /uniswapV3:USDC\/WETH-0\.05%: observation\.liquidity is 7 in the evidence/);
    const feed = await lie(({ observed }) => ({
      observed: observed.map((one) =>
        one.observation?.kind === "priceFeed" ? { ...one, observation: { ...one.observation, priceUsd: 1 } } : one,
      ),
    }));
    assert.match(feed, /priceFeed:WETH: observation\.priceUsd is 1 in the evidence/);
  });

  it("notes what the node does not answer for, and takes its silence for no proof of a lie", async () => {
    const without = async (isKept: (to: string) => boolean) => {
      const calls: typeof keeper.rpc.calls = (asked, ...at) => {
        if (asked.every(({ to }) => isKept(to))) return keeper.rpc.calls(asked, ...at);
        return Promise.reject(new TonsorError("RPC_FAILED", "no such state"));
      };
      return checkProvenance(bundle, batch, { ...keeper, rpc: { ...keeper.rpc, calls } });
    };
    const pools = await without((to) => to === keeper.contract);
    assert.equal(pools.difference, null);
    assert.match(pools.notes.join(), /uniswapV3:USDC\/WETH-0\.05% was not compared with the chain at block \d+/);
    const all = await without(() => false);
    assert.equal(all.difference, null);
    assert.match(all.notes.join(), /state and pools were not compared with the chain, .*no such state/);
  });

  it("names a decision made after the block that carries it", async () => {
    const { timestamp } = await keeper.client.getBlock({ blockNumber: batch.blockNumber });
    const at = async (ahead: number) =>
      (await checkProvenance({ ...bundle, now: Number(timestamp) + ahead }, batch, keeper)).difference;
    assert.equal(await at(60), null, "clocks may differ by so much");
    assert.match((await at(61)) ?? "", /, 61 s after the block that carries its batch/);
  });

  it("names a state that was read in the block of the batch itself, or later", async () => {
    const moved = (blockNumber: bigint) =>
      lie(({ observed }) => ({
        observed: observed.map((one) =>
          one.observation?.kind === "pool" ? { ...one, observation: { ...one.observation, blockNumber } } : one,
        ),
      }));
    const said = `the evidence was read at block ${batch.blockNumber}, its batch is in ${batch.blockNumber}`;
    assert.equal(await moved(batch.blockNumber), said);
  });
});
