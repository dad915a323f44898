import assert from "node:assert/strict";
import { encodeFunctionData, type Hex, zeroAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { openRpc } from "../../keeper/io/rpc.ts";
import { listingValues, USD } from "../../keeper/markets/limits.ts";
import { marketNamed } from "../../keeper/markets/marketFiles.ts";
import { challengeMarkets } from "../../keeper/operations/challengeLoop.ts";
import type { ChallengeLook } from "../../keeper/operations/challenging.ts";
import type { Context } from "../../keeper/operations/context.ts";
import { encodeBatch } from "../../keeper/protocols/collateralParameters.ts";
import { readMarkets } from "../../keeper/protocols/readMarkets.ts";
import { parseConfigFile } from "../../keeper/runtime/configFile.ts";
import { replicaAccounts } from "../../scripts/lab/replica/accounts.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { type replicaClient, transact } from "../../scripts/lab/replica/node.ts";
import { entriesOf } from "./entries.ts";
import { accountSetting, createOwn, createParameters, creator } from "./parameters.ts";
import { SHIPPED } from "./shipped.ts";

export const CHAIN_ID = 31_337;
const HOUR = 3_600;
const { deployer, keeper, guardian, trader, governance } = replicaAccounts();

/** What differs from a watcher on a sound node: its key, the record, seconds that a transaction may wait, the configuration. */
export type Change = {
  readonly key?: Hex | null;
  readonly record?: object;
  readonly timeout?: number;
  readonly moved?: boolean;
  readonly more?: object;
};

export const rowsOf = ({ challenged }: ChallengeLook) =>
  challenged.map(({ market, proof, outcome }) => `${market} ${proof} ${outcome}`);

/** The real contract with two markets, and its Challenge, admitted, which compares the feeds of the first; and a watcher of them. */
export async function watcherWorld(node: ReturnType<typeof replicaClient>, url: string, dailyLimit = 2) {
  const call = (to: Hex, path: string, functionName: string, args: readonly unknown[], from = deployer.address) =>
    transact(node, { from, to, data: encodeFunctionData({ abi: ownArtifact(path).abi, functionName, args }) });
  const price = (feed: Hex, dollars: number) =>
    call(feed, "test/mocks/MockPriceFeed", "setAnswer", [BigInt(dollars * 1e8)]);
  const create = creator(node, deployer.address);
  const token = (name: string) => createOwn(create, "test/mocks/MockERC20", [name, name, 18]);
  const parties = { governance: deployer.address, keeper: keeper.address, guardian: guardian.address };
  const contract = await createParameters(create, parties, { WETH: await token("WETH"), WBTC: await token("WBTC") });
  const gateway = await createOwn(create, "contracts/gateways/Challenge", [contract, deployer.address, dailyLimit]);
  const admit = (power: "CHALLENGER" | "NONE") =>
    call(contract, "contracts/parameters/Parameters", "admit", [accountSetting(gateway, power)]);
  await admit("CHALLENGER");
  const feed = () => createOwn(create, "test/mocks/MockPriceFeed", ["ETH / USD", 8]);
  const first = await feed();
  const second = await feed();
  await price(first, 2_000);
  await price(second, 2_000);
  const age = { firstMaxAge: 1_000 * HOUR, secondMaxAge: 1_000 * HOUR };
  const setFeeds = (marketId: number, feeds: object) =>
    call(gateway, "contracts/gateways/Challenge", "setFeeds", [marketId, { first, second, ...age, ...feeds }]);
  const compare = (marketId: number) => setFeeds(marketId, { maxDivergenceBps: 200, maxMoveBps: 0 });
  await compare(1);

  const contextOf = ({ key = trader.privateKey, record = {}, timeout = 5, more = {} }: Change = {}): Context => {
    const { settings } = parseConfigFile("", { transactions: { receiptTimeoutSeconds: timeout } });
    // The chain's time runs ahead of this machine's.
    const nodes = { rpcUrl: url, rpcUrls: [], rpcQuorum: 1, clock: "chain" };
    const page = { statusHost: "127.0.0.1", statusPort: 0 };
    const config = { ...settings, ...nodes, ...page, chainId: CHAIN_ID, tickSeconds: 0.01, deadmanUrl: null, ...more };
    const deployment = {
      contract: { address: contract },
      gateways: { challenge: { address: gateway }, quorum: null },
      timelock: { proposers: [], executors: [zeroAddress] },
      markets: ["WETH", "WBTC"].map((name, n) => ({ id: n + 1, name, classId: 0 })),
      ...record,
    };
    return {
      config: async () => config,
      deployment: async () => deployment,
      account: async () => (key === null ? null : privateKeyToAccount(key)),
      secrets: [],
    } as unknown as Context;
  };
  return {
    ...{ contract, gateway, call, create, admit, compare, setFeeds, contextOf },
    price: (dollars: number) => price(second, dollars),
    /** Has one feed of a market followed, as the shipped markets have it: a new one with these rounds, seconds from now and dollars. */
    async follow(
      marketId: number,
      maxMoveBps: number,
      rounds: readonly (readonly [seconds: number, dollars: number])[],
    ) {
      const own = await feed();
      const { timestamp } = await node.getBlock();
      for (const [seconds, dollars] of rounds) {
        const round = [BigInt(dollars * 1e8), timestamp + BigInt(seconds)];
        await call(own, "test/mocks/MockPriceFeed", "setAnswerAt", round);
      }
      await setFeeds(marketId, { first: own, second: zeroAddress, maxDivergenceBps: 0, maxMoveBps, secondMaxAge: 0 });
    },
    /** The keeper states the numbers of a market again, as of now. */
    async restate(marketId: number) {
      const rpc = openRpc({ url, chainId: CHAIN_ID });
      const block = await rpc.block("latest");
      const view = await readMarkets({ rpc, contract, block }, [marketId], keeper.address);
      const samples = view.markets.map(({ storedInitialBps: initialBps, maintenanceTargetBps, limit }) => {
        return {
          ...{ marketId, initialBps, maintenanceTargetBps, limit },
          asOf: block.timestamp - (block.timestamp % 60),
        };
      });
      const about = { sequence: BigInt(view.writer.sequence) + 1n, deadline: block.timestamp + 600, modelVersion: 1 };
      const data = encodeBatch({ ...about, evidence: `0x${"ee".repeat(32)}`, entries: entriesOf(samples) });
      await transact(node, { from: keeper.address, to: contract, data });
    },
    /** Lists a further market, which the record does not know. */
    async list() {
      const admitting = [accountSetting(governance.address, "LISTER")];
      await call(contract, "contracts/parameters/Parameters", "admit", admitting);
      const listing = {
        collateral: await token("LINK"),
        debt: USD,
        ...listingValues(marketNamed(SHIPPED, "WETH").listing),
      };
      await call(contract, "contracts/parameters/Parameters", "listMarket", [listing], governance.address);
    },
    /** So many looks of one watcher; an error is told by its message. */
    async looks(count: number, change: Change = {}): Promise<string[][]> {
      const stop = new AbortController();
      const said: string[][] = [];
      const onLook = (look: ChallengeLook | Error) => {
        said.push(look instanceof Error ? [look.message] : rowsOf(look));
        if (said.length === count) stop.abort();
      };
      const { moved = true } = change;
      const options = { once: false, moved, signal: stop.signal, onLook, onNote: () => undefined };
      await challengeMarkets(contextOf(change), {}, options);
      return said;
    },
    async once(change: Change = {}): Promise<ChallengeLook> {
      let seen: ChallengeLook | null = null;
      const signal = AbortSignal.timeout(30_000);
      const onLook = (look: unknown) => {
        seen = look as ChallengeLook;
      };
      const { moved = true } = change;
      await challengeMarkets(contextOf(change), {}, { once: true, moved, signal, onLook, onNote: () => undefined });
      assert.ok(seen !== null);
      return seen;
    },
    async modes() {
      const rpc = openRpc({ url, chainId: CHAIN_ID });
      const view = await readMarkets({ rpc, contract, block: await rpc.block("latest") }, [1, 2], trader.address);
      return view.markets.map(({ mode }) => mode);
    },
    async pass(seconds: number) {
      await node.increaseTime({ seconds });
      await node.mine({ blocks: 1 });
    },
    /** Transactions of the watcher's key in blocks. */
    sent: () => node.getTransactionCount({ address: trader.address }),
  };
}
