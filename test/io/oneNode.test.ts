import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { chainClient, oneNode } from "../../keeper/protocols/client.ts";
import { type RpcAnswers, rpcServer } from "../support/rpcServer.ts";

const CHAIN = 31_337;
const honest: RpcAnswers["answer"] = ({ method }) => ({ result: method === "eth_chainId" ? "0x7a69" : "0x5" });

async function node(t: TestContext, answers: RpcAnswers, timeoutMs = 5_000) {
  const server = await rpcServer(answers);
  t.after(() => server.close());
  return { server, provider: oneNode(server.url, CHAIN, timeoutMs) };
}

test("questions of one turn travel together with the chain id, a signed transaction alone and without it", async (t) => {
  const { server, provider } = await node(t, { answer: honest });
  const read = ["eth_blockNumber", "eth_gasPrice", "eth_chainId"].map((method) => provider.request({ method }));
  const sent = provider.request({ method: "eth_sendRawTransaction", params: ["0x02"] });
  assert.deepEqual(await Promise.all([...read, sent]), ["0x5", "0x5", "0x7a69", "0x5"]);
  const methods = server.batches.map((batch) => batch.map(({ method }) => method).join());
  assert.deepEqual(methods.toSorted(), ["eth_chainId,eth_blockNumber,eth_gasPrice", "eth_sendRawTransaction"]);
});

test("a node of another chain says so, and answers nothing else", async (t) => {
  const { provider } = await node(t, { answer: () => ({ result: "0x1" }) });
  const [chain, balance] = [provider.request({ method: "eth_chainId" }), provider.request({ method: "eth_gasPrice" })];
  assert.equal(await chain, "0x1");
  await assert.rejects(balance, { code: "WRONG_CHAIN", message: /given 1; expected 31337/ });
});

test("an answer without a canonical form is no answer", async (t) => {
  for (const result of ["1e999", '"\\ud800"', `${"[".repeat(90)}${"]".repeat(90)}`]) {
    const { provider } = await node(t, {
      raw: (response) => response.end(`[{"id":0,"result":"0x7a69"},{"id":1,"result":${result}}]`),
    });
    await assert.rejects(provider.request({ method: "eth_gasPrice" }), { code: "RPC_FAILED" }, result);
  }
});

test("an answer of a word may not be a megabyte, nor a hundred values", async (t) => {
  const answered = async (result: string, method: string) => {
    const raw: RpcAnswers["raw"] = (response) =>
      response.end(`[{"id":0,"result":"0x7a69"},{"id":1,"result":${result}}]`);
    const { provider } = await node(t, { raw });
    return provider.request({ method, params: [] }).then(
      () => "ok",
      (error: Error) => error.message.replace(/^\S+ /, ""),
    );
  };
  const long = `"0x${"f".repeat(1_000_000)}"`;
  assert.match(await answered(long, "eth_getBalance"), /^above \d+ bytes$/);
  assert.equal(await answered(long, "eth_call"), "ok");
  assert.match(await answered(`[${"{},".repeat(200)}{}]`, "eth_call"), /^above \d+ values$/);
  assert.equal(await answered(`[${"{},".repeat(200)}{}]`, "eth_getLogs"), "ok");
});

test("a node that drips bytes after its headers is cut off by the deadline", async (t) => {
  const { provider } = await node(
    t,
    {
      raw(response) {
        response.setHeader("content-type", "application/json");
        const timer = setInterval(() => response.write(" "), 20);
        response.once("close", () => clearInterval(timer));
      },
    },
    300,
  );
  const began = performance.now();
  await assert.rejects(provider.request({ method: "eth_gasPrice" }), {
    code: "RPC_FAILED",
    message: /no answer in time/,
  });
  assert.ok(performance.now() - began < 5_000);
});

test("nothing that fails repeats the key in the address, whatever the node says", async (t) => {
  const said = "quota of canary0key at https://node.example/v3/canary0key?k=canary0query \u001b[2Jused up";
  const failures: RpcAnswers[] = [
    { raw: (response) => response.writeHead(429).end(JSON.stringify({ error: { code: 1, message: said } })) },
    {
      answer: ({ method }) => (method === "eth_chainId" ? { result: "0x7a69" } : { error: { code: 1, message: said } }),
    },
    { raw: (response) => response.destroy() },
    { raw: (response) => response.writeHead(302, { location: "https://x.example/canary0key" }).end() },
  ];
  for (const answers of failures) {
    const { server } = await node(t, answers);
    const url = `${server.url.replace("://", "://canary0user:canary0password@")}/v3/canary0key?k=canary0query`;
    const client = chainClient({ chainId: CHAIN, rpc: url, timeoutMs: 1_000 });
    const error = await client.getGasPrice().then(
      () => assert.fail("it failed"),
      (thrown: Error) => thrown,
    );
    for (let at: unknown = error; at instanceof Error; at = at.cause) {
      const text = `${at.message} ${at.stack} ${JSON.stringify(at)}`;
      assert.ok(!text.includes("canary0") && !text.includes("\u001b"), text);
    }
  }
});

test("user and password of the address go as a header", async (t) => {
  let seen = "";
  const { server } = await node(t, {
    raw(response, batch) {
      seen = String(response.req.headers.authorization);
      response.end(JSON.stringify(batch.map(({ id }) => ({ id, result: "0x7a69" }))));
    },
  });
  await oneNode(server.url.replace("://", "://us%20er:p%C3%A4ss@"), CHAIN, 1_000).request({ method: "eth_gasPrice" });
  assert.equal(Buffer.from(seen.replace("Basic ", ""), "base64").toString(), "us er:päss");
});
