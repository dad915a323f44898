import assert from "node:assert/strict";
import { test } from "node:test";
import { JsonRpcProvider } from "ethers";
import { explainFailure } from "../../../scripts/deploy/explainFailure.ts";
import { loopback } from "../../support/loopback.ts";

test("an error of a library is printed without what of the node's address may be a key", async (t) => {
  const server = await loopback((request, response) => {
    request.resume();
    response.writeHead(401).end();
  });
  t.after(() => server.close());
  const { host } = new URL(server.url);
  const provider = new JsonRpcProvider(`http://${host}/v2/access-key-0123?token=abcdef`, 1, { staticNetwork: true });
  const error: unknown = await provider.getBlockNumber().catch((cause: unknown) => cause);
  provider.destroy();
  assert.match(String(error), /access-key-0123/, "the library says the whole address");
  const said: string[] = [];
  t.mock.method(console, "error", (text: string) => said.push(text));
  const before = process.exitCode;
  explainFailure(error);
  process.exitCode = before;
  assert.match(said.join("\n"), new RegExp(`http://${host}`));
  assert.doesNotMatch(said.join("\n"), /access-key|abcdef/);
});
