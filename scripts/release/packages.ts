/** Where a file of a package comes from, and its place there; a folder brings what is in it. */
type Copy = readonly [from: string, to: string];

export type PackageSpec = {
  readonly name: string;
  readonly description: string;
  readonly keywords: readonly string[];
  /** Folder of its own page, and of what is written for it alone. */
  readonly folder: string;
  /** The TypeScript whose imports are compiled; `types` with their declarations, below `dist/`; else in their places. */
  readonly code?: { readonly entry: string; readonly types: boolean };
  readonly copies: readonly Copy[];
  /** The consumer's own. */
  readonly peers: readonly string[];
  /** Imported only where an operator's setting asks for it: npm brings it to nobody. */
  readonly optional?: readonly string[];
  /** What it wants beside what its code imports. */
  readonly dependencies: readonly string[];
  /** The most that it may weigh, unpacked, bytes. */
  readonly mostBytes: number;
};

/** Every package that is made of this repository; `npm run release` stages them from this table. */
export const PACKAGES: readonly PackageSpec[] = [
  {
    name: "@tonsor/contracts",
    description:
      "Solidity of the Tonsor parameter contract: interfaces, adapters, ABI, and the real contract for tests",
    keywords: ["solidity", "collateral", "haircut", "ltv", "lending"],
    folder: "scripts/packages/contracts",
    copies: [
      ...["adapters", "gateways", "interfaces", "libraries", "parameters"].map(
        (room): Copy => [`contracts/${room}`, room],
      ),
      ["scripts/packages/contracts/testing", "testing"],
      ["test/mocks/MockHaircuts.sol", "testing/MockHaircuts.sol"],
    ],
    peers: [],
    dependencies: ["@openzeppelin/contracts"],
    mostBytes: 1_000_000,
  },
  {
    name: "@tonsor/client",
    description: "Reads the Tonsor parameter contract with viem: haircuts, batches, ramps, and evidence recomputed",
    keywords: ["viem", "collateral", "haircut", "ltv", "lending"],
    folder: "scripts/packages/client",
    code: { entry: "scripts/packages/client/client.ts", types: true },
    copies: [],
    peers: ["viem"],
    dependencies: [],
    mostBytes: 1_000_000,
  },
  {
    name: "@tonsor/model",
    description: "Tonsor's risk model without I/O: haircuts, exposure limits, option surfaces, pool depth",
    keywords: ["risk", "collateral", "haircut", "implied-volatility", "svi"],
    folder: "scripts/packages/model",
    code: { entry: "scripts/packages/model/model.ts", types: true },
    copies: [],
    peers: [],
    dependencies: [],
    mostBytes: 1_000_000,
  },
  {
    name: "tonsor",
    description: "The Tonsor keeper: implied volatility and pool depth in; haircuts and exposure limit on chain",
    keywords: ["keeper", "collateral", "haircut", "ltv", "lending"],
    folder: "scripts/packages/keeper",
    code: { entry: "keeper/main.ts", types: false },
    copies: [
      ["keeper/dashboard/page", "keeper/dashboard/page"],
      ["deployments/markets", "deployments/markets"],
      ["deployments/examples", "deployments/examples"],
      ["deployments/market.schema.json", "deployments/market.schema.json"],
      ["keeper/cli/JSON.md", "keeper/cli/JSON.md"],
      ["keeper/ERRORS.md", "keeper/ERRORS.md"],
      ["keeper/runtime/ENVIRONMENT.md", "keeper/runtime/ENVIRONMENT.md"],
      [".env.example", ".env.example"],
    ],
    peers: [],
    optional: ["bullmq", "ioredis"],
    dependencies: ["uplot"],
    mostBytes: 3_000_000,
  },
];
