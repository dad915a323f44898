import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { Contract } from "ethers";
import { USD } from "../../keeper/markets/limits.ts";
import { as, read, refuses, send } from "./support/coreWorld.ts";
import { DEPOSIT, type GateWorld, gateWorld, HOLD } from "./support/gateWorld.ts";
import { restored } from "./support/restored.ts";

let world: GateWorld;
const fresh = restored(gateWorld);
let token: Contract;
let asset: string;
const word = (value: bigint): string => `0x${value.toString(16).padStart(64, "0")}`;
const refusesProbe = (address: string, amount: bigint, expected: string | RegExp) =>
  refuses(world.gate, ["startProbe", address, amount], expected);

describe("ListingGate", () => {
  beforeEach(async () => {
    world = await fresh();
    token = await world.own("MockERC20", "Wrapped Bitcoin", "WBTC", 8);
    asset = await token.getAddress();
  });

  describe("lists", () => {
    const list = (collateral: string, debt = USD) => ["list", { ...world.listing(debt), collateral }] as const;
    const refusesList = (call: ReturnType<typeof list>, expected: string | RegExp) =>
      refuses(world.powers, call, expected, [world.core.interface]);

    beforeEach(async () => {
      token = await world.passed("MockERC20", "Wrapped Bitcoin", "WBTC", 8);
      asset = await token.getAddress();
    });

    it("an asset that has passed", async () => {
      const call = ["list", { ...world.listing(USD), collateral: asset }] as const;
      await send(world.powers, ...call);
      assert.equal(await read(world.core, "marketOf", asset, USD), 6n);
      assert.equal(await world.initialOf(6), 2_200n);
    });

    it("for governance only, which cannot list past it either", async () => {
      const { governance, stranger } = world.accounts;
      await refuses(world.gate, list(asset), `OwnableUnauthorizedAccount(${stranger.address})`);
      await refuses(
        world.core,
        ["listMarket", { ...world.listing(USD), collateral: asset }],
        `NotAllowed(${governance.address})`,
      );
    });

    it("no asset that was never probed, is being probed, or has failed", async () => {
      const other = await world.own("MockERC20", "Other", "OTH", 18);
      const address = await other.getAddress();
      await refusesList(list(address), `NotPassed(${address})`);
      const probe = await world.start(other);
      await refusesList(list(address), `NotPassed(${address})`);
      await world.pass(HOLD);
      await send(world.gate, "withdrawProbe", probe);
      await refusesList(list(address), `NotPassed(${address})`);
    });

    it("no debt token that has not passed; dollars need not", async () => {
      const debt = await (await world.own("MockERC20", "Debt", "DEBT", 6)).getAddress();
      await refusesList(list(asset, debt), `NotPassed(${debt})`);
      const passed = await (await world.passed("MockERC20", "Debt", "DEBT", 6)).getAddress();
      await send(world.powers, "list", { ...world.listing(passed), collateral: asset });
      assert.equal(await read(world.core, "marketOf", asset, passed), 6n);
    });

    it("on a pass of the last thirty days", async () => {
      const until = Number(await read(world.gate, "passedAt", asset)) + 30 * 86_400;
      await world.pass(until - (await world.now()));
      await read(world.powers, "list", { ...world.listing(USD), collateral: asset });
      await world.pass(60);
      await refusesList(list(asset), new RegExp(`^PassLapsed\\(${asset}, \\d+, ${until}\\)$`));
    });

    it("nothing that the parameter contract refuses: a pair twice, values that cross, no class", async () => {
      const there = (change: object) =>
        ["list", { ...world.listing(USD), collateral: asset, ...change }] as unknown as ReturnType<typeof list>;
      await refusesList(there({ initialBps: 1_900 }), "BadValues(7, 1900, 2000)");
      await refusesList(there({ initialBps: 9_500 }), /^BadValues\(6, /);
      await refusesList(there({ classId: 5 }), "UnknownClass(5)");
      await send(world.powers, ...there({}));
      await refusesList(there({}), `MarketExists(${asset}, ${USD}, 6)`);
    });
  });

  describe("tries a token", () => {
    it("by holding a deposit for 25 hours and returning it whole", async () => {
      const probe = await world.start(token);
      assert.equal(await world.balanceOf(token), 0n);
      assert.equal(await world.balanceOf(token, await world.vaultOf(probe)), DEPOSIT);
      const { startedAt } = await read<{ startedAt: bigint }>(world.gate, "probes", probe);
      const earliest = Number(startedAt) + HOLD;
      await world.pass(earliest - 1 - (await world.now()));
      await refuses(world.gate, ["finishProbe", probe], `TooEarly(1, ${earliest - 1}, ${earliest})`);
      await world.pass(1);
      await send(as(world.gate, world.accounts.keeper), "finishProbe", probe);
      assert.equal(await world.balanceOf(token), DEPOSIT, "to the depositor, whoever finishes it");
      assert.equal(await read(world.gate, "passedAt", asset), BigInt(await world.now()));
      for (const again of ["finishProbe", "withdrawProbe"]) {
        await refuses(world.gate, [again, probe], "UnknownProbe(1)");
      }
    });

    it("and gives the deposit back at any time to its depositor, and to nobody else", async () => {
      const probe = await world.start(token);
      const { keeper, stranger } = world.accounts;
      await refuses(
        as(world.gate, keeper),
        ["withdrawProbe", probe],
        `NotDepositor(1, ${keeper.address}, ${stranger.address})`,
      );
      await send(world.gate, "withdrawProbe", probe);
      assert.equal(await world.balanceOf(token), DEPOSIT);
      await refuses(world.gate, ["withdrawProbe", probe], "UnknownProbe(1)");
      await refuses(world.gate, ["finishProbe", probe], "UnknownProbe(1)");
    });

    it("with a vault for each deposit, which opens for the gate only", async () => {
      const probe = await world.start(token);
      const vault = await world.ethers.getContractAt("ProbeVault", await world.vaultOf(probe));
      const { governance } = world.accounts;
      await refuses(
        as(vault as unknown as Contract, governance),
        ["release", asset, governance.address, 1n],
        `OnlyGate(${governance.address}, ${world.address})`,
      );
    });

    it("so that dust sent to one probe's vault fails that probe and no other", async () => {
      const [one, two] = [await world.start(token), await world.start(token)];
      await send(token, "mint", await world.vaultOf(one), 1n);
      await world.pass(HOLD);
      await refuses(world.gate, ["finishProbe", one], `Rebasing(${asset}, ${DEPOSIT + 1n}, ${DEPOSIT})`);
      await send(world.gate, "finishProbe", two);
      await send(world.gate, "withdrawProbe", one);
      assert.equal(await world.balanceOf(token), 2n * DEPOSIT + 1n);
    });

    it("also when its vault had dust before the deposit", async () => {
      const vault = world.ethers.getCreateAddress({ from: world.address, nonce: 1 });
      await send(token, "mint", vault, 5n);
      const probe = await world.start(token);
      assert.equal(await world.vaultOf(probe), vault);
      await world.pass(HOLD);
      await send(world.gate, "finishProbe", probe);
      assert.equal(await world.balanceOf(token), DEPOSIT + 5n);
    });

    it("that returns nothing from its transfers, such as USDT", async () => {
      const usdt = await world.own("MockNoReturnToken");
      const probe = await world.start(usdt, 1_000_000n);
      await world.pass(HOLD);
      await send(world.gate, "finishProbe", probe);
      assert.equal(await world.balanceOf(usdt), 1_000_000n);
    });

    it("and refuses an account without code", async () => {
      const nobody = world.accounts.keeper.address;
      await refusesProbe(nobody, DEPOSIT, `NotAContract(${nobody})`);
      await refusesProbe(USD, DEPOSIT, `NotAContract(${USD})`);
    });

    it("and refuses decimals that are missing, malformed or absurd", async () => {
      for (const [answer, expected] of [
        ["0x", "NoDecimals(#)"],
        ["0x12", "NoDecimals(#)"],
        [word(256n + 18n), "NoDecimals(#)"],
        [word(25n), "BadDecimals(#, 25, 24)"],
        [word(255n), "BadDecimals(#, 255, 24)"],
      ] as const) {
        const odd = await (await world.own("MockBadDecimals", answer)).getAddress();
        await refusesProbe(odd, DEPOSIT, expected.replace("#", odd));
      }
      const allowed = await world.own("MockERC20", "Odd", "ODD", 24);
      await world.start(allowed);
    });

    it("and refuses deposits in which a fee would be rounded away", async () => {
      await world.give(token);
      await refusesProbe(asset, 999_999n, `DepositTooSmall(${asset}, 999999, 1000000)`);
      await world.start(token, 1_000_000n);
    });

    it("and refuses a fee on the way in, down to one basis point of the least deposit", async () => {
      const fee = await world.own("MockFeeToken");
      const address = await fee.getAddress();
      await world.give(fee);
      await send(fee, "setFees", 100, 0);
      await refusesProbe(address, DEPOSIT, `FeeOnTransfer(${address}, ${(DEPOSIT * 99n) / 100n}, ${DEPOSIT})`);
      await send(fee, "setFees", 1, 0);
      await refusesProbe(address, 1_000_000n, `FeeOnTransfer(${address}, 999900, 1000000)`);
    });

    it("and refuses a fee on the way out, or one turned on in between; the deposit is not lost", async () => {
      const fee = await world.own("MockFeeToken");
      const address = await fee.getAddress();
      const probe = await world.start(fee);
      await world.pass(HOLD);
      await send(fee, "setFees", 0, 30);
      await refuses(
        world.gate,
        ["finishProbe", probe],
        `FeeOnTransfer(${address}, ${(DEPOSIT * 9_970n) / 10_000n}, ${DEPOSIT})`,
      );
      await send(world.gate, "withdrawProbe", probe);
      assert.equal(await world.balanceOf(fee), (DEPOSIT * 9_970n) / 10_000n);
      assert.equal(await read(world.gate, "passedAt", address), 0n);
    });

    it("and refuses balances that move by themselves, up and down; the deposit comes back as it is", async () => {
      for (const [index, moved] of [
        [1_000_082_000_000_000_000n, 1_000_082_000_000_000_000n],
        [999_999_999_999_999_999n, 999_999_999_999_999_999n],
      ] as const) {
        const rebasing = await world.own("MockRebasingToken");
        const address = await rebasing.getAddress();
        const probe = await world.start(rebasing);
        await send(rebasing, "rebase", index);
        await world.pass(HOLD);
        await refuses(world.gate, ["finishProbe", probe], `Rebasing(${address}, ${moved}, ${DEPOSIT})`);
        await send(world.gate, "withdrawProbe", probe);
        assert.equal(await world.balanceOf(rebasing, world.address), 0n);
        assert.equal(await read(world.gate, "passedAt", address), 0n);
      }
    });
  });

  describe("with a token that calls back", () => {
    let hooked: Contract;
    const callBack = (name: string, ...args: unknown[]) =>
      send(hooked, "callBack", world.address, world.gate.interface.encodeFunctionData(name, args));
    const said = async (): Promise<string> => {
      const parsed = world.gate.interface.parseError(await read<string>(hooked, "answer"));
      return (await read<boolean>(hooked, "went")) ? "went through" : `${parsed?.name}`;
    };

    beforeEach(async () => {
      hooked = await world.own("MockReentrantToken");
    });

    it("takes no second way in while a deposit is on its way", async () => {
      await world.give(hooked);
      await callBack("startProbe", asset, DEPOSIT);
      await send(world.gate, "startProbe", await hooked.getAddress(), DEPOSIT);
      assert.equal(await said(), "ReentrancyGuardReentrantCall");
      assert.equal(await read(world.gate, "probeCount"), 1n);
    });

    it("pays a deposit out once", async () => {
      const [one, two] = [await world.start(hooked), await world.start(hooked)];
      await world.pass(HOLD);
      for (const [name, probe] of [
        ["finishProbe", one],
        ["withdrawProbe", two],
      ] as const) {
        for (const again of ["finishProbe", "withdrawProbe"]) {
          const snapshot = await world.provider.request({ method: "evm_snapshot" });
          const earlier = await world.balanceOf(hooked);
          await callBack(again, probe);
          await send(world.gate, name, probe);
          assert.equal(await said(), "ReentrancyGuardReentrantCall");
          assert.equal(await world.balanceOf(hooked), earlier + DEPOSIT);
          await world.provider.request({ method: "evm_revert", params: [snapshot] });
        }
      }
    });

    it("cannot list itself: the caller is the token, not governance", async () => {
      const probe = await world.start(hooked);
      await callBack("list", { ...world.listing(USD), collateral: await hooked.getAddress() });
      await world.pass(HOLD);
      await send(world.gate, "finishProbe", probe);
      assert.equal(await said(), "OwnableUnauthorizedAccount");
    });
  });
});
