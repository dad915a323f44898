import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { type Contract, Wallet } from "ethers";
import { type Address, concatHex, type Hex, recoverTypedDataAddress } from "viem";
import { as, type Batch, LIMITS, read, refuses, send, sequenceOf } from "./support/coreWorld.ts";
import {
  KEYS,
  keys,
  malleated,
  type QuorumWorld,
  quorumWorld,
  relay as relayed,
  signed,
  tighter,
  typedData,
} from "./support/quorumWorld.ts";

let world: QuorumWorld;
let parameters: Contract;
const relay = (batch: Batch, signatures: Hex) => relayed(world.place.parameters, batch, signatures);
const slice = (signatures: Hex, index: number): Hex => `0x${signatures.slice(2 + index * 130, 2 + index * 130 + 130)}`;
const refusesBatch = (batch: Batch, signatures: Hex, expected: string | RegExp, quorum = world.quorum) =>
  refuses(quorum, relay(batch, signatures), expected, [parameters.interface]);
const sequence = () => sequenceOf(parameters, world.place.quorum);
const sequenceIn = ({ head }: Batch) => head & ((1n << 64n) - 1n);

describe("SignerQuorum", () => {
  before(async () => {
    world = await quorumWorld();
    parameters = world.core;
  });

  it("applies a batch that three of five have signed, whoever sends it", async () => {
    const batch = await tighter(world);
    const receipt = await send(world.quorum, ...relay(batch, await signed(world.place, batch, keys(0, 2, 4))));
    assert.equal(receipt.from, world.accounts.stranger.address);
    assert.equal(await world.initialOf(), 2_400n);
  });

  it("applies one that all five have signed", async () => {
    const batch = await tighter(world);
    await send(world.quorum, ...relay(batch, await signed(world.place, batch, keys(0, 1, 2, 3, 4))));
    assert.equal(await sequence(), sequenceIn(batch));
  });

  it("says the EIP-712 digest that viem and ethers compute, and names its domain", async () => {
    const batch = await tighter(world);
    const { domain, message, types } = typedData(world.place, batch);
    const ethersDigest = world.ethers.TypedDataEncoder.hash({ ...domain } as object, types, message);
    assert.equal(
      await read(world.quorum, "digestOf", world.place.parameters, batch.head, batch.evidence, batch.entries),
      ethersDigest,
    );
    const [, name, version, chainId, verifying] = await read<unknown[]>(world.quorum, "eip712Domain");
    assert.deepEqual([name, version, chainId, verifying], ["Tonsor SignerQuorum", "1", 31_337n, world.place.quorum]);
  });

  it("takes signatures made with ethers beside signatures made with viem", async () => {
    const batch = await tighter(world);
    const { domain, message, types } = typedData(world.place, batch);
    const parts: Hex[] = [];
    for (const [index, key] of keys(0, 1, 2).entries()) {
      const secret = Array.from({ length: 16 }, (_, i) => `0x${(i + 1).toString(16).padStart(64, "0")}`);
      const wallet = secret.map((one) => new Wallet(one)).find(({ address }) => address === key.address);
      if (wallet === undefined) throw new Error("a key without a secret");
      const typed = typedData(world.place, batch);
      const byEthers = (await wallet.signTypedData({ ...domain } as object, types, message)) as Hex;
      assert.equal(byEthers, await key.signTypedData(typed), "both libraries sign the same");
      parts.push(index === 1 ? await key.signTypedData(typed) : byEthers);
    }
    await send(world.quorum, ...relay(batch, concatHex(parts)));
    assert.equal(await sequence(), sequenceIn(batch));
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
    const inner = await world.deployQuorum(2, keys(1, 3));
    const place = { ...world.place, quorum: (await inner.getAddress()) as Address };
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
    const typed = typedData(world.place, batch);
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

  it("refuses a batch signed for another chain, quorum, parameter contract or set of signers", async () => {
    const batch = await tighter(world);
    const three = keys(0, 1, 2);
    const other = await world.deployQuorum(3, KEYS.slice(0, 5));
    const wider = await world.deployQuorum(3, KEYS.slice(0, 6));
    const foreign = /^(NotASigner|SignersNotAscending)\(/;
    await refusesBatch(batch, await signed({ ...world.place, chainId: 1 }, batch, three), foreign);
    for (const quorum of [other, wider]) {
      const place = { ...world.place, quorum: (await quorum.getAddress()) as Address };
      await refusesBatch(batch, await signed(place, batch, three), foreign);
      await refusesBatch(batch, await signed(world.place, batch, three), foreign, quorum);
    }
    const copy = await world.deployCore();
    const place = { ...world.place, parameters: (await copy.getAddress()) as Address };
    await refusesBatch(batch, await signed(place, batch, three), foreign);
  });

  it("refuses, on a second chain where quorum and contract have the same addresses, what was signed for the first", async () => {
    const twin = await quorumWorld(3, 5, 5, 10);
    const fresh = await quorumWorld();
    assert.deepEqual({ ...twin.place, chainId: 0 }, { ...fresh.place, chainId: 0 });
    const batch = await tighter(twin);
    const call = (signatures: Hex) => relayed(twin.place.parameters, batch, signatures);
    const foreign = /^(NotASigner|SignersNotAscending)\(/;
    await refuses(twin.quorum, call(await signed(fresh.place, batch, keys(0, 1, 2))), foreign);
    await send(twin.quorum, ...call(await signed(twin.place, batch, keys(0, 1, 2))));
  });

  it("refuses a batch a second time, too late, or after a move of its market, with the parameter contract's own errors", async () => {
    const fresh = await quorumWorld();
    const refusesHere = (batch: Batch, signatures: Hex, expected: RegExp) =>
      refuses(fresh.quorum, relayed(fresh.place.parameters, batch, signatures), expected, [fresh.core.interface]);
    const batch = await tighter(fresh);
    const signatures = await signed(fresh.place, batch, keys(0, 1, 2));
    await send(fresh.quorum, ...relayed(fresh.place.parameters, batch, signatures));
    await refusesHere(batch, signatures, /^WrongSequence\(1, 2\)$/);

    const late = await tighter(fresh, { deadline: (await fresh.now()) - 1 });
    await refusesHere(late, await signed(fresh.place, late, keys(0, 1, 2)), /^DeadlinePassed\(/);

    const early = await tighter(fresh);
    const ofEarly = await signed(fresh.place, early, keys(0, 1, 2));
    await send(fresh.core, "setLimits", 1, LIMITS);
    const { lowestLimit, highestLimit } = fresh.listing(fresh.weth);
    await send(fresh.core, "changeMarket", 1, [1, lowestLimit, highestLimit, fresh.ethers.ZeroAddress]);
    // WRONG_GENERATION
    await refusesHere(early, ofEarly, /^NoMarketApplied\(1, 2\)$/);
  });

  it("keeps a number of its own, which no hot key takes", async () => {
    const batch = await tighter(world);
    const signatures = await signed(world.place, batch, keys(0, 1, 2));
    const { keeper } = world.accounts;
    for (let i = 0; i < 3; i += 1) {
      const { head, evidence, entries } = await world.batch(keeper.address, {
        initialBps: 2_500,
        maintenanceTargetBps: 1_900,
      });
      await send(as(parameters, keeper), "publishBatch", head, evidence, entries);
      await world.pass(60);
    }
    // An older tightening of the quorum lands behind them, too.
    const tightest = await world.batch(world.place.quorum, { initialBps: 2_600, maintenanceTargetBps: 1_900 });
    assert.equal(sequenceIn(tightest), sequenceIn(batch));
    await refusesBatch(batch, signatures, "NoMarketApplied(1, 8)");
    await send(world.quorum, ...relay(tightest, await signed(world.place, tightest, keys(0, 1, 2))));
    assert.equal(await world.initialOf(), 2_600n);
  });

  it("reaches the quorum's limits, wider than the hot key's, and not beyond", async () => {
    const fresh = await quorumWorld();
    const values = (initialBps: number) => ({ initialBps, maintenanceTargetBps: 1_800 });
    const apply = async (initialBps: number) => {
      const batch = await fresh.batch(fresh.place.quorum, values(initialBps));
      return relayed(fresh.place.parameters, batch, await signed(fresh.place, batch, keys(0, 1, 2)));
    };
    await send(fresh.quorum, ...(await apply(2_400)));
    await fresh.pass(120);
    const byKey = await fresh.batch(fresh.accounts.keeper.address, values(2_319));
    const keeper = as(fresh.core, fresh.accounts.keeper);
    // STEP_TOO_LARGE
    await refuses(keeper, ["publishBatch", byKey.head, byKey.evidence, byKey.entries], "NoMarketApplied(1, 11)");
    await refuses(fresh.quorum, await apply(2_199), "NoMarketApplied(1, 11)", [fresh.core.interface]);
    await send(fresh.quorum, ...(await apply(2_200)));
    assert.equal(await fresh.initialOf(), 2_200n);
  });

  it("has no way in but signatures: the power is the quorum's, not the sender's", async () => {
    const batch = await tighter(world);
    const { stranger } = world.accounts;
    const direct = ["publishBatch", batch.head, batch.evidence, batch.entries] as const;
    await refuses(as(parameters, stranger), direct, `NotAllowed(${stranger.address})`);
    await world.admit(world.place.quorum, "NONE");
    const signatures = await signed(world.place, batch, keys(0, 1, 2));
    await refusesBatch(batch, signatures, `NotAllowed(${world.place.quorum})`);
    await world.admit(world.place.quorum, "QUORUM");
  });

  it("calls no account that its signers did not name", async () => {
    const batch = await tighter(world);
    const signatures = await signed(world.place, batch, keys(0, 1, 2));
    const elsewhere = relayed(world.weth, batch, signatures);
    await refuses(world.quorum, elsewhere, /^(NotASigner|SignersNotAscending)\(/);
  });

  it("is not deployed with a threshold of none or more than all, too many signers, a zero or a double one", async () => {
    const addresses = KEYS.map(({ address }) => address);
    const [a = "", b = ""] = addresses;
    const factory = await world.ethers.getContractFactory("SignerQuorum");
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
    const big = await world.deployQuorum(15, KEYS.slice(0, 15));
    assert.deepEqual(
      [...(await read<string[]>(big, "signers"))],
      KEYS.slice(0, 15).map(({ address }) => address),
    );
    assert.deepEqual([await read(big, "threshold"), await read(big, "signerCount")], [15n, 15n]);
    const address = (await big.getAddress()) as Address;
    const place = { ...world.place, quorum: address };
    const batch = await world.batch(address, { initialBps: 2_700, maintenanceTargetBps: 1_900 });
    const all = await signed(place, batch, KEYS.slice(0, 15));
    await send(big, ...relay(batch, all));
    assert.equal(await sequenceOf(parameters, address), 1n);
  });

  it("adds at most 22 500 gas to a batch of a hundred markets, three of five, calldata included", async () => {
    const wide = await quorumWorld(3, 5, 100);
    const keeper = as(wide.core, wide.accounts.keeper);
    const step = async (initialBps: number, byQuorum: boolean) => {
      await wide.pass(660);
      const writer = byQuorum ? wide.place.quorum : wide.accounts.keeper.address;
      const batch = await wide.batch(writer, { initialBps, maintenanceTargetBps: 1_900 }, {}, 100);
      if (!byQuorum) return (await send(keeper, "publishBatch", batch.head, batch.evidence, batch.entries)).gasUsed;
      const call = relayed(wide.place.parameters, batch, await signed(wide.place, batch, keys(0, 2, 4)));
      return (await send(wide.quorum, ...call)).gasUsed;
    };
    await step(2_210, false);
    await step(2_211, true);
    const direct = await step(2_212, false);
    const byQuorum = await step(2_213, true);
    console.log(`100 markets: hot key ${direct}, quorum ${byQuorum}, difference ${byQuorum - direct}`);
    assert.ok(byQuorum - direct <= 22_500n, `${byQuorum} in all`);
  });
});
