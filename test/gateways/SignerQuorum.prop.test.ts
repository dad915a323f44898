import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import fc from "fast-check";
import type { Hex } from "viem";
import { refuses, send } from "./support/doorWorld.ts";
import { flipped, keys, type QuorumWorld, quorumWorld, signed, tighter } from "./support/quorumWorld.ts";

const SEED = 20_261_121;
const RUNS = 500;
/** Whoever it comes out as, it is not a signer in his place. */
const REFUSED = /^(NotASigner|SignersNotAscending|BadSignature)\(/;
let world: QuorumWorld;

describe("QuorumDoor, whatever is changed after signing", () => {
  before(async () => {
    world = await quorumWorld();
  });

  it("refuses a call with any one bit of batch or signatures flipped, and takes it unflipped", async () => {
    const batch = await tighter(world);
    const signatures = await signed(world.place, batch, keys(0, 1, 3));
    const field = fc.constantFrom(
      "sequence",
      "deadline",
      "generation",
      "modelVersion",
      "evidence",
      "entries",
      "signatures",
    );
    const change = fc.record({ name: field, bit: fc.nat({ max: 1_559 }) });
    await fc.assert(
      fc.asyncProperty(change, async ({ name, bit }) => {
        const next = { ...batch };
        let given: Hex = signatures;
        if (name === "sequence") next.sequence ^= 1n << BigInt(bit % 64);
        else if (name === "deadline") next.deadline = Number(BigInt(next.deadline) ^ (1n << BigInt(bit % 40)));
        else if (name === "generation") next.generation ^= 1 << (bit % 16);
        else if (name === "modelVersion") next.modelVersion = (next.modelVersion ^ (1 << (bit % 32))) >>> 0;
        else if (name === "signatures") given = flipped(given, bit);
        else next[name] = flipped(next[name], bit);
        await refuses(world.door, ["updateSigned", world.place.parameters, next, given], REFUSED);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    await send(world.door, "updateSigned", world.place.parameters, batch, signatures);
  });

  it("refuses a call whose encoding has any one bit flipped, unless it decodes to the very same batch", async () => {
    const batch = await tighter(world);
    const signatures = await signed(world.place, batch, keys(0, 1, 3));
    const call = [world.place.parameters, batch, signatures] as const;
    const data = world.door.interface.encodeFunctionData("updateSigned", call) as Hex;
    const [to, from] = [world.place.door, world.accounts.stranger.address];
    let same = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 32, max: (data.length - 2) * 4 - 1 }), async (bit) => {
        const bent = flipped(data, bit);
        const went = await world.ethers.provider.call({ to, from, data: bent }).then(
          () => true,
          () => false,
        );
        if (!went) return;
        same += 1;
        const read = world.door.interface.decodeFunctionData("updateSigned", bent);
        assert.deepEqual(
          world.door.interface.encodeFunctionData("updateSigned", [...read]),
          data,
          `bit ${bit}: another batch was accepted`,
        );
      }),
      { seed: SEED, numRuns: RUNS },
    );
    // padding of the two byte strings: 29 bytes after the signatures, and what the entries leave of their word
    assert.ok(same < RUNS / 5, `${same} of ${RUNS} flips changed nothing`);
  });
});
