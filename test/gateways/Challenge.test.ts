import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import {
  type ChallengeWorld,
  challengeWorld,
  DAILY_LIMIT,
  DIVERGED,
  HOUR,
  MOVED,
  STALE,
} from "./support/challengeWorld.ts";
import { as, FROZEN, NO_NEW_RISK, NORMAL, read, refuses, send, TTL } from "./support/coreWorld.ts";
import { restored } from "./support/restored.ts";

let world: ChallengeWorld;
const fresh = restored(async () => {
  const opened = await challengeWorld();
  await opened.refresh();
  await opened.price(2_000);
  return opened;
});
const challenge = (marketId: number, proof: number, round: bigint | number = 0) =>
  send(world.challenge, "challenge", marketId, proof, round);
const refusesChallenge = (marketId: number, proof: number, expected: string | RegExp, round: bigint | number = 0) =>
  refuses(world.challenge, ["challenge", marketId, proof, round], expected, [world.core.interface]);
const measured = async (proof: number, round: bigint | number = 0): Promise<bigint[]> => [
  ...(await read<bigint[]>(world.challenge, "measure", 1, proof, round)),
];

describe("Challenge", () => {
  beforeEach(async () => {
    world = await fresh();
  });

  describe("of a stale market", () => {
    it("closes it to new risk once its data is older than the ttl, whoever asks", async () => {
      await world.pass(TTL + 60);
      const receipt = await challenge(1, STALE);
      assert.equal(receipt.from, world.accounts.stranger.address);
      assert.equal(await world.modeOf(), NO_NEW_RISK);
      assert.equal(await world.initialOf(), 10_000n);
    });

    it("leaves maintenance where it is", async () => {
      await world.pass(TTL + 60);
      const maintenance = async () =>
        (await read<{ maintenanceBps: bigint }>(world.core, "haircuts(uint16)", 1)).maintenanceBps;
      const earlier = await maintenance();
      await challenge(1, STALE);
      assert.equal(await maintenance(), earlier);
    });

    it("is refused with age and ttl while the data is young", async () => {
      await refusesChallenge(1, STALE, /^NoProof\(1, 0, \d{1,3}, 21600\)$/);
      const { asOf } = await read<{ asOf: bigint }>(world.core, "haircuts(uint16)", 1);
      await world.pass(Number(asOf) + TTL - (await world.now()));
      await refusesChallenge(1, STALE, "NoProof(1, 0, 21600, 21600)");
      // The contract knows whole minutes.
      await world.pass(60);
      await challenge(1, STALE);
    });

    it("is refused while governance holds the values, which do not go stale", async () => {
      const until = (await world.now()) + 5 * 86_400;
      const { limit } = world.listing(world.weth);
      const values = { marketId: 1, initialBps: 2_300, maintenanceTargetBps: 1_800, limit, until };
      await send(world.core, "setManually", [values]);
      await world.pass(2 * TTL);
      await refusesChallenge(1, STALE, "NoProof(1, 0, 0, 21600)");
    });

    it("is refused for a market that was never listed", async () => {
      await refusesChallenge(77, STALE, "UnknownMarket(77)");
      await assert.rejects(read(world.challenge, "measure", 77, STALE, 0), /UnknownMarket|revert/);
    });
  });

  describe("of diverged feeds", () => {
    it("closes the market when they differ by more than the threshold, whichever is higher", async () => {
      for (const [a, b, given] of [
        [2_000, 2_041, 205n],
        [2_041, 2_000, 205n],
      ] as const) {
        world = await challengeWorld();
        await world.price(a, b);
        assert.deepEqual(await measured(DIVERGED), [given, 200n]);
        await challenge(1, DIVERGED);
        assert.equal(await world.modeOf(), NO_NEW_RISK);
      }
    });

    it("is refused at the threshold, with the distance in basis points of the lower price", async () => {
      await world.price(2_000, 2_040);
      await refusesChallenge(1, DIVERGED, "NoProof(1, 1, 200, 200)");
      await world.price(2_000);
      await refusesChallenge(1, DIVERGED, "NoProof(1, 1, 0, 200)");
    });

    it("takes a stale, zero, negative, enormous or future price of either feed for no proof", async () => {
      const now = await world.now();
      const wrong: [answer: bigint, at: number][] = [
        [world.dollars(3_000), now - HOUR - 60],
        [world.dollars(3_000), now + 10_000],
        [0n, now],
        [-1n, now],
        [2n ** 128n, now],
        [2n ** 255n - 1n, now],
        [-(2n ** 255n), now],
      ];
      for (const feed of [world.first, world.second]) {
        await world.price(2_000);
        for (const [answer, at] of wrong) {
          await send(feed, "setAnswerAt", answer, at);
          await refusesChallenge(1, DIVERGED, "NoProof(1, 1, 0, 200)");
        }
      }
      await send(world.first, "setAnswer", 2n ** 128n - 1n);
      await send(world.second, "setAnswer", 1n);
      const [distance] = await measured(DIVERGED);
      // 2^128 - 1 at 8 decimals against 1 at 18
      assert.equal(distance, ((2n ** 128n - 1n) * 10n ** 10n - 1n) * 10_000n, "neither of them overflows");
    });

    it("takes a feed that reverts, answers short, burns its gas or returns a bomb for no proof", async () => {
      const broken = await world.own("MockBrokenFeed");
      const meter = await world.own("GasMeter");
      const address = await world.challenge.getAddress();
      await send(world.powers, "setFeeds", 1, { ...world.feeds, first: await broken.getAddress() });
      const call = world.challenge.interface.encodeFunctionData("measure", [1, DIVERGED, 0]);
      for (const failure of [0, 1, 2, 3]) {
        await send(broken, "fail", failure);
        await refusesChallenge(1, DIVERGED, "NoProof(1, 1, 0, 200)");
        await refusesChallenge(1, MOVED, "NoProof(1, 2, 0, 500)", 1n);
        const [cold = 0n] = await read<bigint[]>(meter, "measure", address, call);
        assert.ok(cold < 250_000n, `failure ${failure} cost its reader ${cold} gas`);
      }
    });

    it("takes a feed that cannot be read for no proof even where any age will do", async () => {
      const broken = await world.own("MockBrokenFeed");
      const feeds = { ...world.feeds, first: await broken.getAddress(), firstMaxAge: 2 ** 32 - 1 };
      await send(world.powers, "setFeeds", 1, feeds);
      await refusesChallenge(1, DIVERGED, "NoProof(1, 1, 0, 200)");
    });

    it("reads the same feed again once it works", async () => {
      const broken = await world.own("MockBrokenFeed");
      await send(world.powers, "setFeeds", 1, { ...world.feeds, first: await broken.getAddress() });
      await send(broken, "fail", 4);
      assert.deepEqual(await measured(DIVERGED), [5_000n, 200n]);
    });

    it("is refused where governance has set no threshold", async () => {
      await refusesChallenge(2, DIVERGED, "ProofTurnedOff(2, 1)");
      await send(world.powers, "setFeeds", 1, { ...world.feeds, maxDivergenceBps: 0 });
      await refusesChallenge(1, DIVERGED, "ProofTurnedOff(1, 1)");
    });
  });

  describe("of a price that moved", () => {
    it("closes the market when the feed has moved since a round after the data", async () => {
      const round = await world.round();
      await world.pass(60);
      await world.price(1_900);
      assert.deepEqual(await measured(MOVED, round), [526n, 500n]);
      await challenge(1, MOVED, round);
      assert.equal(await world.modeOf(), NO_NEW_RISK);
    });

    it("counts the round that was current when the data was observed, once a later one follows", async () => {
      await world.pass(600);
      await world.refresh();
      const round = await world.round();
      // the feed's last price is from before the data: nothing has moved yet
      await refusesChallenge(1, MOVED, "NoProof(1, 2, 0, 500)", round);
      await world.pass(60);
      await world.price(2_110);
      assert.deepEqual(await measured(MOVED, round), [550n, 500n]);
      await challenge(1, MOVED, round);
    });

    it("refuses a round from before the numbers changed, however far the price was then", async () => {
      await world.price(3_000);
      await world.pass(600);
      await world.price(2_000);
      const old = (await world.round()) - 1n;
      await world.pass(600);
      await world.refresh(2_201);
      await world.pass(60);
      await world.price(2_001);
      await refusesChallenge(1, MOVED, "NoProof(1, 2, 0, 500)", old);
      await refusesChallenge(1, MOVED, "NoProof(1, 2, 5, 500)", old + 1n);
    });

    it("is not cleared by stating the same numbers as fresh, again and again", async () => {
      const calm = await world.round();
      await world.price(1_900);
      for (let restated = 0; restated < 5; restated += 1) await world.refresh();
      await world.price(1_900);
      assert.deepEqual(await measured(MOVED, calm), [526n, 500n]);
      await challenge(1, MOVED, calm);
      assert.equal(await world.modeOf(), NO_NEW_RISK);
    });

    it("counts from the data where that is older than the change of the numbers", async () => {
      const { keeper } = world.accounts;
      await world.pass(600);
      const asOf = await world.now();
      await world.pass(600);
      await world.price(1_900);
      await world.pass(120);
      const values = { initialBps: 2_201, maintenanceTargetBps: 1_800, asOf };
      const { head, evidence, entries } = await world.batch(keeper.address, values);
      await send(as(world.core, keeper), "publishBatch", head, evidence, entries);
      // The price of 2 000 was current at the data and the fall came after it.
      const round = (await world.round()) - 1n;
      assert.deepEqual(await measured(MOVED, round), [526n, 500n]);
    });

    it("refuses rounds that never were, and the last number there is", async () => {
      await world.price(1_000);
      for (const round of [0n, 999n, 2n ** 64n + 1n, 2n ** 80n - 1n]) {
        await refusesChallenge(1, MOVED, "NoProof(1, 2, 0, 500)", round);
      }
    });

    it("refuses the round before the first, and a round without a time, as the one current at the data", async () => {
      const young = await world.own("MockPriceFeed", "young", 8);
      await send(young, "setAnswer", world.dollars(2_000));
      await send(world.powers, "setFeeds", 1, { ...world.feeds, first: await young.getAddress() });
      await refusesChallenge(1, MOVED, "NoProof(1, 2, 0, 500)", 0n);

      const incomplete = await world.own("MockBrokenFeed");
      await send(incomplete, "fail", 4);
      await send(world.powers, "setFeeds", 1, { ...world.feeds, first: await incomplete.getAddress() });
      // round 1 says 1 000, round 2 and the latest 3 000, after the data
      await refusesChallenge(1, MOVED, "NoProof(1, 2, 0, 500)", 1n);
    });

    it("is refused at the threshold", async () => {
      const round = await world.round();
      await world.price(2_100);
      await refusesChallenge(1, MOVED, "NoProof(1, 2, 500, 500)", round);
    });

    it("takes a stale latest price for no proof", async () => {
      const round = await world.round();
      await world.price(1_000);
      await world.pass(HOUR + 60);
      await refusesChallenge(1, MOVED, "NoProof(1, 2, 0, 500)", round);
    });

    it("needs the first feed only", async () => {
      const feeds = { ...world.feeds, second: world.ethers.ZeroAddress, secondMaxAge: 0, maxDivergenceBps: 0 };
      await send(world.powers, "setFeeds", 1, feeds);
      const round = await world.round();
      await world.price(1_800);
      await challenge(1, MOVED, round);
    });
  });

  describe("cannot be used to hold markets closed", () => {
    it("closes a market for at most six hours, and not again for a day", async () => {
      await world.price(2_000, 2_100);
      await challenge(1, DIVERGED);
      const closed = await world.now();
      await world.reopen(6 * HOUR);
      assert.equal(await world.modeOf(), NORMAL);
      await world.price(2_000, 2_100);
      await refusesChallenge(1, DIVERGED, new RegExp(`^CoolingDown\\(1, \\d+, ${closed + 24 * HOUR}\\)$`));
      await world.pass(closed + 24 * HOUR - 1 - (await world.now()));
      await world.price(2_000, 2_100);
      await challenge(1, DIVERGED);
      assert.equal(await world.modeOf(), NO_NEW_RISK);
    });

    it("is refused on a market that is closed or frozen already, and uses nothing up", async () => {
      const guardian = as(world.core, world.accounts.guardian);
      await send(guardian, "setMode", 1, NO_NEW_RISK);
      await world.price(2_000, 2_100);
      await refusesChallenge(1, DIVERGED, "ModeNotSafer(1, 1, 1)");
      await send(guardian, "setMode", 1, FROZEN);
      await refusesChallenge(1, DIVERGED, "ModeNotSafer(1, 1, 2)");
      assert.equal(await read(world.challenge, "closedAt", 1), 0n);
    });

    it("cannot re-open or freeze: the power closes and no more", async () => {
      const challenger = world.accounts.others[0];
      if (!challenger) throw new Error("no account");
      await world.admit(challenger.address, "CHALLENGER");
      await refuses(as(world.core, challenger), ["setMode", 1, FROZEN], "ModeNotSafer(1, 2, 0)");
      await refuses(as(world.core, challenger), ["setMode", 1, NORMAL], "ModeNotSafer(1, 0, 0)");
    });

    it("closes no more than the daily limit in any 24 hours, over all markets", async () => {
      await world.pass(TTL + 60);
      const closings: number[] = [];
      for (let marketId = 1; marketId <= DAILY_LIMIT; marketId += 1) {
        await challenge(marketId, STALE);
        closings.push(await world.now());
        await world.pass(HOUR);
      }
      const free = (closings[0] ?? 0) + 24 * HOUR;
      await refusesChallenge(4, STALE, `DailyLimitReached(0, ${DAILY_LIMIT}, ${free})`);
      await world.pass(free - (await world.now()));
      await challenge(4, STALE);
      await refusesChallenge(5, STALE, `DailyLimitReached(0, ${DAILY_LIMIT}, ${(closings[1] ?? 0) + 24 * HOUR})`);
    });

    it("leaves the closings for diverged feeds free when stale markets have used up theirs", async () => {
      await world.pass(TTL + 60);
      for (let marketId = 2; marketId < 2 + DAILY_LIMIT; marketId += 1) await challenge(marketId, STALE);
      await refusesChallenge(1, STALE, /^DailyLimitReached/);
      await world.price(2_000, 2_100);
      await challenge(1, DIVERGED);
    });

    it("keeps count of a market's closings, whatever they were proven by", async () => {
      const round = await world.round();
      await world.price(1_800, 2_000);
      await challenge(1, DIVERGED);
      await world.pass(6 * HOUR + 60);
      assert.equal(await world.modeOf(), NORMAL);
      await refusesChallenge(1, STALE, /^CoolingDown\(1, /);
      await world.price(1_800, 2_000);
      await refusesChallenge(1, MOVED, /^CoolingDown\(1, /, round);
    });
  });

  describe("is set by governance", () => {
    it("and by nobody else", async () => {
      const stranger = world.accounts.stranger.address;
      await refuses(world.challenge, ["setFeeds", 1, world.feeds], `OwnableUnauthorizedAccount(${stranger})`);
    });

    it("in full, with an event that says all of it", async () => {
      const receipt = await send(world.powers, "setFeeds", 2, world.feeds);
      const log = world.powers.interface.parseLog(receipt.logs[0] ?? { topics: [], data: "0x" });
      assert.equal(log?.name, "FeedsChanged");
      assert.deepEqual([...(log?.args[1] ?? [])].map(String), Object.values(world.feeds).map(String));
      assert.deepEqual(
        [...(await read<unknown[]>(world.challenge, "feedsOf", 2))].map(String),
        Object.values(world.feeds).map(String),
      );
    });

    it("and refuses feeds that are none, the same twice, have absurd decimals, or whose price is never young", async () => {
      const set = (change: object) => ["setFeeds", 1, { ...world.feeds, ...change }] as const;
      const nobody = world.accounts.stranger.address;
      const fine = await world.own("MockPriceFeed", "fine", 25);
      const odd = await fine.getAddress();
      const { first, second } = world.feeds;
      await refuses(world.powers, set({ first: nobody }), `BadFeed(${nobody}, code length, 0, 1)`);
      await refuses(world.powers, set({ second: nobody }), `BadFeed(${nobody}, code length, 0, 1)`);
      await refuses(world.powers, set({ second: first }), `BadFeed(${first}, the same twice, 1, 0)`);
      await refuses(world.powers, set({ second: odd }), `BadFeed(${odd}, decimals, 25, 24)`);
      await refuses(world.powers, set({ firstMaxAge: 0 }), `BadFeed(${first}, maxAge, 0, 1)`);
      await refuses(world.powers, set({ secondMaxAge: 0 }), `BadFeed(${second}, maxAge, 0, 1)`);
      // The first feed is needed by either proof alone.
      await refuses(world.powers, set({ first: nobody, maxDivergenceBps: 0 }), `BadFeed(${nobody}, code length, 0, 1)`);
      await refuses(world.powers, set({ first: nobody, maxMoveBps: 0 }), `BadFeed(${nobody}, code length, 0, 1)`);
      await refuses(world.powers, ["setFeeds", 77, world.feeds], "UnknownMarket(77)", [world.core.interface]);
    });

    it("with a daily limit of at least one", async () => {
      const deployment = world.own("Challenge", await world.core.getAddress(), world.accounts.governance.address, 0);
      await assert.rejects(deployment, /ZeroLimit/);
    });
  });
});
