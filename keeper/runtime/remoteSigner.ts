import {
  getTypesForEIP712Domain,
  keccak256,
  type LocalAccount,
  parseTransaction,
  recoverAddress,
  recoverTypedDataAddress,
  type Signature,
  serializeTransaction,
  serializeTypedData,
  type TransactionSerializableEIP1559,
  type TypedDataDefinition,
  toHex,
} from "viem";
import { toAccount } from "viem/accounts";
import type { Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import { addressSecrets, plainWords, redact } from "../domain/words.ts";
import { request } from "../io/http.ts";
import { parseCanonical } from "../io/json.ts";

/** What a remote signer may do wrong; each begins the message of a SIGNER_FAILED. */
type SignerFault =
  /** No complete answer in time. */
  | "SIGNER_SILENT"
  | "SIGNER_REFUSES"
  /** Not a signature, or one that no node takes. */
  | "SIGNER_UNREADABLE"
  /** Another transaction than the one that it was asked for. */
  | "SIGNER_ALTERS"
  /** By another key than that of the address. */
  | "SIGNER_WRONG_KEY";

type Settings = {
  /** http(s) address of the signer; user and password in it travel as a header. */
  readonly url: string;
  /** The address whose key signs. */
  readonly address: Hex;
  /** For one signature, milliseconds. Default 5 000. */
  readonly timeoutMs?: number;
};

/** A signed batch of a thousand markets, and more, as JSON. */
const MOST_BYTES = 262_144;
const MOST_VALUES = 64;
const MOST_WORDS = 200;
/** Half the order of secp256k1: nodes refuse a signature with a greater s (EIP-2). */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/**
 * Returns an account whose key is elsewhere: it signs by `eth_signTransaction` and `eth_signTypedData` over JSON-RPC, as
 * Consensys Web3Signer publishes them (docs.web3signer.consensys.io/reference/api/json-rpc). Opens nothing yet. An answer
 * counts only when it is, byte for byte, the transaction that was asked for with a signature of the address. It asks
 * once: whoever wants it again signs again, at the same nonce.
 * @throws (on signing) TonsorError SIGNER_FAILED, whose message begins with the name of the fault
 * @example remoteSigner({ url: "http://127.0.0.1:9000", address: "0x7099..." }).address // "0x7099..."
 */
export function remoteSigner({ url, address, timeoutMs = 5_000 }: Settings): LocalAccount {
  const ask = asker(url, timeoutMs);
  return toAccount({
    address,
    async signMessage() {
      throw failed("SIGNER_REFUSES", "this program signs no messages");
    },
    async signTransaction(transaction) {
      const asked = transaction as TransactionSerializableEIP1559;
      const raw = await ask("eth_signTransaction", [{ from: address.toLowerCase(), ...fieldsOf(asked) }]);
      await assertSigned(asked, raw, address);
      return raw;
    },
    async signTypedData(typed) {
      const { domain = {}, types, primaryType, message } = typed as unknown as TypedDataDefinition;
      const named = { EIP712Domain: getTypesForEIP712Domain({ domain }), ...types };
      const text = serializeTypedData({ domain, types: named, primaryType, message } as TypedDataDefinition);
      const signature = await ask("eth_signTypedData", [address.toLowerCase(), text]);
      const isTaken = /^0x.{128}1[bc]$/.test(signature) && BigInt(`0x${signature.slice(66, 130)}`) <= HALF_ORDER;
      if (!isTaken) throw failed("SIGNER_UNREADABLE", "no 65 bytes with a low s (EIP-2) that end in 27 or 28");
      const signer = await recoverTypedDataAddress({ domain, types, primaryType, message, signature }).catch(() => {
        throw failed("SIGNER_UNREADABLE", "a signature of no key");
      });
      assertKey(signer, address);
      return signature;
    },
  });
}

/** The fields of a transaction under the names and in the form of JSON-RPC. The chain's id is the signer's own setting. */
function fieldsOf({ to, nonce, gas, value, data, maxFeePerGas, maxPriorityFeePerGas }: TransactionSerializableEIP1559) {
  const quantities = { nonce, gas, value, maxFeePerGas, maxPriorityFeePerGas };
  const written = Object.entries(quantities).map(([name, amount]) => [name, toHex(amount ?? 0)]);
  return { to, data: data ?? "0x", ...Object.fromEntries(written) };
}

/** Throws unless `raw` is `asked` with a signature by `address`, and nothing else. */
async function assertSigned(asked: TransactionSerializableEIP1559, raw: Hex, address: Hex): Promise<void> {
  const signed = parsed(raw);
  const signature = signatureOf(signed);
  if (signature === null) throw failed("SIGNER_UNREADABLE", "no signature, or one that nodes refuse (EIP-2)");
  if (serializeTransaction(asked, signature) !== raw) {
    const fields = ["type", "chainId", "nonce", "to", "data", "value", "gas", "maxFeePerGas", "maxPriorityFeePerGas"];
    const different = fields.filter((field) => plain(signed, field) !== plain(asked, field));
    const what = different.length === 0 ? "its access list or encoding" : different.join(", ");
    throw failed("SIGNER_ALTERS", `what it signed differs from what it was asked for in ${what}`);
  }
  const signer = await recoverAddress({ hash: keccak256(serializeTransaction(asked)), signature }).catch(() => {
    throw failed("SIGNER_UNREADABLE", "a signature of no key");
  });
  assertKey(signer, address);
}

function parsed(raw: Hex): Readonly<Record<string, unknown>> {
  try {
    return parseTransaction(raw);
  } catch {
    throw failed("SIGNER_UNREADABLE", "no signed transaction");
  }
}

function signatureOf({ r, s, yParity }: Readonly<Record<string, unknown>>): Signature | null {
  if (typeof r !== "string" || typeof s !== "string" || typeof yParity !== "number") return null;
  return BigInt(s) > HALF_ORDER ? null : { r: r as Hex, s: s as Hex, yParity };
}

/** A field as text, absent as what it then is. */
function plain(transaction: object, field: string): string {
  const value: unknown = Reflect.get(transaction, field);
  if (value === undefined) return field === "data" ? "0x" : "0";
  return String(value).toLowerCase();
}

function assertKey(signer: Hex, address: Hex): void {
  if (signer.toLowerCase() === address.toLowerCase()) return;
  throw failed("SIGNER_WRONG_KEY", `it signed with the key of ${signer}, expected ${address}`);
}

/** Asks one question and returns the bytes that are its result. */
function asker(url: string, timeoutMs: number) {
  const secrets = addressSecrets(url);
  const words = (said: string) => plainWords(redact(said, secrets), MOST_WORDS);
  return async (method: string, params: readonly unknown[]): Promise<Hex> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const limits = { timeoutMs, maxBytes: MOST_BYTES, maxValues: MOST_VALUES };
    const answer = await request(url, { to: "signer", source: "remote signer", body, ...limits });
    const read = parseCanonical(answer.body ?? "");
    const value: unknown = "value" in read ? read.value : null;
    const error = fieldOf(value, "error");
    if (error !== undefined && error !== null) {
      throw failed("SIGNER_REFUSES", words(refusal(error)));
    }
    if (!answer.ok && answer.status === undefined) throw failed("SIGNER_SILENT", words(answer.fault.detail));
    if (!answer.ok && answer.status === 200) throw failed("SIGNER_UNREADABLE", `its answer is ${answer.fault.detail}`);
    // A proxy in front of it: no right to ask, or nothing behind.
    if (!answer.ok) throw failed("SIGNER_REFUSES", words(answer.fault.detail));
    const result = fieldOf(value, "result");
    if (typeof result === "string" && /^0x([0-9a-f]{2})+$/i.test(result)) return result.toLowerCase() as Hex;
    throw failed(
      "SIGNER_UNREADABLE",
      "why" in read ? `its answer is ${read.why}` : "its answer has no bytes as result",
    );
  };
}

/** Code and message of a JSON-RPC error; what has another form as it was written. */
function refusal(error: unknown): string {
  const [code, message] = [fieldOf(error, "code"), fieldOf(error, "message")];
  return typeof code === "number" && typeof message === "string" ? `${code} ${message}` : JSON.stringify(error);
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function failed(fault: SignerFault, detail: string): TonsorError {
  return new TonsorError("SIGNER_FAILED", `${fault}: ${detail}`);
}
