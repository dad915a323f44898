import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { checkProvenance } from "../../keeper/audit/provenance.ts";
import { rebuildJournal } from "../../keeper/audit/rebuild.ts";
import { verifyTransaction } from "../../keeper/audit/verify.ts";
import { proposalOf } from "../../keeper/cosign/cosigner.ts";
import type { CosignSettings } from "../../keeper/cosign/cosigning.ts";
import { decodeAnyBatch, signShare } from "../../keeper/cosign/signedBatch.ts";
import { postCosign, startCosignServer } from "../../keeper/cosign/wire.ts";
import type { Batch, Hex } from "../../keeper/domain/contract.ts";
import { decodeBundle, readEvidence } from "../../keeper/evidence/bundle.ts";
import { type Keeper, openKeeper } from "../../keeper/keeper.ts";
import { fitDue, MODEL_VERSION } from "../../keeper/pipeline.ts";
import { readBatches } from "../../keeper/protocols/events.ts";
import { KEEPER_DEFAULTS } from "../../keeper/runtime/configFile.ts";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { admitHotKey, haltByGuardian } from "../support/powers.ts";
import { SHIPPED } from "../support/shipped.ts";

const FROM = Date.UTC(2026, 1, 3) / 1000;
const TO = Date.UTC(2026, 1, 8) / 1000;
const SECRET = "a secret of more than thirty-two characters";
const DEAD = "http://127.0.0.1:9";

/** Three keeper instances, each with its key, journal and observation of the market; SignerQuorum needs two of them. */
describe("three keeper instances and SignerQuorum", () => {
  let world: KeeperWorld;
  let instants: readonly number[] = [];
  let next = 0;
  let stopped: string | null = null;
  let second: Keeper;
  const open: Keeper[] = [];
  const servers: { close(): Promise<void> }[] = [];

  const settings = (change: Partial<CosignSettings>): CosignSettings => ({
    ...{ secret: SECRET, peers: [], host: "127.0.0.1", port: 0, toleranceBps: 25, maxDecisionAgeSeconds: 150 },
    ...{ timeoutSeconds: 3, fallback: "hot", ...change },
  });
  const instance = (
    who: "keeper" | "guardian" | "trader",
    rank: number,
    change: Partial<CosignSettings> = {},
  ): Keeper => {
    const keeper = openKeeper({
      ...KEEPER_DEFAULTS,
      marketFiles: SHIPPED,
      nodes: world.replica.url,
      chainId: world.replica.chainId,
      deployment: world.deployment,
      venueUrls: { deribit: world.venueUrl },
      state: join(world.folder, who),
      account: privateKeyToAccount(world.replica.accounts[who].privateKey),
      now: () => instants[next] ?? 0,
      instanceRank: rank,
      schedule: { ...KEEPER_DEFAULTS.schedule, stageSeconds: 60 },
      cosign: settings(change),
      guard: () => ({
        switches: () => ({ set: false, reason: null, switches: [] }),
        stopped: () => (who === "guardian" ? stopped : null),
        settle: () => [],
        all: () => [],
        seen: () => {},
      }),
    });
    open.push(keeper);
    return keeper;
  };
  const listen = async (handler: Parameters<typeof startCosignServer>[1]): Promise<string> => {
    const now = () => Math.floor(Date.now() / 1_000);
    const server = await startCosignServer({ host: "127.0.0.1", port: 0, secret: SECRET, now }, handler);
    servers.push(server);
    return server.url;
  };
  const answers = (keeper: Keeper) => listen(async (body) => keeper.cosigning?.cosigner.answer(body));
  /** Observes, decides, and waits for its turn, as an instance of a later rank does; then the cycle is over. */
  const decide = async (keeper: Keeper): Promise<void> => {
    const waiting = new AbortController();
    const ticks = keeper.store.recentTicks(1)[0]?.id ?? 0;
    const cycle = keeper.cycle({ dryRun: false, signal: waiting.signal }).catch(() => null);
    for (let looks = 0; (keeper.store.recentTicks(1)[0]?.id ?? 0) === ticks && looks < 600; looks++) await sleep(50);
    waiting.abort();
    await cycle;
  };
  const propose = async (change: Partial<CosignSettings>) => {
    const first = instance("keeper", 0, change);
    const { batch } = await first.cycle({ dryRun: false, signal: new AbortController().signal });
    const [tick] = first.store.recentTicks(1);
    assert.ok(batch !== null, "something was due");
    return { first, batch, told: tick?.detail ?? "" };
  };
  const moveOn = async () => {
    const from = instants[next] ?? 0;
    next = instants.findIndex((instant) => instant - from >= 6 * 3_600);
    await world.moveTo(instants[next] ?? 0);
  };
  const gateway = async () => (await world.chain(place().gateway)).writer;
  const place = () => ({
    chainId: world.deployment.chainId,
    gateway: world.deployment.gateways.quorum?.address ?? "0x",
    parameters: world.deployment.contract.address,
  });

  before(async () => {
    instants = openReplaySource().source.instants(FROM, TO);
    world = await keeperWorld(instants[0] ?? 0);
    // It has a peer as every instance has: without one it would plan by the budget of its own key, which has none.
    second = instance("guardian", 1, { peers: [DEAD] });
  });
  afterEach(async () => {
    stopped = null;
    for (const server of servers.splice(0)) await server.close();
    for (const keeper of open.splice(1)) keeper.close();
  });
  after(async () => {
    for (const keeper of open) keeper.close();
    await world?.close();
  });

  it("send nothing with too few signatures when they are to hold, and say who did not sign and why", async () => {
    const { sequence } = await gateway();
    const { batch, told } = await propose({ peers: [DEAD, await answers(second)], fallback: "hold" });
    assert.deepEqual([batch.status, batch.hash], ["NOT_SENT", null]);
    assert.match(told, /^held by the signer quorum: 1 of 2 signatures; .*:9: .*; .*UNDECIDED/);
    assert.equal((await gateway()).sequence, sequence);
    // Both have looked as often from here on, so both remember the same.
    await decide(second);
  });

  it("land a batch with two of three, the third dead, and it is verified like any other", async () => {
    await moveOn();
    await decide(second);
    const { sequence } = await gateway();
    const { first, batch, told } = await propose({ peers: [DEAD, await answers(second)] });
    assert.deepEqual([batch.status, told], ["CONFIRMED", "by the signer quorum, 2 signatures"]);
    assert.equal((await gateway()).sequence, sequence + 1);
    assert.equal((await world.chain()).writer.sequence, 0, "the hot key has a number of its own");
    const transactionHash = batch.hash as `0x${string}`;
    const [applied] = await readBatches(first.client, first.contract, { transactionHash });
    assert.equal(applied?.writer, place().gateway);
    const sent = await first.client.getTransaction({ hash: transactionHash });
    assert.deepEqual(decodeAnyBatch(sent.input), first.store.recentIntents(1)[0]?.batch);
    const verified = await verifyTransaction(first, transactionHash, "numbers");
    assert.deepEqual([verified.verified, verified.difference], [true, null]);
    assert.equal(verified.batches[0]?.signers.length, 2);
    assert.ok(verified.batches[0]?.signers.includes(first.signer ?? "0x"));
    assert.match(
      verified.batches[0]?.notes[0] ?? "",
      /^each of the 2 signed these values and the hash of this evidence/,
    );
    assert.ok(verified.batches[0]?.markets.length > 0);
    const folder = { stateFolder: join(world.folder, "rebuilt"), label: "before" };
    const asked = { signal: new AbortController().signal, progress: () => {} };
    const rebuilt = await rebuildJournal({ client: first.client, deployment: world.deployment, ...folder, ...asked });
    assert.equal(rebuilt.transactions, sequence + 1, "a lost journal has it again");
  });

  it("are not deceived by one that signs something else, or with a key that is no signer's", async () => {
    await moveOn();
    await decide(second);
    type Asked = { sequence: string; deadline: number; modelVersion: number; evidence: Hex; entries: Hex };
    const signing = (account: PrivateKeyAccount, later: number) =>
      listen(async (body) => {
        const { sequence, deadline, modelVersion, evidence, entries } = body as Asked;
        const head = BigInt(sequence) | (BigInt(deadline + later) << 64n) | (BigInt(modelVersion) << 104n);
        return { share: await signShare(place(), { head, evidence, entries }, account) };
      });
    const stranger = privateKeyToAccount(`0x${"77".repeat(32)}`);
    const signer = privateKeyToAccount(world.replica.accounts.trader.privateKey);
    const { batch, told } = await propose({
      peers: [await signing(stranger, 0), await signing(signer, 1), await answers(second)],
    });
    assert.deepEqual([batch.status, told], ["CONFIRMED", "by the signer quorum, 2 signatures"]);
  });

  it("fall back to the hot key below two, with the reason in the journal: a liar, and a kill switch", async () => {
    await moveOn();
    await decide(second);
    stopped = "paused by a person";
    const garbled = await listen(async () => ({
      share: { signer: place().gateway, signature: `0x${"11".repeat(65)}` },
    }));
    const { first, batch, told } = await propose({ peers: [garbled, await answers(second)] });
    assert.equal(batch.status, "CONFIRMED", batch.detail);
    assert.match(told, /^by the hot key: 1 of 2 signatures; .*not one of this batch.*STOPPED \(paused by a person\)/);
    const [applied] = await readBatches(first.client, first.contract, { transactionHash: batch.hash as `0x${string}` });
    assert.equal(applied?.writer, first.signer);
    assert.equal(applied?.sequence, 1n, "the key's own number");
    const verified = await verifyTransaction(first, batch.hash ?? "");
    assert.deepEqual([verified.verified, verified.difference], [true, null]);
    assert.deepEqual(
      verified.batches[0]?.signers.map((one) => one.toLowerCase()),
      [first.signer?.toLowerCase()],
    );
    const { account, sequence } = await gateway();
    assert.ok(account !== first.signer);
    assert.equal(
      verified.batches[0]?.notes[0],
      `decided as batch ${sequence + 1} of the signer quorum ${account}, sent by ${first.signer} in its place`,
    );
    // The same evidence after the quorum's own batch of that number.
    assert.ok(applied);
    await moveOn();
    await decide(second);
    stopped = null;
    const next = await propose({ peers: [await answers(second)] });
    assert.equal(next.told, "by the signer quorum, 2 signatures");
    const again = { ...applied, blockNumber: await first.client.getBlockNumber() };
    const { notes } = await checkProvenance(
      decodeBundle(await readEvidence(first.evidence, applied.evidence)),
      again,
      first,
    );
    assert.match(
      notes[0] ?? "",
      new RegExp(`in its place, though .* had sent its batch ${sequence + 1}: .* used twice$`),
    );
  });

  it("go on through the gateway while a guardian has halted the hot key, which cannot stand in for them", async () => {
    await moveOn();
    await decide(second);
    const { address } = world.replica.accounts.keeper;
    await haltByGuardian(world, address);
    stopped = "paused by a person";
    const alone = await propose({ peers: [await answers(second)], fallback: "hot" });
    assert.equal(alone.batch.status, "REFUSED");
    assert.match(alone.batch.detail, /^by the hot key: 1 of 2 signatures; .*WriterIsHalted: a guardian has halted 0x/);
    stopped = null;
    // What was refused was decided all the same, so a loosening in it has begun the first one's cool-down.
    await decide(second);
    const { batch, told } = await propose({ peers: [await answers(second)] });
    assert.deepEqual([batch.status, told], ["CONFIRMED", "by the signer quorum, 2 signatures"]);
    await admitHotKey(world, address);
  });

  it("sign no batch of their own making looser, and no second one of a sequence, even after a restart", async () => {
    await moveOn();
    await decide(second);
    const { entries: decidedNow, batch: sent } = await instance("keeper", 0, { peers: [DEAD] }).cycle({
      dryRun: true,
      signal: new AbortController().signal,
    });
    assert.equal(sent, null);
    const { sequence } = await gateway();
    // A loosening decided begins a cool-down, in which nobody's is signed: what is asked for stands on chain already.
    const due = decidedNow.filter(({ input: { onChain }, assessment: { decision } }) => {
      return decision.action === "submit" && decision.initialBps === onChain.storedInitialBps;
    });
    assert.ok(due.length > 0);
    const honest: Batch = {
      sequence: BigInt(sequence) + 1n,
      deadline: (instants[next] ?? 0) + 300,
      modelVersion: MODEL_VERSION,
      evidence: `0x${"ee".repeat(32)}`,
      entries: fitDue(due).contractEntries.map((entry, at) => {
        const { maintenanceTargetBps, limit } = due[at]?.input.onChain ?? assert.fail();
        return { ...entry, maintenanceTargetBps, limit };
      }),
    };
    const moved = (by: number): Batch => ({
      ...honest,
      entries: honest.entries.map((entry) => ({ ...entry, initialBps: entry.initialBps + by })),
    });
    const ask = async (keeper: Keeper, batch: Batch) => {
      const answer = await keeper.cosigning?.cosigner.answer(JSON.parse(proposalOf(place(), batch)));
      return answer !== undefined && "refused" in answer ? answer.refused.code : answer?.share.signer;
    };
    assert.ok(["LOOSENING", "OUT_OF_TOLERANCE"].includes(String(await ask(second, moved(-400)))));
    assert.equal(await ask(second, moved(26)), "OUT_OF_TOLERANCE");
    assert.equal(await ask(second, moved(5)), second.signer);
    assert.equal(await ask(second, moved(5)), second.signer, "the same again");
    assert.equal(await ask(second, honest), "SIGNED_OTHER");
    const again = instance("guardian", 1, { peers: [DEAD] });
    await decide(again);
    assert.equal(await ask(again, honest), "SIGNED_OTHER");
    assert.equal(await ask(again, moved(10)), again.signer, "tighter");
  });

  it("as a process listens where its configuration says, with the secret of a file that is its owner's alone", async () => {
    const secretFile = join(world.folder, "secret");
    const config = join(world.folder, "cosign.json");
    writeFileSync(secretFile, `${SECRET}\n`, { mode: 0o600 });
    writeFileSync(config, JSON.stringify({ cosign: { secretFile, port: 0 } }));
    const environment = { TONSOR_CONFIG: config, TONSOR_STATE: join(world.folder, "process"), INSTANCE_RANK: "1" };
    const child = world.start("run --json", environment);
    let url = "";
    await child.until(({ err }) => {
      url = /"cosign":"(http:[^"]+)"/.exec(err)?.[1] ?? "";
      return url !== "";
    }, "listens");
    const time = Math.floor(Date.now() / 1_000);
    const ask = (secret: string) => postCosign(url, "{}", { secret, time, signal: AbortSignal.timeout(5_000) });
    const refused = { code: "MALFORMED", detail: "a batch, with chain, contract and gateway" };
    assert.deepEqual(await ask(SECRET), { ok: true, status: 200, body: { refused } });
    assert.equal(((await ask(`${SECRET}!`)) as { status?: number }).status, 401);
    child.kill("SIGINT");
    assert.equal((await child.ended).code, 0);
    assert.ok(!(await child.ended).err.includes(SECRET));

    chmodSync(secretFile, 0o644);
    const open = await world.tonsor("run --json", environment);
    assert.notEqual(open.code, 0);
    assert.match(open.err + open.out, /cosign\.secretFile.*mode 644/s);
  });
});
