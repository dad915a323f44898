import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Hex } from "viem";
import { main } from "../../../scripts/governance/lenders/proposeLender.ts";
import { aaveAbi } from "../../../scripts/lab/lenders/aave.ts";
import { MAINNET_ADDRESSES as AT } from "../../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { pricesOf, setFeeds } from "../../../scripts/lab/replica/movePrice.ts";
import { transact, write } from "../../../scripts/lab/replica/node.ts";
import { type AaveWorld, aaveWorld } from "../../support/lenderWorld.ts";
import { runHere } from "../../support/runScript.ts";
import { setBackEach } from "../../support/setBackEach.ts";

let world: AaveWorld;
let [whole, half]: [Hex, Hex] = ["0x", "0x"];
before(async () => {
  world = await aaveWorld();
  const { keeper, guardian } = world.replica.accounts;
  [whole, half] = [keeper.address, guardian.address];
  for (const [account, share] of [
    [whole, 1n],
    [half, 2n],
  ] as const) {
    await world.supply(account, AT.tokens.WETH, 10n ** 19n);
    const { available } = await world.accountOf(account);
    await world.borrow(account, available / 100n / share);
  }
});
after(() => world.close());
setBackEach(() => world.replica);

const propose = (...more: string[]) =>
  runHere(main, ["--rpc-url", world.replica.url, "--deployments", world.folder, "--lender", "Aave", ...more]);

const reserve = async (asset: Hex) => {
  const { data } = (await world.client.readContract({
    address: world.aave.pool,
    abi: aaveAbi("PoolInstance"),
    functionName: "getConfiguration",
    args: [asset],
  })) as { data: bigint };
  return [Number(data & 0xffffn), Number((data >> 16n) & 0xffffn), Number((data >> 116n) & ((1n << 36n) - 1n))];
};

test("What the proposal says of reserves and borrowers is what sending it does, to the basis point, and the undo undoes it.", async () => {
  const folder = join(world.folder, "proposal");
  const { code, err } = await propose("--into", folder);
  assert.equal(code, 0, err);
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
  const said = read("proposal.json");
  const [weth] = said.effect.markets;
  const before = [await reserve(AT.tokens.WETH), await world.accountOf(whole)] as const;
  assert.deepEqual(before[0], [7_500, 8_250, 0]);

  const send = async (file: string) => {
    for (const { to, data } of read(file).transactions as { to: Hex; data: Hex }[]) {
      await transact(world.client, { from: world.replica.accounts.governance.address, to, data });
    }
  };
  await send("safe-1-execute.json");
  const [lender] = world.deployment.lenders ?? [];
  assert.ok(lender?.kind === "aave-v3" && lender.agent !== null);
  const { abi } = ownArtifact("contracts/adapters/AaveV3Agent");
  for (const name of ["sync", "syncSupplyCap"])
    await write(world.client, half, lender.agent.address, abi, name, [AT.tokens.WETH]);
  const { ltvBps, thresholdBps, supplyCap } = weth.first;
  assert.deepEqual(await reserve(AT.tokens.WETH), [ltvBps, thresholdBps, supplyCap]);
  assert.deepEqual([ltvBps, thresholdBps, supplyCap], [7_800, 8_225, 12_000]);
  assert.deepEqual(weth.end, { ltvBps: 7_800, thresholdBps: 8_100 });
  const accounts = said.effect.accounts as { account: string; now: number; first: number; end: number }[];
  assert.deepEqual(
    accounts.map(({ account }) => account),
    [whole, half],
  );
  const [first] = accounts;
  const near = (a: number, b: number) => assert.ok(Math.abs(a / b - 1) < 1e-6, `${a} beside ${b}`);
  near(first?.now ?? 0, before[1].health);
  near(first?.first ?? 0, (await world.accountOf(whole)).health);
  near(first?.end ?? 0, (before[1].health * 8_100) / 8_250);

  await send("undo-safe-1-execute.json");
  assert.deepEqual(await reserve(AT.tokens.WETH), before[0]);
  const sync = write(world.client, half, lender.agent.address, abi, "sync", [AT.tokens.WETH]);
  await assert.rejects(sync, "without its role the agent moves nothing");

  const page = readFileSync(join(folder, "page.md"), "utf8");
  for (const heading of ["What changes", "For whom", "From when", "Worst case", "What to send", "How to undo"]) {
    assert.match(page, new RegExp(`^## ${heading}$`, "m"));
  }
  assert.match(page, /^\| WETH \| 7500, 7800, 7800 \| 8250, 8225, 8100 \| none, 12000 \| 6 steps, 1\.0 days \|$/m);
  assert.match(page, /2 of 2 borrowers owe something.*\n\*\*Nobody becomes liquidatable\.\*\*/);
  assert.match(page, /it passes and leaves every reserve as it is today/);
  assert.ok(page.includes(read("safe-1-execute.json").transactions[0].data));
});

test("Who would be liquidatable when the threshold has walked is named, and the proposal is not recommended.", async () => {
  const { client, replica } = world;
  const prices = await pricesOf(client);
  // The whole loan at the most is now at 8 250 / 7 500 = 1.1; a fall of 8 % leaves it 1.012, and 1.5 points of threshold cost more.
  await setFeeds(client, replica.accounts.trader.address, { ...prices, WETH: prices.WETH * 0.92 });
  const { code, out } = await propose();
  assert.equal(code, 1);
  assert.match(out, new RegExp(`\\*\\*1 become liquidatable: ${whole}\\.\\*\\* Do not send this`));
});

test("Whoever cannot give the role, an unknown lender and a closed reserve are named.", async () => {
  const { client, aave, replica } = world;
  const stranger = await propose("--admin", half);
  assert.match(stranger.err, /^BAD_ARGUMENT: .*lets others give its roles.*DEFAULT_ADMIN_ROLE/);
  const unknown = await runHere(main, ["--rpc-url", replica.url, "--deployments", world.folder, "--lender", "Spark"]);
  assert.match(unknown.err, /expected one of Aave/);
  const { abi } = { abi: aaveAbi("PoolConfiguratorInstance") };
  const close = [AT.tokens.WETH, 0, 8_250, 10_500];
  await write(
    client,
    replica.accounts.governance.address,
    aave.configurator,
    abi,
    "configureReserveAsCollateral",
    close,
  );
  const closed = await propose();
  assert.equal(closed.code, 1);
  assert.match(closed.out, /\*\*WETH is refused:\*\* ClosedByOthers\(/);
});
