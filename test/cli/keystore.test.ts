import assert from "node:assert/strict";
import { test } from "node:test";
import { tonsor } from "./harness.ts";
import { aService } from "./outcomes.ts";

test("each keystore command hands on its file and where secrets come from, and prints the address", async () => {
  const lines = [
    ["keystore new k.json", { kind: "new", file: "k.json", passwordFile: null }],
    ["keystore import k.json --password-file p", { kind: "import", file: "k.json", passwordFile: "p", keyFile: null }],
    ["keystore import k.json --key-file k", { kind: "import", file: "k.json", passwordFile: null, keyFile: "k" }],
    ["keystore address k.json --password-file p", { kind: "address", file: "k.json", passwordFile: "p" }],
  ] as const;
  for (const [line, task] of lines) {
    const { services, calls } = aService();
    const { code, out } = await tonsor(line, services);
    assert.equal(code, 0);
    assert.deepEqual(calls, [["keystore", task]]);
    assert.match(out, /^0x(Ab){20}/);
  }
});

test("an address that was only read is told from one that was proved", async () => {
  assert.match((await tonsor("keystore address k.json")).out, /^0x(Ab){20} \(not opened\)\n$/);
  assert.match((await tonsor("keystore address k.json --password-file p")).out, /^0x(Ab){20}\n$/);
});

test("with --json the file, the address and whether it was opened", async () => {
  const { out } = await tonsor("keystore address k.json --json");
  assert.deepEqual(JSON.parse(out), { file: "k.json", address: `0x${"Ab".repeat(20)}`, opened: false });
});

test("neither key nor password can be given on the command line", async () => {
  for (const line of ["keystore import k.json --key 0x12", "keystore new k.json --password secret"]) {
    const { code, err } = await tonsor(line);
    assert.equal(code, 1);
    assert.match(err, /unknown option/);
  }
});
