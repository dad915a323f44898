import { encodeFunctionData, type Hex, zeroAddress } from "viem";
import { marketNamed } from "../../../keeper/markets/marketFiles.ts";
import { shippedMarkets } from "../../markets.ts";
import { type AaveMarket, aaveAbi, aaveAt, aclCall, deployAave, type Reserve } from "../lenders/aave.ts";
import { createContract } from "../lenders/create.ts";
import { type Governance, safeGovernance } from "../lenders/governance.ts";
import { deployMorpho, type MorphoMarket, morphoAbi } from "../lenders/morpho.ts";
import type { ReplicaAccounts } from "../replica/accounts.ts";
import { MAINNET_ADDRESSES as AT, TOKEN_DECIMALS } from "../replica/addresses.ts";
import { ownArtifact } from "../replica/artifacts.ts";
import { mined, type ReplicaClient, send, write } from "../replica/node.ts";
import type { SimulatedChain } from "./chain.ts";
import { COLLATERALS, type CollateralName } from "./lender.ts";
import { AGENT_ADDRESS } from "./protection.ts";

/**
 * Where the lenders are on Ethereum: Aave's PoolAddressesProvider (AaveV3Ethereum of @aave-dao/aave-address-book 4.68.1)
 * and Morpho Blue (docs.morpho.org/developers/contracts/addresses, and EthMainnet in
 * packages/blue-sdk/src/addresses.ts of morpho-org/sdks).
 */
const MAINNET_LENDERS = {
  aaveProvider: "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e",
  morpho: "0xBBBBBbbBBb9cC5e90e3b3Af64bdAF62C37EEFFCb",
} as const;

/** LLTV of the Morpho markets; Morpho's governance has enabled it on mainnet. */
const LLTV = 86n * 10n ** 16n;
const BONUS_BPS = 10_500;

const AT_MORPHO =
  "At Morpho Blue nothing of Tonsor moves: a market's LLTV and oracle are for ever, and one price is both health and what is seized";

/** The lenders' contracts before anybody uses them. */
type LenderContracts = {
  readonly aave: AaveMarket;
  readonly morpho: Hex;
  readonly governance: string;
  /** In words, where each came from. */
  readonly origins: readonly string[];
};

/**
 * The lenders of the chain, or else new ones, governed by a Safe through a timelock. Their governance gives the
 * announced agent the role of risk admin.
 * @param usdcFeed a feed that says one dollar
 */
export async function openLenders(chain: SimulatedChain, usdcFeed: Hex): Promise<LenderContracts> {
  const { client, accounts } = chain;
  const from = accounts.deployer.address;
  const isDeployed = async (address: Hex) => (await client.getCode({ address })) !== undefined;
  const [hasAave, hasMorpho] = [
    await isDeployed(MAINNET_LENDERS.aaveProvider),
    await isDeployed(MAINNET_LENDERS.morpho),
  ];
  const own = hasAave && hasMorpho ? null : await safeGovernance(client, accounts);
  const reserves = reservesOf(usdcFeed);
  const aave = hasAave
    ? await aaveAt(client, MAINNET_LENDERS.aaveProvider)
    : await deployAave(client, from, { owner: (own as Governance).address, reserves });
  const morpho = hasMorpho
    ? MAINNET_LENDERS.morpho
    : await deployMorpho(client, from, { owner: (own as Governance).address, lltv: LLTV });
  const governance = hasAave ? impersonated(chain, aave.admin) : (own as Governance);
  const sources = [
    [AT.tokens.WETH, AT.tokens.WBTC],
    [AT.feeds.WETH, AT.feeds.WBTC],
  ];
  const oracleData = encodeFunctionData({ abi: aaveAbi("AaveOracle"), functionName: "setAssetSources", args: sources });
  await governance.act([
    ...(hasAave ? [aclCall(aave.acl, "addPoolAdmin", aave.admin), { to: aave.oracle, data: oracleData }] : []),
    aclCall(aave.acl, "addRiskAdmin", AGENT_ADDRESS),
  ]);
  const where = (isForked: boolean, name: string) =>
    `${name}: ${isForked ? "the one of the forked chain" : "deployed for the simulation"}`;
  return {
    ...{ aave, morpho, governance: governance.how },
    origins: [where(hasAave, "Aave v3.6"), where(hasMorpho, "Morpho Blue"), AT_MORPHO],
  };
}

/** Reserves as our markets are listed, so that with and without us begin alike. */
function reservesOf(usdcFeed: Hex): readonly Reserve[] {
  const collaterals = COLLATERALS.map((name): Reserve => {
    const { initialBps, maintenanceBps } = marketNamed(shippedMarkets(), name).listing;
    const collateral = { ltvBps: 10_000 - initialBps, thresholdBps: 10_000 - maintenanceBps, bonusBps: BONUS_BPS };
    return { asset: AT.tokens[name], symbol: name, decimals: TOKEN_DECIMALS[name], feed: AT.feeds[name], collateral };
  });
  return [...collaterals, { asset: AT.tokens.USDC, symbol: "USDC", decimals: 6, feed: usdcFeed, collateral: null }];
}

/** A feed that answers one dollar. */
export async function dollarFeed(client: ReplicaClient, from: Hex): Promise<Hex> {
  const feed = ownArtifact("test/mocks/MockPriceFeed");
  const address = await createContract(client, from, feed, ["USDC / USD", 8]);
  await write(client, from, address, feed.abi, "setAnswer", [10n ** 8n]);
  return address;
}

/**
 * Puts Aave v3.6 and Morpho Blue on a replica where they are on Ethereum, owned by its governance account: whoever forks it
 * finds lenders as on mainnet.
 */
export async function putLenders(client: ReplicaClient, { deployer, governance }: ReplicaAccounts): Promise<void> {
  const reserves = reservesOf(await dollarFeed(client, deployer.address));
  const owner = governance.address;
  await deployAave(client, deployer.address, { owner, reserves, at: MAINNET_LENDERS.aaveProvider });
  await deployMorpho(client, deployer.address, { owner, lltv: LLTV, at: MAINNET_LENDERS.morpho });
}

/**
 * Creates a Morpho market for each collateral, its oracle the feed as it is: one price decides there who is liquidated and what
 * is seized, so a haircut in it would raise what liquidators take. Nothing of ours moves at Morpho.
 */
export async function createMorphoMarkets(
  chain: SimulatedChain,
  morpho: Hex,
): Promise<Readonly<Record<CollateralName, MorphoMarket>>> {
  const { client, accounts } = chain;
  const artifact = ownArtifact("test/mocks/FeedMorphoOracle");
  const markets: Partial<Record<CollateralName, MorphoMarket>> = {};
  for (const name of COLLATERALS) {
    const args = [AT.feeds[name], TOKEN_DECIMALS[name], 6];
    const oracle = await createContract(client, accounts.deployer.address, artifact, args);
    const market = {
      loanToken: AT.tokens.USDC,
      collateralToken: AT.tokens[name],
      oracle,
      irm: zeroAddress,
      lltv: LLTV,
    };
    await chain.send(accounts.deployer.address, morpho, morphoAbi(), "createMarket", [market]);
    markets[name] = market;
  }
  return markets as Record<CollateralName, MorphoMarket>;
}

/** On a chain with lenders of its own nobody can ask their governance: its account is impersonated, and the report says so. */
function impersonated({ client }: SimulatedChain, admin: Hex): Governance {
  return {
    address: admin,
    how: `the forked market's own admin ${admin}, impersonated`,
    async act(calls) {
      await client.setBalance({ address: admin, value: 10n ** 20n });
      for (const { to, data } of calls) await mined(client, [await send(client, { from: admin, to, data })]);
    },
  };
}
