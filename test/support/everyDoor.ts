import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { postCosign, startCosignServer } from "../../keeper/cosign/wire.ts";
import { ownError } from "../../keeper/domain/errors.ts";
import { decodeBundle, encodeBundle } from "../../keeper/evidence/bundle.ts";
import { canonicalText } from "../../keeper/evidence/canonical.ts";
import { rpcQuorum } from "../../keeper/io/quorum/rpcQuorum.ts";
import { openRpc } from "../../keeper/io/rpc.ts";
import { seriesFolder } from "../../keeper/journal/files.ts";
import { chainClient, onChain } from "../../keeper/protocols/client.ts";
import { readDeployment } from "../../keeper/protocols/deployment.ts";
import { startAdminServer } from "../../keeper/runtime/adminServer.ts";
import { parseConfigFile, readConfigFile } from "../../keeper/runtime/configFile.ts";
import { ENVIRONMENT } from "../../keeper/runtime/environment.ts";
import { ping, postJson } from "../../keeper/runtime/notifier.ts";
import { parseEnvironment } from "../../keeper/runtime/parseEnvironment.ts";
import { connect } from "../../keeper/venues/connection.ts";
import { deribit } from "../../keeper/venues/deribit/deribit.ts";
import { VENUE_BODIES } from "../conformance/venueBodies.ts";
import { sampleBundle } from "../evidence/sampleBundle.ts";
import { TAKEN } from "../venues/sampleSmile.ts";
import { sealHeaders } from "./cosignSeal.ts";
import { loopback } from "./loopback.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

/** One way in: what comes by it in earnest, and what is done with anything else. `give` rejects when the door breaks. */
export type Door = {
  readonly name: string;
  readonly honest: string;
  /** Bytes just above its cap: floods are made as large. */
  readonly cap: number;
  give(body: Buffer): Promise<void>;
  close?(): Promise<void>;
};

const SECRET = "a secret of more than thirty-two characters";
const TOKEN = "a-token-of-20-letters";
const as = (text: string) => text;
const MIB = 1_048_576;

/** A value, or an error of ours: anything else is a broken door. */
async function settles(reading: Promise<unknown>): Promise<void> {
  await reading.catch((error: unknown) => {
    if (ownError(error) === null) throw error;
  });
}

/** What throws at once may throw errors of ours alone. */
function ours(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (ownError(error) === null) throw error;
  }
}

const CHAIN = { id: 0, result: "0x7a69" };
const BLOCK = {
  number: "0x7",
  hash: `0x${"ab".repeat(32)}`,
  timestamp: "0x65",
  baseFeePerGas: "0x1",
  transactions: [],
};
const answers = (...results: readonly unknown[]) =>
  JSON.stringify([CHAIN, ...results.map((result, i) => ({ jsonrpc: "2.0", id: i + 1, result }))]);

/** A server that answers every request with the body given last. */
async function answering() {
  let body: Buffer = Buffer.from("");
  const server = await loopback((request, response) => {
    request.resume();
    request.once("end", () => response.end(body));
  });
  const say = (next: Buffer) => {
    body = next;
  };
  return { url: server.url, say, close: () => server.close() };
}

async function oneNode(): Promise<Door> {
  const { url, say, close } = await answering();
  const client = chainClient({ chainId: 31_337, rpc: url });
  const rpc = openRpc({ url, chainId: 31_337 });
  const give = async (body: Buffer) => {
    say(body);
    await settles(onChain(client, () => client.getBlock()));
    await settles(onChain(client, () => client.getTransactionReceipt({ hash: `0x${"12".repeat(32)}` })));
    await settles(rpc.block("latest"));
    await settles(rpc.calls([{ to: `0x${"12".repeat(20)}`, data: "0x" }], 7n));
  };
  return { name: "the one node", honest: answers(BLOCK), cap: 1_200_000, give, close };
}

async function oneOfThree(): Promise<Door> {
  const ill = await answering();
  const well = await Promise.all([answering(), answering()]);
  for (const { say } of well) say(Buffer.from(answers("0x5")));
  const urls = [...well, ill].map(({ url }) => url);
  const quorum = rpcQuorum({ urls, quorum: 2, chainId: 31_337, graceMs: 1_000, readmitAfter: 1, restMs: 0 });
  const give = async (body: Buffer) => {
    ill.say(body);
    assert.equal(await quorum.request({ method: "eth_gasPrice" }), "0x5");
  };
  const close = async () => void (await Promise.all([ill, ...well].map((one) => one.close())));
  return { name: "one node of three", honest: answers("0x5"), cap: 140_000, give, close };
}

function venueParsers(): Door[] {
  return Object.entries(VENUE_BODIES).flatMap(([venue, { bodies, parse }]) =>
    Object.entries(bodies).map(([answer, honest]) => ({
      name: `${venue}'s ${answer}`,
      honest,
      cap: 100_000,
      async give(body: Buffer) {
        const { observation, faults } = parse({ ...bodies, [answer]: body.toString() });
        assert.ok(observation !== null || faults.length > 0, "nothing seen, and no fault named");
        // What is observed goes into evidence, and has to have a canonical form.
        canonicalText(faults);
        if (observation !== null) canonicalText(observation);
      },
    })),
  );
}

async function venueOverHttp(): Promise<Door> {
  const { url, say, close } = await answering();
  const { board } = connect(deribit, { baseUrl: url });
  const give = async (body: Buffer) => {
    say(body);
    const { observation, faults } = await board("ETH");
    assert.ok(observation !== null || faults.length > 0);
    canonicalText(faults);
  };
  return { name: "a venue over HTTP", honest: VENUE_BODIES.deribit.bodies["book"] ?? "", cap: 4 * MIB, give, close };
}

async function peerAnswers(): Promise<Door> {
  const { url, say, close } = await answering();
  const give = async (body: Buffer) => {
    say(body);
    const reply = await postCosign(url, "{}", { secret: SECRET, time: 1, signal: AbortSignal.timeout(60_000) });
    if (reply.ok) canonicalText(reply.body);
    assert.equal(await postJson(url, {}, as), true);
    assert.equal(await ping(url), true);
  };
  return {
    name: "a co-signer's answer, and a receiver's",
    honest: '{"refused":{"code":"X"}}',
    cap: 65_536,
    give,
    close,
  };
}

async function peerProposals(): Promise<Door> {
  let n = 0;
  const settings = { host: "127.0.0.1", port: 0, secret: SECRET, now: () => 1_000 * n };
  const server = await startCosignServer(settings, async (body) => ({ heard: canonicalText(body).length }));
  const give = async (bytes: Buffer) => {
    n += 1;
    const body = bytes.toString();
    const nonce = n.toString(16).padStart(32, "0");
    const message = { method: "POST", path: "/cosign", time: String(1_000 * n), nonce, body };
    const response = await fetch(`${server.url}/cosign`, {
      method: "POST",
      body,
      headers: sealHeaders(SECRET, message),
    });
    assert.ok([200, 400, 413].includes(response.status), String(response.status));
    await response.text();
  };
  const honest = '{"chainId":1,"sequence":"5","deadline":7,"entries":"0x00"}';
  return { name: "a co-signer's proposal", honest, cap: 65_536, give, close: () => server.close() };
}

async function adminCalls(): Promise<Door> {
  const actions = { pause: (request: unknown) => ({ heard: canonicalText(request) }), resume: () => null };
  const server = await startAdminServer({ port: 0, token: TOKEN, clean: as }, actions);
  const headers = { authorization: `Bearer ${TOKEN}` };
  const give = async (body: Buffer) => {
    const response = await fetch(`${server.url}pause`, { method: "POST", headers, body: new Uint8Array(body) }).catch(
      () => null,
    );
    // A body that is refused unread may end the connection before it is sent.
    assert.ok(response === null || [200, 400, 413].includes(response.status), String(response?.status));
    await response?.text();
  };
  return {
    name: "an admin call",
    honest: '{"reason":"x","until":null}',
    cap: 4_096,
    give,
    close: () => server.close(),
  };
}

function files(): Door[] {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "series"));
  const put = (name: string, body: Buffer): string => {
    writeFileSync(join(folder, name), body);
    return join(folder, name);
  };
  const config = {
    name: "a configuration file",
    honest: '{"fees":{"maxFeePerGasGwei":80},"cosign":{"peers":["http://10.0.0.2:1"]},"markets":["WETH"]}',
    cap: 100_000,
    async give(body: Buffer) {
      put("hostile.json", body);
      const read = await readConfigFile(folder, "hostile.json").catch((error: Error) => {
        assert.match(error.message, /hostile\.json, which cannot be read/);
        return null;
      });
      if (read !== null) parseConfigFile(read.name, read.content);
    },
  };
  const environment = {
    name: "the environment",
    honest: JSON.stringify(Object.fromEntries(Object.entries(ENVIRONMENT).map(([name, one]) => [name, one.default]))),
    cap: 100_000,
    async give(body: Buffer) {
      const text = body.toString().slice(0, 100_000);
      parseEnvironment(Object.fromEntries(Object.keys(ENVIRONMENT).map((name) => [name, text])), ["deribit"]);
    },
  };
  const evidence = {
    name: "evidence read back",
    honest: new TextDecoder().decode(encodeBundle(sampleBundle())),
    cap: 200_000,
    give: async (body: Buffer) => ours(() => decodeBundle(body)),
  };
  const record = {
    name: "a deployment's record",
    honest: '{"chainId":1,"contract":{"address":"0x5FbDB2315678afecb367f032d93F642f64180aa3"},"markets":[{"id":1}]}',
    cap: 100_000,
    give: async (body: Buffer) => ours(() => readDeployment(put("record.json", body))),
  };
  const name = "deribit:ETH-PERPETUAL:history 2";
  const series = {
    name: "a kept series",
    honest: `[[${TAKEN - (TAKEN % 3_600)},1,2,1,2,5],[${TAKEN - (TAKEN % 3_600) - 3_600},1,2,1,2,5]]`,
    cap: 100_000,
    async give(body: Buffer) {
      put(`series/${encodeURIComponent(name)}.json`, body);
      const memory = seriesFolder(join(folder, "series"));
      const { candles } = connect(deribit, { baseUrl: "http://127.0.0.1:9", memory, timeoutMs: 1_000 }).history;
      const { observation, faults } = await candles("ETH-PERPETUAL", TAKEN, 2);
      assert.ok(faults.length > 0);
      if (observation !== null) canonicalText(observation);
    },
  };
  return [config, environment, evidence, record, series];
}

/** Every way by which anything from outside comes into the keeper. */
export async function everyDoor(): Promise<readonly Door[]> {
  const opened = await Promise.all([
    oneNode(),
    oneOfThree(),
    venueOverHttp(),
    peerAnswers(),
    peerProposals(),
    adminCalls(),
  ]);
  return [...opened, ...venueParsers(), ...files()];
}
