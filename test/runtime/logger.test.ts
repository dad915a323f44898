import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { redact } from "../../keeper/domain/words.ts";
import { createLogger, secretsOf } from "../../keeper/runtime/logger.ts";

const CANARY = `0x${"c0ffee".repeat(10)}beef` as const;
const config = {
  privateKey: CANARY,
  rpcUrls: [
    "https://user:passw0rd@node.example/v3/t0ken-in-path?apikey=t0ken-in-query",
    "https://second.example/v3/t0ken-of-the-second",
  ],
  mainnetRpcUrl: null,
};

function logged(level: string, write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger({ level, secrets: secretsOf(config) }, { write: (line: string) => lines.push(line) }));
  return lines.join("");
}

test("a line is JSON with level, time and the fields given", () => {
  const line = JSON.parse(logged("info", (logger) => logger.info({ tick: 7 }, "tick began"))) as Record<
    string,
    unknown
  >;
  assert.equal(line["level"], "info");
  assert.equal(line["tick"], 7);
  assert.equal(line["msg"], "tick began");
  assert.match(String(line["time"]), /^\d{4}-\d\d-\d\dT/);
});

test("a level below the one set is not written", () => {
  assert.equal(
    logged("warn", (logger) => logger.info("quiet")),
    "",
  );
});

test("the canary key appears nowhere: message, fields, nested, errors, causes, stacks, children, upper case", () => {
  const text = logged("trace", (logger) => {
    logger.info(`key ${CANARY}`);
    logger.warn({ key: CANARY, nested: { list: [CANARY.slice(2)] } }, "fields");
    logger.error({ error: new Error(`signing with ${CANARY}`, { cause: new Error(CANARY) }) }, "failed");
    logger.child({ key: CANARY.toUpperCase() }).debug("child");
    logger.error(new Error(`${config.rpcUrls.join(" and ")} refused`));
  });
  assert.doesNotMatch(text, /c0ffee/i);
  assert.doesNotMatch(text, /passw0rd|t0ken/);
  assert.match(text, /\[secret\]/);
  assert.match(text, /node\.example/, "the host stays, so that a person knows which node");
  for (const line of text.trim().split("\n")) JSON.parse(line);
});

test("an error is logged with its causes", () => {
  const text = logged("info", (logger) =>
    logger.error({ error: new Error("outer", { cause: new Error("inner") }) }, "x"),
  );
  assert.match(text, /outer/);
  assert.match(text, /inner/);
});

test("whatever a secret looks like, quotes and backslashes included, no line of JSON shows it", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, maxLength: 30 }), fc.string(), (secret, around) => {
      const line = redact(JSON.stringify({ a: around + secret + around }), [secret]);
      assert.ok(!line.includes(JSON.stringify(secret).slice(1, -1)) || "[secret]".includes(secret));
    }),
  );
});

test("the admin token and what stands in the addresses of alerts is hidden like the key", () => {
  const said = redact(
    "token-of-an-admin-call posted to https://hooks.example/services/T0/B0, https://hooks.example/ramps/R0 and http://ping.example/uuid-of-the-check",
    secretsOf({
      privateKey: null,
      rpcUrls: ["http://127.0.0.1:8545"],
      mainnetRpcUrl: null,
      adminToken: "token-of-an-admin-call",
      alertWebhookUrl: "https://hooks.example/services/T0/B0",
      rampWebhookUrl: "https://hooks.example/ramps/R0",
      deadmanUrl: "http://ping.example/uuid-of-the-check",
    }),
  );
  assert.equal(
    said,
    "[secret] posted to https://hooks.example[secret], https://hooks.example[secret] and http://ping.example[secret]",
  );
});

test("nothing to hide changes nothing, and a bare loopback address is not a secret", () => {
  assert.deepEqual(secretsOf({ privateKey: null, rpcUrls: ["http://127.0.0.1:8545"], mainnetRpcUrl: null }), []);
  assert.equal(redact("as it was", ["", "absent"]), "as it was");
});
