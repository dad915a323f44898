import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { keystoreAddress, openKeystore, writeKeystore } from "../../keeper/runtime/keystore.ts";
import { readSecretFile } from "../../keeper/runtime/signingKey.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const PASSWORD = "correct horse battery";
const KEY = `0x${"c0ffee".repeat(10)}beef`;
/** The first account of the test mnemonic of Hardhat and anvil, and the address every such tool prints beside it. */
const KNOWN_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const KNOWN_ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

/** The PBKDF2 test vector of the Web3 Secret Storage definition. */
const VECTOR = {
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "6087dab2f9fdbbfaddc31a909735c1e6" },
    ciphertext: "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
    kdf: "pbkdf2",
    kdfparams: {
      c: 262144,
      dklen: 32,
      prf: "hmac-sha256",
      salt: "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
    },
    mac: "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};

const refused = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof TonsorError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, words);
  const all = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
  for (const secret of [PASSWORD, "another password", KEY.slice(2), KNOWN_KEY.slice(2)])
    assert.ok(!all.includes(secret));
  return true;
};

describe("a keystore", () => {
  it("gives back the key that was put in, and only to its password", async () => {
    const file = join(temporaryFolder(), "key.json");
    assert.equal(await writeKeystore(file, PASSWORD, KNOWN_KEY), KNOWN_ADDRESS);
    assert.deepEqual(await openKeystore(file, PASSWORD), { address: KNOWN_ADDRESS, privateKey: KNOWN_KEY });
    assert.equal(keystoreAddress(file), KNOWN_ADDRESS);
    await assert.rejects(openKeystore(file, "another password"), refused("KEYSTORE_REFUSED", /does not open/));
  });

  it("opens the test vector of the format's definition", async () => {
    const file = join(temporaryFolder(), "vector.json");
    writeFileSync(file, JSON.stringify(VECTOR));
    const { privateKey } = await openKeystore(file, "testpassword");
    assert.equal(privateKey, "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d");
    assert.throws(() => keystoreAddress(file), refused("KEYSTORE_REFUSED", /names no address/));
  });

  it("holds neither key nor password in the clear, and is its owner's alone", async () => {
    const file = join(temporaryFolder(), "key.json");
    await writeKeystore(file, PASSWORD, KEY);
    const text = readFileSync(file, "utf8").toLowerCase();
    assert.ok(!text.includes("c0ffee") && !text.includes(PASSWORD));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const { kdf, kdfparams } = JSON.parse(text).crypto as { kdf: string; kdfparams: { n: number } };
    assert.deepEqual([kdf, kdfparams.n], ["scrypt", 131_072]);
  });

  it("is never replaced", async () => {
    const file = join(temporaryFolder(), "key.json");
    await writeKeystore(file, PASSWORD, KEY);
    const before = readFileSync(file, "utf8");
    await assert.rejects(writeKeystore(file, PASSWORD, KNOWN_KEY), refused("BAD_FILE", /is there already/));
    assert.equal(readFileSync(file, "utf8"), before);
  });

  it("is made of a new key each time when none is given", async () => {
    const folder = temporaryFolder();
    const [one, other] = [
      await writeKeystore(join(folder, "1"), PASSWORD),
      await writeKeystore(join(folder, "2"), PASSWORD),
    ];
    assert.match(one, /^0x[0-9a-fA-F]{40}$/);
    assert.notEqual(one, other);
  });

  it("is refused for a short password or what is no key, which is not repeated", async () => {
    const file = join(temporaryFolder(), "key.json");
    await assert.rejects(writeKeystore(file, "elevenchars"), refused("BAD_ARGUMENT", /at least 12 characters/));
    await assert.rejects(writeKeystore(file, PASSWORD, `${KEY}0`), refused("BAD_ARGUMENT", /not a private key/));
    assert.throws(() => statSync(file));
  });

  it("that is missing or something else says which file", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "other.json"), '{"version":2}');
    writeFileSync(join(folder, "half.json"), '{"version":3}');
    await assert.rejects(
      openKeystore(join(folder, "absent.json"), PASSWORD),
      refused("KEYSTORE_REFUSED", /absent\.json cannot be read \(ENOENT\)/),
    );
    await assert.rejects(
      openKeystore(join(folder, "half.json"), PASSWORD),
      refused("KEYSTORE_REFUSED", /half\.json is damaged/),
    );
    await assert.rejects(
      openKeystore(join(folder, "other.json"), PASSWORD),
      refused("KEYSTORE_REFUSED", /other\.json is no keystore/),
    );
  });
});

describe("a secret in a file", () => {
  const file = (text: string, mode: number) => {
    const path = join(temporaryFolder(), "password");
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  it("is its one line, spaces at the end included", () => {
    for (const mode of [0o600, 0o400]) {
      assert.deepEqual(readSecretFile(file("a b \r\n", mode)), { ok: true, secret: "a b " });
    }
  });

  it("is refused when anybody else may open the file", () => {
    for (const [mode, shown] of [
      [0o640, "640"],
      [0o604, "604"],
      [0o620, "620"],
      [0o602, "602"],
      [0o610, "610"],
    ] as const) {
      const read = readSecretFile(file("secret", mode));
      assert.ok(!read.ok && read.problem.includes(`has mode ${shown}: others than its owner may open it`), shown);
    }
  });

  it("is refused when empty, of several lines, absent or a folder", () => {
    const problem = (path: string) => {
      const read = readSecretFile(path);
      return read.ok ? "accepted" : read.problem;
    };
    assert.match(problem(file("\n", 0o600)), /is empty$/);
    assert.match(problem(file("a\nb\n", 0o600)), /has several lines$/);
    assert.match(problem("/nonexistent/password"), /cannot be read \(ENOENT\)$/);
    const folder = join(temporaryFolder(), "folder");
    mkdirSync(folder, { mode: 0o700 });
    assert.match(problem(folder), /cannot be read \(EISDIR\)$/);
  });
});
