import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getAddress, numberToHex } from "viem";
import { parseJsonc } from "../../../keeper/markets/jsonc.ts";
import { listingValues } from "../../../keeper/markets/limits.ts";
import { readMarkets, soundMarkets } from "../../../keeper/markets/marketFiles.ts";
import type { KeeperWorld } from "../../../test/support/keeperWorld.ts";
import { accountSetting } from "../../../test/support/parameters.ts";
import { govern } from "../../../test/support/powers.ts";
import { ownArtifact } from "../../lab/replica/artifacts.ts";
import { write } from "../../lab/replica/node.ts";

/** Debt tokens of the markets beyond the two that are shipped: from this address on. */
const FIRST_DEBT = 0xd0_0000;
const debtAt = (n: number) => getAddress(numberToHex(FIRST_DEBT + n, { size: 20 }));

/**
 * Lists so many markets in a world's contract, as its governance would, and writes their files and the record: WETH and WBTC
 * against one token after the other, with the boards, candles, pools and feeds of those two. Returns the keeper's variables.
 */
export async function manyMarkets(world: KeeperWorld, count: number): Promise<Readonly<Record<string, string>>> {
  const folder = join(world.folder, `markets-${count}`);
  mkdirSync(folder);
  const shipped = ["WETH", "WBTC"].map((name) => {
    const text = readFileSync(new URL(`../../../deployments/markets/${name}.jsonc`, import.meta.url), "utf8");
    return { name, file: parseJsonc(text).value as { addresses: { tokens: object } } };
  });
  const names = Array.from({ length: count }, (_, n) => {
    const { name, file } = shipped[n % 2] as (typeof shipped)[number];
    const [debt, address] = [`D${n}`, debtAt(n)];
    const addresses = { ...file.addresses, tokens: { ...file.addresses.tokens, [debt]: address } };
    const own =
      n < 2 ? { name, file } : { name: `${name}-${debt}`, file: { ...file, debt: { symbol: debt }, addresses } };
    writeFileSync(join(folder, `${own.name}.json`), JSON.stringify(own.file));
    return own.name;
  });
  const files = soundMarkets(readMarkets(folder));
  const { node, deployment } = world;
  const lister = deployment.gateways.listing.address;
  // Off the usual development chain governance's own setup is not done by the deployment.
  await govern(world, "admit", [accountSetting(lister, "LISTER")]);
  await node.impersonateAccount({ address: lister });
  await node.setBalance({ address: lister, value: 10n ** 21n });
  const code = (await node.getCode({ address: deployment.contract.address })) ?? "0x";
  const { abi } = ownArtifact("contracts/parameters/Parameters");
  const markets = [...deployment.markets];
  for (const [n, name] of names.entries()) {
    if (n < 2) continue;
    const like = deployment.markets[n % 2] as (typeof markets)[number];
    const { listing } = files.find(({ parameters }) => parameters.name === name) as (typeof files)[number];
    const debt = debtAt(n);
    // Any contract is a debt token: nobody moves it.
    await node.setCode({ address: debt, bytecode: code });
    const values = { collateral: like.collateral, debt, ...listingValues(listing) };
    await write(node, lister, deployment.contract.address, abi, "listMarket", [values]);
    markets.push({ ...like, id: n + 1, name, debt });
  }
  const sources = {
    ...deployment.sources,
    tokens: Object.assign({}, ...files.map(({ addresses }) => addresses.tokens)),
  };
  const records = join(world.folder, `deployments-${count}`);
  mkdirSync(records);
  writeFileSync(join(records, `${deployment.chainId}.json`), JSON.stringify({ ...deployment, markets, sources }));
  return { TONSOR_MARKETS: folder, TONSOR_DEPLOYMENTS: records };
}
