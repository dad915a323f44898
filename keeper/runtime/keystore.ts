import { scrypt as nativeScrypt, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { getAddress, getBytes, isKeystoreJson, scrypt, Wallet } from "ethers";
import { z } from "zod";
import type { Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";

/** A key with its address (with checksum). */
type OpenedKey = { readonly address: Hex; readonly privateKey: Hex };

/** Shorter passwords of new keystores are refused: the file may be copied and tried at leisure. */
const SHORTEST_PASSWORD = 12;

// Node's own scrypt gives its 128 MB back at once; the library's, in JavaScript, would keep the process large.
scrypt.register(
  (password, salt, N, r, p, length) =>
    new Promise((resolve, reject) => {
      const options = { N, r, p, maxmem: 129 * N * r + 128 * r * p };
      nativeScrypt(getBytes(password), getBytes(salt), length, options, (error, key) => {
        if (error === null) resolve(key);
        else reject(error);
      });
    }),
);

/** The part of a V3 file that can be read without its password. */
const addressSchema = z.object({ version: z.literal(3), address: z.string().regex(/^(0x)?[0-9a-fA-F]{40}$/) });

/**
 * Encrypts a key (scrypt, N = 131072) into a new file of mode 600 in the Web3 Secret Storage format, version 3, and
 * returns its address. A file that is there is never replaced.
 * @param privateKey 0x and 64 hexadecimal digits; absent: a new one from the system's randomness
 * @throws TonsorError `BAD_ARGUMENT` for a short password or no key; `BAD_FILE` when the file cannot be made
 */
export async function writeKeystore(file: string, password: string, privateKey?: string): Promise<Hex> {
  if (password.length < SHORTEST_PASSWORD) {
    const expected = `at least ${SHORTEST_PASSWORD} characters`;
    throw new TonsorError("BAD_ARGUMENT", "the password is too short", { field: "password", expected });
  }
  const wallet = walletOf(privateKey ?? `0x${randomBytes(32).toString("hex")}`);
  const text = await wallet.encrypt(password);
  try {
    const handle = openSync(file, "wx", 0o600);
    try {
      writeSync(handle, `${text}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
    const why = exists ? "is there already and is never replaced" : `cannot be written: ${(error as Error).message}`;
    throw new TonsorError("BAD_FILE", `the keystore ${file} ${why}`, { field: "file", expected: "a new file" });
  }
  return wallet.address as Hex;
}

/**
 * Returns the key in a keystore file.
 * @throws TonsorError `KEYSTORE_REFUSED` when it is no V3 file or the password is another one; says neither of the two secrets
 */
export async function openKeystore(file: string, password: string): Promise<OpenedKey> {
  const text = readKeystore(file);
  try {
    const { address, privateKey } = await Wallet.fromEncryptedJson(text, password);
    return { address: address as Hex, privateKey: privateKey as Hex };
  } catch (error) {
    // The library's error is not passed on: it would carry the password along in its details.
    const password = (error as { argument?: unknown }).argument === "password";
    const why = password ? "does not open with this password" : "is damaged, or of a kind that is not supported";
    throw new TonsorError("KEYSTORE_REFUSED", `the keystore ${file} ${why}`, { field: "KEYSTORE_FILE" });
  }
}

/** Returns the address that a keystore file says it holds, without its password. @throws TonsorError KEYSTORE_REFUSED */
export function keystoreAddress(file: string): Hex {
  const parsed = addressSchema.safeParse(JSON.parse(readKeystore(file)));
  if (parsed.success) return getAddress(parsed.data.address) as Hex;
  throw new TonsorError("KEYSTORE_REFUSED", `${file} names no address`, { field: "KEYSTORE_FILE", expected: EXPECTED });
}

const EXPECTED = "an encrypted key in the Web3 Secret Storage format, version 3";

function readKeystore(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    throw new TonsorError("KEYSTORE_REFUSED", `${file} cannot be read (${code})`, { field: "KEYSTORE_FILE" });
  }
  if (isKeystoreJson(text)) return text;
  throw new TonsorError("KEYSTORE_REFUSED", `${file} is no keystore`, { field: "KEYSTORE_FILE", expected: EXPECTED });
}

function walletOf(privateKey: string): Wallet {
  try {
    return new Wallet(privateKey);
  } catch {
    // Neither the library's error nor the value is passed on: it may be a key with a typo.
    throw new TonsorError("BAD_ARGUMENT", "not a private key", {
      field: "key",
      expected: "0x and 64 hexadecimal digits",
    });
  }
}
