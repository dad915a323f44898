import type { IncomingMessage } from "node:http";
import { hexToBigInt, hexToNumber } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import type { Hex } from "../../keeper/domain/contract.ts";
import { type Loopback, loopback } from "./loopback.ts";

/** A transaction as JSON-RPC has it. */
export type Asked = Readonly<Record<"from" | "to" | "data" | "nonce" | "value", Hex>> &
  Readonly<Partial<Record<"gas" | "maxFeePerGas" | "maxPriorityFeePerGas", Hex>>>;

/** What of a signer a test may turn into something else. */
type Conduct = {
  /** The account whose key signs, whatever it was asked for. Absent: the one of `from`. */
  readonly key?: PrivateKeyAccount;
  /** What it signs in place of what it was asked for. */
  alter?(asked: Asked): Asked;
  /** What it answers in place of the signed bytes, or of a signature. */
  answer?(raw: Hex): unknown;
  /** The chain in its settings. Default 31337. */
  readonly chainId?: number;
};

const NO_ACCOUNT = { code: -32_000, message: "No unlocked account matches the Sender" };
const INVALID_PARAMS = { code: -32_602, message: "Invalid params" };
/** Web3Signer's own, where a request names none. */
const DEFAULT_GAS = "0x15f90";

/**
 * A signing service on loopback as Web3Signer's eth1 mode is one: single JSON-RPC requests by POST, `eth_accounts`,
 * `eth_signTransaction` (chain id from its own settings, a nonce required) and `eth_signTypedData` (address and JSON text).
 * Errors are JSON-RPC errors with status 400. `methods` lists what it was asked.
 */
export async function web3signer(
  accounts: readonly PrivateKeyAccount[],
  conduct: Conduct = {},
): Promise<Loopback & { readonly methods: string[] }> {
  const methods: string[] = [];
  const server = await loopback(async (request, response) => {
    const say = (status: number, body: object) => {
      response
        .writeHead(status, { "content-type": "application/json" })
        .end(JSON.stringify({ jsonrpc: "2.0", ...body }));
    };
    try {
      const { id, method, params } = JSON.parse(await bodyOf(request)) as {
        id: number;
        method: string;
        params: unknown[];
      };
      methods.push(method);
      const answered = await answerTo(method, params, accounts, conduct);
      say("error" in answered ? 400 : 200, { id, ...answered });
    } catch {
      say(400, { id: null, error: { code: -32_700, message: "Parse error" } });
    }
  });
  return { ...server, methods };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

async function answerTo(method: string, params: unknown[], accounts: readonly PrivateKeyAccount[], conduct: Conduct) {
  const signerOf = (from: unknown) =>
    conduct.key ?? accounts.find(({ address }) => address.toLowerCase() === String(from).toLowerCase());
  if (method === "eth_accounts") return { result: accounts.map(({ address }) => address) };
  if (method === "eth_signTypedData") {
    const signer = signerOf(params[0]);
    if (params.length !== 2) return { error: INVALID_PARAMS };
    if (signer === undefined) return { error: NO_ACCOUNT };
    const signature = await signer.signTypedData(JSON.parse(String(params[1])));
    return { result: conduct.answer?.(signature) ?? signature };
  }
  if (method !== "eth_signTransaction") return { error: { code: -32_601, message: "Method not found" } };
  const [first] = params as Asked[];
  if (params.length !== 1 || first?.nonce === undefined) return { error: INVALID_PARAMS };
  const asked = conduct.alter?.(first) ?? first;
  const signer = signerOf(asked.from);
  if (signer === undefined) return { error: NO_ACCOUNT };
  const raw = await signer.signTransaction({
    type: "eip1559",
    chainId: conduct.chainId ?? 31_337,
    to: asked.to,
    data: asked.data,
    nonce: hexToNumber(asked.nonce),
    value: hexToBigInt(asked.value),
    gas: hexToBigInt(asked.gas ?? DEFAULT_GAS),
    maxFeePerGas: hexToBigInt(asked.maxFeePerGas ?? "0x0"),
    maxPriorityFeePerGas: hexToBigInt(asked.maxPriorityFeePerGas ?? "0x0"),
  });
  return { result: conduct.answer?.(raw) ?? raw };
}
