import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../../../scripts/replayVenue.ts", import.meta.url));

/** Without TONSOR_DATA the script finds or generates its data itself. */
const { TONSOR_DATA: _, ...env } = process.env;

const WRONG: readonly (readonly [args: string[], message: RegExp])[] = [
  [["--from", "yesterday"], /field --from; given "yesterday"; expected YYYY-MM-DD/],
  [["--speed", "fast"], /field --speed; given "fast"; expected 0.001 to 1000000/],
  [["--every", "1"], /field --every; given "1"; expected 10 to 3600/],
  [["--port", "99999"], /field --port; given "99999"; expected 0 to 65535/],
  [["--from", "2026-02-15", "--to", "2026-02-01"], /field to/],
  [["--nonsense"], /Unknown option '--nonsense'/],
];
for (const [args, message] of WRONG) {
  test(`replayVenue ${args.join(" ")} says what was expected and exits 78`, () => {
    const run = spawnSync(process.execPath, [SCRIPT, ...args], { env, encoding: "utf8" });
    assert.equal(run.status, 78);
    assert.match(run.stderr, message);
    assert.match(run.stderr, /--from .*YYYY-MM-DD/);
  });
}

test("replayVenue says which data it plays, answers, and ends cleanly on Ctrl-C", async () => {
  const child = spawn(process.execPath, [SCRIPT, "--port", "0"], { env, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8");
  while (!output.includes("\n")) output += (await once(child.stdout, "data"))[0];
  const url = /^(http:\/\/127\.0\.0\.1:\d+\/api\/v2) {2}(recorded|generated) data \(.+\)/.exec(output)?.[1];
  assert.notEqual(url, undefined, output);
  const response = await fetch(`${url}/public/get_book_summary_by_currency?currency=ETH&kind=option`);
  assert.equal(response.status, 200);
  await response.text();
  const ended = once(child, "exit");
  child.kill("SIGINT");
  assert.deepEqual(await ended, [0, null]);
});

test("replayVenue refuses a TONSOR_DATA without recordings instead of playing something else", () => {
  const run = spawnSync(process.execPath, [SCRIPT], { env: { ...env, TONSOR_DATA: "nowhere" }, encoding: "utf8" });
  assert.equal(run.status, 78);
  assert.match(run.stderr, /no recorded chains; field folder/);
});
