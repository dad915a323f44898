import assert from "node:assert/strict";
import { test } from "node:test";
import { TONSOR } from "../../keeper/cli/registry.ts";
import { Stopped, TonsorError } from "../../keeper/domain/errors.ts";
import { tonsor } from "./harness.ts";
import { aBrokenService, aCycle, aService, aVerification, CHECKS, FAILED, HASH } from "./outcomes.ts";

test("no command at all prints the help and succeeds", async () => {
  const { code, out, err } = await tonsor("");
  assert.equal(code, 0);
  assert.equal(err, "");
  for (const name of Object.keys(TONSOR.commands))
    assert.ok(out.includes(name.split(" ")[0] ?? ""), `help lists ${name}`);
  assert.match(out, /Exit codes:/);
});

test("every command's help shows its arguments, examples and units", async () => {
  for (const [name, spec] of Object.entries(TONSOR.commands)) {
    assert.equal(spec.name, name, "registry key and name agree");
    const { code, out } = await tonsor(`${name} --help`);
    assert.equal(code, 0);
    assert.match(out, /Examples:\n {2}tonsor /, `${name} has examples`);
    assert.match(out, /Units:\n {2}\S/, `${name} has units`);
    assert.match(out, /--json/, `${name} names --json`);
  }
});

test("every example is a command line the program accepts as far as its form", async () => {
  for (const spec of Object.values(TONSOR.commands)) {
    for (const example of spec.examples) {
      const words = example.split(" | ")[0]?.replace(/^tonsor /, "") ?? "";
      const { err } = await tonsor(`${words} --help`);
      assert.equal(err, "", example);
    }
  }
});

test("an unknown command is answered with the known ones and the nearest", async () => {
  const { code, out, err } = await tonsor("explian WETH");
  assert.equal(code, 1);
  assert.equal(out, "");
  assert.equal(err.split("\n")[0], "error BAD_ARGUMENT: unknown command");
  assert.match(err, /given "explian", expected one of run, once, .*; did you mean explain\?/);
});

test("an unknown option is answered with the command's options and the nearest", async () => {
  const { code, err } = await tonsor("recompute --form 3");
  assert.equal(code, 1);
  assert.match(
    err,
    /unknown option of tonsor recompute\n {2}field option, given "--form", expected one of --evidence, --from, --to/,
  );
  assert.match(err, /did you mean --from\?/);
});

test("a missing argument is answered with the form of the command", async () => {
  const { code, err } = await tonsor("explain");
  assert.equal(code, 1);
  assert.match(
    err,
    /missing argument of tonsor explain\n {2}field market, given "nothing", expected tonsor explain <market>, where market is/,
  );
});

test("too many arguments are answered with the form of the command", async () => {
  const { code, err } = await tonsor("explain WETH WBTC");
  assert.equal(code, 1);
  assert.match(err, /too many arguments of tonsor explain\n.*expected tonsor explain <market>/);
});

test("an option without its value is answered with what it wants", async () => {
  const { code, err } = await tonsor("tx list --limit");
  assert.equal(code, 1);
  assert.match(err, /missing value of an option of tonsor tx list\n.*--limit <n>/);
});

test("a group without its command is answered with the commands of the group", async () => {
  const { code, err } = await tonsor("config chekc");
  assert.equal(code, 1);
  assert.match(err, /unknown command\n.*expected one of check; did you mean check\?/);
});

test("a value out of range is answered with its range", async () => {
  const { code, err } = await tonsor("tx list --limit 1001");
  assert.equal(code, 1);
  assert.match(err, /field limit, given "1001", expected a whole number in \[1, 1000\]/);
});

test("an unknown market is answered with the configured ones, and asks nothing of any venue", async () => {
  const { services, calls } = aService();
  const { code, err } = await tonsor("explain DOGE", services);
  assert.equal(code, 1);
  assert.match(
    err,
    /error UNKNOWN_MARKET: unknown market\n {2}field market, given "DOGE", expected one of WETH, WBTC\n {2}Use one of/,
  );
  assert.deepEqual(calls, []);
});

test("a market is found whatever its case", async () => {
  const { services, calls } = aService();
  assert.equal((await tonsor("explain weth", services)).code, 0);
  assert.deepEqual(calls, [["assessNow", "WETH"]]);
});

test("an error that a later try may cure ends with 75, one of configuration with 78", async () => {
  const down = aBrokenService(new TonsorError("RPC_FAILED", "no answer from the endpoint"));
  const wrong = aBrokenService(new TonsorError("BAD_CONFIG", "2 problems", { field: "RPC_URL", expected: "a URL" }));
  assert.equal((await tonsor("status", down)).code, 75);
  assert.equal((await tonsor("status", wrong)).code, 78);
});

test("with --json an error is JSON on stdout and nothing else", async () => {
  const { code, out, err } = await tonsor("explain DOGE --json");
  assert.equal(code, 1);
  assert.equal(err, "");
  assert.deepEqual(JSON.parse(out), {
    error: {
      code: "UNKNOWN_MARKET",
      message: "unknown market",
      field: "market",
      given: "DOGE",
      expected: "one of WETH, WBTC",
      advice: "Use one of the names listed in the message.",
    },
  });
});

test("a stack is shown only with LOG_LEVEL=debug", async () => {
  const defect = () => Promise.reject(new RangeError("boom"));
  const quiet = await tonsor("status", defect);
  assert.match(quiet.err, /^error UNEXPECTED: boom\n {2}This is a defect/);
  assert.doesNotMatch(quiet.err, / at /);
  assert.match((await tonsor("status", defect, { LOG_LEVEL: "debug" })).err, /RangeError: boom\n\s+at /);
});

test("what a person stops is no defect: it says so, and ends as a shell's command does", async () => {
  const stopped = () => Promise.reject(new Stopped("SIGINT"));
  const { code, err } = await tonsor("status", stopped);
  assert.deepEqual([code, err], [130, "stopped by SIGINT\n"]);
  const within = () => Promise.reject(new TonsorError("RPC_FAILED", "no answer", {}, new Stopped("SIGTERM")));
  const other = await tonsor("status --json", within);
  assert.equal(other.code, 143);
  assert.deepEqual([JSON.parse(other.out).error.code, other.err], ["STOPPED", ""]);
});

test("once and dry-run differ in what may be sent", async () => {
  const { services, calls } = aService();
  assert.equal((await tonsor("once", services)).code, 0);
  assert.equal((await tonsor("dry-run", services)).code, 0);
  assert.deepEqual(calls, [
    ["runOnce", false],
    ["runOnce", true],
  ]);
});

test("a cycle in which no market could be assessed ends with 75", async () => {
  const runOnce = async () => ({
    time: 1,
    entries: [],
    delivered: true,
    failures: [{ market: "WETH", message: "no answer" }],
  });
  const { code, out } = await tonsor("once", aService({ runOnce }).services);
  assert.equal(code, 75);
  assert.match(out, /WETH: no answer/);
});

test("a cycle whose batch was due and did not land ends with 75: cron and supervisors notice", async () => {
  const runOnce = async () => ({ ...aCycle(), delivered: false });
  assert.equal((await tonsor("once", aService({ runOnce }).services)).code, 75);
});

test("a command of several words without its second word names the words there are", async () => {
  const { code, err } = await tonsor("config");
  assert.equal(code, 1);
  assert.match(
    err,
    /^error BAD_ARGUMENT: missing command of tonsor config\n {2}field command, .* expected one of check\n/,
  );
});

test("run prints one JSON line per cycle with --json", async () => {
  const lines = (await tonsor("run --json")).out.trimEnd().split("\n");
  assert.equal(lines.length, 2);
  for (const line of lines) assert.equal(JSON.parse(line).decisions[0].market, "WETH");
});

test("verify refuses what is no hash, and ends with 1 when the evidence differs", async () => {
  const bad = await tonsor("verify 0x12");
  assert.equal(bad.code, 1);
  assert.match(bad.err, /given "0x12", expected a hash as lists show it, or 0x and 4 to 64 digits/);
  assert.equal((await tonsor(`verify ${HASH}`)).code, 0);
  const differs = await tonsor(
    `verify ${HASH}`,
    aService({ verifyTransaction: async () => aVerification(false) }).services,
  );
  assert.equal(differs.code, 1);
  assert.match(differs.out, /NOT verified\n {2}WETH initial: chain 2217 bp, recomputed 2218 bp/);
  assert.match(differs.out, /\n {2}contract {6}0x5Fb\w+\n.*\n {2}signed by {5}0x7099\w+\n {16}0x3C44\w+\n/);
});

test("doctor fails with 1 and config check with 78 when a check failed", async () => {
  const checks = async () => [...CHECKS, FAILED];
  const { services } = aService({ doctor: checks, checkConfig: checks });
  assert.equal((await tonsor("doctor", services)).code, 1);
  assert.equal((await tonsor("config check", services)).code, 78);
  assert.equal((await tonsor("doctor")).code, 0);
});
