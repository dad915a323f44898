import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Abi, createPublicClient, getAddress, http, keccak256, type PublicClient, toHex } from "viem";
import { COLLATERAL_PARAMETERS_ABI } from "../../keeper/protocols/abi.ts";
import { batchArguments } from "../../keeper/protocols/collateralParameters.ts";
import { MAINNET_ADDRESSES as AT, POOLS, type PoolName } from "../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { replicaClient } from "../../scripts/lab/replica/node.ts";
import { type Replica, startReplica } from "../../scripts/lab/replica/startReplica.ts";
import { uniswapArtifacts } from "../../scripts/lab/replica/uniswap.ts";
import { entriesOf } from "../support/entries.ts";
import { createParameters } from "../support/parameters.ts";
import { type ForkNetwork, type ForkSource, forkNetwork, mainnetSource, PINNED_BLOCK } from "./forkNetwork.ts";

const uniswap = uniswapArtifacts();
const mock = ownArtifact("test/mocks/MockERC20");
const [deployer, governance, keeper, guardian] = [
  "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
  "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
  "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
] as const;

test("Mainnet is forked when MAINNET_RPC_URL names an endpoint, at the pinned block, else not.", () => {
  assert.equal(mainnetSource({}), null);
  assert.equal(mainnetSource({ MAINNET_RPC_URL: "" }), null);
  const source = mainnetSource({ MAINNET_RPC_URL: "http://127.0.0.1:1" });
  assert.deepEqual(source, { name: "mainnet", url: "http://127.0.0.1:1", chainId: 1, blockNumber: PINNED_BLOCK });
});

test("An endpoint of another chain is refused: a replica is not taken for mainnet.", async () => {
  const replica = await startReplica({ seedFrom: null });
  const source = { name: "mainnet", url: replica.url, chainId: 1, blockNumber: 1n };
  await assert.rejects(forkNetwork(source), { code: "WRONG_CHAIN", message: /given 31337; expected 1/ });
  await replica.close();
});

test("A source that does not answer is an error, not an empty chain.", async () => {
  const source = { name: "nothing", url: "http://127.0.0.1:9", chainId: 1, blockNumber: 1n };
  await assert.rejects(forkNetwork(source), { name: "TonsorError", code: "RPC_FAILED", message: /nothing cannot/ });
});

describe("A fork of the replica", () => {
  let replica: Replica;
  behavesLikeAFork(
    async () => {
      replica = await startReplica();
      const blockNumber = await createPublicClient({ transport: http(replica.url) }).getBlockNumber();
      return { name: "replica", url: replica.url, chainId: replica.chainId, blockNumber };
    },
    async () => await replica.close(),
  );
});

describe("A replica with mainnet's chain id and height, forked as MAINNET_RPC_URL is", () => {
  let replica: Replica;
  behavesLikeAFork(
    async () => {
      const firstBlock = Number(PINNED_BLOCK) - 200;
      replica = await startReplica({ chainId: 1, firstBlock, timestamp: 1_770_422_400 });
      const node = replicaClient(replica.url, 1);
      await node.mine({ blocks: Number(PINNED_BLOCK - (await node.getBlockNumber())) + 5 });
      const source = mainnetSource({ MAINNET_RPC_URL: replica.url });
      assert.ok(source);
      return source;
    },
    async () => await replica.close(),
  );
});

const mainnet = mainnetSource(process.env);
const skip = mainnet === null ? "MAINNET_RPC_URL is not set: the replica stands in for mainnet" : false;
describe("A fork of mainnet", { skip }, () => {
  if (mainnet !== null)
    behavesLikeAFork(
      async () => mainnet,
      async () => {},
    );
});

/** Everything a fork must do, wherever it comes from. Reads of the source are at the forked block. */
function behavesLikeAFork(open: () => Promise<ForkSource>, close: () => Promise<void>): void {
  let fork: ForkNetwork;
  let source: PublicClient;
  before(async () => {
    const from = await open();
    source = createPublicClient({ transport: http(from.url, { batch: true }) });
    fork = await forkNetwork(from);
  });
  after(async () => {
    await fork?.close();
    await close();
  });

  const pool = (name: PoolName, functionName: string, args: readonly unknown[] = []) => ({
    address: AT.pools[name],
    abi: uniswap.pool.abi,
    functionName,
    args,
  });
  const atSource = (call: ReturnType<typeof pool>) =>
    source.readContract({ ...call, blockNumber: fork.source.blockNumber });
  const onFork = (call: ReturnType<typeof pool>) => fork.client.readContract(call);

  for (const name of Object.keys(POOLS) as PoolName[]) {
    test(`${name}: price, liquidity and the ticks around the price read the same.`, async () => {
      const { tickSpacing } = POOLS[name];
      const slot0 = (await atSource(pool(name, "slot0"))) as [bigint, number];
      const here = Math.floor(slot0[1] / tickSpacing / 256);
      const calls = [pool(name, "slot0"), pool(name, "liquidity"), pool(name, "fee"), pool(name, "token0")];
      for (const word of [here - 1, here, here + 1]) {
        calls.push(pool(name, "tickBitmap", [word]));
        const { tickLens } = uniswap;
        const args = [AT.pools[name], word];
        calls.push({ address: AT.tickLens, abi: tickLens.abi, functionName: "getPopulatedTicksInWord", args } as never);
      }
      for (const call of calls) assert.deepEqual(await onFork(call), await atSource(call), call.functionName);
    });

    test(`${name}: QuoterV2 quotes the same for any size, either way.`, async () => {
      const { token0, token1, feePips } = POOLS[name];
      for (const [tokenIn, tokenOut, one] of [
        [token0, token1, 10n ** 6n],
        [token1, token0, 10n ** 18n],
      ] as const) {
        for (const amountIn of [one, 100n * one, 2_000n * one]) {
          const swap = {
            tokenIn: AT.tokens[tokenIn],
            tokenOut: AT.tokens[tokenOut],
            fee: feePips,
            amountIn,
            sqrtPriceLimitX96: 0n,
          };
          const call = {
            address: AT.quoterV2,
            abi: uniswap.quoterV2.abi,
            functionName: "quoteExactInputSingle",
            args: [swap],
          };
          const [expected, given] = await Promise.all([
            source.simulateContract({ ...call, blockNumber: fork.source.blockNumber }),
            fork.client.simulateContract(call),
          ]);
          assert.deepEqual((given.result as bigint[]).slice(0, 3), (expected.result as bigint[]).slice(0, 3));
        }
      }
    });
  }

  test("A swap moves the fork and does not touch its source.", async () => {
    const name = "USDC/WETH-0.05%";
    const before = (await onFork(pool(name, "slot0"))) as [bigint];
    const seller = await holderOfWeth();
    const amountIn = 100n * 10n ** 18n;
    await sendAs(seller, AT.tokens.WETH, mock.abi, "approve", [AT.router, amountIn]);
    const swap = {
      tokenIn: AT.tokens.WETH,
      tokenOut: AT.tokens.USDC,
      fee: 500,
      recipient: seller,
      deadline: 2n ** 40n,
      amountIn,
      amountOutMinimum: 0n,
      sqrtPriceLimitX96: 0n,
    };
    await sendAs(seller, AT.router, uniswap.router.abi, "exactInputSingle", [swap]);
    assert.ok(((await onFork(pool(name, "slot0"))) as [bigint])[0] > before[0], "WETH became cheaper on the fork");
    assert.equal(((await atSource(pool(name, "slot0"))) as [bigint])[0], before[0]);
    // On a chain of our own, nothing else trades: its newest block must read the same too.
    const now = (await source.readContract(pool(name, "slot0"))) as [bigint];
    if (fork.source.url.startsWith("http://127.0.0.1:")) assert.equal(now[0], before[0]);
  });

  test("Our contract deploys on the fork against the real token, and the keeper's update lands.", async () => {
    const create = async (data: `0x${string}`) => {
      const hash = await fork.client.sendTransaction({ account: deployer, data } as never);
      const { contractAddress } = await fork.client.waitForTransactionReceipt({ hash });
      assert.ok(contractAddress);
      return getAddress(contractAddress);
    };
    const address = await createParameters(create, { governance, keeper, guardian }, { WETH: AT.tokens.WETH });
    const { timestamp } = await fork.client.getBlock();
    const asOf = Number(timestamp);
    const entries = entriesOf([{ marketId: 1, initialBps: 3_000, maintenanceTargetBps: 2_500, asOf }]);
    const evidence = keccak256(toHex("evidence"));
    const args = batchArguments({ sequence: 1n, deadline: asOf + 3_600, modelVersion: 1, evidence, entries });
    await sendAs(keeper, address, COLLATERAL_PARAMETERS_ABI, "publishBatch", args);
    const read = { address, abi: COLLATERAL_PARAMETERS_ABI, functionName: "haircuts", args: [1] };
    const haircuts = (await fork.client.readContract(read as never)) as { initialBps: number; maintenanceBps: number };
    assert.equal(haircuts.initialBps, 3_000, "tightening reaches new risk at once");
    assert.ok(haircuts.maintenanceBps <= 1_901, "and open positions only at its speed");
    const limit = { address, abi: COLLATERAL_PARAMETERS_ABI, functionName: "exposureLimit", args: [1] };
    assert.deepEqual(await fork.client.readContract(limit as never), [12_000n, true]);
  });

  /** The other pool holds WETH on any chain; on a fork it can be spoken for. */
  async function holderOfWeth(): Promise<`0x${string}`> {
    const address = AT.pools["WBTC/WETH-0.3%"];
    await fork.client.impersonateAccount({ address });
    await fork.client.setBalance({ address, value: 10n ** 18n });
    return address;
  }

  async function sendAs(
    account: `0x${string}`,
    address: `0x${string}`,
    abi: Abi,
    functionName: string,
    args: readonly unknown[],
  ) {
    await fork.client.impersonateAccount({ address: account });
    const hash = await fork.client.writeContract({ account, address, abi, functionName, args } as never);
    const receipt = await fork.client.waitForTransactionReceipt({ hash });
    assert.equal(receipt.status, "success", functionName);
  }
}
