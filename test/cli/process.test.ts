import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

const PROCESS = new URL("../../keeper/cli/process.ts", import.meta.url).href;

/** A program of two commands that print for ever, of which one is a service. */
const SCRIPT = `
import { runProcess } from ${JSON.stringify(PROCESS)};
const prints = { summary: "prints", examples: [], units: [], run: ({ output }) => new Promise(() => {
  setInterval(() => output.event({}, () => "a line"), 5);
}) };
const commands = { run: { ...prints, name: "run", lasts: true }, print: { ...prints, name: "print" } };
await runProcess({ name: "toy", preamble: "", examples: [], jsonPage: "", commands }, process.argv.slice(1), async () => ({}));`;

for (const [command, code] of [
  ["run", 75],
  ["print", 0],
] as const) {
  test(`when the reader of its output dies, ${command} ends with ${code}`, async () => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", SCRIPT, command], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.stdout.destroy();
    const [ended] = (await once(child, "exit")) as [number];
    assert.equal(ended, code);
  });
}
