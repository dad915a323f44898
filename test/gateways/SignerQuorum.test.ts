import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { type Contract, Wallet } from "ethers";
import { type Address, concatHex, type Hex } from "viem";
import { quorumTypedData } from "../../keeper/cosign/signedBatch.ts";
import { as, read, refuses, send } from "./support/doorWorld.ts";
import { KEYS, keys, malleated, type QuorumWorld, quorumWorld, signed, tighter } from "./support/quorumWorld.ts";

let world: QuorumWorld;
let parameters: Contract;
const relay = (batch: unknown, signatures: Hex) => ["updateSigned", world.place.parameters, batch, signatures] as const;
const slice = (signatures: Hex, index: number): Hex => `0x${signatures.slice(2 + index * 130, 2 + index * 130 + 130)}`;
const refusesBatch = (batch: unknown, signatures: Hex, expected: string | RegExp, door = world.door) =>
  refuses(door, relay(batch, signatures), expected, [parameters.interface]);

describe("QuorumDoor", () => {
  before(async () => {
    world = await quorumWorld();
    parameters = world.core;
  });

  it("applies a batch that three of five have signed, whoever sends it", async () => {
    const batch = await tighter(world);
    const receipt = await send(world.door, ...relay(batch, await signed(world.place, batch, keys(0, 2, 4))));
    assert.equal(receipt.from, world.accounts.stranger.address);
    assert.equal(await world.initialOf(), 2_400n);
  });

  it("applies one that all five have signed", async () => {
    const batch = await tighter(world);
    await send(world.door, ...relay(batch, await signed(world.place, batch, keys(0, 1, 2, 3, 4))));
    assert.equal(await read(parameters, "sequence"), batch.sequence);
  });

  /** Typed data in the form of ethers, whose types are mutable. */
  const typedFor = (batch: Parameters<typeof quorumTypedData>[1]) => {
    const { domain, message, types } = quorumTypedData(world.place, batch);
    return { domain, message, types: { Batch: types.Batch.map((field) => ({ ...field })) } };
  };

  it("says the EIP-712 digest that viem and ethers compute, and names its domain", async () => {
    const batch = await tighter(world);
    const { domain, message, types } = typedFor(batch);
    const ethersDigest = world.ethers.TypedDataEncoder.hash({ ...domain } as object, types, message);
    assert.equal(await read(world.door, "digestOf", world.place.parameters, batch), ethersDigest);
    const [, name, version, chainId, verifying] = await read<unknown[]>(world.door, "eip712Domain");
    assert.deepEqual([name, version, chainId, verifying], ["Tonsor QuorumDoor", "1", 31_337n, world.place.door]);
  });

  it("takes signatures made with ethers beside signatures made with viem", async () => {
    const batch = await tighter(world);
    const { domain, message, types } = typedFor(batch);
    const parts: Hex[] = [];
    for (const [index, key] of keys(0, 1, 2).entries()) {
      const secret = Array.from({ length: 16 }, (_, i) => `0x${(i + 1).toString(16).padStart(64, "0")}`);
      const wallet = secret.map((one) => new Wallet(one)).find(({ address }) => address === key.address);
      if (wallet === undefined) throw new Error("a key without a secret");
      const typed = quorumTypedData(world.place, batch);
      const byEthers = (await wallet.signTypedData({ ...domain } as object, types, message)) as Hex;
      assert.equal(byEthers, await key.signTypedData(typed), "both libraries sign the same");
      parts.push(index === 1 ? await key.signTypedData(typed) : byEthers);
    }
    await send(world.door, ...relay(batch, concatHex(parts)));
    assert.equal(await read(parameters, "sequence"), batch.sequence);
  });

  it("refuses fewer than the threshold, and says how many are missing", async () => {
    const batch = await tighter(world);
    await refusesBatch(batch, "0x", "TooFewSignatures(0, 3)");
    await refusesBatch(batch, await signed(world.place, batch, keys(0, 1)), "TooFewSignatures(2, 3)");
  });

  it("refuses the same signature twice, and signatures out of order", async () => {
    const batch = await tighter(world);
    const three = await signed(world.place, batch, keys(0, 1, 2));
    const [a, b, c] = [slice(three, 0), slice(three, 1), slice(three, 2)];
    const [first, second] = [KEYS[0]?.address, KEYS[1]?.address];
    await refusesBatch(batch, concatHex([a, b, b]), `SignersNotAscending(${second}, ${second})`);
    await refusesBatch(batch, concatHex([b, a, c]), `SignersNotAscending(${first}, ${second})`);
  });

  it("refuses a key that is not among the signers, wherever it sorts", async () => {
    const batch = await tighter(world);
    const before5 = KEYS[5]?.address;
    await refusesBatch(batch, await signed(world.place, batch, keys(0, 1, 5)), `NotASigner(${before5})`);
    const inner = await world.deployDoor(2, keys(1, 3));
    const place = { ...world.place, door: (await inner.getAddress()) as Address };
    for (const [pair, outsider] of [
      [keys(0, 1), KEYS[0]],
      [keys(1, 2), KEYS[2]],
      [keys(3, 4), KEYS[4]],
    ] as const) {
      await refusesBatch(batch, await signed(place, batch, pair), `NotASigner(${outsider?.address})`, inner);
    }
  });

  it("refuses the malleable twin of a signature, which recovers the same key", async () => {
    const batch = await tighter(world);
    const three = await signed(world.place, batch, keys(0, 1, 2));
    const twin = malleated(slice(three, 1));
    const { recoverTypedDataAddress } = await import("viem");
    const typed = quorumTypedData(world.place, batch);
    assert.equal(await recoverTypedDataAddress({ ...typed, signature: twin }), KEYS[1]?.address);
    const s = BigInt(`0x${twin.slice(66, 130)}`);
    const given = `0x${s.toString(16).padStart(64, "0")}`;
    await refusesBatch(batch, concatHex([slice(three, 0), twin, slice(three, 2)]), `BadSignature(1, 3, ${given})`);
    await refusesBatch(batch, concatHex([three, twin]), /^BadSignature\(3, 3, /);
  });

  it("takes signatures of 65 bytes only", async () => {
    const batch = await tighter(world);
    const three = await signed(world.place, batch, keys(0, 1, 2));
    const bytes32 = (value: number) => `0x${value.toString(16).padStart(64, "0")}`;
    await refusesBatch(batch, `${three}1b`, `BadSignature(3, 2, ${bytes32(1)})`);
    await refusesBatch(batch, concatHex([three, `0x${"11".repeat(64)}`]), `BadSignature(3, 2, ${bytes32(64)})`);
    // EIP-2098 packs r, s and v into 64 bytes: 195 bytes of them are no three signatures
    const compact = `0x${three.slice(2, 130)}`.padEnd(2 + 65 * 3 * 2, "0") as Hex;
    await refusesBatch(batch, compact, /^BadSignature\(0, 1, /);
    await refusesBatch(batch, `0x${"00".repeat(195)}`, `BadSignature(0, 1, ${bytes32(0)})`);
  });

  it("refuses a batch signed for another chain, door, parameter contract or set of signers", async () => {
    const batch = await tighter(world);
    const three = keys(0, 1, 2);
    const other = await world.deployDoor(3, KEYS.slice(0, 5));
    const wider = await world.deployDoor(3, KEYS.slice(0, 6));
    const foreign = /^(NotASigner|SignersNotAscending)\(/;
    await refusesBatch(batch, await signed({ ...world.place, chainId: 1 }, batch, three), foreign);
    for (const door of [other, wider]) {
      const place = { ...world.place, door: (await door.getAddress()) as Address };
      await refusesBatch(batch, await signed(place, batch, three), foreign);
      await refusesBatch(batch, await signed(world.place, batch, three), foreign, door);
    }
    const copy = await world.deployCore();
    const place = { ...world.place, parameters: (await copy.getAddress()) as Address };
    await refusesBatch(batch, await signed(place, batch, three), foreign);
  });

  it("refuses, on a second chain where door and contract have the same addresses, what was signed for the first", async () => {
    const twin = await quorumWorld(3, 5, 5, 10);
    const fresh = await quorumWorld();
    assert.deepEqual({ ...twin.place, chainId: 0 }, { ...fresh.place, chainId: 0 });
    const batch = await tighter(twin);
    const call = (signatures: Hex) => ["updateSigned", twin.place.parameters, batch, signatures] as const;
    const foreign = /^(NotASigner|SignersNotAscending)\(/;
    await refuses(twin.door, call(await signed(fresh.place, batch, keys(0, 1, 2))), foreign);
    await send(twin.door, ...call(await signed(twin.place, batch, keys(0, 1, 2))));
  });

  it("refuses a batch a second time, too late, or after a listing, with the parameter contract's own errors", async () => {
    const batch = await tighter(world);
    const signatures = await signed(world.place, batch, keys(0, 1, 2));
    await send(world.door, ...relay(batch, signatures));
    await refusesBatch(batch, signatures, `WrongSequence(${batch.sequence}, ${batch.sequence + 1n})`);

    const late = await tighter(world, { deadline: (await world.now()) - 1 });
    await refusesBatch(late, await signed(world.place, late, keys(0, 1, 2)), /^DeadlinePassed\(/);

    const early = await tighter(world);
    const signed3 = await signed(world.place, early, keys(0, 1, 2));
    const token = await world.own("MockERC20", "New", "NEW", 18);
    await send(world.core, "listMarket", world.listing(await token.getAddress(), 1));
    await refusesBatch(early, signed3, `WrongGeneration(${early.generation}, ${early.generation + 1})`);
  });

  it("reaches the quorum's limits, wider than the hot key's, and not beyond", async () => {
    const fresh = await quorumWorld();
    const core = fresh.core;
    const apply = async (initialBps: number) => {
      const batch = await fresh.batch({ initialBps, maintenanceTargetBps: 1_800 });
      return ["updateSigned", fresh.place.parameters, batch, await signed(fresh.place, batch, keys(0, 1, 2))] as const;
    };
    await fresh.pass(120);
    const batch = await fresh.batch({ initialBps: 2_100, maintenanceTargetBps: 1_800 });
    // STEP_TOO_LARGE
    await refuses(as(core, fresh.accounts.keeper), ["update", batch], "NoMarketApplied(1, 9)");
    await refuses(fresh.door, await apply(1_999), /^NoMarketApplied\(1, /, [core.interface]);
    await send(fresh.door, ...(await apply(2_100)));
    assert.equal(await fresh.initialOf(), 2_100n);
  });

  it("has no way in but signatures: the role is the door's, not the sender's", async () => {
    const batch = await tighter(world);
    await refuses(
      as(parameters, world.accounts.stranger),
      ["updateByQuorum", batch],
      /^AccessControlUnauthorizedAccount\(/,
    );
    await send(world.core, "revokeRole", world.ethers.id("QUORUM_ROLE"), world.place.door);
    await refusesBatch(
      batch,
      await signed(world.place, batch, keys(0, 1, 2)),
      `AccessControlUnauthorizedAccount(${world.place.door}, ${world.ethers.id("QUORUM_ROLE")})`,
    );
    await send(world.core, "grantRole", world.ethers.id("QUORUM_ROLE"), world.place.door);
  });

  it("calls no account that its signers did not name", async () => {
    const batch = await tighter(world);
    const signatures = await signed(world.place, batch, keys(0, 1, 2));
    const elsewhere = ["updateSigned", world.weth, batch, signatures] as const;
    await refuses(world.door, elsewhere, /^(NotASigner|SignersNotAscending)\(/);
  });

  it("is not deployed with a threshold of none or more than all, too many signers, a zero or a double one", async () => {
    const addresses = KEYS.map(({ address }) => address);
    const [a = "", b = ""] = addresses;
    const factory = await world.ethers.getContractFactory("QuorumDoor");
    const failing = async (threshold: number, signers: readonly string[]) => {
      const deployment = await factory.getDeployTransaction(threshold, [...signers]);
      return world.ethers.provider.call({ ...deployment, from: world.accounts.deployer.address }).then(
        () => "accepted",
        (error: { data?: string }) => {
          const parsed = factory.interface.parseError(error.data ?? "0x");
          return `${parsed?.name}(${parsed?.args.join(", ")})`;
        },
      );
    };
    assert.equal(await failing(0, [a, b]), "BadThreshold(0, 2)");
    assert.equal(await failing(3, [a, b]), "BadThreshold(3, 2)");
    assert.equal(await failing(1, []), "BadThreshold(1, 0)");
    assert.equal(await failing(1, addresses), "TooManySigners(16, 15)");
    assert.equal(await failing(1, [world.ethers.ZeroAddress, a]), "ZeroSigner(0)");
    assert.equal(await failing(1, [a, a]), `SignersNotAscending(${a}, ${a})`);
    assert.equal(await failing(1, [b, a]), `SignersNotAscending(${a}, ${b})`);
    assert.equal(await failing(15, addresses.slice(0, 15)), "accepted");
  });

  it("lists its signers, and finds every one of fifteen", async () => {
    const big = await world.deployDoor(15, KEYS.slice(0, 15));
    assert.deepEqual(
      [...(await read<string[]>(big, "signers"))],
      KEYS.slice(0, 15).map(({ address }) => address),
    );
    assert.deepEqual([await read(big, "threshold"), await read(big, "signerCount")], [15n, 15n]);
    const batch = await tighter(world);
    const place = { ...world.place, door: (await big.getAddress()) as Address };
    const all = await signed(place, batch, KEYS.slice(0, 15));
    await send(big, "updateSigned", world.place.parameters, batch, all);
    assert.equal(await read(parameters, "sequence"), batch.sequence);
  });

  it("adds at most 25 000 gas to a batch of a hundred markets, three of five, calldata included", async () => {
    const wide = await quorumWorld(3, 5, 100);
    const keeper = as(wide.core, wide.accounts.keeper);
    const step = async (initialBps: number, byQuorum: boolean) => {
      await wide.pass(660);
      const batch = await wide.batch({ initialBps, maintenanceTargetBps: 1_900 }, {}, 100);
      if (!byQuorum) return (await send(keeper, "update", batch)).gasUsed;
      const signatures = await signed(wide.place, batch, keys(0, 2, 4));
      return (await send(wide.door, "updateSigned", wide.place.parameters, batch, signatures)).gasUsed;
    };
    await step(2_210, false);
    const direct = await step(2_211, false);
    const byQuorum = await step(2_212, true);
    console.log(`100 markets: hot key ${direct}, quorum ${byQuorum}, difference ${byQuorum - direct}`);
    assert.ok(byQuorum - direct <= 25_000n && byQuorum <= 225_000n, `${byQuorum} in all`);
  });
});
