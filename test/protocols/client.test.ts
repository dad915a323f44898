import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { chainClient } from "../../keeper/protocols/client.ts";

type Call = { readonly id: number; readonly method: string };

/** A node that counts requests and knows its chain id, and nothing else. */
const requests: Call[][] = [];
let status = 200;
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const parsed = JSON.parse(body) as Call | Call[];
  const calls = Array.isArray(parsed) ? parsed : [parsed];
  requests.push(calls);
  const answers = calls.map(({ id, method }) => ({
    jsonrpc: "2.0",
    id,
    result: method === "eth_chainId" ? "0x7a69" : null,
  }));
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(Array.isArray(parsed) ? answers : answers[0]));
});
let url = "";
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
});
beforeEach(() => {
  requests.length = 0;
  status = 200;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

test("a failed request is not repeated behind our back", async () => {
  status = 502;
  await assert.rejects(
    chainClient({ chainId: 31337, rpc: url }).request({ method: "eth_sendRawTransaction", params: ["0x02"] }),
  );
  assert.equal(requests.length, 1);
});

test("an in-process node is asked through its own provider", async () => {
  const asked: string[] = [];
  const rpc = {
    request: async ({ method }: { method: string }) => {
      asked.push(method);
      return "0x5";
    },
  };
  assert.equal(await chainClient({ chainId: 5, rpc }).getChainId(), 5);
  assert.deepEqual(asked, ["eth_chainId"]);
});
