import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { keccak256 } from "viem";
import { parse } from "yaml";
import { FORM } from "../../keeper/evidence/pieces.ts";
import { VERSION } from "../../keeper/io/version.ts";
import { MIGRATIONS } from "../../keeper/journal/migrations.ts";
import { MODEL_VERSION } from "../../keeper/pipeline.ts";
import { compiled } from "../support/compiled.ts";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

/** Hash of the contract's code on chain without the metadata at its end, whose last two bytes are its length. */
function contractHash(): string {
  const artifact = JSON.parse(read("artifacts/contracts/parameters/Parameters.sol/Parameters.json"));
  const code: string = artifact.deployedBytecode;
  return keccak256(code.slice(0, -2 * (Number.parseInt(code.slice(-4), 16) + 2)) as `0x${string}`);
}

describe("a release", () => {
  before(compiled);

  it("has the versions of model, evidence, journal and contract on top of CHANGELOG.md", () => {
    const newest = /^## (\S+?),? .*\n\n\|.*\n\|.*\n\| (.*) \|$/m.exec(read("CHANGELOG.md"));
    assert.equal(newest?.[1], VERSION);
    assert.deepEqual(
      newest?.[2]?.split(" | "),
      [String(MODEL_VERSION), FORM, String(MIGRATIONS.length), contractHash()],
      "say in CHANGELOG.md what changed, and for whom; a new contract is a new deployment",
    );
  });

  it("is checked by the gate and by a dry run, with actions that nobody can change under it", () => {
    const { jobs } = parse(read(".github/workflows/check.yml")) as {
      jobs: Record<string, { steps: { uses?: string; run?: string }[] }>;
    };
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    const runs = steps.flatMap(({ run }) => run ?? []);
    assert.ok(runs.includes(".ci/run") && runs.includes("npm run release -- --dry-run"));
    for (const { uses } of steps) if (uses !== undefined) assert.match(uses, /^actions\/[\w-]+@[0-9a-f]{40}$/);
  });
});
