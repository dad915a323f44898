import assert from "node:assert/strict";
import { test } from "node:test";
import { DEMO, type DemoOptions } from "../../scripts/demo/start.ts";
import { runLine } from "../cli/harness.ts";
import { aCycle } from "../cli/outcomes.ts";

type Choice = Pick<DemoOptions, "speed" | "days" | "market" | "port" | "generated" | "exitAtEnd">;

/** `npm start -- <line>` in this process; what the demonstration would be asked for. */
async function started(line: string) {
  const asked: Choice[] = [];
  const services = async () => ({
    async startDemo({ speed, days, market, port, generated, exitAtEnd, onNote, onCycle }: DemoOptions) {
      asked.push({ speed, days, market, port, generated, exitAtEnd });
      onNote("mainnet replica at block 1");
      onCycle(aCycle());
    },
  });
  return { ...(await runLine(DEMO, `start ${line}`, services)), asked };
}

test("npm start passes its options on, and leaves the speed open by default", async () => {
  const plain = await started("");
  assert.deepEqual(plain.asked, [
    { speed: null, days: null, market: null, port: 8402, generated: false, exitAtEnd: false },
  ]);
  const chosen = await started("--speed 20000 --days 2.5 --market weth --port 0 --generated --exit-at-end");
  assert.deepEqual(chosen.asked, [
    { speed: 20_000, days: 2.5, market: "weth", port: 0, generated: true, exitAtEnd: true },
  ]);
});

test("with --json the notes go to stderr", async () => {
  const { out, err } = await started("--json");
  assert.equal(err, "mainnet replica at block 1\n");
  assert.equal(JSON.parse(out).decisions.length, 1);
});

test("npm start -- --help shows the options, and wrong ones are answered with what was expected", async () => {
  const { code, out } = await started("--help");
  assert.equal(code, 0);
  assert.match(out, /Usage: npm start \[options\]/);
  assert.match(out, /Examples:\n {2}npm start\n/);
  for (const [line, expected] of [
    ["--speed fast", /field --speed, given "fast", expected a number in \[1, 10000000\]/],
    ["--days 20", /field --days, given "20", expected a number in \[1, 19\]/],
    ["--port 99999", /field --port, given "99999", expected a whole number in \[0, 65535\]/],
    ["--sped 3", /unknown option of npm start\n {2}field option, given "--sped", .*did you mean --speed\?/],
  ] as const) {
    const refused = await started(line);
    assert.deepEqual([refused.code, refused.out, refused.asked], [1, "", []]);
    assert.match(refused.err, expected);
  }
});
