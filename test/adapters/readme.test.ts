import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { USD } from "../../keeper/markets/limits.ts";
import { compileForeign } from "../../scripts/lab/lenders/compileForeign.ts";
import { adapterChain, read } from "./support/chain.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(`${root}contracts/adapters/README.md`, "utf8");
const require = createRequire(import.meta.url);
const ADAPTERS = [
  "AaveV3Agent",
  "AaveV4Agent",
  "BidAskQuoter",
  "HaircutFactorFeed",
  "HaircutFeed",
  "HaircutPriceFeed",
  "RiskOraclePublisher",
];

/** The Solidity of each section, by what the section's heading names first. */
const snippets = [...readme.matchAll(/^## [^`\n]*`(\w+)`[^\n]*\n```solidity\n([\s\S]*?)```/gm)].map((match) => ({
  name: match[1] ?? "",
  code: match[2] ?? "",
}));

/** A contract that knows what an integrator has at hand, with each snippet as a function of its own. */
function contractOf(parts: typeof snippets): string {
  const imports = ADAPTERS.map((name) => `import {${name}} from "contracts/adapters/${name}.sol";`).join("\n");
  const functions = parts.map(({ name, code }) => `function use${name}() external {\n${code}}`).join("\n");
  return `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;
${imports}
import {IHaircuts} from "contracts/interfaces/IHaircuts.sol";
import {AggregatorV3Interface} from "contracts/interfaces/AggregatorV3Interface.sol";
import {IPriceOracle} from "contracts/interfaces/adapters/IPriceOracle.sol";
import {IRiskOracle} from "contracts/interfaces/adapters/IRiskOracle.sol";
import {IAavePoolAddressesProvider} from "contracts/interfaces/adapters/IAaveV3.sol";
interface IRouter { function govSetConfig(address base, address quote, address oracle) external; }
interface IACLManager { function addRiskAdmin(address admin) external; }
contract Integrator {
  error Stale();
  address parameters; address eulerRouterOrAdapter; address provider;
  address spoke; address hub; address spokeConfigurator; address hubConfigurator;
  address WETH; address aWETH; address vWETH;
  uint16 marketId; uint256 maxStaleness; uint256 collateralValue;
  IRouter router; IACLManager aclManager; AggregatorV3Interface ethUsd;
${functions}
}`;
}

/** The lender of the project's page. */
const lender = /```solidity\n(contract Lender [\s\S]*?)```/.exec(readFileSync(`${root}README.md`, "utf8"))?.[1] ?? "";
const SETTINGS = { viaIR: false, evmVersion: "cancun", optimizer: { enabled: false } };

const source = (path: string) => {
  if (path === "Integrator.sol") return contractOf(snippets);
  if (path === "Lender.sol") {
    return `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;
import {IHaircuts} from "contracts/interfaces/IHaircuts.sol";
${lender}`;
  }
  return readFileSync(path.startsWith("@") ? require.resolve(path) : `${root}${path}`, "utf8");
};

test("every example of the adapters' page compiles as it stands, and every adapter has one", () => {
  const { Integrator } = compileForeign(["Integrator.sol"], ["Integrator"], SETTINGS, source);
  assert.ok(Integrator !== undefined);
  const examples = (Integrator.abi as { name?: string }[]).filter(({ name }) => name !== undefined);
  assert.equal(examples.length, 6, "five functions and the error Stale");
  for (const name of ADAPTERS.filter((adapter) => adapter !== "HaircutFeed")) {
    assert.ok(
      snippets.some(({ code }) => code.includes(`new ${name}(`)),
      `${name} is deployed in an example`,
    );
  }
  for (const { name, code } of snippets) assert.ok(code.trim().split("\n").length <= 12, `${name}: about ten lines`);
});

test("README's lender compiles, lends by initial, liquidates by maintenance, and refuses a pair that is not listed yet", async () => {
  const { Lender } = compileForeign(["Lender.sol"], ["Lender"], SETTINGS, source);
  assert.ok(Lender !== undefined);
  const chain = await adapterChain("contract");
  const token = await chain.own("MockERC20", "Wrapped Ether", "WETH", 18);
  const collateral = await token.getAddress();
  const parameters = await chain.haircuts.getAddress();
  await assert.rejects(chain.foreign(Lender, [parameters, collateral]), /not listed yet/);

  await chain.set(collateral, USD, 2_200, 1_800);
  const deployed = await chain.foreign(Lender, [parameters, collateral]);
  assert.equal(await read(deployed, "borrowLimit", 10_000n), 7_800n);
  assert.equal(await read(deployed, "isLiquidatable", 10_000n, 8_200n), false);
  assert.equal(await read(deployed, "isLiquidatable", 10_000n, 8_201n), true);

  await chain.set(collateral, USD, 2_200, 1_800, 1);
  assert.equal(await read(deployed, "borrowLimit", 10_000n), 0n, "a closed market lends nothing");
  assert.equal(await read(deployed, "isLiquidatable", 10_000n, 8_200n), false, "and liquidates nobody");
});
