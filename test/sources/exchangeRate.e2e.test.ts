import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { encodeFunctionData, type Hex } from "viem";
import type { MarketParameters } from "../../keeper/domain/parameters.ts";
import { openRpc, type Rpc } from "../../keeper/io/rpc.ts";
import { qualify } from "../../keeper/quality/qualify.ts";
import { openSources, readChainSources } from "../../keeper/sources/sources.ts";
import { venueRegistry } from "../../keeper/venues/venueRegistry.ts";
import { replicaAccounts } from "../../scripts/lab/replica/accounts.ts";
import { type AnvilProcess, spawnAnvil } from "../../scripts/lab/replica/anvil.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { mined, type ReplicaClient, replicaClient, send } from "../../scripts/lab/replica/node.ts";
import { WSTETH } from "../support/claims.ts";
import { silentVenue } from "../support/fakeVenue.ts";
import { createOwn, creator } from "../support/parameters.ts";
import { FEED_SAYS } from "../support/shipped.ts";

const CHAIN = 31337;
/** A share has three decimals more than the asset's six. */
const [DECIMALS, OFFSET] = [6, 3];
const ASSETS = 1_000n * 10n ** BigInt(DECIMALS);

/** OpenZeppelin's own ERC-4626 on a node: a vault of 1000 tokens, one share each. */
describe("an exchange rate on a node", () => {
  let anvil: AnvilProcess;
  let node: ReplicaClient;
  let rpc: Rpc;
  let asset: Hex;
  let vault: Hex;
  const from = replicaAccounts().deployer.address;

  const call = async (to: Hex, path: string, functionName: string, args: readonly unknown[]) => {
    const data = encodeFunctionData({ abi: ownArtifact(path).abi, functionName, args });
    await mined(node, [await send(node, { from, to, data })]);
  };
  const mint = (to: Hex, amount: bigint) => call(asset, "test/mocks/MockERC20", "mint", [to, amount]);

  before(async () => {
    anvil = await spawnAnvil({ chainId: CHAIN });
    [node, rpc] = [replicaClient(anvil.url, CHAIN), openRpc({ url: anvil.url, chainId: CHAIN })];
    const create = creator(node, from);
    asset = await createOwn(create, "test/mocks/MockERC20", ["Asset", "AST", DECIMALS]);
    vault = await createOwn(create, "test/mocks/MockVault", [asset, OFFSET]);
    await mint(from, ASSETS);
    await call(asset, "test/mocks/MockERC20", "approve", [vault, ASSETS]);
    await call(vault, "test/mocks/MockVault", "deposit", [ASSETS, from]);
  });
  after(() => anvil?.close());

  const marketOf = (getter: string): MarketParameters => {
    const rate = { contract: "wstETH", getter, mostGrowthPerYear: 0.1 };
    return { ...WSTETH, sources: { ...WSTETH.sources, route: [] }, claim: { depeg: 0.03, rate } };
  };
  const deployment = (address: Hex) => ({
    sources: { tokens: {}, pools: {}, feeds: { wstETH: asset }, rates: { wstETH: address } },
  });
  const observedBy = async (getter: string, address = vault) => {
    const venues = venueRegistry([silentVenue("deribit")]);
    const sources = openSources({ feedSays: FEED_SAYS, rpc, deployment: deployment(address), venues });
    const block = await rpc.block("latest");
    const market = marketOf(getter);
    const found = (await sources([market], block, block.timestamp, AbortSignal.timeout(20_000))).get(market.name) ?? [];
    return { block, market, found, one: found.find(({ source }) => source.startsWith("exchangeRate:")) };
  };
  const rateOf = async (getter: string) => {
    const { one } = await observedBy(getter);
    const rate = one?.observation;
    assert.ok(rate?.kind === "exchangeRate");
    return Number(rate.answer) / 10 ** rate.decimals;
  };

  it("is what a vault converts one whole share to, and what a token's own function says, at the cycle's block", async () => {
    const { one, block } = await observedBy("convertToAssets");
    assert.deepEqual(one, {
      source: "exchangeRate:wstETH:convertToAssets",
      observation: {
        ...{ kind: "exchangeRate", source: "exchangeRate:wstETH:convertToAssets", contract: vault },
        ...{
          blockNumber: block.number,
          eventTime: block.timestamp,
          answer: 10n ** BigInt(DECIMALS),
          decimals: DECIMALS,
        },
      },
      faults: [],
    });
    assert.equal(await rateOf("stEthPerToken"), 1);
  });

  it("is read again by its name, as `verify` does", async () => {
    const { one, block } = await observedBy("convertToAssets");
    const parts = { rpc, deployment: deployment(vault), feedSays: FEED_SAYS };
    assert.deepEqual(await readChainSources([one?.source ?? "", "deribit:ETH:options"], block, parts), [one]);
  });

  it("costs only itself where there is no such function, no contract or no vault", async () => {
    for (const [getter, address, code] of [
      ["getRate", vault, "VENUE_ERROR"],
      ["getRate", from, "SCHEMA"],
      ["convertToAssets", asset, "VENUE_ERROR"],
    ] as const) {
      const { one, found } = await observedBy(getter, address);
      assert.equal(one?.observation, null);
      assert.deepEqual(
        one?.faults.map((fault) => fault.code),
        [code],
        `${getter} at ${address}`,
      );
      assert.ok(found.length > 1, "the others were asked");
    }
  });

  it("that somebody lifts by a gift to the vault is read as it is, named, and counted no further than its cap", async () => {
    await mint(vault, ASSETS / 20n);
    const { block, market, found } = await observedBy("convertToAssets");
    assert.ok(Math.abs((await rateOf("convertToAssets")) - 1.05) < 1e-5);
    const days = [1, 2, 3].map((day) => [block.timestamp - day * 86_400, 1] as const);
    const readings = qualify(found, market, block.timestamp, [], undefined, days);
    assert.ok(readings.faults.some(({ code, source }) => code === "JUMP" && source.startsWith("exchangeRate:")));
    assert.ok((readings.claim?.believedRate ?? 9) < 1.002 && (readings.claim?.rate ?? 0) > 1.049);
  });
});
