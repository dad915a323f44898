import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { openKeeper } from "../../keeper/keeper.ts";
import { KEEPER_DEFAULTS } from "../../keeper/runtime/configFile.ts";
import { loopback } from "../support/loopback.ts";
import { SHIPPED } from "../support/shipped.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

type KeeperParts = Parameters<typeof openKeeper>[0];
type Asked = { readonly id: number; readonly method: string };
const BLOCK = { number: "0x7", hash: `0x${"ab".repeat(32)}`, timestamp: "0x65" };

async function answersTo(request: AsyncIterable<unknown>): Promise<string> {
  let body = "";
  for await (const part of request) body += String(part);
  const asked = JSON.parse(body) as readonly Asked[];
  return JSON.stringify(asked.map(({ id, method }) => ({ id, result: method === "eth_chainId" ? "0x7a69" : BLOCK })));
}

const partsOf = (url: string) => {
  const contract = { address: "0x5FbDB2315678afecb367f032d93F642f64180aa3" };
  const deployment = { contract, accounts: [], markets: [] } as unknown as KeeperParts["deployment"];
  return {
    ...KEEPER_DEFAULTS,
    nodes: url,
    chainId: 31_337,
    deployment,
    marketFiles: SHIPPED,
    account: null,
    now: () => 101,
  };
};

test("a single node is waited for as long as rpc.timeoutSeconds says, and no longer", async (t) => {
  const node = await loopback(async (request, response) => {
    // Read first: who hangs up while nobody reads leaves an aborted request behind.
    const answers = await answersTo(request);
    await setTimeout(400);
    response.end(answers);
  });
  t.after(() => node.close());
  const look = async (rpcTimeoutMs: number) => {
    const keeper = openKeeper({
      ...partsOf(node.url),
      rpc: { ...KEEPER_DEFAULTS.rpc, timeoutSeconds: rpcTimeoutMs / 1_000 },
      state: temporaryFolder(),
    });
    t.after(() => keeper.close());
    return keeper.rpc.block("latest");
  };
  assert.equal((await look(60_000)).number, 7n);
  await assert.rejects(look(100), { code: "RPC_FAILED" });
});

test("a tick that is asked to stop asks the node nothing more", async (t) => {
  const stop = new AbortController();
  let requests = 0;
  const node = await loopback(async (request, response) => {
    requests += 1;
    stop.abort(new Error("stopped"));
    response.end(await answersTo(request));
  });
  t.after(() => node.close());
  const keeper = openKeeper({ ...partsOf(node.url), state: temporaryFolder() });
  t.after(() => keeper.close());
  await assert.rejects(keeper.cycle({ dryRun: true, signal: stop.signal }), { code: "RPC_FAILED" });
  assert.equal(requests, 1);
});
