import { deepEqual, equal, ok } from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { compiledContracts, unpackContracts } from "../../scripts/demo/shippedContracts.ts";
import { compiled } from "../support/compiled.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SOURCES = [
  "contracts",
  "test/mocks",
  "scripts/compilers.ts",
  "scripts/demo/contracts.json.gz",
  "package-lock.json",
];
const PARAMETERS = "artifacts/contracts/parameters/Parameters.sol/Parameters.json";

describe("contracts that come with the demonstration", () => {
  let clone: string;
  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), "tonsor-clone-"));
    for (const path of SOURCES) cpSync(join(ROOT, path), join(clone, path), { recursive: true });
  });
  afterEach(() => rmSync(clone, { recursive: true }));

  it("are what the compiler makes of the sources", async () => {
    await compiled();
    unpackContracts(clone);
    const { artifacts } = compiledContracts(ROOT);
    const advice = "contracts changed: run `npm run build && node scripts/checks/shipContracts.ts`";
    for (const [path, artifact] of Object.entries(artifacts)) {
      const file = join(clone, "artifacts", path);
      ok(existsSync(file), advice);
      deepEqual(JSON.parse(readFileSync(file, "utf8")), artifact, advice);
    }
  });

  it("are put where the compiler would, also a second time", () => {
    equal(unpackContracts(clone), true);
    const { bytecode } = JSON.parse(readFileSync(join(clone, PARAMETERS), "utf8"));
    ok(bytecode.length > 20_000);
    writeFileSync(join(clone, PARAMETERS), "half");
    equal(unpackContracts(clone), true);
    equal(JSON.parse(readFileSync(join(clone, PARAMETERS), "utf8")).bytecode, bytecode);
  });

  it("are not used where a source, the compiler's settings or a library is another", () => {
    for (const path of ["contracts/parameters/Judge.sol", "test/mocks/MockERC20.sol", "scripts/compilers.ts"]) {
      const before = readFileSync(join(clone, path), "utf8");
      writeFileSync(join(clone, path), `${before}\n`);
      equal(unpackContracts(clone), false, path);
      writeFileSync(join(clone, path), before);
    }
    const lock = JSON.parse(readFileSync(join(clone, "package-lock.json"), "utf8"));
    lock.packages["node_modules/solc"].version = "0.8.29";
    writeFileSync(join(clone, "package-lock.json"), JSON.stringify(lock));
    equal(unpackContracts(clone), false);
    ok(!existsSync(join(clone, "artifacts")));
  });

  it("are not used where the compiler has run", () => {
    mkdirSync(join(clone, "cache"));
    writeFileSync(join(clone, "cache/compile-cache.json"), "{}");
    equal(unpackContracts(clone), false);
  });
});
