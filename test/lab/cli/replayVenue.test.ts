import assert from "node:assert/strict";
import { test } from "node:test";
import { startLab } from "../../support/child.ts";
import { lab } from "./harness.ts";

const WRONG: readonly (readonly [line: string, message: RegExp])[] = [
  ["--from yesterday", /field --from, given "yesterday", expected 2026-02-05, 2026-02-05T21:30:00Z, or Unix seconds/],
  ["--speed fast", /field --speed, given "fast", expected a number in \[0\.001, 1000000\]/],
  ["--every 1", /field --every, given "1", expected a number in \[10, 3600\]/],
  ["--port 99999", /field --port, given "99999", expected a whole number in \[0, 65535\]/],
  ["--from 2026-02-15 --to 2026-02-01", /field to/],
  ["--nonsense", /unknown option of lab replay-venue\n {2}field option, given "--nonsense", expected one of --from, /],
];
for (const [line, message] of WRONG) {
  test(`replay-venue ${line} says what was expected and exits with 1`, async () => {
    const { code, out, err } = await lab(`replay-venue ${line}`);
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, message);
  });
}

for (const [signal, words] of [
  ["SIGINT", []],
  ["SIGTERM", ["--json"]],
] as const) {
  test(`replay-venue ${words.join(" ")} says which data it plays, answers, and ends with 0 on ${signal}`, async (t) => {
    const child = startLab(["replay-venue", "--port", "0", ...words]);
    t.after(() => child.kill("SIGKILL"));
    await child.until(({ out }) => out.endsWith("\n"), "where it answers");
    const { out } = child.said();
    const url = /(http:\/\/127\.0\.0\.1:\d+\/api\/v2)/.exec(out)?.[1];
    assert.match(
      out,
      words.length === 0 ? /(recorded|generated) data \(.+\)\n/ : /^\{"url":.*"data":"(recorded|generated)"/,
    );
    const response = await fetch(`${url}/public/get_book_summary_by_currency?currency=ETH&kind=option`);
    assert.equal(response.status, 200);
    await response.text();
    child.kill(signal);
    assert.equal((await child.ended).code, 0);
  });
}

test("replay-venue refuses a TONSOR_DATA without recordings instead of playing something else", async () => {
  const { code, err } = await startLab(["replay-venue"], { PATH: process.env["PATH"], TONSOR_DATA: "nowhere" }).ended;
  assert.equal(code, 1);
  assert.match(err, /no recorded chains\n {2}field folder/);
});
