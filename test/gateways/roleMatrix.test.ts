import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Contract, Interface, Signer } from "ethers";
import hre from "hardhat";
import { USD } from "../../keeper/markets/limits.ts";
import { challengeWorld } from "./support/challengeWorld.ts";
import { as, type CoreWorld, LIMITS } from "./support/coreWorld.ts";
import { KEYS, relay } from "./support/quorumWorld.ts";

/** Who may call a function, what with, and what everybody else is told. */
type Row = { readonly may: readonly string[]; readonly args: readonly unknown[] };
type Rows = Readonly<Record<string, Row>>;

/** What somebody who lacks the right is told. */
const UNAUTHORIZED = /^(NotAllowed|OwnableUnauthorizedAccount|OnlyGate)$/;
const NOBODY: readonly string[] = [];

/** Every function of an artifact that can change something, by name. */
async function writesOf(name: string): Promise<string[]> {
  const { abi } = await hre.artifacts.readArtifact(name);
  return abi.flatMap((entry: { type: string; name?: string; stateMutability?: string; inputs?: { type: string }[] }) =>
    entry.type === "function" && !["view", "pure"].includes(entry.stateMutability ?? "") ? [entry.name ?? ""] : [],
  );
}

describe("the role matrix", () => {
  let world: Awaited<ReturnType<typeof challengeWorld>>;
  let callers: ReadonlyMap<string, Signer>;

  before(async () => {
    world = await challengeWorld();
    const { governance, keeper, guardian, stranger, others, deployer } = world.accounts;
    const [quorum, challenger, lister] = others;
    if (!quorum || !challenger || !lister) throw new Error("the network has no accounts");
    await world.admit(quorum.address, "QUORUM");
    await world.admit(challenger.address, "CHALLENGER");
    await world.admit(lister.address, "LISTER");
    await world.admit(governance.address, "NONE");
    callers = new Map<string, Signer>(
      Object.entries({ governance, keeper, quorum, guardian, challenger, lister, stranger, deployer }),
    );
  });

  /** Asserts that every writing function of the artifact has a row, and that each row is what happens. */
  async function holds(artifact: string, contract: Contract, rows: Rows): Promise<void> {
    const writes = await writesOf(artifact);
    assert.deepEqual(Object.keys(rows).sort(), writes.sort(), `${artifact}: every function that writes has a row`);
    for (const [name, { may, args }] of Object.entries(rows)) {
      for (const [who, signer] of callers) {
        const said = await outcome(as(contract, signer), name, args, world);
        if (may.includes(who)) assert.equal(said, "done", `${artifact}.${name} by ${who}, who may`);
        else assert.match(said, UNAUTHORIZED, `I8: only who may, did: ${artifact}.${name} by ${who}`);
      }
    }
  }

  it("of the parameter contract has every function of it", async () => {
    const { stranger, keeper } = world.accounts;
    const batch = await world.batch(keeper.address, { initialBps: 2_400, maintenanceTargetBps: 1_900 });
    const later = (await world.now()) + 86_400;
    const asset = await (await world.own("MockERC20", "Asset", "AST", 18)).getAddress();
    const { limit, lowestLimit, highestLimit } = world.listing(USD);
    const governance = ["governance"];
    await holds("Parameters", world.core, {
      publishBatch: { may: ["keeper", "quorum"], args: [batch.head, batch.evidence, batch.entries] },
      setMode: { may: ["governance", "guardian", "challenger"], args: [1, 1] },
      haltWriter: { may: ["guardian"], args: [keeper.address] },
      holdClass: { may: ["guardian"], args: [0] },
      admit: { may: governance, args: [[stranger.address, 1, 0, 0]] },
      setLimits: { may: governance, args: [0, LIMITS] },
      listMarket: { may: ["lister"], args: [{ ...world.listing(USD), collateral: asset }] },
      delistMarket: { may: governance, args: [1] },
      changeMarket: { may: governance, args: [1, [0, lowestLimit, highestLimit, world.weth]] },
      setManually: { may: governance, args: [[[1, 3_000, 1_800, limit, later]]] },
      transferOwnership: { may: governance, args: [stranger.address] },
      acceptOwnership: { may: NOBODY, args: [] },
    });
  });

  it("of Challenge has every function of it", async () => {
    const { challenge, feeds } = world;
    const stranger = world.accounts.stranger.address;
    const everybody = [...callers.keys()];
    await world.price(1_800, 2_000);
    await holds("Challenge", challenge, {
      challenge: { may: everybody, args: [1, 1, 0] },
      setFeeds: { may: ["governance"], args: [1, feeds] },
      transferOwnership: { may: ["governance"], args: [stranger] },
      renounceOwnership: { may: ["governance"], args: [] },
    });
  });

  it("of SignerQuorum has one function, and no caller has any power in it", async () => {
    const signers = KEYS.slice(0, 3).map(({ address }) => address);
    const quorum = await world.own("SignerQuorum", 2, signers);
    assert.deepEqual(await writesOf("SignerQuorum"), ["publishSigned"]);
    const values = { initialBps: 2_400, maintenanceTargetBps: 1_900 };
    const batch = await world.batch(await quorum.getAddress(), values);
    const [name, ...args] = relay(await world.core.getAddress(), batch, "0x");
    for (const [who, signer] of callers) {
      const said = await outcome(as(quorum, signer), name, args, world);
      assert.equal(said, "TooFewSignatures", `I8: only who may, did: publishSigned without signatures by ${who}`);
    }
  });

  it("of ListingGate and its vaults has every function of them", async () => {
    const { governance } = world.accounts;
    const gate = await world.own("ListingGate", await world.core.getAddress(), governance.address);
    const owned: Rows = {
      list: { may: NOBODY, args: [world.listing(USD)] },
      transferOwnership: { may: ["governance"], args: [world.accounts.stranger.address] },
      renounceOwnership: { may: ["governance"], args: [] },
    };
    const anybody = ["startProbe", "finishProbe", "withdrawProbe"];
    assert.deepEqual((await writesOf("ListingGate")).sort(), [...Object.keys(owned), ...anybody].sort());
    for (const [who, signer] of callers) {
      const of = as(gate, signer);
      const listed = await outcome(of, "list", owned["list"]?.args ?? [], world);
      assert.equal(listed, who === "governance" ? "NotPassed" : "OwnableUnauthorizedAccount", `list by ${who}`);
      for (const name of ["transferOwnership", "renounceOwnership"]) {
        const handed = await outcome(of, name, owned[name]?.args ?? [], world);
        assert.equal(handed, who === "governance" ? "done" : "OwnableUnauthorizedAccount", `${name} by ${who}`);
      }
      for (const name of ["finishProbe", "withdrawProbe"]) {
        assert.equal(await outcome(of, name, [1], world), "UnknownProbe", `${name} of no probe by ${who}`);
      }
    }
    const vault = await world.own("ProbeVault");
    const release: Rows = { release: { may: ["deployer"], args: [world.weth, governance.address, 0] } };
    await holds("ProbeVault", vault, release);
  });
});

/** "done", or the name of the error that the call is refused with. */
async function outcome(contract: Contract, name: string, args: readonly unknown[], world: CoreWorld): Promise<string> {
  const errors: readonly Interface[] = [contract.interface, world.core.interface];
  return contract
    .getFunction(name)
    .staticCall(...args)
    .then(
      () => "done",
      (error: { data?: unknown; message?: string }) => {
        const data = typeof error.data === "string" ? error.data : "0x";
        for (const one of errors) {
          const parsed = data === "0x" ? null : one.parseError(data);
          if (parsed !== null) return parsed.name;
        }
        return `${error.message} ${data}`;
      },
    );
}
