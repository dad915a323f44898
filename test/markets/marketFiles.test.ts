import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { encodeAbiParameters, getCreate2Address, type Hex, keccak256 } from "viem";
import { parseJsonc } from "../../keeper/markets/jsonc.ts";
import { marketNamed, readMarkets, soundMarkets } from "../../keeper/markets/marketFiles.ts";
import { newMarket } from "../../keeper/markets/newMarket.ts";
import { marketJsonSchema } from "../../keeper/markets/schema.ts";
import { MAINNET_ADDRESSES } from "../../scripts/lab/replica/addresses.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** keccak256 of the creation code of Uniswap v3's pools (POOL_INIT_CODE_HASH of PoolAddress.sol). */
const POOL_CODE = "0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54";

type Content = Record<string, Record<string, unknown>>;

/** A folder of WETH's file, changed, under a name; its problems, each in a line without the folder. */
function problemsOf(change: (content: Content) => unknown, name = "WETH.jsonc"): readonly string[] {
  const folder = temporaryFolder();
  const { value } = parseJsonc(readFileSync("deployments/markets/WETH.jsonc", "utf8"));
  const content = value as Content;
  writeFileSync(join(folder, name), JSON.stringify(change(content) ?? content));
  return said(folder);
}

function said(folder: string): readonly string[] {
  return readMarkets(folder).problems.map(({ path, given, expected }) => {
    return `${path.replace(`${folder}/`, "")} | ${given} | ${expected}`;
  });
}

test("Everything that is wrong with a file is named at once: form, ranges, rules, listing and addresses, each with its path.", () => {
  const problems = problemsOf((market) => {
    Object.assign(market["model"] as object, {
      tailLevel: 2,
      suplyCapUsd: 1,
      depthShare: "much",
      liquidationCost: 0.2,
    });
    delete market["sources"]?.["history"];
    Object.assign(market["listing"] as object, { initialBps: 2_100, riskClass: "huge" });
    Object.assign(market["addresses"] as object, { feeds: { WETH: "to fill in" } });
    Object.assign(market, { claims: {}, policy: { deadBandBps: 0 } });
  });
  assert.deepEqual(problems, [
    'WETH.jsonc: model.depthShare | "much" | a fraction in [0, 1] (0.05 means 5 %)',
    "WETH.jsonc: model.tailLevel | 2 | in [0.9, 1)",
    "WETH.jsonc: model.suplyCapUsd | an unknown key | a known key; did you mean supplyCapUsd?",
    "WETH.jsonc: sources.history | nothing | a text that is not empty",
    'WETH.jsonc: listing.riskClass | "huge" | one of major, wrapped, pegged, longTail',
    'WETH.jsonc: addresses.feeds.WETH | "to fill in" | an address with its checksum, 0x and 40 hexadecimal digits, not all 0',
    "WETH.jsonc: claims | an unknown key | a known key; did you mean claim?",
    "WETH.jsonc: model.liquidationCost | 0.2 | below b/(1+b) = 0.047619047619047616",
    "WETH.jsonc: policy.deadBandBps | 0 | > 0 bp",
  ]);
});

test("A listing that the contract would refuse, a pool without an address and an address without a use are named.", () => {
  const problems = problemsOf((market) => {
    Object.assign(market["listing"] as object, { initialBps: 2_100 });
    Object.assign(market["addresses"] as object, { pools: { other: "0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640" } });
  });
  assert.deepEqual(problems, [
    "WETH.jsonc: listing.initialBps | 2100 | whole bp in [2200,5000]: its class's bounds, and a gap of 300",
    "WETH.jsonc: addresses.pools.USDC/WETH-0.05% | nothing | its address",
    "WETH.jsonc: addresses.pools.other | an address | none: nothing names it",
  ]);
});

test("What equals a default may be left out, and a section with it.", () => {
  assert.deepEqual(
    problemsOf((market) => {
      delete market["debt"];
      delete market["model"];
      market["quality"] = { maxAgeSeconds: { options: 30 } };
    }),
    [],
  );
});

test("A key that is there twice, text that is no JSON, a name that no shell could type and a folder without markets are named.", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "A.jsonc"), '// so\n{ "model": { "tailLevel": 0.95, /* or so */ "tailLevel": 0.9 } }');
  assert.match(said(folder)[0] ?? "", /^A\.jsonc: model\.tailLevel \| twice \| each key once$/);
  writeFileSync(join(folder, "A.jsonc"), '{ "model": // not closed\n }');
  assert.match(said(folder)[0] ?? "", /^A\.jsonc \| Unexpected token .* \| JSON, comments allowed$/);
  assert.deepEqual(
    problemsOf(() => undefined, "a b.jsonc"),
    ["a b.jsonc | a b | a name of letters, digits and -"],
  );
  const [none, missing] = [temporaryFolder(), join(folder, "none")];
  assert.deepEqual(said(none), [`${none} | no market | a file <name>.jsonc for each market`]);
  assert.deepEqual(said(missing), [`${missing} | no such file | a folder of markets`]);
});

test("Two markets that contradict each other are named with both files; the others stay.", () => {
  const folder = temporaryFolder();
  cpSync("deployments/markets", folder, { recursive: true });
  const weth = readFileSync(join(folder, "WETH.jsonc"), "utf8");
  writeFileSync(
    join(folder, "ETH2.jsonc"),
    weth
      .replace("0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640", "0xCBCdF9626bC03E24f779434178A73a0B4bad62eD")
      .replace('"feed": "ETH / USD"', '"feed": "BTC / USD"')
      .replace("30e6", "20e6"),
  );
  mkdirSync(join(folder, "examples"), { recursive: true });
  writeFileSync(join(folder, "notes.txt"), "nothing");
  assert.deepEqual(
    said(folder).map((line) => line.replaceAll(`${folder}/`, "")),
    [
      "ETH2.jsonc: listing.feed | BTC / USD | ETH / USD, as WETH.jsonc has it",
      "ETH2.jsonc: listing.feed | BTC / USD | ETH / USD, as WETH.jsonc has it",
      "ETH2.jsonc: addresses.pools.USDC/WETH-0.05% | 0xCBCdF9626bC03E24f779434178A73a0B4bad62eD | 0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640, as WETH.jsonc has it",
    ],
  );
  const { names, files } = readMarkets(folder);
  assert.deepEqual(names, ["WETH", "ETH2", "WBTC"], "the largest cap first");
  assert.deepEqual(
    files.map(({ parameters }) => parameters.name),
    ["WETH", "WBTC"],
  );
  assert.throws(() => soundMarkets(readMarkets(folder)), {
    code: "BAD_CONFIG",
    message: /^BAD_CONFIG|3 problems in the configuration/,
  });
  writeFileSync(join(folder, "weth.json"), weth);
  assert.ok(said(folder).some((line) => /^weth\.json: name \| .*weth\.json \| .*WETH\.jsonc, as /.test(line)));
});

test("Comments are left out, wherever a text could be taken for one.", () => {
  const text = '{ "a//b": "/* \\" */ //", // c\r\n /* d\n */ "e": [{ "f": 1 }, { "f": 2 }] }';
  assert.deepEqual(parseJsonc(text), { value: { "a//b": '/* " */ //', e: [{ f: 1 }, { f: 2 }] }, twice: [] });
  assert.deepEqual(parseJsonc('{ "a": 1, // first\n "a": 2 }'), { value: { a: 2 }, twice: ["a"] });
  assert.throws(() => parseJsonc('{ "a": /* never closed }'), SyntaxError);
});

test("An address has one spelling, for records and other files are compared by it: lower case is refused; and 0 is none.", () => {
  const lower = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2".toLowerCase();
  for (const token of [lower, `0x${"0".repeat(40)}`]) {
    const problems = problemsOf((market) => {
      Object.assign((market["addresses"] as { tokens: object }).tokens, { WETH: token });
    });
    assert.deepEqual(problems, [
      `WETH.jsonc: addresses.tokens.WETH | "${token}" | an address with its checksum, 0x and 40 hexadecimal digits, not all 0`,
    ]);
  }
});

test("What is no file, or far longer than a market is, is named and not read: nothing waits for a pipe.", () => {
  const folder = temporaryFolder();
  execFileSync("mkfifo", [join(folder, "PIPE.jsonc")]);
  mkdirSync(join(folder, "FOLDER.jsonc"));
  symlinkSync("/dev/zero", join(folder, "ZERO.jsonc"));
  writeFileSync(join(folder, "LONG.jsonc"), `{}${" ".repeat(262_143)}`);
  assert.deepEqual([...said(folder)].sort(), [
    "FOLDER.jsonc | no file | JSON, comments allowed",
    "LONG.jsonc | 262145 bytes, at most 262144 | JSON, comments allowed",
    "PIPE.jsonc | no file | JSON, comments allowed",
    "ZERO.jsonc | no file | JSON, comments allowed",
  ]);
});

test("A market begun from another is sound but for what it names; the other's name stands nowhere in it.", () => {
  const folder = temporaryFolder();
  cpSync("deployments/markets", folder, { recursive: true });
  const { files } = readMarkets(folder);
  const begun = newMarket(marketNamed(files, "WBTC"), "LINK");
  const expected = [
    ...["sources.transferFrom", "sources.history", "sources.transferHistory"],
    ...["addresses.tokens.LINK", "addresses.pools.LINK/WETH-0.3%", "addresses.feeds.LINK"],
  ];
  assert.deepEqual(begun, { file: join(folder, "LINK.jsonc"), like: "WBTC", toFillIn: expected });
  const named = readMarkets(folder).problems.map(({ path, given }) => [path.split(": ")[1], given]);
  assert.deepEqual(
    named.toSorted(),
    expected.map((path) => [path, path.startsWith("a") ? '"to fill in"' : "to fill in"]).toSorted(),
  );
  const text = readFileSync(begun.file, "utf8");
  assert.doesNotMatch(text.slice(text.indexOf("{")), /WBTC|BTC-PERPETUAL|0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599/);
  assert.match(text, /^\/\/ LINK: begun from WBTC/);
  assert.match(text, /"USDC\/WETH-0\.05%": "0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640"/);
  assert.deepEqual(newMarket(marketNamed(files, "WETH"), "ETHx").toFillIn.slice(0, 2), [
    "sources.options",
    "sources.history",
  ]);
  for (const name of ["LINK", "../LINK", ""]) {
    assert.throws(() => newMarket(marketNamed(files, "WETH"), name), { code: "BAD_ARGUMENT" });
  }
});

test("No market is begun inside an installed package, whose next version would take it away.", () => {
  const folder = join(temporaryFolder(), "node_modules/tonsor/deployments/markets");
  cpSync("deployments/markets", folder, { recursive: true });
  const installed = marketNamed(readMarkets(folder).files, "WBTC");
  const refusal = (error: { readonly facts?: { readonly expected?: string } }) =>
    /TONSOR_MARKETS/.test(error.facts?.expected ?? "");
  assert.throws(() => newMarket(installed, "LINK"), refusal);
  assert.equal(readMarkets(folder).files.length, 2, "nothing was written");
});

test("Every example is sound beside the shipped markets, and each pool is Uniswap's of its name's tokens and fee.", () => {
  const folder = temporaryFolder();
  for (const from of ["deployments/markets", "deployments/examples"]) cpSync(from, folder, { recursive: true });
  const { files, problems } = readMarkets(folder);
  assert.deepEqual(problems, []);
  assert.ok(files.length >= 8, `${files.length}`);
  for (const { addresses } of files) {
    for (const [name, address] of Object.entries(addresses.pools)) {
      const [, one = "", other = "", percent] = /^(\w+)\/(\w+)-([\d.]+)%$/.exec(name) ?? [];
      const pair = [addresses.tokens[one], addresses.tokens[other]] as [Hex, Hex];
      assert.ok(BigInt(pair[0]) < BigInt(pair[1]), `${name}: the pool's own order`);
      const types = [{ type: "address" }, { type: "address" }, { type: "uint24" }] as const;
      const salt = keccak256(encodeAbiParameters(types, [...pair, Math.round(Number(percent) * 10_000)]));
      assert.equal(
        address,
        getCreate2Address({ from: MAINNET_ADDRESSES.factory, salt, bytecodeHash: POOL_CODE }),
        name,
      );
    }
  }
});

test("The published JSON Schema is that of the loader: `node scripts/checks/marketSchema.ts` writes it.", () => {
  const published = JSON.parse(readFileSync("deployments/market.schema.json", "utf8")) as unknown;
  assert.deepEqual(published, JSON.parse(JSON.stringify(marketJsonSchema())));
});
