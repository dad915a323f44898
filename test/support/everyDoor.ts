import assert from "node:assert/strict";
import { request } from "node:http";
import { postCosign, startCosignServer } from "../../keeper/cosign/wire.ts";
import { startDashboard } from "../../keeper/dashboard/server.ts";
import type { Observed } from "../../keeper/domain/observation.ts";
import { canonicalText } from "../../keeper/evidence/canonical.ts";
import { rpcQuorum } from "../../keeper/io/quorum/rpcQuorum.ts";
import { openRpc } from "../../keeper/io/rpc.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { onChain } from "../../keeper/protocols/onChain.ts";
import { startAdminServer } from "../../keeper/runtime/adminServer.ts";
import { ping, postJson } from "../../keeper/runtime/notifier.ts";
import { classifySendError, openBroadcaster } from "../../keeper/submission/broadcaster.ts";
import { connect } from "../../keeper/venues/connection.ts";
import { deribit } from "../../keeper/venues/deribit/deribit.ts";
import { okx } from "../../keeper/venues/okx/okx.ts";
import { readPriceFeeds } from "../../keeper/venues/priceFeed.ts";
import { uniswapV3 } from "../../keeper/venues/uniswapV3/uniswapV3.ts";
import { aBook } from "../cli/outcomes.ts";
import { VENUE_BODIES } from "../conformance/venueBodies.ts";
import { MARKET, okxBook } from "../venues/books/sample.ts";
import { answer, chart } from "../venues/deribit/sample.ts";
import { TAKEN } from "../venues/sampleSmile.ts";
import { sealHeaders } from "./cosignSeal.ts";
import { fileDoors, settles } from "./fileDoors.ts";
import { loopback } from "./loopback.ts";

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

const HASH = `0x${"12".repeat(32)}` as const;
const ACCOUNT = `0x${"12".repeat(20)}` as const;
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
    await settles(onChain(client, () => client.getTransactionReceipt({ hash: HASH })));
    await settles(rpc.block("latest"));
    await settles(rpc.calls([{ to: ACCOUNT, data: "0x" }], 7n));
  };
  return { name: "the one node", honest: answers(BLOCK), cap: 1_200_000, give, close };
}

async function sending(): Promise<Door> {
  const { url, say, close } = await answering();
  const node = openBroadcaster(chainClient({ chainId: 31_337, rpc: url }));
  const give = async (body: Buffer) => {
    say(body);
    await node.send("0x01").catch(classifySendError);
    for (const asking of [node.nonce(ACCOUNT, "pending"), node.tip(7n), node.receipt(HASH), node.balance(ACCOUNT)]) {
      await settles(asking);
    }
  };
  return { name: "what sending asks the node", honest: answers("0x5"), cap: 140_000, give, close };
}

async function contracts(): Promise<Door> {
  const { url, say, close } = await answering();
  const rpc = openRpc({ url, chainId: 31_337 });
  const block = { number: 7n, hash: HASH, timestamp: TAKEN, baseFee: 0n };
  const give = async (body: Buffer) => {
    say(body);
    const read = async (reading: Promise<readonly Observed[]>) => {
      const { observation, faults } = (await reading)[0] ?? { observation: null, faults: [] };
      assert.ok(observation !== null || faults.length > 0);
      canonicalText([observation === null ? null : String(observation.eventTime), faults]);
    };
    await settles(read(readPriceFeeds(rpc, [{ name: "WETH", address: ACCOUNT }], block)));
    await settles(read(uniswapV3.pools(rpc)([{ name: "USDC/WETH-0.05%", address: ACCOUNT }], block)));
  };
  const word = (value: number) => value.toString(16).padStart(64, "0");
  const round = `0x${[5, 3_000e8, TAKEN, TAKEN, 5].map(word).join("")}`;
  return { name: "what contracts answer", honest: answers(round, `0x${word(8)}`, "0x"), cap: 1_200_000, give, close };
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

async function statusPage(): Promise<Door> {
  const page = await startDashboard({ port: 0, host: "127.0.0.1", data: aBook() });
  const { host, port } = { host: "127.0.0.1", port: Number(new URL(page.url).port) };
  const give = async (body: Buffer) => {
    const status = await new Promise<number>((resolve, reject) => {
      const path = `/${body.toString("latin1").replaceAll(/[^\u0021-\u00ff]/g, "")}`;
      const asked = request({ host, port, path, agent: false }, (response) => {
        response.resume().once("close", () => resolve(response.statusCode ?? 0));
      });
      asked.once("error", reject).end();
    });
    assert.ok([200, 400, 404, 431].includes(status), String(status));
  };
  const honest = `evidence/${HASH}?market=WETH&from=[1,2]`;
  return { name: "a path of the status page", honest, cap: 14_000, give, close: () => page.close() };
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

async function boards(): Promise<Door> {
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

async function booksAndHistories(): Promise<readonly Door[]> {
  const [book, history] = await Promise.all([answering(), answering()]);
  const sees = async (reading: Promise<Observed>) => {
    const { observation, faults } = await reading;
    assert.ok(observation !== null || faults.length > 0);
    canonicalText([observation, faults]);
  };
  return [
    {
      name: "an order book over HTTP",
      honest: okxBook(MARKET)["market/books"] ?? "",
      cap: 4 * MIB,
      async give(body) {
        book.say(body);
        await sees(connect(okx, { baseUrl: book.url }).book("ETH-USDT"));
      },
      close: book.close,
    },
    {
      name: "a history over HTTP",
      honest: answer(chart(24, TAKEN - (TAKEN % 3_600))),
      cap: 4 * MIB,
      async give(body) {
        history.say(body);
        await sees(connect(deribit, { baseUrl: history.url }).history.candles("ETH-PERPETUAL", TAKEN, 1));
      },
      close: history.close,
    },
  ];
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
  const resumed = { removed: [], still: null };
  const actions = { pause: (request: unknown) => ({ reason: canonicalText(request) }), resume: () => resumed };
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

/** Every way by which anything from outside comes into the keeper. */
export async function everyDoor(): Promise<readonly Door[]> {
  const opened = await Promise.all([
    oneNode(),
    sending(),
    contracts(),
    oneOfThree(),
    boards(),
    booksAndHistories(),
    peerAnswers(),
    peerProposals(),
    adminCalls(),
    statusPage(),
  ]);
  return [...opened.flat(), ...venueParsers(), ...fileDoors()];
}
