import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, createPublicClient, custom } from "viem";
import { base } from "viem/chains";
import type { Hex } from "../../keeper/domain/contract.ts";
import {
  decodeBatch,
  readHaircuts,
  readRamps,
  verifyEvidence,
  watchRamps,
} from "../../scripts/packages/client/client.ts";

const PARAMETERS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const asked: string[] = [];
const transport = custom({
  async request({ method }) {
    asked.push(method);
    return `0x${"00".repeat(64)}`;
  },
});
/** Of a rollup: its type is no PublicClient. */
const client = createPublicClient({ chain: base, transport });

test("a wrong argument is named before any node is asked, and no promise is left behind", async () => {
  const bad: readonly (readonly [string, () => unknown])[] = [
    ...[undefined, "", "0x12", `${PARAMETERS.slice(0, -1)}9`, PARAMETERS.replace("C", "c")].flatMap((text) => {
      const address = text as Hex;
      return [
        ["parameters", () => readHaircuts(client, address, [1])] as const,
        ["parameters", () => readRamps(client, address, [1])] as const,
        ["parameters", async () => watchRamps(client, address, [1], () => {})] as const,
        ["parameters", () => verifyEvidence(client, address, `0x${"11".repeat(32)}`, new Uint8Array())] as const,
      ];
    }),
    ...[undefined, null, "1", ["1"], [-1], [1.5], [65_536], [Number.NaN]].flatMap((list) => {
      const ids = list as number[];
      return [
        ["marketIds", () => readHaircuts(client, PARAMETERS, ids)] as const,
        ["marketIds", () => readRamps(client, PARAMETERS, ids)] as const,
      ];
    }),
    ["client", () => readHaircuts({} as typeof client, PARAMETERS, [1])],
    ["transaction", () => verifyEvidence(client, PARAMETERS, "0x11", new Uint8Array())],
    ["evidence", () => verifyEvidence(client, PARAMETERS, `0x${"11".repeat(32)}`, "{}" as unknown as Uint8Array)],
    ["data", async () => decodeBatch(undefined as unknown as Hex)],
  ];
  for (const [field, call] of bad) {
    const facts = (error: { readonly code?: string; readonly facts?: { readonly field?: string } }) =>
      error.code === "BAD_ARGUMENT" && error.facts?.field === field;
    await assert.rejects(async () => call(), facts, `${field}: ${call}`);
  }
  assert.deepEqual(asked, []);
});

test("an answer about fewer markets than were asked for is none, by a client with viem's reads or without", async () => {
  for (const one of [client, createClient({ chain: base, transport })]) {
    await assert.rejects(readHaircuts(one, PARAMETERS, [1]), { code: "RPC_FAILED" });
  }
  assert.ok(asked.includes("eth_call"));
});
