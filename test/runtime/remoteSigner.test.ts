import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTransaction, serializeTransaction } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { Hex } from "../../keeper/domain/contract.ts";
import { remoteSigner } from "../../keeper/runtime/remoteSigner.ts";
import { deadAddress, loopback } from "../support/loopback.ts";
import { web3signer } from "../support/web3signer.ts";

const OWN = privateKeyToAccount(`0x${"11".repeat(32)}`);
const OTHER = privateKeyToAccount(`0x${"22".repeat(32)}`);
/** Of secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const BATCH = {
  type: "eip1559",
  chainId: 31_337,
  nonce: 7,
  to: OTHER.address,
  data: "0xabcdef",
  gas: 120_000n,
  maxFeePerGas: 41_000_000_000n,
  maxPriorityFeePerGas: 1_000_000_000n,
} as const;
const TYPED = {
  domain: { name: "Tonsor SignerQuorum", version: "1", chainId: 31_337, verifyingContract: OTHER.address },
  types: { Batch: [{ name: "evidence", type: "bytes32" }] },
  primaryType: "Batch",
  message: { evidence: `0x${"5e".repeat(32)}` },
} as const;

type Conduct = Parameters<typeof web3signer>[1];

/** How signing the batch fails by a signer of such conduct. */
async function failure(conduct: Conduct): Promise<string> {
  const server = await web3signer([OWN], conduct);
  const account = remoteSigner({ url: server.url, address: OWN.address });
  const said = await account.signTransaction(BATCH).then(
    () => "signed",
    (error: Error) => error.message,
  );
  await server.close();
  return said;
}

test("what a remote signer signs is what the same key signs here, of a batch, a cancellation and a co-signed batch", async () => {
  const server = await web3signer([OTHER, OWN]);
  const account = remoteSigner({ url: server.url, address: OWN.address });
  assert.equal(account.address, OWN.address);
  assert.equal(await account.signTransaction(BATCH), await OWN.signTransaction(BATCH));
  const cancel = { ...BATCH, nonce: 0, data: "0x", to: OWN.address, gas: 21_000n } as const;
  assert.equal(await account.signTransaction(cancel), await OWN.signTransaction(cancel));
  assert.equal(await account.signTypedData(TYPED), await OWN.signTypedData(TYPED));
  assert.deepEqual(server.methods, ["eth_signTransaction", "eth_signTransaction", "eth_signTypedData"]);
  await server.close();
});

test("a signed transaction that differs in any field is refused, and the field named", async () => {
  const changes = {
    nonce: "0x8",
    to: OWN.address,
    data: "0xabcdee",
    value: "0x1",
    gas: "0x1d4c1",
    maxFeePerGas: "0x98bca5a01",
    maxPriorityFeePerGas: "0x3b9aca01",
  } as const;
  for (const [field, value] of Object.entries(changes)) {
    const said = await failure({ alter: (asked) => ({ ...asked, [field]: value }) });
    assert.equal(said, `SIGNER_ALTERS: what it signed differs from what it was asked for in ${field}`);
  }
  assert.match(await failure({ chainId: 1 }), /^SIGNER_ALTERS: .* in chainId$/);
  const legacy = await OWN.signTransaction({ type: "legacy", chainId: 31_337, gasPrice: 1n, gas: 1n, nonce: 7 });
  assert.match(await failure({ answer: () => legacy }), /^SIGNER_(ALTERS|UNREADABLE)/);
  const listed = await OWN.signTransaction({ ...BATCH, accessList: [{ address: OWN.address, storageKeys: [] }] });
  assert.match(await failure({ answer: () => listed }), /^SIGNER_ALTERS: .* in its access list or encoding$/);
});

test("a signature by another key is refused, of a transaction and of typed data", async () => {
  assert.equal(
    await failure({ key: OTHER }),
    `SIGNER_WRONG_KEY: it signed with the key of ${OTHER.address}, expected ${OWN.address}`,
  );
  const server = await web3signer([OWN], { key: OTHER });
  const account = remoteSigner({ url: server.url, address: OWN.address });
  await assert.rejects(account.signTypedData(TYPED), { code: "SIGNER_FAILED", message: /^SIGNER_WRONG_KEY/ });
  await server.close();
});

test("what is no signature that a node takes is refused", async () => {
  /** The twin of a signature: as valid by the curve, and refused by every node. */
  const twin = (raw: Hex) => {
    const { r, s, yParity } = parseTransaction(raw) as { r: Hex; s: Hex; yParity: number };
    const other = `0x${(ORDER - BigInt(s)).toString(16).padStart(64, "0")}` as const;
    return serializeTransaction(BATCH, { r, s: other, yParity: 1 - yParity });
  };
  const answers: readonly ((raw: Hex) => unknown)[] = [
    twin,
    () => serializeTransaction(BATCH),
    (raw) => raw.slice(0, -2),
    (raw) => raw.slice(2),
    () => "0x",
    () => 7,
    () => ({ raw: "0x00", tx: {} }),
    () => [],
    () => "0x02zz",
    () => `0x02${"00".repeat(40_000)}`,
  ];
  for (const answer of answers) assert.match(await failure({ answer }), /^SIGNER_UNREADABLE: /, String(answer));
});

test("a signature of typed data that a signer quorum does not take is refused", async () => {
  const twin = (signature: Hex) => {
    const s = (ORDER - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, "0");
    return `${signature.slice(0, 66)}${s}${signature.endsWith("1b") ? "1c" : "1b"}`;
  };
  const answers: readonly ((signature: Hex) => unknown)[] = [
    twin,
    (signature) => `${signature.slice(0, 130)}${signature.endsWith("1b") ? "00" : "01"}`,
    (signature) => signature.slice(0, 130),
    (signature) => `${signature}00`,
  ];
  for (const answer of answers) {
    const server = await web3signer([OWN], { answer });
    const signed = remoteSigner({ url: server.url, address: OWN.address }).signTypedData(TYPED);
    await assert.rejects(signed, { code: "SIGNER_FAILED", message: /^SIGNER_UNREADABLE: / }, String(answer));
    await server.close();
  }
});

test("a refusal of no known form is a fault, as it was written", async () => {
  const refusals: readonly (readonly [string, string])[] = [
    ['{"error":"locked"}', '"locked"'],
    ['{"error":{}}', "{}"],
    ['{"error":{"code":{"toString":7},"message":{"toString":7}}}', '{"code":{"toString":7},"message":{"toString":7}}'],
  ];
  for (const [body, words] of refusals) {
    const server = await loopback((_, response) => void response.writeHead(500).end(body));
    const signed = remoteSigner({ url: server.url, address: OWN.address }).signTransaction(BATCH);
    await assert.rejects(signed, { code: "SIGNER_FAILED", message: `SIGNER_REFUSES: ${words}` });
    await server.close();
  }
});

test("a signer that refuses is repeated in its own words, without what of its address is secret", async () => {
  const server = await web3signer([OTHER]);
  const account = remoteSigner({ url: server.url, address: OWN.address });
  await assert.rejects(account.signTransaction(BATCH), {
    code: "SIGNER_FAILED",
    message: "SIGNER_REFUSES: -32000 No unlocked account matches the Sender",
  });
  await server.close();
  const telling = await loopback((request, response) => {
    const error = { code: 1, message: `\u001b[2J no way to ${request.url} with ${request.headers.authorization}` };
    response.writeHead(403).end(JSON.stringify({ jsonrpc: "2.0", id: 1, error }));
  });
  const url = `${telling.url.replace("//", "//keeper:hush-hush@")}/key/canary-key`;
  const said = await remoteSigner({ url, address: OWN.address })
    .signTransaction(BATCH)
    .catch((error: Error) => error.message);
  assert.equal(said, "SIGNER_REFUSES: 1  [2J no way to [secret] with Basic [secret]");
  await telling.close();
});

test("a signer that is slow, gone, endless or behind a proxy is a fault in time", async () => {
  const cases: readonly (readonly [Parameters<typeof loopback>[0], RegExp])[] = [
    [() => {}, /^SIGNER_SILENT: no complete answer within 200 ms$/],
    [(_, response) => void response.writeHead(200).write("{"), /^SIGNER_SILENT: no complete answer within 200 ms$/],
    [
      (_, response) => void response.writeHead(200).end("x".repeat(300_000)),
      /^SIGNER_UNREADABLE: its answer is above 262144 bytes$/,
    ],
    [(_, response) => void response.writeHead(502).end("<html>"), /^SIGNER_REFUSES: status 502, expected 200$/],
    [(_, response) => void response.writeHead(302, { location: "/x" }).end(), /^SIGNER_SILENT: /],
    [(_, response) => void response.writeHead(200).end("[]"), /^SIGNER_UNREADABLE: its answer has no bytes as result$/],
    [
      (_, response) => void response.writeHead(200).end('{"result":1e999}'),
      /^SIGNER_UNREADABLE: its answer is a number/,
    ],
  ];
  for (const [listener, expected] of cases) {
    const server = await loopback(listener);
    const account = remoteSigner({ url: server.url, address: OWN.address, timeoutMs: 200 });
    await assert.rejects(account.signTransaction(BATCH), { code: "SIGNER_FAILED", message: expected });
    await server.close();
  }
  const account = remoteSigner({ url: await deadAddress(), address: OWN.address });
  await assert.rejects(account.signTransaction(BATCH), { message: /^SIGNER_SILENT: ECONNREFUSED$/ });
});
