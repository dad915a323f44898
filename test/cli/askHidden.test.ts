import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { keystoreAddress, openKeystore } from "../../keeper/runtime/keystore.ts";
import { programPath, withoutProgram } from "../support/programs.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const MAIN = fileURLToPath(new URL("../../keeper/main.ts", import.meta.url));
const PASSWORD = "typed-in-the-dark-17";

/** Runs a command on a terminal of its own (util-linux `script`) and types an answer after each colon it prints. */
async function onTerminal(
  command: string,
  answers: readonly string[],
): Promise<{ code: number | null; screen: string }> {
  const child = spawn(programPath("script") ?? "script", ["-qec", command, "/dev/null"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const patience = setTimeout(() => child.kill("SIGKILL"), 60_000);
  let screen = "";
  let given = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    screen += chunk.toString("utf8");
    const asked = screen.match(/(Password|Password again|digits\)): /g)?.length ?? 0;
    for (; given < Math.min(asked, answers.length); given += 1) child.stdin.write(answers[given] as string);
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearTimeout(patience);
  return { code, screen };
}

const skip = withoutProgram("script");

test("a password is typed twice on a terminal and never shown", { skip }, async () => {
  const file = join(temporaryFolder(), "key.json");
  const wrongLetter = `${PASSWORD}x\u007f\r`;
  const { code, screen } = await onTerminal(`${process.execPath} ${MAIN} keystore new ${file}`, [
    wrongLetter,
    `${PASSWORD}\r`,
  ]);
  assert.equal(code, 0, screen);
  assert.ok(!screen.includes(PASSWORD) && !screen.includes(PASSWORD.slice(0, 5)), "the password was shown");
  assert.equal((await openKeystore(file, PASSWORD)).address, keystoreAddress(file));
});

test("two passwords that differ make no file, and Ctrl-C breaks off", { skip }, async () => {
  const file = join(temporaryFolder(), "key.json");
  const differ = await onTerminal(`${process.execPath} ${MAIN} keystore new ${file}`, [
    `${PASSWORD}\r`,
    "another-one-entirely\r",
  ]);
  assert.equal(differ.code, 1);
  assert.match(differ.screen, /the two passwords differ/);
  const broken = await onTerminal(`${process.execPath} ${MAIN} keystore new ${file}`, ["\u0003"]);
  assert.equal(broken.code, 1);
  assert.match(broken.screen, /broken off/);
  assert.throws(() => keystoreAddress(file), /cannot be read \(ENOENT\)/);
});

test("without a terminal nobody is asked, and the error says so", async () => {
  const child = spawn(process.execPath, [MAIN, "keystore", "new", "/nonexistent/key.json"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  assert.equal(code, 1);
  assert.match(said, /nobody can be asked: Password/);
});
