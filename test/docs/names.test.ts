import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { codeOf, root } from "../architecture/sources.ts";

/** Names of others' code, of programs and of their variables, and examples of files that a reader would write. */
const NOT_OURS = new Set(
  `tonsor.config.ts File.test.ts testing/ParametersCode.sol packages/blue-sdk/src/addresses.ts
  artifacts/contracts/UniswapV3Factory.sol Constants.sol Morpho.sol PoolAddress.sol ReserveConfiguration.sol
  E_LTVBorrow GasPriceOracle HTTPS_PROXY HTTP_PROXY MAX_ALLOWED_SPOKE_CAP NODE_EXTRA_CA_CERTS NO_PROXY Spoke TickMath
  _isHealthy consult ecrecover eth1 eth_getProof eth_maxPriorityFeePerGas rampDuration rclone
  resetAssetCaps resetSpokeCaps setLTV snapshotRatio tonsor_state txpool_contentFrom updateUserDynamicConfig`.split(
    /\s+/,
  ),
);

/** The comments of a source; a page as it is, without what it tells of the past. */
const proseOf = (file: string, text: string) =>
  file.endsWith(".md")
    ? (text.split("\n## Renamed")[0] ?? "")
    : [...text.matchAll(/\/\*[\s\S]*?\*\/|(?<![:"'`\w])\/\/.*/g)].join("\n");

test("pages and comments name only files and code that are there", () => {
  const inside = "{contracts,deployments,keeper,scripts,test}/**/*.{ts,js,sol,md,json,jsonc,yml,conf,txt}";
  const files = globSync(["*.{md,ts,json}", ".env.example", inside], { cwd: root });
  const code = files.filter((file) => !file.endsWith(".md") && !file.endsWith("docs/names.test.ts"));
  const words = new Set(code.flatMap((file) => codeOf(join(root, file)).match(/\w+/g) ?? []));
  const ends = new Set(files.flatMap((file) => file.split("/").map((_, at, all) => all.slice(at).join("/"))));
  const told = files.filter((file) => /^(?!CHANGELOG|scripts\/packages).*\.(?:ts|js|sol|md)$/.test(file));
  const unknown = told.flatMap((file) => {
    const prose = proseOf(file, readFileSync(join(root, file), "utf8"));
    const named = [...prose.matchAll(/(?<![\w*@./-])[./]*(\w[\w./-]*\.(?:ts|sol))\b/g)].map(([, name = ""]) => name);
    const said = [...prose.matchAll(/`(\w{4,})(?:\(\))?`/g)].map(([, name = ""]) => name);
    const missing = [...named.filter((name) => !ends.has(name)), ...said.filter((name) => !words.has(name))];
    return missing.filter((name) => !NOT_OURS.has(name)).map((name) => `${file}: ${name}`);
  });
  assert.deepEqual(unknown, []);
});
