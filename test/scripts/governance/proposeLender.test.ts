import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { id } from "ethers";
import { type Hex, zeroHash } from "viem";
import { checkDeployment } from "../../../scripts/deploy/check.ts";
import { deploy } from "../../../scripts/deploy/deploy.ts";
import { parsePlan } from "../../../scripts/deploy/planSchema.ts";
import { main } from "../../../scripts/governance/lenders/proposeLender.ts";
import { aaveAbi } from "../../../scripts/lab/lenders/aave.ts";
import { MAINNET_ADDRESSES as AT } from "../../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { pricesOf, setFeeds } from "../../../scripts/lab/replica/movePrice.ts";
import { transact, write } from "../../../scripts/lab/replica/node.ts";
import { type AaveWorld, aaveWorld } from "../../support/lenderWorld.ts";
import { rpcServer } from "../../support/rpcServer.ts";
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

const reserve: AaveWorld["reserve"] = (asset) => world.reserve(asset);
const configure: AaveWorld["configure"] = (...settings) => world.configure(...settings);

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
  const accounts = said.effect.accounts as { account: string; now: number; first: number; lowest: number }[];
  assert.deepEqual(
    accounts.map(({ account }) => account),
    [whole, half],
  );
  const [first] = accounts;
  const near = (a: number, b: number) => assert.ok(Math.abs(a / b - 1) < 1e-6, `${a} beside ${b}`);
  near(first?.now ?? 0, before[1].health);
  near(first?.first ?? 0, (await world.accountOf(whole)).health);
  near(first?.lowest ?? 0, (before[1].health * 8_100) / 8_250);

  await send("undo-safe-1-execute.json");
  assert.deepEqual(await reserve(AT.tokens.WETH), before[0]);
  const sync = write(world.client, half, lender.agent.address, abi, "sync", [AT.tokens.WETH]);
  await assert.rejects(sync, "without its role the agent moves nothing");

  const page = readFileSync(join(folder, "page.md"), "utf8");
  for (const heading of ["What changes", "For whom", "From when", "Worst case", "What to send", "How to undo"]) {
    assert.match(page, new RegExp(`^## ${heading}$`, "m"));
  }
  assert.match(
    page,
    /^\| WETH \| 75\.00 %, 78\.00 %, 78\.00 % \| 82\.50 %, 82\.25 %, 81\.00 % \| none, 12000 \| 6 steps, 1\.0 days \|$/m,
  );
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
  const { replica } = world;
  const stranger = await propose("--admin", half);
  assert.match(stranger.err, /^BAD_ARGUMENT: .*lets others give its roles.*DEFAULT_ADMIN_ROLE/);
  const unknown = await runHere(main, ["--rpc-url", replica.url, "--deployments", world.folder, "--lender", "Spark"]);
  assert.match(unknown.err, /expected one of Aave/);
  const noAddress = await propose("--admin", "governance");
  assert.match(noAddress.err, /^BAD_ARGUMENT: .*field --admin; given "governance"; expected an address/);
  const noSalt = await propose("--salt", "0x12");
  assert.match(noSalt.err, /^BAD_ARGUMENT: .*field --salt; given "0x12"; expected 0x and 64 digits/);
  await configure(AT.tokens.WETH, 0, 8_250);
  const closed = await propose();
  assert.equal(closed.code, 1);
  assert.match(closed.out, /\*\*WETH is refused:\*\* ClosedByOthers\(/);
});

test("Where one threshold falls before another has risen, who would not last the way is named.", async () => {
  const { client, replica } = world;
  await configure(AT.tokens.WBTC, 7_000, 7_200);
  const prices = await pricesOf(client);
  const both = replica.accounts.deployer.address;
  await world.supply(both, AT.tokens.WETH, 10n ** 19n);
  await world.supply(both, AT.tokens.WBTC, BigInt(Math.round((prices.WETH / prices.WBTC) * 1e9)));
  await world.borrow(both, ((await world.accountOf(both)).available * 999n) / 100_000n);
  // Half of each: 1.0655 at all but the most that may be lent, and 1.005 after the fall. It loses 1 % on the way, and gains in the end.
  const fall = 1.005 / ((8_250 + 7_200) / (7_500 + 7_000));
  await setFeeds(client, replica.accounts.trader.address, { WETH: prices.WETH * fall, WBTC: prices.WBTC * fall });
  const { code, out } = await propose("--json");
  assert.equal(code, 1);
  const { effect } = JSON.parse(out);
  const [, wbtc] = effect.markets;
  assert.ok(wbtc.end.thresholdBps > 7_350, "the other rises by more than the first falls");
  const found = effect.accounts.find(({ account }: { account: string }) => account === both);
  assert.ok(found.first > 1 && found.lowest < 1, JSON.stringify(found));
  assert.ok(Math.abs(found.lowest / found.now - (8_100 + 7_200) / (8_250 + 7_200)) < 1e-6);
});

test("A loan at today's LTV that the walk would overtake stops the proposal, though nobody has taken it yet.", async () => {
  await configure(AT.tokens.WETH, 8_150, 8_250);
  const { code, out } = await propose();
  assert.equal(code, 1);
  assert.match(out, /\*\*Whoever borrows against WETH at today's LTV of 81\.50 % .* goes to 81\.00 %\.\*\*/);
});

test("An agent of other code, another pool, and a market that the contract does not have are not passed over.", async () => {
  const { client, deployment, replica } = world;
  const [lender] = deployment.lenders ?? [];
  assert.ok(lender?.kind === "aave-v3" && lender.agent !== null);
  const [adapter] = deployment.adapters ?? [];
  const code = await client.getCode({ address: lender.agent.address });
  assert.ok(code !== undefined && adapter !== undefined);
  // A byte of its metadata: it does the same, and it is not what was deployed.
  await client.setCode({ address: lender.agent.address, bytecode: `${code.slice(0, -8)}00000000` as Hex });
  const other = await propose();
  assert.equal(other.code, 1);
  assert.match(other.out, /\*\*Not what the record says:\*\* agent of Aave code hash: 0x\w+, expected 0x\w+\. Do not/);
  await client.setCode({ address: lender.agent.address, bytecode: code });

  const lie = async (change: object) => {
    const folder = join(world.folder, "lie");
    mkdirSync(folder, { recursive: true });
    const record = { ...deployment, lenders: [{ ...lender, ...change }] };
    writeFileSync(join(folder, "31337.json"), JSON.stringify(record));
    return await runHere(main, ["--rpc-url", replica.url, "--deployments", folder, "--lender", "Aave"]);
  };
  const { err } = await lie({ markets: [1, 9] });
  assert.match(
    err,
    /^BAD_FILE: .*a market that the contract does not have; field lenders.markets; given 9; expected one of 1, 2/,
  );
  const stranger = {
    ...lender.agent,
    constructorArguments: lender.agent.constructorArguments.replace(
      /^0x.{64}/,
      `0x${half.slice(2).toLowerCase().padStart(64, "0")}`,
    ),
  };
  const reads = await lie({ agent: stranger });
  assert.match(reads.out, /Not what the record says:\*\* agent of Aave reads/);
  assert.equal(reads.code, 1);
  const pool = await lie({ pool: half });
  assert.match(pool.out, new RegExp(`Not what the record says:\\*\\* Aave pool: 0x\\w+, expected ${half}`));
});

test("A node that does not simulate, answers in another form, or leaves accounts out is named with what is expected of it.", async () => {
  const through = async (answer: (asked: { blockStateCalls: { calls: unknown[] }[] }) => object) => {
    const node = await rpcServer({
      async raw(response, [one]) {
        const own = one?.method === "eth_simulateV1" ? answer(one.params[0] as never) : null;
        const body = JSON.stringify({ jsonrpc: "2.0", ...one });
        const headers = { "content-type": "application/json" };
        const said =
          own ?? ((await (await fetch(world.replica.url, { method: "POST", headers, body })).json()) as object);
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ jsonrpc: "2.0", ...said, id: one?.id }));
      },
    });
    const result = await runHere(main, ["--rpc-url", node.url, "--deployments", world.folder, "--lender", "Aave"]);
    await node.close();
    return result;
  };
  const unable = await through(() => ({ error: { code: -32_601, message: "the method does not exist" } }));
  assert.match(
    unable.err,
    /^RPC_FAILED: the node does not simulate; field eth_simulateV1; given "the method does not exist"; expected a node that offers it, as geth/,
  );
  for (const result of [null, [], "0x", [{ calls: [{ status: "0x1" }] }]]) {
    const { err } = await through(() => ({ result }));
    assert.match(err, /^RPC_FAILED: the node answers a simulation in another form; field eth_simulateV1/);
  }
  const empty = await through(({ blockStateCalls }) => ({
    result: blockStateCalls.map(({ calls }) => ({ calls: calls.map(() => ({ status: "0x1", returnData: "0x" })) })),
  }));
  assert.match(empty.err, /^BAD_CONFIG: the pool does not say its reserve's settings; field WETH; given "0x"/);
});

test("Where the timelock governs the lender, one proposal completes the deployment and gives the role; the undo goes the same way.", async () => {
  const { client, aave, options, replica } = world;
  const { governance, trader } = replica.accounts;
  const folder = join(world.folder, "governed");
  const timelock = { ...options.plan.timelock, proposers: [trader.address], executors: [trader.address] };
  const deployment = await deploy({
    ...options,
    plan: parsePlan({ ...options.plan, timelock, adapters: [] }),
    deploymentsFolder: folder,
  });
  const lock = deployment.timelock.address;
  const byGovernance = (to: Hex, contract: "ACLManager" | "PoolAddressesProvider", name: string, ...args: unknown[]) =>
    write(client, governance.address, to, aaveAbi(contract), name, args);
  await byGovernance(aave.acl, "ACLManager", "grantRole", zeroHash, lock);
  await byGovernance(aave.acl, "ACLManager", "addPoolAdmin", lock);
  await byGovernance(aave.provider, "PoolAddressesProvider", "setACLAdmin", lock);
  const run = async (name: string, ...more: string[]) => {
    const into = join(folder, name);
    const at = ["--rpc-url", replica.url, "--deployments", folder, "--lender", "Aave", "--into", into];
    const { code, out, err } = await runHere(main, [...at, ...more]);
    assert.equal(code, 0, err + out);
    const send = async (file: string) => {
      const { transactions } = JSON.parse(readFileSync(join(into, file), "utf8"));
      for (const { to, data } of transactions) await transact(client, { from: trader.address, to, data });
    };
    const whole = async (prefix: string) => {
      await send(`${prefix}-1-schedule.json`);
      await assert.rejects(send(`${prefix}-2-execute.json`), "before the delay");
      await client.increaseTime({ seconds: deployment.timelock.delaySeconds });
      await send(`${prefix}-2-execute.json`);
    };
    return { out, send, whole, files: readdirSync(into) };
  };
  const differ = async () =>
    (await checkDeployment(replica.url, deployment)).filter(({ agrees }) => !agrees).map(({ what }) => what);
  const before = await reserve(AT.tokens.WETH);
  const first = await run("first");
  assert.match(first.out, /admit of 0x\w+, which completes the deployment\n.*becomes risk admin at Aave/s);
  assert.match(first.out, /The role: 2\.0 days after it is scheduled/);
  assert.match(first.out, /It takes 2\.0 days, too\./);
  await first.whole("safe");
  assert.deepEqual(await differ(), []);

  const again = await run("again");
  assert.match(again.out, /nothing to do: the agent has its role/);
  assert.doesNotMatch(again.out, /What to send/);
  assert.deepEqual(
    again.files.filter((name) => name.startsWith("safe")),
    [],
    "nothing to sign",
  );

  await first.whole("undo-safe");
  assert.deepEqual(await reserve(AT.tokens.WETH), before);
  await assert.rejects(first.send("safe-1-schedule.json"), "the timelock has done this operation before");
  const salted = await run("salted", "--salt", id("again"));
  await salted.whole("safe");
});
