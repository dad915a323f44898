import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Writable } from "node:stream";
import { test } from "node:test";
import { boundedWriter, flushed } from "../../keeper/io/boundedWriter.ts";

/** A stream whose reader takes nothing until it is let go on. */
function stalled() {
  const read: string[] = [];
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _, taken) {
      waiting.push(() => {
        read.push(chunk);
        taken();
      });
    },
  });
  const goOn = async () => {
    for (; waiting.length > 0; await new Promise(setImmediate)) waiting.shift()?.();
  };
  return { stream, read, goOn };
}

test("above the limit whole texts are dropped and counted, and the next one that is written says how many", async () => {
  const { stream, read, goOn } = stalled();
  const write = boundedWriter(stream, (count) => `(${count})`, 10);
  for (const text of ["12345\n", "123\n", "lost\n", "lost\n"]) write(text);
  await goOn();
  write("on\n");
  await goOn();
  assert.deepEqual(read, ["12345\n", "123\n", "(2)on\n"]);
});

test("one text above the limit is written where nothing waits", async () => {
  const { stream, read, goOn } = stalled();
  boundedWriter(stream, String, 3)("12345");
  await goOn();
  assert.deepEqual(read, ["12345"]);
});

test("a flush ends when all is read, and in time when nobody reads", async () => {
  const { stream, goOn } = stalled();
  stream.write("x");
  const began = performance.now();
  await flushed([stream], 50);
  assert.ok(performance.now() - began >= 45);
  const all = flushed([stream], 60_000);
  await goOn();
  await all;
});

test("a logger whose reader has stopped reading holds neither the process nor its memory, and SIGTERM ends it", async () => {
  const logger = new URL("../../keeper/runtime/logger.ts", import.meta.url);
  const program = `
    import { createLogger } from ${JSON.stringify(logger.href)};
    const log = createLogger({ level: "info", secrets: [] });
    let turns = 0;
    setInterval(() => {
      for (let n = 0; n < 1_000; n += 1) log.info({ text: "x".repeat(500) }, "said");
      turns += 1;
      if (turns === 40) process.stdout.write(String(process.stderr.writableLength));
    }, 5);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "pipe"] });
  child.stderr.pause();
  const [waiting] = (await once(child.stdout, "data")) as [Buffer];
  assert.ok(Number(waiting) <= 1_048_576, `${waiting} bytes wait`);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [null, "SIGTERM"]);
});
