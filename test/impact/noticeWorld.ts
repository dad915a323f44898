import assert from "node:assert/strict";
import { encodeAbiParameters, encodeFunctionData, type Hex, maxUint256, parseAbi } from "viem";
import { HOUR_SECONDS } from "../../keeper/domain/calendar.ts";
import { openLenders } from "../../keeper/impact/lenders/lenders.ts";
import { noticeBoard } from "../../keeper/impact/notice/board.ts";
import { openRpc } from "../../keeper/io/rpc.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { lenderReader } from "../../keeper/protocols/lenderReader.ts";
import { chainReader } from "../../keeper/protocols/readMarkets.ts";
import { aaveAbi } from "../../scripts/lab/lenders/aave.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { transact, write } from "../../scripts/lab/replica/node.ts";
import { uniforms } from "../../scripts/lab/validation/statistics/random.ts";
import { CHAIN_ID, journalFor } from "../submission/submissionWorld.ts";
import { hands, type LenderWorld, lenderWorld } from "../submission/syncWorld.ts";
import { SHIPPED } from "../support/shipped.ts";

/** As long as data may stay fresh at all: nothing need be written while a ramp of 50 bp a day runs. */
const TTL_HOURS = 63;
/** A call can be in the second after the block that was read, not in its own. */
const NEXT_BLOCK = 1;
const [GAP_BPS, INITIAL_BPS, TARGET_BPS] = [1_500, 3_700, 2_150] as const;

/** How the agent may step, and how far below the threshold the pool lends when it begins. */
type Settings = {
  readonly seed: number;
  readonly stepBps: number;
  readonly stepSeconds: number;
  readonly roomBps: number;
};

/** As contracts/adapters/README.md has it; what was lent before stands nearer to the threshold than what may be lent now. */
export const USUAL: Settings = { seed: 234, stepBps: 25, stepSeconds: 4 * HOUR_SECONDS, roomBps: 2_000 };

/** A borrower, and what it was told. */
export type Told = { readonly account: Hex; readonly collateral: readonly Hex[]; readonly at: number | null };

/** What came of every borrower that was told a minute, and of those to whom none of the next days' was. */
export type Outcome = {
  readonly due: number;
  readonly minutes: number;
  readonly never: number;
  readonly states: number;
};

/**
 * Opens loans of all kinds at a real Aave v3.6, lets each be told when it becomes liquidatable, and holds that against the pool's own
 * `liquidationCall` from both sides: a second before, whatever anybody has called, it is refused for the health factor; in the
 * minute it succeeds after calls of the agent that are anybody's.
 */
export async function checkNotice(borrowers: number, settings: Settings = USUAL): Promise<Outcome> {
  const { stepBps, stepSeconds } = settings;
  const world = await lenderWorld({
    limits: { minGapBps: GAP_BPS, tightenSpeedBpsPer30Days: GAP_BPS, ttlHours: TTL_HOURS },
    agent: {
      ...{ maxThresholdStepBps: stepBps, stepSeconds, minGapBps: GAP_BPS, maxAgeSeconds: TTL_HOURS * HOUR_SECONDS },
    },
    initialBps: INITIAL_BPS,
    // One agrees with the contract and follows its ramp, one is a point behind and walks by steps.
    collateral: { WETH: { ltvBps: 8_090, thresholdBps: 8_100 }, WBTC: { ltvBps: 8_190, thresholdBps: 8_200 } },
  });
  try {
    const accounts = await openLoans(world, borrowers, settings);
    await hands(world).batch(INITIAL_BPS, TARGET_BPS);
    const { told, since, states } = await toldTo(world, accounts);
    return { ...(await holdAgainstPool(world, told, since, stepSeconds)), states };
  } finally {
    await world.anvil.close();
  }
}

async function openLoans(
  world: LenderWorld,
  borrowers: number,
  { seed, roomBps }: Settings,
): Promise<readonly Omit<Told, "at">[]> {
  const { node, accounts, aave, tokens, usdc } = world;
  const { configurator } = hands(world);
  const [holder, liquidator] = [accounts.guardian.address, accounts.deployer.address];
  const erc20 = ownArtifact("test/mocks/MockERC20").abi;
  const pool = (from: Hex, name: string, ...args: readonly unknown[]) =>
    write(node, from, aave.pool, aaveAbi("PoolInstance"), name, args);
  // Told is what holds at present balances: no interest.
  const none = encodeAbiParameters(
    ["uint16", "uint32", "uint32", "uint32"].map((type) => ({ type })),
    [9_200, 0, 0, 0],
  );
  await configurator("setReserveInterestRateData", usdc, none);
  await configurator("setEModeCategory", 1, 9_290, 9_300, 10_100, "ether");
  await configurator("setAssetCollateralInEMode", tokens.WETH, 1, true);
  await configurator("setAssetBorrowableInEMode", usdc, 1, true);
  for (const [owner, token] of [
    [holder, tokens.WETH],
    [holder, tokens.WBTC],
    [holder, usdc],
    [liquidator, usdc],
  ] as const) {
    await write(node, owner, token, erc20, "mint", [owner, 10n ** 27n]);
    await write(node, owner, token, erc20, "approve", [aave.pool, maxUint256]);
  }
  await pool(holder, "supply", usdc, 10n ** 15n, holder, 0);
  await node.request({ method: "anvil_autoImpersonateAccount", params: [true] } as never);
  // No block is later than it is told to be, however long the machine takes.
  await node.setBlockTimestampInterval({ interval: 1 });
  const random = uniforms(seed);
  const opened: Omit<Told, "at">[] = [];
  for (let i = 0; i < borrowers; i++) {
    const account: Hex = `0x${(0x10_0000 + i).toString(16).padStart(40, "0")}`;
    await node.setBalance({ address: account, value: 10n ** 18n });
    if (i % 5 === 4) await pool(account, "setUserEMode", 1);
    const dollars = () => Math.round(10 ** (2.5 + 4 * random()));
    if (i % 3 !== 1) await pool(holder, "supply", tokens.WETH, BigInt(dollars()) * (10n ** 18n / 2_000n), account, 0);
    if (i % 3 !== 0) await pool(holder, "supply", tokens.WBTC, BigInt(dollars()) * (10n ** 8n / 2_000n), account, 0);
    const [, , may = 0n] = (await node.readContract({
      address: aave.pool,
      abi: aaveAbi("PoolInstance"),
      functionName: "getUserAccountData",
      args: [account],
    })) as readonly bigint[];
    const amount = (may * BigInt(Math.floor(98_200 + 1_790 * random()))) / 10_000_000n;
    await pool(account, "borrow", usdc, amount, 2, 0, account);
    const has = [i % 3 !== 1 ? [tokens.WETH] : [], i % 3 !== 0 ? [tokens.WBTC] : []].flat();
    opened.push({ account, collateral: has });
  }
  // From here on nothing is lent so high; where there is room for a step the agent may take it at once.
  for (const [token, threshold] of [
    [tokens.WETH, 8_100],
    [tokens.WBTC, 8_200],
  ] as const) {
    await configurator("configureReserveAsCollateral", token, threshold - roomBps, threshold, 10_500);
  }
  return opened;
}

/** What the board says to each, the chain read as a keeper reads it. */
async function toldTo(world: LenderWorld, accounts: readonly Omit<Told, "at">[]) {
  const { anvil, record: deployment, keeper } = world;
  const client = chainClient({ chainId: CHAIN_ID, rpc: anvil.url });
  const rpc = openRpc({ url: anvil.url, chainId: CHAIN_ID });
  const writer = world.accounts.keeper.address;
  assert.equal(writer, keeper.address);
  const chain = chainReader({ rpc, deployment, writer, pending: () => new Map() });
  const markets = SHIPPED.map(({ parameters }) => parameters).filter(({ name }) => chain.has(name));
  const block = await rpc.block("latest");
  const board = noticeBoard();
  const lenders = await lenderReader({ rpc, deployment })(block.number);
  board.looked({ chain: await chain.read(markets, block), lenders } as unknown as Parameters<typeof board.looked>[0]);
  const ask = client.request as unknown as Parameters<typeof openLenders>[0]["ask"];
  const store = journalFor(deployment.contract.address);
  const seen = await board.reading(openLenders({ deployment, rpc, ask, store }))?.(block);
  assert.deepEqual(
    seen?.states.map(({ fault, borrowers }) => [fault, borrowers]),
    [[null, accounts.length]],
  );
  const states = new Set<string>();
  const told = accounts.map((one): Told => {
    const [own] = board.of(one.account)?.lenders ?? assert.fail();
    states.add(own?.state ?? "");
    return { ...one, at: own?.liquidatableAt ?? null };
  });
  assert.ok(!states.has("LIQUIDATABLE") && !states.has("UNKNOWN"), [...states].join(" "));
  return { told, since: block.timestamp, states: states.size };
}

async function holdAgainstPool(world: LenderWorld, told: readonly Told[], since: number, stepSeconds: number) {
  const { node } = world;
  const from = since + NEXT_BLOCK;
  const horizon = since + (TTL_HOURS - 1) * HOUR_SECONDS;
  const isSoon = ({ at }: Told) => at !== null && at < horizon;
  const byTime = Map.groupBy(told.filter(isSoon), ({ at }) => at as number);
  let id = await node.snapshot();
  /** The chain at a time, the agent called by anybody at these others before. */
  const driven = async (times: readonly number[], end: number) => {
    await node.revert({ id });
    id = await node.snapshot();
    for (const time of times) await callAgent(world, time);
    // Told the very block that was read: before it there is only that.
    if ((times.at(-1) ?? 0) < end && end >= from) {
      await node.setNextBlockTimestamp({ timestamp: BigInt(end) });
      await node.mine({ blocks: 1 });
    }
  };
  const backward = (end: number) => {
    const count = Math.floor((end - from) / stepSeconds);
    return Array.from({ length: count + 1 }, (_, i) => end - (count - i) * stepSeconds).filter((time) => time >= from);
  };
  const forward = (end: number) => {
    return Array.from({ length: 1 + Math.floor((end - from) / stepSeconds) }, (_, i) => from + i * stepSeconds);
  };
  for (const [at, own] of byTime) {
    for (const calls of [backward(at - 1), forward(at - 1)]) {
      await driven(calls, at - 1);
      for (const one of own) assert.equal(await possible(world, one), HEALTHY, `${one.account}, a second before`);
    }
    const first = at + NEXT_BLOCK;
    await driven(backward(first), first);
    for (const one of own) {
      const call = await possible(world, one);
      if (typeof call === "string") assert.fail(`${one.account}, told ${at - since} s after: ${call}`);
      await write(node, call.account, call.address, call.abi, call.functionName, call.args);
    }
  }
  const others = told.filter((one) => !isSoon(one));
  await driven(backward(horizon), horizon);
  for (const one of others) assert.equal(await possible(world, one), HEALTHY, `${one.account}, never told`);
  return { due: told.length - others.length, minutes: byTime.size, never: others.length };
}

/** What Aave says to a liquidation of an account with a health factor of 1 or more. */
const HEALTHY = "HealthFactorNotBelowThreshold";
const ERRORS = parseAbi(["error HealthFactorNotBelowThreshold()", "error MustNotLeaveDust()"]);
const TEN_DOLLARS = 10_000_000n;

/** All of the debt or a little of it, for either collateral that it has: of a small one the pool lets nobody leave a rest. */
function liquidations({ accounts, aave, usdc }: LenderWorld, { account, collateral }: Told) {
  const abi = [...aaveAbi("PoolInstance"), ...ERRORS];
  return collateral.flatMap((token) =>
    [maxUint256, TEN_DOLLARS].map((most) => {
      const args = [token, usdc, account, most, false] as const;
      return { account: accounts.deployer.address, address: aave.pool, abi, functionName: "liquidationCall", args };
    }),
  );
}

/** A liquidation that is possible now; else why none is, by the names of Aave's errors. */
async function possible(world: LenderWorld, one: Told) {
  const said = new Set<string>();
  for (const call of liquidations(world, one)) {
    const words = await world.node.simulateContract(call).then(
      () => null,
      (error: Error) => /HealthFactor\w+|MustNot\w+|0x[0-9a-f]{8}/.exec(error.message)?.[0] ?? error.message,
    );
    if (words === null) return call;
    said.add(words);
  }
  return [...said].join(" ");
}

/** Anybody brings both reserves up, in a block of this time. */
async function callAgent({ node, accounts, agent, tokens }: LenderWorld, time: number): Promise<void> {
  const { abi } = ownArtifact("contracts/adapters/AaveV3Agent");
  const sync = (token: Hex) => encodeFunctionData({ abi, functionName: "sync", args: [token] });
  const args = [[sync(tokens.WETH), sync(tokens.WBTC)]];
  await node.setNextBlockTimestamp({ timestamp: BigInt(time) });
  const data = encodeFunctionData({ abi, functionName: "multicall", args });
  await transact(node, { from: accounts.guardian.address, to: agent, data });
}
