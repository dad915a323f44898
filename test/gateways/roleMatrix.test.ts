import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Contract, Interface, Signer } from "ethers";
import hre from "hardhat";
import { NO_SEQUENCER } from "../../keeper/domain/contract.ts";
import { challengeWorld } from "./support/challengeWorld.ts";
import { as, type DoorWorld, send, USD } from "./support/doorWorld.ts";
import { KEYS } from "./support/quorumWorld.ts";

/** Who may call a function, what with, and what everybody else is told. */
type Row = { readonly may: readonly string[]; readonly args: readonly unknown[] };
type Rows = Readonly<Record<string, Row>>;

/** What somebody who lacks the right is told. */
const UNAUTHORIZED = /^(AccessControlUnauthorizedAccount|OwnableUnauthorizedAccount|OnlyGate|OnlyAtGenesis)$/;
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
    for (const [role, holder] of Object.entries({ QUORUM: quorum, CHALLENGER: challenger, LISTER: lister })) {
      await send(world.core, "grantRole", world.ethers.id(`${role}_ROLE`), holder.address);
    }
    await send(world.core, "revokeRole", world.ethers.id("LISTER_ROLE"), governance.address);
    callers = new Map<string, Signer>(
      Object.entries({ governance, keeper, quorum, guardian, challenger, lister, stranger, deployer }),
    );
  });

  /**
   * Asserts that every writing function of the artifact has a row, and that each row is what happens. `renounceRole` is
   * not here: anybody may, for himself only (Powers.t.sol).
   */
  async function holds(artifact: string, contract: Contract, rows: Rows): Promise<void> {
    const writes = (await writesOf(artifact)).filter((name) => name !== "renounceRole");
    assert.deepEqual(Object.keys(rows).sort(), writes.sort(), `${artifact}: every function that writes has a row`);
    for (const [name, { may, args }] of Object.entries(rows)) {
      for (const [who, signer] of callers) {
        const said = await outcome(as(contract, signer), name, args, world);
        if (may.includes(who)) assert.equal(said, "done", `${artifact}.${name} by ${who}, who may`);
        else assert.match(said, UNAUTHORIZED, `I8: only who may, did: ${artifact}.${name} by ${who}`);
      }
    }
  }

  it("of the parameter contract has every function that its interface and its roles have", async () => {
    const { stranger } = world.accounts;
    const batch = await world.batch({ initialBps: 2_400, maintenanceTargetBps: 1_900 });
    const role = world.ethers.id("KEEPER_ROLE");
    const limits = await world.core.getFunction("limitsOfClass").staticCall(0);
    const later = (await world.now()) + 86_400;
    const asset = await (await world.own("MockERC20", "Asset", "AST", 18)).getAddress();
    const listing = { ...world.listing(USD, 1), collateral: asset };
    const both = ["governance", "guardian"];
    const rows: Rows = {
      setMode: { may: [...both, "challenger"], args: [1, 1] },
      listMarket: { may: ["lister"], args: [listing] },
      setLimits: { may: both, args: [0, [...limits]] },
      setClass: { may: ["governance"], args: [0, 0] },
      overrideMarkets: { may: ["governance"], args: [[[1, 3_000, 1_800, later]]] },
      setAggregateBudget: { may: both, args: [0, 0] },
      resetBreaker: { may: ["governance"], args: [] },
      setProbe: { may: ["governance"], args: [1, world.weth] },
      grantRole: { may: ["governance"], args: [role, stranger.address] },
      revokeRole: { may: ["governance"], args: [role, stranger.address] },
    };
    const doors: Rows = {
      update: { may: ["keeper"], args: [batch] },
      updateByQuorum: { may: ["quorum"], args: [batch] },
    };
    await holds("IParametersCore", world.core, doors);
    await holds("ParametersModule", await withModule(world), {
      ...rows,
      genesis: { may: NOBODY, args: [USD, USD, USD, USD, [], NO_SEQUENCER, [], []] },
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

  it("of QuorumDoor has one function, and no caller has any power in it", async () => {
    const signers = KEYS.slice(0, 3).map(({ address }) => address);
    const door = await world.own("QuorumDoor", 2, signers);
    assert.deepEqual(await writesOf("QuorumDoor"), ["updateSigned"]);
    const batch = await world.batch({ initialBps: 2_400, maintenanceTargetBps: 1_900 });
    for (const [who, signer] of callers) {
      const args = [await world.core.getAddress(), batch, "0x"];
      const said = await outcome(as(door, signer), "updateSigned", args, world);
      assert.equal(said, "TooFewSignatures", `I8: only who may, did: updateSigned without signatures by ${who}`);
    }
  });

  it("of ListingGate and its vaults has every function of them", async () => {
    const { governance } = world.accounts;
    const gate = await world.own("ListingGate", await world.core.getAddress(), governance.address);
    const owned: Rows = {
      list: { may: NOBODY, args: [world.listing(USD, 1)] },
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

/** The contract at its address with the module's own interface, `genesis` included. */
async function withModule(world: DoorWorld): Promise<Contract> {
  return world.ethers.getContractAt("ParametersModule", await world.core.getAddress()) as unknown as Promise<Contract>;
}

/** "done", or the name of the error that the call is refused with. */
async function outcome(contract: Contract, name: string, args: readonly unknown[], world: DoorWorld): Promise<string> {
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
