import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { encodeFunctionData, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { openRpc } from "../../keeper/io/rpc.ts";
import type { Context } from "../../keeper/operations/context.ts";
import { type FreezeRequest, freezeMarkets } from "../../keeper/operations/freezing.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { readMarkets } from "../../keeper/protocols/readMarkets.ts";
import { parseConfigFile } from "../../keeper/runtime/configFile.ts";
import { openBroadcaster } from "../../keeper/submission/broadcaster.ts";
import { feeLimits } from "../../keeper/submission/fees.ts";
import { type ClosingMode, modeCall, setModes } from "../../keeper/submission/setModes.ts";
import { createSafe } from "../../scripts/lab/lenders/safe.ts";
import { replicaAccounts } from "../../scripts/lab/replica/accounts.ts";
import { spawnAnvil } from "../../scripts/lab/replica/anvil.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { replicaClient, transact } from "../../scripts/lab/replica/node.ts";
import { accountSetting, createOwn, createParameters, creator } from "../support/parameters.ts";

const CHAIN_ID = 31_337;
const { deployer, keeper, guardian } = replicaAccounts();

describe("freezing on the real contract", () => {
  let anvil: Awaited<ReturnType<typeof spawnAnvil>>;
  let node: ReturnType<typeof replicaClient>;
  let contract: Hex;

  before(async () => {
    anvil = await spawnAnvil({ chainId: CHAIN_ID });
    node = replicaClient(anvil.url, CHAIN_ID);
  });
  after(() => anvil?.close());
  beforeEach(async () => {
    const create = creator(node, deployer.address);
    const token = (name: string) => createOwn(create, "test/mocks/MockERC20", [name, name, 18]);
    const parties = { governance: deployer.address, keeper: keeper.address, guardian: guardian.address };
    contract = await createParameters(create, parties, { WETH: await token("WETH"), WBTC: await token("WBTC") });
  });

  const contextOf = (key: Hex | null, receiptTimeoutSeconds = 5): Context => {
    const { settings } = parseConfigFile("", { transactions: { receiptTimeoutSeconds } });
    const markets = ["WETH", "WBTC"].map((name, n) => ({ id: n + 1, name }));
    const nodes = { rpcUrl: anvil.url, rpcUrls: [], rpcQuorum: 1, clock: "wall" };
    const config = { ...settings, ...nodes, chainId: CHAIN_ID };
    return {
      config: async () => config,
      deployment: async () => ({ contract: { address: contract }, markets }),
      account: async () => (key === null ? null : privateKeyToAccount(key)),
    } as unknown as Context;
  };
  const freeze = (key: Hex | null, request: Partial<FreezeRequest> = {}, seconds?: number) =>
    freezeMarkets(
      contextOf(key, seconds),
      { markets: [], mode: "FROZEN", nonce: null, safe: false, ...request },
      { signal: AbortSignal.timeout(30_000), onNote: () => undefined },
    );
  const modes = async () => {
    const rpc = openRpc({ url: anvil.url, chainId: CHAIN_ID });
    const view = await readMarkets({ rpc, contract, block: await rpc.block("latest") }, [1, 2], guardian.address);
    return view.markets.map(({ mode }) => mode);
  };
  const setMode = (from: Hex, marketId: number, mode: ClosingMode) =>
    transact(node, { from, to: contract, data: modeCall(marketId, mode) });
  const sent = (account: Hex) => node.getTransactionCount({ address: account });

  it("closes all markets by a guardian's key, and does not send what is done already", async () => {
    const { markets } = await freeze(guardian.privateKey);
    assert.deepEqual(
      markets.map(({ market, was, outcome }) => [market, was, outcome]),
      [
        ["WETH", "NORMAL", "SET"],
        ["WBTC", "NORMAL", "SET"],
      ],
    );
    assert.deepEqual(await modes(), ["FROZEN", "FROZEN"]);
    const before = await sent(guardian.address);
    for (const mode of ["FROZEN", "NO_NEW_RISK"] as const) {
      const again = await freeze(guardian.privateKey, { mode });
      assert.deepEqual(
        again.markets.map(({ outcome, hash }) => [outcome, hash]),
        [
          ["ALREADY", null],
          ["ALREADY", null],
        ],
      );
      for (const { detail } of again.markets) assert.match(detail ?? "", /^until \d{4}-\d{2}-\d{2}T\d{2}:00:00Z$/);
    }
    assert.equal(await sent(guardian.address), before);
  });

  it("closes one market, less strictly or more, and no other", async () => {
    await freeze(guardian.privateKey, { markets: ["WBTC"], mode: "NO_NEW_RISK" });
    assert.deepEqual(await modes(), ["NORMAL", "NO_NEW_RISK"]);
    const { markets } = await freeze(guardian.privateKey, { markets: ["WBTC", "WBTC"] });
    assert.equal(markets.length, 1);
    assert.deepEqual(await modes(), ["NORMAL", "FROZEN"]);
  });

  it("says whose key has no such power, with nothing sent", async () => {
    const before = await sent(keeper.address);
    const [row] = (await freeze(keeper.privateKey, { markets: ["WETH"] })).markets;
    assert.equal(row?.outcome, "REFUSED");
    assert.match(row?.detail ?? "", new RegExp(`^NotAllowed: ${keeper.address} has no power`));
    assert.equal(await sent(keeper.address), before);
    assert.deepEqual(await modes(), ["NORMAL", "NORMAL"]);
  });

  it("says what governance holds, and closes the others", async () => {
    await setMode(deployer.address, 1, "NO_NEW_RISK");
    const { markets } = await freeze(guardian.privateKey);
    const told = markets.map(({ market, outcome, detail }) => [market, outcome, detail]);
    const held = "HeldByGovernance: market 1 is NO_NEW_RISK until governance changes it";
    assert.deepEqual(told, [
      ["WETH", "REFUSED", held],
      ["WBTC", "SET", null],
    ]);
    assert.deepEqual(await modes(), ["NO_NEW_RISK", "FROZEN"]);
  });

  it("gives a real Safe that is guardian what it has to send, without a key, and only for what is open", async () => {
    await freeze(guardian.privateKey, { markets: ["WBTC"] });
    const locked = { ...contextOf(null), account: async () => Promise.reject(new Error("a key was opened")) };
    const request = { markets: [], mode: "FROZEN", nonce: null, safe: true } as const;
    const quiet = { signal: AbortSignal.timeout(30_000), onNote: () => undefined };
    const { markets, safe } = await freezeMarkets(locked, request, quiet);
    assert.equal(safe?.createdAt, Number((await node.getBlock()).timestamp) * 1_000);
    assert.deepEqual(
      markets.map(({ market, outcome }) => [market, outcome]),
      [
        ["WBTC", "ALREADY"],
        ["WETH", "FILE"],
      ],
    );
    assert.deepEqual([safe?.chainId, safe?.transactions.length, safe?.meta.description], ["31337", 1, "WETH: FROZEN"]);
    const signed = await createSafe(node, deployer.address, [guardian, keeper, deployer]);
    const { abi } = ownArtifact("contracts/parameters/Parameters");
    const args = [accountSetting(signed.address, "GUARDIAN")];
    const admit = encodeFunctionData({ abi, functionName: "admit", args });
    await transact(node, { from: deployer.address, to: contract, data: admit });
    for (const { to, data, value } of safe?.transactions ?? []) {
      await signed.execute({ to: to as Hex, data: data as Hex, value: BigInt(value) });
    }
    assert.deepEqual(await modes(), ["FROZEN", "FROZEN"]);
    const none = await freeze(null, { safe: true });
    assert.equal(none.safe, null, "a file of nothing is none");
  });

  it("says until when what cannot be closed again is so, and that governance's closing lasts", async () => {
    await setMode(deployer.address, 1, "FROZEN");
    await freeze(guardian.privateKey, { markets: ["WBTC"] });
    await node.increaseTime({ seconds: 73 * 3_600 });
    await node.mine({ blocks: 1 });
    const { markets } = await freeze(guardian.privateKey);
    assert.deepEqual(
      markets.map(({ market, was, outcome }) => [market, was, outcome]),
      [
        ["WETH", "FROZEN", "ALREADY"],
        ["WBTC", "NORMAL", "REFUSED"],
      ],
    );
    assert.equal(markets[0]?.detail, "until governance changes it");
    assert.match(markets[1]?.detail ?? "", /^GuardianCoolingDown: .* may again from \d{4}-/);
  });

  it("names what is missing: a key, a market, ether", async () => {
    await assert.rejects(freeze(null), { code: "BAD_CONFIG", message: /no key to sign with/ });
    const unknown = { code: "UNKNOWN_MARKET", message: /DOGE is not listed/ };
    await assert.rejects(freeze(guardian.privateKey, { markets: ["WETH", "DOGE"] }), unknown);
    const had = await node.getBalance({ address: guardian.address });
    await node.setBalance({ address: guardian.address, value: 1n });
    await assert.rejects(freeze(guardian.privateKey), { code: "TRANSACTION_REFUSED", message: /too little ether/ });
    await node.setBalance({ address: guardian.address, value: had });
    assert.deepEqual(await modes(), ["NORMAL", "NORMAL"]);
  });

  it("says what a node does not take, and what a block has that changed nothing", async () => {
    const client = chainClient({ chainId: CHAIN_ID, rpc: anvil.url });
    const { transactions, fees } = parseConfigFile("", {}).settings;
    const account = privateKeyToAccount(guardian.privateKey);
    const { gasMarginPercent, receiptTimeoutSeconds } = transactions;
    const parts = {
      ...{ client, contract, account, gasMarginPercent, receiptTimeoutSeconds, fees: feeLimits(fees) },
      ...{ broadcaster: openBroadcaster(client), clock: { now: () => 0, sleep: async () => undefined } },
    };
    const send = async () => Promise.reject(new Error("exceeds block gas limit"));
    const signal = AbortSignal.timeout(30_000);
    const one = { marketIds: [1], mode: "FROZEN", nonce: null } as const;
    const full = { ...parts, broadcaster: { ...parts.broadcaster, send } };
    const [refused] = await setModes(full, one, signal);
    assert.deepEqual([refused?.outcome, refused?.hash], ["REFUSED", null]);
    assert.match(
      refused?.detail ?? "",
      /^the node does not take it at nonce \d+ and \d+ wei per gas: INVALID: exceeds block gas limit/,
    );
    const receipt = async () => ({ success: false, blockNumber: 1n, blockHash: contract, feeWei: 1n });
    const late = { ...parts, broadcaster: { ...parts.broadcaster, send: async () => undefined, receipt } };
    const [reverted] = await setModes(late, one, signal);
    assert.deepEqual([reverted?.outcome, reverted?.hash?.length], ["REFUSED", 66]);
    assert.match(reverted?.detail ?? "", /it reverted/);
  });

  it("what no block has in time waits; at its nonce it takes its own place at a higher fee, and counts once", async () => {
    await node.setAutomine(false);
    try {
      const before = await sent(guardian.address);
      const first = (await freeze(guardian.privateKey, { markets: ["WETH"] }, 1)).markets[0];
      assert.deepEqual([first?.outcome, first?.hash?.length], ["WAITS", 66]);
      assert.match(first?.detail ?? "", new RegExp(`^no block had it within 1 s: with --nonce ${before} `));
      const again = freeze(guardian.privateKey, { markets: ["WETH"], nonce: before });
      for (let tries = 0; tries < 40; tries++) {
        await new Promise((done) => setTimeout(done, 50));
        const { pending } = (await node.getTxpoolContent()) as unknown as {
          pending: Record<string, Record<string, { hash: Hex }>>;
        };
        const [waiting] = Object.values(pending[guardian.address] ?? pending[guardian.address.toLowerCase()] ?? {});
        if (waiting !== undefined && waiting.hash !== first?.hash) break;
      }
      await node.mine({ blocks: 1 });
      const second = (await again).markets[0];
      assert.equal(second?.outcome, "SET");
      assert.notEqual(second?.hash, first?.hash);
      assert.equal(await sent(guardian.address), before + 1);
    } finally {
      await node.setAutomine(true);
    }
    assert.deepEqual(await modes(), ["FROZEN", "NORMAL"]);
  });
});
