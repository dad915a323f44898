import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { parseEther, parseTransaction } from "viem";
import type { Hex } from "../../keeper/domain/contract.ts";
import type { BatchEntry, CycleReport } from "../../keeper/domain/cycle.ts";
import { evidenceFolder } from "../../keeper/journal/evidenceFolder.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../keeper/protocols/abi.ts";
import { rehearseBatch } from "../../keeper/protocols/collateralParameters.ts";
import { remoteSigner } from "../../keeper/runtime/remoteSigner.ts";
import type { SendContext } from "../../keeper/submission/context.ts";
import { rehearse } from "../../keeper/submission/rehearse.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { write } from "../../scripts/lab/replica/node.ts";
import { httpFaultProxy } from "../chaos/support/httpFaultProxy.ts";
import { anExplanation } from "../dashboard/explanations.ts";
import { type ContractWorld, contractWorld, LIMITS } from "../protocols/contractWorld.ts";
import { deadAddress } from "../support/loopback.ts";
import { marketsAt } from "../support/marketsAt.ts";
import { accountSetting } from "../support/parameters.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { type Asked, web3signer } from "../support/web3signer.ts";
import { contextFor, journalFor, limited, submissionFor } from "./submissionWorld.ts";

const CALM = anExplanation().assessment;

describe("a rehearsal of the next tightening on the real contract", () => {
  let world: ContractWorld;
  let moment: Hex;
  before(async () => {
    world = await contractWorld();
  });
  beforeEach(async () => {
    moment = await world.node.snapshot();
  });
  afterEach(async () => {
    await world.node.revert({ id: moment });
  });
  after(() => world.anvil.close());

  /** What a cycle has read, of a market with the data of `assessment`. */
  async function looked(assessment: BatchEntry["assessment"] = CALM) {
    const { client, contract, accounts } = world;
    const view = await marketsAt(client, contract, [1, 2], accounts.keeper.address);
    const entries = view.markets.map((onChain) => ({ input: { onChain }, assessment }));
    return { ...view, entries, failures: [] } as unknown as CycleReport;
  }
  const contextOf = () => {
    const { anvil, accounts, contract } = world;
    return contextFor(journalFor(contract), anvil.url, accounts.keeper.privateKey);
  };
  const partsOf = (folder = temporaryFolder()) => ({
    contract: world.contract,
    evidence: evidenceFolder(folder),
    simulate: (...[batch, writer, block]: Parameters<Parameters<typeof rehearse>[1]["simulate"]>) =>
      rehearseBatch(world.client, world.contract, writer, batch, block),
  });
  /** Every obstacle that a rehearsal finds, as "cause: detail". */
  async function found(context: SendContext | null = contextOf(), parts = partsOf(), report?: CycleReport) {
    const obstacles = await rehearse(report ?? (await looked()), parts, context);
    return obstacles.map(({ cause, detail }) => `${cause}: ${detail}`);
  }
  const act = (from: Hex, name: "admit" | "haltWriter" | "setMode" | "setLimits", ...args: unknown[]) =>
    write(world.node, from, world.contract, abi, name, args);

  it("finds nothing in the way of a keeper that is well, and changes nothing", async () => {
    assert.deepEqual(await found(), []);
    const { client, accounts } = world;
    assert.equal(await client.getTransactionCount({ address: accounts.keeper.address, blockTag: "pending" }), 0);
  });

  it("asks its node once, and not again for the block that the cycle has read", async () => {
    const node = await httpFaultProxy(world.anvil.url);
    try {
      const asked: string[] = [];
      node.rule = ({ body }) => {
        asked.push(...(JSON.parse(body) as { method: string }[]).map(({ method }) => method).toSorted());
        return "none";
      };
      const context = contextFor(journalFor(world.contract), node.url, world.accounts.keeper.privateKey);
      assert.deepEqual(await found(context), []);
      const nonces = ["eth_getTransactionCount", "eth_getTransactionCount"];
      assert.deepEqual(asked, ["eth_call", "eth_chainId", "eth_feeHistory", "eth_getBalance", ...nonces]);
      assert.equal(node.count(), 1);
    } finally {
      await node.close();
    }
  });

  it("finds nothing either where a guardian closed the market, the class is at its bound, or a floor has risen above it", async () => {
    const { guardian, governance } = world.accounts;
    await act(guardian.address, "setMode", 1, 2);
    assert.deepEqual(await found(), []);
    await act(governance.address, "setLimits", 0, { ...LIMITS, maxMaintenanceBps: 1_900, maxInitialBps: 2_200 });
    assert.deepEqual(await found(), [], "initial is at its tight bound: a batch of the same numbers is taken");
    await act(governance.address, "setLimits", 0, { ...LIMITS, minInitialBps: 3_000, minMaintenanceBps: 2_000 });
    assert.deepEqual(await found(), [], "initial is below its loose bound: the least step reaches it");
  });

  it("says what the contract says: the key is halted, or has no power", async () => {
    const { guardian, governance, keeper } = world.accounts;
    await act(guardian.address, "haltWriter", keeper.address);
    assert.match((await found()).join(), /^chain: WriterIsHalted: a guardian has halted 0x7099\w+ until \d+$/);
    await act(governance.address, "admit", accountSetting(keeper.address, "NONE"));
    assert.match((await found()).join(), /^chain: NotAllowed: 0x7099\w+ has no power to do this$/);
  });

  it("names ether that does not pay for one batch at its full price, budgets, and the cap", async () => {
    const { address } = world.accounts.keeper;
    await world.node.setBalance({ address, value: 1n });
    assert.match((await found()).join(), /^balance: too little ether on 0x7099\w+, wei; given 1; expected >= \d+/);
    await world.node.setBalance({ address, value: parseEther("1") });
    assert.deepEqual(await found(), []);
    const spent = { ...contextOf().fees, budget: { perHour: 1n, perDay: 1n } };
    assert.match((await found({ ...contextOf(), fees: spent })).join(), /^fees: fees of this hour would exceed/);
    const capped = { maxFeePerGas: 1n, maxPriorityFeePerGas: 1n };
    assert.match((await found({ ...contextOf(), fees: capped })).join(), /^fees: the network asks more than the cap/);
  });

  it("names a nonce that the node contradicts itself about, and a pool that holds what is not ours", async () => {
    const context = contextOf();
    const { broadcaster } = context;
    const lying = { ...broadcaster, nonce: async (_: Hex, at: unknown) => (typeof at === "bigint" ? 0 : 1_000_000) };
    assert.match((await found({ ...context, broadcaster: lying })).join(), /^nonce: the node's next nonce does not/);
    const busy = { ...broadcaster, nonce: async (_: Hex, at: unknown) => (at === "pending" ? 1 : 0) };
    assert.match((await found({ ...context, broadcaster: busy })).join(), /^nonce: the pool holds transactions/);
  });

  it("holds for the batch that would take the place of what waits for a block", async () => {
    await world.node.setAutomine(false);
    try {
      const journal = journalFor(world.contract);
      const context = { ...limited(contextOf(), { receiptTimeoutSeconds: 0 }), journal };
      const sent = await submitBatch(submissionFor(journal, world.contract, 1), context);
      assert.equal(sent.status, "SENT");
      assert.deepEqual(await found(context), []);
    } finally {
      await world.node.setAutomine(true);
    }
  });

  it("names a folder of evidence that cannot be written", async () => {
    const folder = join(temporaryFolder(), "evidence");
    writeFileSync(folder, "");
    assert.match((await found(contextOf(), partsOf(folder))).join(), /^evidence: .*evidence .*E(EXIST|NOTDIR)/);
  });

  it("signs what no block can hold, and names what the signer does wrong", async () => {
    const { account } = contextOf();
    const key = account as Parameters<typeof web3signer>[0][number];
    const signed: Asked[] = [];
    const note = (asked: Asked) => {
      signed.push(asked);
      return asked;
    };
    const by = async (conduct: Parameters<typeof web3signer>[1]) => {
      const server = await web3signer([key], conduct);
      const said = await found({ ...contextOf(), account: remoteSigner({ url: server.url, address: key.address }) });
      await server.close();
      return said.join();
    };
    assert.equal(await by({ alter: note }), "");
    assert.deepEqual([signed[0]?.gas, signed[0]?.nonce, signed[0]?.maxFeePerGas], ["0x0", "0x0", "0x1"]);
    assert.match(await by({ alter: (asked) => ({ ...asked, gas: "0x5208" }) }), /^signer: SIGNER_ALTERS: .* in gas$/);
    assert.match(await by({ answer: () => "0x" }), /^signer: SIGNER_UNREADABLE/);
    const gone = remoteSigner({ url: await deadAddress(), address: key.address });
    assert.deepEqual(await found({ ...contextOf(), account: gone }), ["signer: SIGNER_SILENT: ECONNREFUSED"]);
    const raw = await key.signTransaction({
      chainId: 31_337,
      nonce: 9,
      to: world.contract,
      gas: 0n,
      maxFeePerGas: 10n ** 11n,
    });
    assert.equal(parseTransaction(raw).gas, undefined);
    await assert.rejects(world.client.sendRawTransaction({ serializedTransaction: raw }), /intrinsic gas|gas/i);
  });

  it("names markets without a usable price or depth, a keeper without a key, and a node that is gone: all at once", async () => {
    const dark = await looked({ ...CALM, decision: { ...CALM.decision, reasons: ["NO_DATA"] } });
    assert.deepEqual(await found(null, partsOf(), dark), [
      "source: WETH has no usable price or depth, WETH has no usable price or depth",
      "signer: no key: nothing can be sent",
    ]);
    const none = { ...dark, entries: [], failures: [{ market: "WETH", error: "no block" }] };
    assert.deepEqual(await found(contextOf(), partsOf(), none), ["source: WETH: no block"]);
    const gone = { ...partsOf(), simulate: () => Promise.reject(new TypeError("a defect")) };
    assert.deepEqual(await found(contextOf(), gone), ["chain: TypeError: a defect"]);
    const context = contextFor(journalFor(world.contract), await deadAddress(), world.accounts.keeper.privateKey);
    assert.ok((await found(context)).every((one) => /^chain: .*ECONNREFUSED/.test(one)));
  });
});
