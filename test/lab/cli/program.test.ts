import assert from "node:assert/strict";
import { test } from "node:test";
import { LAB } from "../../../scripts/lab/cli/registry.ts";
import type { LabCommand } from "../../../scripts/lab/cli/services.ts";
import { runLine } from "../../cli/harness.ts";
import { lab } from "./harness.ts";

test("no command at all prints the help and succeeds", async () => {
  const { code, out, err } = await lab("");
  assert.deepEqual([code, err], [0, ""]);
  for (const name of Object.keys(LAB.commands)) assert.ok(out.includes(`\n  ${name} `), `help lists ${name}`);
  assert.match(out, /Exit codes:/);
  assert.match(out, /scripts\/lab\/cli\/JSON\.md/);
});

test("every command's help shows its arguments, examples and units", async () => {
  for (const [name, spec] of Object.entries(LAB.commands)) {
    assert.equal(spec.name, name, "registry key and name agree");
    const { code, out } = await lab(`${name} --help`);
    assert.equal(code, 0);
    assert.match(out, /Examples:\n {2}lab /, `${name} has examples`);
    assert.match(out, /Units:\n {2}\S/, `${name} has units`);
    assert.match(out, /--json/, `${name} names --json`);
  }
});

test("every example is a command line the program accepts as far as its form", async () => {
  for (const spec of Object.values<LabCommand>(LAB.commands)) {
    for (const example of spec.examples) {
      const words = example.split(" | ")[0]?.replace(/^lab /, "") ?? "";
      const { err } = await lab(`${words} --help`);
      assert.equal(err, "", example);
    }
  }
});

test("wrong words are answered with what was expected", async () => {
  for (const [line, expected] of [
    [
      "surface nowhere.csv",
      /^error BAD_FILE: nowhere\.csv cannot be read\n {2}field file, given "no such file", expected an options board/,
    ],
    [
      "depth nowhere.json",
      /^error BAD_FILE: nowhere\.json cannot be read\n {2}field file, given "no such file", expected a pool as \.json or \.json\.gz\n/,
    ],
    [
      "quote --input nowhere.json",
      /^error BAD_FILE: nowhere\.json cannot be read\n {2}field file, given "no such file", expected a JSON file of risk inputs\n/,
    ],
    ["quote", /expected --input <file>, or --schema to see what the file may hold\n/],
    ["stress --markets DOGE --present", /^error UNKNOWN_MARKET: .*\n.*expected one of WETH, WBTC\n/],
    [
      "strss price-falls",
      /unknown command\n.*given "strss", expected one of stress, backtest, .*did you mean stress\?\n/,
    ],
  ] as const) {
    const { code, out, err } = await lab(line);
    assert.deepEqual([code, out], [1, ""], line);
    assert.match(err, expected);
    assert.ok(err.trimEnd().split("\n").length <= 3, err);
  }
});

test("a new command is one file and one registry line: help, options, JSON and errors come with it", async () => {
  const toy: LabCommand = {
    name: "half-life",
    summary: "hours until half of a shock is gone",
    arguments: [{ name: "<decay>", description: "fraction kept from one hour to the next, in (0, 1)" }],
    options: [{ flags: "--weight <factor>", description: "of the shock", repeatable: true, parse: Number }],
    examples: ["lab half-life 0.9"],
    units: ["hours"],
    async run({ args, options, output }) {
      const hours = Math.log(0.5) / Math.log(Number(args[0]));
      output.result({ hours, weights: options["weight"] }, () => `${hours.toFixed(2)} h`);
      return undefined;
    },
  };
  const program = { ...LAB, commands: { ...LAB.commands, [toy.name]: toy } };
  const toyed = (line: string) => runLine(program, line, async () => assert.fail("no service is asked for"));
  assert.match((await toyed("")).out, /\n {2}half-life .*hours until half of a shock is gone/);
  assert.deepEqual(await toyed("half-life 0.5"), { code: 0, out: "1.00 h\n", err: "" });
  const json = await toyed("half-life 0.5 --weight 2 --weight 3 --json");
  assert.deepEqual(JSON.parse(json.out), { hours: 1, weights: [2, 3] });
  assert.deepEqual(JSON.parse((await toyed("half-life 0.5 --json")).out).weights, []);
  assert.match((await toyed("half-life")).err, /missing argument of lab half-life/);
});
