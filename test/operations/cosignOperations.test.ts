import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { CosignEvents, Cosigning } from "../../keeper/cosign/cosigning.ts";
import type { QuorumRoute } from "../../keeper/cosign/signedDelivery.ts";
import { startCosignServer } from "../../keeper/cosign/wire.ts";
import { POWERS, type Power } from "../../keeper/domain/contract.ts";
import { cosignChecks } from "../../keeper/operations/cosignChecks.ts";
import { askHello, HELLO, helloOf } from "../../keeper/operations/cosignHello.ts";
import { watchCosigning } from "../../keeper/operations/cosignWatch.ts";
import { signerState } from "../../keeper/operations/signerState.ts";
import { createMetrics } from "../../keeper/runtime/metrics.ts";

const SECRET = "a secret of more than thirty-two characters";
const NOW = 1_770_000_000;
const ONE = "0x1111111111111111111111111111111111111111";
const TWO = "0x2222222222222222222222222222222222222222";
const THREE = "0x3333333333333333333333333333333333333333";
const place = { chainId: 31_337, gateway: THREE, parameters: ONE } as const;
const dead = "http://127.0.0.1:9";

/** Events as a keeper hands them on. */
function cosignEvents(): CosignEvents {
  const listeners: Parameters<CosignEvents["listen"]>[0][] = [];
  return {
    note: (event) => listeners.forEach((listener) => void listener(event)),
    listen: (listener) => void listeners.push(listener),
  };
}

describe("co-signers, asked who they are", () => {
  const servers: { close(): Promise<void> }[] = [];
  const rejected: string[] = [];
  /** A co-signer that answers so; its clock and its secret as given. */
  const peer = async (hello: Partial<ReturnType<typeof helloOf>> = {}, { now = NOW, secret = SECRET } = {}) => {
    const answer = async () => ({ ...helloOf({ place }, TWO, now), ...hello });
    const extras = { paths: { [HELLO]: answer }, onRejected: (reason: string) => void rejected.push(reason) };
    const server = await startCosignServer({ host: "127.0.0.1", port: 0, secret, now: () => now }, answer, extras);
    servers.push(server);
    return server.url;
  };
  const routeTo = (...peers: readonly string[]): QuorumRoute => ({
    ...{ place, peers, secret: SECRET, timeoutMs: 2_000, fallback: "hold", events: cosignEvents() },
    cosigner: {} as QuorumRoute["cosigner"],
    quorum: async () => ({ threshold: 2, signers: [ONE, TWO, THREE] }),
    wallClock: () => NOW,
    sleep: async () => {},
  });
  const cosigning = (route: QuorumRoute): Cosigning => ({
    cosigner: route.cosigner,
    place,
    route,
    events: route.events,
  });
  const problem = async (url: string) => (await askHello(url, routeTo(url), AbortSignal.timeout(5_000))).problem;
  let good = "";
  before(async () => {
    good = await peer();
  });
  after(async () => {
    for (const server of servers) await server.close();
  });

  it("are well when they sign for the same deployment with a signer's key", async () => {
    assert.deepEqual(await askHello(good, routeTo(good), AbortSignal.timeout(5_000)), {
      ...{ problem: null, offsetSeconds: 0, signer: TWO },
    });
  });

  it("are named ill each in its own way", async () => {
    assert.match((await problem(dead)) ?? "", /ECONNREFUSED|refused|fetch failed|bad port/);
    assert.match((await problem(await peer({ chainId: 1 }))) ?? "", /signs for chain 1, .*: another deployment$/);
    assert.match((await problem(await peer({ gateway: ONE }))) ?? "", /another deployment$/);
    assert.match((await problem(await peer({ contract: TWO }))) ?? "", /another deployment$/);
    assert.match((await problem(await peer({ modelVersion: 99 }))) ?? "", /^model version 99, here \d+$/);
    assert.match((await problem(await peer({ signer: `0x${"9".repeat(40)}` }))) ?? "", /is no signer of the gateway$/);
    assert.equal(rejected.length, 0);
    const other = await peer({}, { secret: `${SECRET}.` });
    assert.match(
      (await problem(other)) ?? "",
      /^refused with 401: it expected a message sealed with the shared secret$/,
    );
    const late = await peer({}, { now: NOW + 31 });
    assert.match((await problem(late)) ?? "", /^refused with 401: it expected a clock within 30 s of this one$/);
    assert.deepEqual(rejected, ["seal", "clock"]);
  });

  it("are checked by doctor one by one and as many as the gateway needs", async () => {
    const checks = async (...peers: readonly string[]) =>
      cosignChecks({ cosigning: cosigning(routeTo(...peers)), signer: ONE });
    const [all, first, second] = await checks(good, dead);
    assert.equal(all?.state, "ok");
    assert.match(all?.found ?? "", /^2 of 3 signers of the gateway 0x3333\d+ can be reached, 2 must sign$/);
    assert.deepEqual([first?.state, second?.state], ["ok", "warn"]);
    assert.match(first?.found ?? "", /^signer 0x2222\d+, clock 0 s from this one$/);
    const [none] = await checks(dead);
    assert.deepEqual([none?.state, none?.cure], ["fail", "Below the threshold nothing is sent: see each co-signer."]);
    const [, drifted] = await checks(await peer({ time: NOW - 20 }));
    assert.deepEqual([drifted?.state, drifted?.cure?.includes("NTP")], ["warn", true]);
    assert.equal((await checks(await peer({ time: NOW - 10 })))[1]?.state, "ok");
    assert.equal((await checks(await peer({ time: NOW - 11 })))[1]?.state, "warn");
    const [twins, twin] = await checks(good, await peer());
    assert.match(twin?.found ?? "", /the same signer as/);
    assert.match(twins?.found ?? "", /^2 of 3/);
    assert.deepEqual(await cosignChecks({ cosigning: null, signer: ONE }), []);
    const [alone] = await cosignChecks({ cosigning: { ...cosigning(routeTo()), route: null }, signer: ONE });
    assert.deepEqual([alone?.state, alone?.name], ["warn", "co-signing"]);
  });

  it("are asked again after twenty seconds, and not before", async () => {
    let asked = 0;
    const time = () => {
      asked += 1;
      return NOW;
    };
    const watch = watchCosigning(cosigning({ ...routeTo(good), wallClock: time }), createMetrics());
    for (const [at, times] of [
      [0, 1],
      [19_999, 1],
      [20_000, 2],
    ] as const) {
      await watch.askPeers(at);
      assert.equal(asked, 2 * times, `at ${at} ms, by the clock before and after`);
    }
  });

  it("have every answer that an alert counts in the metrics from the start", async () => {
    const alerts = readFileSync(join(import.meta.dirname, "../../deployments/service/alerts.yml"), "utf8");
    const [, named = ""] = /tonsor_cosign_peer_answers_total\{answer=~"([A-Z_|]+)"\}/.exec(alerts) ?? [];
    const metrics = createMetrics();
    watchCosigning(cosigning(routeTo(good)), metrics);
    const text = await metrics.text();
    assert.ok(named.split("|").length > 3, named);
    for (const answer of named.split("|")) {
      assert.ok(text.includes(`{peer="${new URL(good).host}",answer="${answer}"} 0`), answer);
    }
  });

  it("are in the metrics, with what became of batches, and a short batch is a condition until one is not", async () => {
    const metrics = createMetrics();
    const route = routeTo(good, dead);
    const watch = watchCosigning(cosigning(route), metrics);
    await watch.askPeers(0);
    const [up, down] = watch.condition().peers;
    assert.deepEqual([up?.problem, down?.problem === null, watch.condition().threshold], [null, false, 2]);
    const { events } = route;
    events.note({ kind: "peer", peer: good, answer: "OUT_OF_TOLERANCE", detail: "x" });
    events.note({ kind: "signatures", given: 1, needed: 2 });
    events.note({ kind: "gathered", outcome: "held", why: "1 of 2 signatures" });
    events.note({ kind: "asked", answer: "SIGNED" });
    events.note({ kind: "rejected", reason: "repeat" });
    assert.equal(watch.condition().short, "1 of 2 signatures");
    const text = await metrics.text();
    const host = new URL(good).host;
    for (const line of [
      `tonsor_cosign_peer_up{peer="${host}"} 1`,
      `tonsor_cosign_peer_up{peer="127.0.0.1:9"} 0`,
      `tonsor_cosign_peer_clock_offset_seconds{peer="${host}"} 0`,
      `tonsor_cosign_peer_answers_total{peer="${host}",answer="OUT_OF_TOLERANCE"} 1`,
      `tonsor_cosign_signatures{of="needed"} 2`,
      `tonsor_cosign_batches_total{outcome="held"} 1`,
      `tonsor_cosign_asked_total{answer="SIGNED"} 1`,
      `tonsor_cosign_rejected_total{reason="repeat"} 1`,
    ]) {
      assert.ok(text.includes(`${line}\n`), line);
    }
    events.note({ kind: "gathered", outcome: "quorum", why: "" });
    assert.equal(watch.condition().short, null);
    events.note({ kind: "gathered", outcome: "hot", why: "again" });
    watch.nothingDue();
    assert.equal(watch.condition().short, null);
  });
});

describe("the powers of a signer", () => {
  const route = (fallback: "hot" | "hold", signers: readonly string[]) =>
    ({ fallback, place, quorum: async () => ({ threshold: 2, signers }) }) as unknown as QuorumRoute;
  /** A chain on which these accounts have been admitted, each with the power given. */
  const keeper = (held: Readonly<Record<string, Power>>, own: QuorumRoute | null) =>
    ({
      contract: ONE,
      client: {
        getBalance: async () => 10n ** 18n,
        readContract: async ({ args }: { args: readonly unknown[] }) =>
          (5n << 3n) | BigInt(POWERS.indexOf(held[String(args[0])] ?? "NONE")),
      },
      cosigning: own === null ? null : { route: own },
    }) as unknown as Parameters<typeof signerState>[0];
  const of = async (held: Readonly<Record<string, Power>>, own: QuorumRoute | null) => {
    const { allowed, powers } = await signerState(keeper(held, own), ONE);
    return [allowed, powers];
  };

  it("are to be admitted as a hot key for one that sends alone, and no other power is one", async () => {
    assert.deepEqual(await of({ [ONE]: "HOT" }, null), [true, "may publish"]);
    for (const power of POWERS.filter((one) => one !== "HOT")) {
      assert.deepEqual(await of({ [ONE]: power }, null), [false, "is not admitted as a hot key"], power);
    }
  });

  it("say who is a guardian besides, alone or as a signer of the quorum", async () => {
    const guards = async (power: Power, own: QuorumRoute | null) =>
      (await signerState(keeper({ [ONE]: power, [THREE]: "QUORUM" }, own), ONE)).guards;
    for (const power of POWERS) {
      for (const own of [null, route("hold", [ONE, TWO])]) assert.equal(await guards(power, own), power === "GUARDIAN");
    }
  });

  it("are the gateway's and a place among its signers where it holds back below the threshold, and none of its own", async () => {
    assert.deepEqual(await of({ [THREE]: "QUORUM" }, route("hold", [ONE, TWO])), [
      true,
      "signs for the signer-quorum gateway, which may publish",
    ]);
    const [stranger, why] = await of({ [THREE]: "QUORUM", [ONE]: "HOT" }, route("hold", [TWO]));
    assert.deepEqual([stranger, why], [false, `is no signer of the signer-quorum gateway ${THREE}`]);
    const [closed, reason] = await of({ [ONE]: "HOT", [THREE]: "HOT" }, route("hold", [ONE]));
    assert.deepEqual(
      [closed, reason],
      [false, `signs for the gateway ${THREE}, which is not admitted as a signer quorum`],
    );
  });

  it("are both where the hot key is the fallback", async () => {
    assert.deepEqual(await of({ [THREE]: "QUORUM" }, route("hot", [ONE])), [false, "is not admitted as a hot key"]);
    assert.equal((await of({ [THREE]: "QUORUM", [ONE]: "HOT" }, route("hot", [ONE])))[0], true);
  });
});
