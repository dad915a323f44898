import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonRpcApiProvider } from "ethers";
import { encodeAbiParameters, type Hex, keccak256 } from "viem";
import { openLenders } from "../../../keeper/impact/lenders/lenders.ts";
import { borrowedNow } from "../../../keeper/impact/lenders/morphoBlue/health.ts";
import { readMorpho } from "../../../keeper/impact/lenders/morphoBlue/morphoBlue.ts";
import { openRpc } from "../../../keeper/io/rpc.ts";
import { openJournal } from "../../../keeper/journal/journal.ts";
import { addressOf, read, send } from "../../adapters/support/chain.ts";
import { morphoWorld } from "../../adapters/support/morphoWorld.ts";

const WAD = 10n ** 18n;
const LLTV = (86n * WAD) / 100n;

test("interest until now is the first three terms of an exponential, rounded down as Morpho does", () => {
  const at = (rate: bigint, elapsed: bigint) =>
    borrowedNow({ borrowAssets: 10n ** 12n, borrowShares: 0n, ratePerSecondWad: rate, elapsed });
  assert.equal(at(0n, 1_000n), 10n ** 12n);
  // 0.1, 0.1^2 / 2 and 0.1^3 / 6.
  assert.equal(at(WAD / 10n, 1n), 1_105_166_666_666n);
});

test("a position of the real Morpho Blue is liquidatable exactly when its health here is below 1", async (t) => {
  const world = await morphoWorld();
  await world.enable(LLTV);
  const { market, price } = await world.open(LLTV);
  const types = ["address", "address", "address", "address", "uint256"].map((type) => ({ type }));
  const id = keccak256(encodeAbiParameters(types, [...market]));
  const users = await Promise.all([2, 3, 4, 5, 6].map(world.user));
  const accounts: Hex[] = [];
  await price(2_000n, 0);
  for (const [i, user] of users.entries()) {
    const account = (await addressOf(user)) as Hex;
    accounts.push(account.toLowerCase() as Hex);
    const collateral = i === 0 ? 10n ** 12n : WAD * BigInt(i);
    await send(user, "supplyCollateral", market, collateral, account, "0x");
    const most = (collateral * 2_000n * LLTV) / WAD / 10n ** 12n;
    if (i !== 4) await send(user, "borrow", market, most - BigInt(i) * 50_000_000n - 1n, 0, account, account);
  }
  const node = users[0]?.runner?.provider as unknown as JsonRpcApiProvider;
  const ask = ({ method, params }: { method: string; params?: unknown }) => node.send(method, params as unknown[]);
  const rpc = openRpc({ url: { request: ask }, chainId: Number(await ask({ method: "eth_chainId", params: [] })) });
  const morpho = (await world.morpho.getAddress()) as Hex;
  const collateral = market[1] as Hex;
  const look = async () => {
    const block = await rpc.block("latest");
    const ref = { name: "morpho", morpho, id, marketId: 1, collateral };
    return readMorpho(ref, accounts, block.timestamp, { rpc, blockNumber: block.number });
  };
  const liquidator = await world.user(7);
  let both = 0;
  for (const dollars of [2_000n, 1_999n, 1_960n, 1_930n, 1_900n]) {
    await price(dollars, 0);
    const { borrowers } = await look();
    assert.equal(borrowers.length, 4);
    for (const { account, healthWad } of borrowers) {
      const [, shares] = await read<readonly bigint[]>(world.morpho, "position", id, account);
      const refused = await liquidator
        .getFunction("liquidate")
        .staticCall([...market], account, 0, shares, "0x")
        .then(
          () => false,
          (error: Error) => /position is healthy/.test(error.message),
        );
      assert.equal(healthWad >= WAD, refused, `${account} at ${dollars}: ${healthWad}`);
      both |= refused ? 1 : 2;
    }
  }
  assert.equal(both, 3, "some healthy, some not");

  const store = openJournal(":memory:", { chainId: rpc.chainId, contract: morpho });
  t.after(() => store.close());
  const faultOf = async (changed: object, wanted: string = collateral) => {
    const lender = { kind: "morpho-blue", name: "morpho", fromBlock: 0, morpho, marketId: id, market: 1, ...changed };
    const deployment = { lenders: [lender], markets: [{ id: 1, collateral: wanted }] } as never;
    const seen = await openLenders({ deployment, rpc, ask, store })?.(await rpc.block("latest"));
    return seen?.states[0] ?? assert.fail();
  };
  assert.deepEqual(await faultOf({}), { lender: "morpho", markets: [1], borrowers: 4, fault: null });
  assert.match((await faultOf({}, market[0])).fault ?? "", /^WRONG_MARKET: the collateral of/);
  assert.match((await faultOf({ morpho: collateral })).fault ?? "", /^VIEW_REVERTS/);
});
