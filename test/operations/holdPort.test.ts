import assert from "node:assert/strict";
import { test } from "node:test";
import { holdPort } from "../../keeper/operations/holdPort.ts";

test("port 0 takes a free one and says which", async () => {
  const held = await holdPort(0, "--port");
  assert.equal(held.port > 0, true);
  await held.release();
});

test("a port in use is refused with the port, the name it was given under and what to give instead", async () => {
  const { port, release } = await holdPort(0, "--port");
  await assert.rejects(holdPort(port, "STATUS_PORT"), {
    code: "BAD_ARGUMENT",
    message:
      `port ${port} is in use by another program; field STATUS_PORT; given ${port}; ` +
      "expected a free port, or 0 to take any",
  });
  await release();
});

test("a port that does not exist is refused in the system's words", async () => {
  await assert.rejects(holdPort(65_536, "--port"), { code: "BAD_ARGUMENT", message: /^port 65536 cannot be used: / });
});

test("a released port can be taken at once", async () => {
  const held = await holdPort(0, "--port");
  await held.release();
  const again = await holdPort(held.port, "--port");
  assert.equal(again.port, held.port);
  await again.release();
});
