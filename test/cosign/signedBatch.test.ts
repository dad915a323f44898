import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concatHex, type Hex, hashTypedData, toFunctionSelector, toHex } from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import {
  combineShares,
  decodeAnyBatch,
  encodeSignedBatch,
  isShareOf,
  type QuorumPlace,
  type QuorumShare,
  quorumTypedData,
  signedValues,
  signersOf,
  signShare,
} from "../../keeper/cosign/signedBatch.ts";
import type { Batch } from "../../keeper/domain/contract.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { encodeBatch } from "../../keeper/protocols/collateralParameters.ts";
import { entriesOf } from "../support/entries.ts";

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const place: QuorumPlace = {
  chainId: 31_337,
  gateway: "0x00000000000000000000000000000000000000d0",
  parameters: "0x00000000000000000000000000000000000000c0",
};
const batch = {
  head: (1n << 104n) | (1_770_000_600n << 64n) | 7n,
  evidence: `0x${"ab".repeat(32)}`,
  entries: `0x${"01".repeat(14)}`,
} as const;
/** A batch of two markets. */
const WHOLE: Batch = {
  ...{ sequence: 7n, deadline: 1_770_000_600, modelVersion: 1, evidence: `0x${"ab".repeat(32)}` },
  entries: entriesOf(
    [1, 2].map((marketId) => {
      return { marketId, initialBps: 2_300, maintenanceTargetBps: 2_000, asOf: 1_770_000_000 };
    }),
  ),
};
/** Addresses 0x2B5A..., 0x6813..., 0x7E5F...: keys 2, 3, 1. */
const [second, third, first] = [key(1), key(2), key(3)] as const;
const ascending = [third, first, second];

function key(secret: number): PrivateKeyAccount {
  return privateKeyToAccount(toHex(secret, { size: 32 }));
}

const shareOf = (signer: PrivateKeyAccount) => signShare(place, batch, signer);
const badArgument = (wanted: RegExp) => (error: unknown) =>
  error instanceof TonsorError && error.code === "BAD_ARGUMENT" && wanted.test(error.message);

describe("quorum signatures", () => {
  it("sign the domain of one gateway on one chain, and the batch for one parameter contract", () => {
    const typed = quorumTypedData(place, batch);
    assert.deepEqual(typed.domain, {
      name: "Tonsor SignerQuorum",
      version: "1",
      chainId: 31_337,
      verifyingContract: place.gateway,
    });
    assert.equal(typed.message.parameters, place.parameters);
    assert.equal(hashTypedData(typed), "0x8127f75680bff63a72b2f231971a3aef239349b5df9c85b9f64bae8cbf8fe566");
  });

  it("depend on every field of the batch and of the place", () => {
    const here = hashTypedData(quorumTypedData(place, batch));
    const others = [
      quorumTypedData({ ...place, chainId: 1 }, batch),
      quorumTypedData({ ...place, gateway: place.parameters }, batch),
      quorumTypedData({ ...place, parameters: place.gateway }, batch),
      quorumTypedData(place, { ...batch, head: batch.head + 1n }),
      quorumTypedData(place, { ...batch, evidence: `0x${"ac".repeat(32)}` }),
      quorumTypedData(place, { ...batch, entries: `0x${"01".repeat(13)}02` }),
    ].map((typed) => hashTypedData(typed));
    assert.equal(new Set([here, ...others]).size, others.length + 1);
  });

  it("are refused at once when the signer signs with another key or returns rubbish", async () => {
    const wrongKey = { address: first.address, signTypedData: second.signTypedData };
    await assert.rejects(signShare(place, batch, wrongKey), badArgument(/not its own/));
    const rubbish = { address: first.address, signTypedData: async (): Promise<Hex> => "0x1234" };
    await assert.rejects(signShare(place, batch, rubbish), badArgument(/given "0x1234"/));
  });

  it("are told apart from those of another batch, another place, or damaged ones", async () => {
    const share = await shareOf(first);
    assert.equal(await isShareOf(place, batch, share), true);
    assert.equal(await isShareOf(place, { ...batch, head: batch.head + 1n }, share), false);
    assert.equal(await isShareOf({ ...place, chainId: 1 }, batch, share), false);
    assert.equal(await isShareOf(place, batch, { ...share, signer: second.address }), false);
    assert.equal(await isShareOf(place, batch, { ...share, signature: `0x${"00".repeat(64)}1b` }), false);
    assert.equal(await isShareOf(place, batch, { ...share, signature: "0x" }), false);
    assert.equal(await isShareOf(place, batch, { ...share, signature: "rubbish" as Hex }), false);
  });

  it("are combined by ascending address, no more than the gateway needs", async () => {
    const shares = await Promise.all(ascending.map(shareOf));
    const sorted = [...shares].sort((a, b) => (BigInt(a.signer) < BigInt(b.signer) ? -1 : 1));
    const all = concatHex(sorted.map(({ signature }) => signature));
    assert.equal(combineShares(shares, 3), all);
    assert.equal(combineShares([...shares].reverse(), 3), all);
    assert.equal(combineShares(shares, 2), all.slice(0, 2 + 260));
    // By the number that an address is, not by its letters' case.
    const [one, two] = shares.map((share, n) => ({
      ...share,
      signer: `0x${["Bb", "aA"][n]}${"00".repeat(19)}` as Hex,
    }));
    assert.ok(one && two);
    assert.equal(combineShares([one, two], 2), concatHex([two.signature, one.signature]));
  });

  it("are not combined when there are too few, or the threshold is no count", async () => {
    const shares = [await shareOf(first), await shareOf(second)];
    assert.throws(() => combineShares(shares, 3), badArgument(/given 2; expected at least 3/));
    assert.throws(() => combineShares([], 1), badArgument(/given 0; expected at least 1/));
    for (const threshold of [0, -1, 1.5, Number.NaN])
      assert.throws(() => combineShares(shares, threshold), badArgument(/threshold of 1 or more/));
  });

  it("are not combined when a signer is there twice, in whatever spelling", async () => {
    const share = await shareOf(first);
    const lower: QuorumShare = { ...share, signer: share.signer.toLowerCase() as Hex };
    assert.throws(() => combineShares([share, lower], 1), badArgument(/each signer once/));
  });

  it("are not combined when one is malleable, short, or ends in no 27 or 28", async () => {
    const share = await shareOf(first);
    const [r, s, v] = [share.signature.slice(2, 66), share.signature.slice(66, 130), share.signature.slice(130)];
    const mirrored = (ORDER - BigInt(`0x${s}`)).toString(16).padStart(64, "0");
    const cases: [Hex, RegExp][] = [
      [`0x${r}${mirrored}${v === "1b" ? "1c" : "1b"}`, /lower half/],
      [`0x${r}${s}`, /65 bytes/],
      [`0x${r}${s}${v}00`, /65 bytes/],
      [`0x${r}${s}00`, /27 or 28/],
      [`0x${r}${s}01`, /27 or 28/],
    ];
    for (const [signature, wanted] of cases)
      assert.throws(() => combineShares([{ ...share, signature }], 1), badArgument(wanted));
    const least = (ORDER / 2n).toString(16).padStart(64, "0");
    assert.equal(combineShares([{ ...share, signature: `0x${r}${least}1b` }], 1), `0x${r}${least}1b`, "half the order");
  });

  it("are of sequence, deadline, model version, evidence and every market of a batch", () => {
    const [market] = WHOLE.entries;
    assert.ok(market);
    const changed: readonly Batch[] = [
      WHOLE,
      { ...WHOLE, sequence: 8n },
      { ...WHOLE, deadline: 1_770_000_601 },
      { ...WHOLE, modelVersion: 2 },
      { ...WHOLE, evidence: `0x${"ac".repeat(32)}` },
      { ...WHOLE, entries: [market] },
      ...Object.entries(market).map(([name, value]) => {
        const other = typeof value === "boolean" ? !value : value - (name === "asOf" ? 60 : 1);
        return { ...WHOLE, entries: [{ ...market, [name]: other }, ...WHOLE.entries.slice(1)] };
      }),
    ];
    const hashes = changed.map((one) => hashTypedData(quorumTypedData(place, signedValues(one))));
    assert.equal(new Set(hashes).size, 6 + Object.keys(market).length);
  });

  it("travel in a call of publishSigned, from which the batch is read back", () => {
    const data = encodeSignedBatch(place, WHOLE, "0x1234");
    assert.equal(data.slice(0, 10), toFunctionSelector("publishSigned(address,uint256,bytes32,bytes,bytes)"));
    assert.deepEqual(decodeAnyBatch(data), WHOLE);
    assert.deepEqual(decodeAnyBatch(encodeBatch(WHOLE)), WHOLE);
    for (const wrong of ["0x", "0x12345678", data.slice(0, 200)] as Hex[]) {
      assert.throws(() => decodeAnyBatch(wrong), badArgument(/not a batch/));
    }
  });

  it("are read back out of the call that brought them, for the place and the evidence that they are of alone", async () => {
    const shares = await Promise.all([second, first].map((one) => signShare(place, signedValues(WHOLE), one)));
    const call = encodeSignedBatch(place, WHOLE, combineShares(shares, 2));
    const { evidence } = WHOLE;
    const ofBoth = [first.address, second.address];
    assert.deepEqual(await signersOf(place, evidence, call), ofBoth);
    const elsewhere = await signersOf({ ...place, gateway: place.parameters }, evidence, call);
    assert.equal(elsewhere?.some((one) => ofBoth.includes(one)) ?? false, false, "another gateway's are nobody's here");
    assert.equal(await signersOf({ ...place, parameters: place.gateway }, evidence, call), null);
    assert.equal(await signersOf(place, `0x${"cd".repeat(32)}`, call), null);
    assert.equal(await signersOf(place, evidence, encodeBatch(WHOLE)), null, "no call of a signer quorum");
    assert.equal(await signersOf(place, evidence, encodeSignedBatch(place, WHOLE, `0x${"11".repeat(65)}`)), null);
  });
});
