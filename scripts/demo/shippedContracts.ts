import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

/** The contracts that a demonstration deploys, below artifacts/. */
const PLAYED = [
  "contracts/parameters/Parameters.sol/Parameters.json",
  "contracts/gateways/SignerQuorum.sol/SignerQuorum.json",
  "contracts/gateways/Challenge.sol/Challenge.json",
  "contracts/gateways/ListingGate.sol/ListingGate.json",
  "test/mocks/MockERC20.sol/MockERC20.json",
  "test/mocks/MockPriceFeed.sol/MockPriceFeed.json",
  "test/mocks/LiquiditySeeder.sol/LiquiditySeeder.json",
];
/** What they are compiled from, with the versions of compiler and library. */
const SOURCES = [
  "contracts/**/*.sol",
  "test/mocks/{MockERC20,MockPriceFeed,LiquiditySeeder}.sol",
  "scripts/compilers.ts",
];
export const SHIPPED = "scripts/demo/contracts.json.gz";
/** There once the compiler has run. */
const COMPILED = "cache/compile-cache.json";

type Shipped = { readonly sources: string; readonly artifacts: Readonly<Record<string, unknown>> };

/**
 * Puts the contracts that a demonstration deploys where the compiler would, so that the first one after an installation need
 * not wait a minute for it. Nothing is touched where anything is compiled, or where the sources are no longer those that the
 * shipped contracts were compiled from. A test compiles them and holds them equal; only demonstrations use them.
 *
 * @returns whether they are there now
 */
export function unpackContracts(root: string): boolean {
  if (existsSync(join(root, COMPILED))) return false;
  const { sources, artifacts } = shipped(root);
  if (sources !== hashOfSources(root)) return false;
  for (const [path, artifact] of Object.entries(artifacts)) {
    const file = join(root, "artifacts", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(artifact));
  }
  return true;
}

/** The contracts as they are shipped. */
const shipped = (root: string): Shipped => JSON.parse(gunzipSync(readFileSync(join(root, SHIPPED))).toString("utf8"));

/** The contracts as they are compiled here, without what names the compilation they came from. */
export function compiledContracts(root: string): Shipped {
  const artifacts = PLAYED.map((path) => {
    const { buildInfoId, ...artifact } = JSON.parse(readFileSync(join(root, "artifacts", path), "utf8"));
    // Named by numbers that depend on what else was compiled with it.
    const places = Object.values(artifact.immutableReferences as Record<string, readonly { readonly start: number }[]>);
    places.sort((a, b) => (a[0]?.start ?? 0) - (b[0]?.start ?? 0));
    return [path, { ...artifact, immutableReferences: { ...places } }];
  });
  return { sources: hashOfSources(root), artifacts: Object.fromEntries(artifacts) };
}

function hashOfSources(root: string): string {
  const hash = createHash("sha256");
  for (const file of globSync(SOURCES, { cwd: root }).sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  }
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  for (const name of ["solc", "@openzeppelin/contracts"]) hash.update(packages[`node_modules/${name}`].version);
  return hash.digest("hex");
}
