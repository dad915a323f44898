import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fault } from "../../keeper/domain/fault.ts";
import { addressSecrets, forTerminal, plainWords, redact } from "../../keeper/domain/words.ts";

test("words of others are one line without escapes, marks of direction and halves of pairs", () => {
  assert.equal(plainWords("\u001b[2Jgone\u0007"), " [2Jgone ");
  assert.equal(plainWords("a\r\nlevel=info\u202etxt\u009b31m"), "a  level=info txt 31m");
  assert.equal(plainWords("half \ud800, whole \u{1f600}"), "half \ufffd, whole \u{1f600}");
  assert.equal(plainWords("x".repeat(50), 10), "xxxxxxx...");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat({ max: 20 }), (text, most) => {
      const plain = plainWords(text, most + 4);
      assert.ok(plain.isWellFormed() && !/[\p{Cc}\u2028\u2029]/u.test(plain) && plain.length <= most + 4);
      assert.equal(plainWords(plain), plain);
    }),
    { seed: 18 },
  );
});

test("a fault's detail is such words", () => {
  assert.equal(fault("VENUE_ERROR", "s", "no\u001b]0;\ud800").detail, "no ]0;\ufffd");
});

test("what of an address may be a key is named as written, decoded, and as a header has it", () => {
  assert.deepEqual(addressSecrets("http://127.0.0.1:8545"), []);
  assert.deepEqual(addressSecrets("https://node.example/v2/access-key"), ["/v2/access-key", "access-key"]);
  const all = addressSecrets("https://us%20er:p%C3%A4ss@node.example/rpc?apikey=0123456789&short=1");
  for (const secret of ["us%20er", "us er", "p%C3%A4ss", "p\u00e4ss", "0123456789", "?apikey=0123456789&short=1"]) {
    assert.ok(all.includes(secret), secret);
  }
  assert.ok(all.includes(Buffer.from("us er:p\u00e4ss").toString("base64")));
});

test("a terminal is sent colours, rewritten lines, line ends and tabs, and no other control", () => {
  const ours = "\r\u001b[K[##..] 50 %\t\u001b[31mred\u001b[0m\n";
  assert.equal(forTerminal(ours), ours);
  assert.equal(forTerminal("\u001b]0;title\u0007\u001b[2J\rover\u009b5n\u202e"), " ]0;title  [2J over 5n ");
});

test("a secret is found in any case and in a JSON string, also after another one was taken out", () => {
  assert.equal(redact('a"b and A\\"B, XyZ', ['a"b', "xyz"]), "[secret] and [secret], [secret]");
});

test("what is left of a secret that was cut is hidden too, and a word that merely begins like one is not", () => {
  const key = `0x${"c0ffee".repeat(10)}beef`;
  const hook = "/services/T0000/B0000/key-of-the-hook";
  for (const cut of [`${key.slice(0, 9)}...`, key.slice(0, 40), `given "${key.slice(0, 20)}..."`]) {
    assert.match(redact(cut, [key, hook]), /^(given ")?\[secret\](\.\.\.)?"?$/, cut);
  }
  const page = "deployments/service/RUNBOOK.md, /services/, 0xc0ffee";
  assert.equal(redact(page, [key, hook]), page);
});
