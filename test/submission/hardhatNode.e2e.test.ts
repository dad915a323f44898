import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { network } from "hardhat";
import type { Hex } from "viem";
import { openBroadcaster } from "../../keeper/submission/broadcaster.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { replicaAccounts } from "../../scripts/lab/replica/accounts.ts";
import { contextFor, EFFECT, journalFor, LIMITS, submissionFor } from "./submissionWorld.ts";

/** The second node: its words for the same refusals differ from anvil's, and so does its pool. */
let connection: Awaited<ReturnType<typeof network.create>>;
let contract: Hex;
const { deployer, keeper } = replicaAccounts();
const ask = async (method: string, params: unknown[] = []) => connection.provider.request({ method, params });

before(async () => {
  connection = await network.create();
  const hash = await ask("eth_sendTransaction", [{ from: deployer.address, data: EFFECT }]);
  contract = ((await ask("eth_getTransactionReceipt", [hash])) as { contractAddress: Hex }).contractAddress;
});
after(() => connection.close());

test("on a Hardhat node, sending the same bytes twice is one effect", async () => {
  const journal = journalFor(contract);
  const base = contextFor(journal, "http://127.0.0.1:1", keeper.privateKey);
  const good = openBroadcaster({
    request: ({ method, params }) => connection.provider.request({ method, params: params as unknown[] }),
  });
  const twice = { ...good, send: async (raw: Hex) => good.send(raw).then(() => good.send(raw)) };
  const intent = await submitBatch(submissionFor(journal, contract, 500), {
    ...base,
    broadcaster: twice,
    limits: { ...LIMITS, pollMilliseconds: 1 },
  });
  assert.equal(intent.status, "CONFIRMED", intent.detail ?? "");
  const logs = (await ask("eth_getLogs", [{ address: contract, fromBlock: "0x0" }])) as { data: string }[];
  assert.equal(logs.filter((log) => Number(log.data) === 500).length, 1);
});
