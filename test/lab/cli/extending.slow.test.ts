import assert from "node:assert/strict";
import { copyFileSync, cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startProgram } from "../../support/child.ts";
import { calmBundle, storeBundle } from "../../support/storedEvidence.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const NOW = 1_770_000_000;

const TOY_SCENARIO = { summary: "no pool answers", all: { dark: ["pool"] } };
const TOY_COMMAND = `import { numberIn } from "../../../../keeper/cli/arguments.ts";
import type { LabCommand } from "../services.ts";

export const halfLife: LabCommand = {
  name: "half-life",
  summary: "hours until half of a shock is gone",
  options: [{ flags: "--decay <fraction>", description: "kept an hour", fallback: 0.5, parse: numberIn("--decay", 0, 1) }],
  examples: ["lab half-life --decay 0.9"],
  units: ["hours"],
  async run({ options, output }) {
    const hours = Math.log(0.5) / Math.log(Number(options["decay"]));
    output.result({ hours }, () => hours + " h");
    return undefined;
  },
};
`;

describe("a copy of scripts/ with one file and one registry line more", () => {
  const copy = temporaryFolder();
  let evidence = "";
  const lab = (line: string) =>
    startProgram(
      pathToFileURL(join(copy, "scripts/lab/main.ts")).href,
      line.split(" "),
      { PATH: process.env["PATH"] },
      copy,
    ).ended;
  /** Adds a file, its import and its line to the registry. */
  function add(file: string, content: string, registry: string, name: string, before: string, line: string): void {
    writeFileSync(join(copy, file), content);
    const path = join(copy, registry);
    const from = `./${file.split("/").slice(-2).join("/")}`;
    const lines = readFileSync(path, "utf8").replace(before, `${line}\n${before}`);
    writeFileSync(path, `import { ${name} } from "${from}";\n${lines}`);
  }

  before(async () => {
    cpSync(join(ROOT, "scripts"), join(copy, "scripts"), { recursive: true });
    copyFileSync(join(ROOT, "package.json"), join(copy, "package.json"));
    for (const name of ["keeper", "node_modules"]) symlinkSync(join(ROOT, name), join(copy, name));
    evidence = join(copy, `${await storeBundle(copy, calmBundle(NOW))}.json.gz`);
  });

  it("has a new scenario by its file alone, in the table and in what an unknown name is answered with", async () => {
    writeFileSync(join(copy, "scripts/lab/stress/scenarios/pools-dark.json"), JSON.stringify(TOY_SCENARIO));
    const { code, out, err } = await lab(`stress pools-dark --markets WETH --evidence ${evidence} --json`);
    assert.equal(code, 0, err);
    const [{ scenario, summary, markets }] = JSON.parse(out).scenarios;
    assert.deepEqual([scenario, summary], ["pools-dark", "no pool answers"]);
    const { faults } = markets[0].keeper;
    assert.ok(
      faults.some(({ code: fault }: { code: string }) => fault === "UNREACHABLE"),
      JSON.stringify(faults),
    );
    const unknown = await lab(`stress pool-dark --evidence ${evidence}`);
    assert.match(unknown.err, /expected some of .*pools-dark.*did you mean pools-dark\?/);
  });

  it("has a new command, with its help, JSON and errors", async () => {
    const registry = "scripts/lab/cli/registry.ts";
    add(
      "scripts/lab/cli/commands/halfLife.ts",
      TOY_COMMAND,
      registry,
      "halfLife",
      "    stress,",
      '    "half-life": halfLife,',
    );
    assert.match((await lab("--help")).out, /\n {2}half-life \[options\] +hours until half of a shock is gone/);
    assert.deepEqual(await lab("half-life"), { code: 0, signal: null, out: "1 h\n", err: "" });
    assert.deepEqual(JSON.parse((await lab("half-life --json")).out), { hours: 1 });
    assert.match((await lab("half-life --decay 2")).err, /field --decay, given "2", expected a number in \[0, 1\]/);
  });
});
