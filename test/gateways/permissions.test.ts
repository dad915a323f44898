import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Interface } from "ethers";
import { compiled } from "../support/compiled.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const PARTS = ["parameters", "gateways", "adapters"];

type Artifact = { readonly contractName: string; readonly abi: object[]; readonly bytecode: string };

/** Every signature in the lists: who may call it and what it may change is said, and tried, there. */
const listed: ReadonlySet<string> = new Set(
  PARTS.flatMap((part) => {
    const content = readFileSync(join(root, "test", "contracts", part, "Permissions.t.sol"), "utf8");
    return [...content.matchAll(/\b(?:rule|add)\(\s*(?:address\(\w+\), )?"([^"]+)"/g)].map(([, signature]) =>
      String(signature),
    );
  }),
);

/** Every contract of these folders that can be deployed. */
function deployable(): Artifact[] {
  const files = PARTS.flatMap((part) => globSync(`artifacts/contracts/${part}/*.sol/*.json`, { cwd: root }));
  const all = files.map((file) => JSON.parse(readFileSync(join(root, file), "utf8")) as Artifact);
  return all.filter(({ bytecode, abi }) => bytecode !== "0x" && abi.length > 0);
}

describe("the lists of permissions", () => {
  before(compiled);

  it("name every function of every contract that can change anything", () => {
    const missing: string[] = [];
    const contracts = deployable();
    for (const name of ["Parameters", "SignerQuorum", "Challenge", "ListingGate", "AaveV3Agent"]) {
      assert.ok(
        contracts.some(({ contractName }) => contractName === name),
        `${name} is not among those looked at`,
      );
    }
    for (const { contractName, abi } of contracts) {
      new Interface(abi as never).forEachFunction((one) => {
        const changes = !["view", "pure"].includes(one.stateMutability);
        // Of the parameter contract what only reads is called too.
        if (!changes && contractName !== "Parameters") return;
        if (!listed.has(one.format("sighash"))) missing.push(`${contractName}.${one.format("sighash")}`);
      });
    }
    assert.deepEqual(missing, []);
  });

  it("name no function that there is not", () => {
    const all = deployable().flatMap(({ abi }) => {
      const found: string[] = [];
      new Interface(abi as never).forEachFunction((one) => void found.push(one.format("sighash")));
      return found;
    });
    assert.deepEqual(
      [...listed].filter((signature) => !all.includes(signature)),
      [],
    );
  });

  it("rest on the compiler: what only reads has no assembly that writes, calls or creates", () => {
    for (const file of PARTS.flatMap((part) => globSync(`contracts/${part}/*.sol`, { cwd: root }))) {
      const content = readFileSync(join(root, file), "utf8").replaceAll(/\/\/.*$/gm, "");
      const own = [...content.matchAll(/\b(sstore|tstore|call|callcode|delegatecall|create2?|selfdestruct)\(/g)].map(
        ([, name]) => name,
      );
      assert.deepEqual(own, file.endsWith("parameters/Store.sol") ? ["sstore"] : [], file);
    }
  });
});

describe("SECURITY.md", () => {
  const page = readFileSync(join(root, "SECURITY.md"), "utf8");
  const source = (file: string) => readFileSync(join(root, "contracts", "parameters", file), "utf8");
  const constant = (file: string, name: string): number => {
    const found = new RegExp(`${name} = ([\\d_]+)`).exec(source(file))?.[1];
    assert.ok(found, `${name} is no constant of ${file}`);
    return Number(found.replaceAll("_", ""));
  };

  it("gives the contract's own hours, numbers and versions", () => {
    const [held, cooled] = [constant("Parameters.sol", "GUARDIAN_HOURS"), constant("Parameters.sol", "COOLDOWN_HOURS")];
    assert.match(page, new RegExp(`: ${held} of any ${held + cooled} h each`));
    assert.match(page, new RegExp(`close a market for ${constant("Parameters.sol", "CHALLENGE_HOURS")} h`));
    assert.match(page, new RegExp(`${constant("Store.sol", "MAX_MARKETS")} markets`));
    assert.match(
      page,
      new RegExp(`values by hand up to ${/MAX_OVERRIDE = (\d+) days/.exec(source("Parameters.sol"))?.[1]} days`),
    );
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    assert.match(page, new RegExp(`solc ${devDependencies.solc}`));
    assert.ok(
      String(dependencies["@openzeppelin/contracts"]).startsWith(/OpenZeppelin (\d+\.\d+)/.exec(page)?.[1] ?? "none"),
    );
  });

  it("names every power there is", () => {
    const members = /enum Power \{([^}]*)\}/.exec(source("IParameters.sol"))?.[1]?.replaceAll(/\/\/\/.*$/gm, "") ?? "";
    const powers = members
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "" && name !== "NONE");
    const rows = ["hot key", "signer quorum", "guardian", "challenger", "lister"];
    assert.equal(powers.length, rows.length, "the contract has another power");
    for (const row of rows) assert.match(page, new RegExp(`^\\| ${row} \\|`, "m"));
  });
});
