import { as, type CoreWorld, coreWorld, read, send } from "./coreWorld.ts";

export type ChallengeWorld = Awaited<ReturnType<typeof challengeWorld>>;
export const [STALE, DIVERGED, MOVED] = [0, 1, 2] as const;
export const DAILY_LIMIT = 3;
export const HOUR = 3_600;
const DOLLAR = 10n ** 8n;

/**
 * The contract with a Challenge, and market 1 with two feeds at 2 000 dollars: 8 and 18 decimals, an hour old at
 * most, 200 bp apart at most, moved by 500 bp at most. The challenger is a stranger.
 */
export async function challengeWorld(markets = 5) {
  const world = await coreWorld(markets);
  const { governance, stranger } = world.accounts;
  const core = await world.core.getAddress();
  const deployed = await world.own("Challenge", core, governance.address, DAILY_LIMIT);
  await world.admit(await deployed.getAddress(), "CHALLENGER");
  const powers = as(deployed, governance);
  const first = await world.own("MockPriceFeed", "ETH / USD", 8);
  const second = await world.own("MockPriceFeed", "ETH / USD again", 18);
  const feeds = {
    first: await first.getAddress(),
    second: await second.getAddress(),
    maxDivergenceBps: 200,
    maxMoveBps: 500,
    firstMaxAge: HOUR,
    secondMaxAge: HOUR,
  };
  /** Sets both feeds, in dollars and cents. */
  const price = async (dollars: number, other = dollars): Promise<void> => {
    await send(first, "setAnswer", BigInt(Math.round(dollars * 100)) * (DOLLAR / 100n));
    await send(second, "setAnswer", BigInt(Math.round(other * 100)) * 10n ** 16n);
  };
  await price(2_000);
  await send(powers, "setFeeds", 1, feeds);
  return {
    ...world,
    challenge: as(deployed, stranger),
    powers,
    first,
    second,
    feeds,
    price,
    dollars: (value: number) => BigInt(Math.round(value * 100)) * (DOLLAR / 100n),
    round: async (): Promise<bigint> => read(first, "latestRound"),
    /** Gives market 1 data of now, two minutes later; with another initial haircut its numbers change, too. */
    refresh: async (initialBps = 2_200): Promise<void> => {
      await world.pass(120);
      await renew(world, initialBps);
    },
    /** Waits until a closing has lapsed and the market is open again, with data of then. */
    reopen: async (seconds = 7 * HOUR): Promise<void> => {
      await world.pass(seconds);
      await renew(world);
    },
  };
}

async function renew(world: CoreWorld, initialBps = 2_200): Promise<void> {
  const { keeper } = world.accounts;
  const values = { initialBps, maintenanceTargetBps: 1_800 };
  const { head, evidence, entries } = await world.batch(keeper.address, values);
  await send(as(world.core, keeper), "publishBatch", head, evidence, entries);
}
