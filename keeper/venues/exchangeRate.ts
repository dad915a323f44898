import { type Abi, getAddress, type Hex, parseAbi } from "viem";
import type { ExchangeRate, Observed } from "../domain/observation.ts";
import { sourceName } from "../domain/sourceNames.ts";
import type { Block, Rpc } from "../io/rpc.ts";
import { faultOfRead, type ReadContracts, ReadFault, readAll } from "./contractReads.ts";
import { refused } from "./parse.ts";

/** The contract of a claim, and the function of it that says what one token is worth. */
type RateRef = { readonly name: string; readonly address: Hex; readonly getter: string };

const VAULT = parseAbi([
  "function decimals() view returns (uint8)",
  "function asset() view returns (address)",
  "function convertToAssets(uint256 shares) view returns (uint256)",
]);
const CONVERT = "convertToAssets";
/** Decimals of the getters that tokens have of their own: stEthPerToken, getExchangeRate, exchangeRate, getRate. */
const OWN_DECIMALS = 18;
/** No token has more, and 10 to that power fits a word twice over. */
const MOST_DECIMALS = 36;

/**
 * What one whole token is a claim on, by its own contract at one block, beside the pools and feeds read there. A rate that
 * cannot be read is a fault: UNREACHABLE; VENUE_ERROR: the function reverts; SCHEMA: no such contract; INCONSISTENT: more
 * than 36 decimals. Whether it can be meant is judged with all the others.
 * @throws TonsorError WRONG_CHAIN
 * @example await readExchangeRate(rpc, { name: "wstETH", address, getter: "stEthPerToken" }, block)
 */
export async function readExchangeRate(
  rpc: Rpc,
  { name, address, getter }: RateRef,
  block: Block,
  signal?: AbortSignal,
): Promise<Observed<ExchangeRate>> {
  const source = sourceName.rate(name, getter);
  const read: ReadContracts = (abi, reads) => readAll(rpc, abi, reads, block.number, signal);
  try {
    const { answer, decimals } =
      getter === CONVERT ? await ofVault(address, read) : await ofToken(address, getter, read);
    const where = { source, contract: getAddress(address), blockNumber: block.number, eventTime: block.timestamp };
    return { source, observation: { kind: "exchangeRate", ...where, answer, decimals }, faults: [] };
  } catch (error) {
    return refused(faultOfRead(error, source));
  }
}

type Answer = Pick<ExchangeRate, "answer" | "decimals">;

/** ERC-4626: assets for one whole share; shares may have more decimals than the asset. */
async function ofVault(vault: Hex, read: ReadContracts): Promise<Answer> {
  const [shares, asset] = (await read(VAULT, [
    [vault, "decimals"],
    [vault, "asset"],
  ])) as [number, Hex];
  if (shares > MOST_DECIMALS)
    throw new ReadFault("INCONSISTENT", `${shares} decimals, expected at most ${MOST_DECIMALS}`);
  const [decimals, answer] = (await read(VAULT, [
    [asset, "decimals"],
    [vault, CONVERT, 10n ** BigInt(shares)],
  ])) as [number, bigint];
  if (decimals <= MOST_DECIMALS) return { answer, decimals };
  throw new ReadFault("INCONSISTENT", `an asset of ${decimals} decimals, expected at most ${MOST_DECIMALS}`);
}

async function ofToken(token: Hex, getter: string, read: ReadContracts): Promise<Answer> {
  const abi: Abi = [
    { type: "function", name: getter, stateMutability: "view", inputs: [], outputs: [{ name: "", type: "uint256" }] },
  ];
  const [answer = 0n] = await read<bigint>(abi, [[token, getter]]);
  return { answer, decimals: OWN_DECIMALS };
}
