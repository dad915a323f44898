import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import fc from "fast-check";
import type { Hex } from "viem";
import { refuses, send } from "./support/coreWorld.ts";
import { flipped, keys, type QuorumWorld, quorumWorld, relay, signed, tighter } from "./support/quorumWorld.ts";

const SEED = 20_261_121;
const RUNS = 500;
/** Whoever it comes out as, it is not a signer in his place. */
const REFUSED = /^(NotASigner|SignersNotAscending|BadSignature)\(/;
let world: QuorumWorld;

describe("SignerQuorum, whatever is changed after signing", () => {
  before(async () => {
    world = await quorumWorld();
  });

  it("refuses a call with any one bit of batch or signatures flipped, and takes it unflipped", async () => {
    const batch = await tighter(world);
    const signatures = await signed(world.place, batch, keys(0, 1, 3));
    const field = fc.constantFrom("head", "evidence", "entries", "signatures");
    const change = fc.record({ name: field, bit: fc.nat({ max: 1_559 }) });
    await fc.assert(
      fc.asyncProperty(change, async ({ name, bit }) => {
        const next = { ...batch };
        let given: Hex = signatures;
        if (name === "head") next.head ^= 1n << BigInt(bit % 256);
        else if (name === "signatures") given = flipped(given, bit);
        else next[name] = flipped(next[name], bit);
        await refuses(world.quorum, relay(world.place.parameters, next, given), REFUSED);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    await send(world.quorum, ...relay(world.place.parameters, batch, signatures));
  });

  it("refuses a call whose encoding has any one bit flipped, unless it decodes to the very same batch", async () => {
    const batch = await tighter(world);
    const signatures = await signed(world.place, batch, keys(0, 1, 3));
    const [name, ...call] = relay(world.place.parameters, batch, signatures);
    const data = world.quorum.interface.encodeFunctionData(name, call) as Hex;
    const [to, from] = [world.place.quorum, world.accounts.stranger.address];
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
        const read = world.quorum.interface.decodeFunctionData(name, bent);
        assert.deepEqual(
          world.quorum.interface.encodeFunctionData(name, [...read]),
          data,
          `bit ${bit}: another batch was accepted`,
        );
      }),
      { seed: SEED, numRuns: RUNS },
    );
    // padding of the two byte strings: 29 bytes after the signatures, 18 after one entry
    assert.ok(same < RUNS / 4, `${same} of ${RUNS} flips changed nothing`);
  });
});
