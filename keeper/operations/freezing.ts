import { isoTime } from "../domain/calendar.ts";
import { type Hex, type MarketMode, NEVER_LAPSES } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import { readMarkets } from "../protocols/readMarkets.ts";
import { type SafeBatch, safeBatch } from "../protocols/safeBatch.ts";
import { type ClosingMode, type ModeSet, modeCall, setModes } from "../submission/setModes.ts";
import type { Context } from "./context.ts";
import { closingParts, openChain } from "./openChain.ts";

export type FreezeRequest = {
  /** Names of markets; empty: all that the deployment lists. */
  readonly markets: readonly string[];
  readonly mode: ClosingMode;
  /** From this one on what waits in the pool is replaced; null: it goes behind. */
  readonly nonce: number | null;
  /** Nothing is sent and no key is opened: the transactions are given for a Safe. */
  readonly safe: boolean;
};

export type Frozen = {
  readonly mode: ClosingMode;
  readonly markets: readonly {
    readonly market: string;
    /** Its mode before. */
    readonly was: MarketMode;
    /** As of `ModeSet`; ALREADY: it is closed as strictly, or more; FILE: it is in the file for a Safe. */
    readonly outcome: ModeSet["outcome"] | "ALREADY" | "FILE";
    readonly hash: string | null;
    readonly detail: string | null;
  }[];
  /** For Safe's Transaction Builder; null: there is a key, or nothing to do. */
  readonly safe: SafeBatch | null;
};

const GUARDIAN =
  "the guardian's: KEYSTORE_FILE or REMOTE_SIGNER_URL in a file of its own (--env guardian.env), or --safe";
const STRICTNESS = { NORMAL: 0, NO_NEW_RISK: 1, FROZEN: 2 } as const satisfies Record<MarketMode, number>;

/**
 * Closes markets with a guardian's key, or writes what a Safe that is guardian sends. It can only close: the contract takes
 * nothing from a guardian that is not safer than what there is.
 * @throws TonsorError UNKNOWN_MARKET, BAD_CONFIG without a key, and what `setModes` says
 */
export async function freezeMarkets(
  context: Context,
  request: FreezeRequest,
  { signal, onNote }: { readonly signal: AbortSignal; onNote(text: string): void },
): Promise<Frozen> {
  const config = await context.config();
  const deployment = await context.deployment();
  const { mode } = request;
  const contract = deployment.contract.address as Hex;
  const listed = wanted(deployment.markets, request.markets);
  const { client, rpc } = openChain(config);
  const block = await rpc.block("latest", signal);
  const key = { contract, account: request.safe ? null : await context.account(), expected: GUARDIAN };
  const parts = request.safe ? null : closingParts(config, client, key);
  const ids = listed.map(({ id }) => id);
  const view = await readMarkets({ rpc, contract, block, signal }, ids, parts?.account.address ?? contract);
  const was = new Map(view.markets.map((market) => [market.marketId, market.mode]));
  const open = ids.filter((id) => STRICTNESS[was.get(id) ?? "NORMAL"] < STRICTNESS[mode]);
  const lapses = new Map(view.markets.map((market) => [market.marketId, lapseOf(market.modeUntil)]));
  const row = (id: number, rest: Pick<Frozen["markets"][number], "outcome" | "hash" | "detail">) => ({
    ...{ market: listed.find((one) => one.id === id)?.name ?? "", was: was.get(id) ?? "NORMAL" },
    ...rest,
  });
  const closed = ids
    .filter((id) => !open.includes(id))
    .map((id) => row(id, { outcome: "ALREADY", hash: null, detail: lapses.get(id) ?? null }));
  if (parts === null) {
    const calls = open.map((id) => ({ to: contract, data: modeCall(id, mode) }));
    const names = listed.filter(({ id }) => open.includes(id)).map(({ name }) => name);
    const about = { chainId: config.chainId, time: block.timestamp, description: `${names.join(", ")}: ${mode}` };
    const inFile = open.map((id) => row(id, { outcome: "FILE", hash: null, detail: null }));
    const safe = open.length === 0 ? null : safeBatch(`Close markets: ${mode}`, about, calls);
    return { mode, markets: [...closed, ...inFile], safe };
  }
  if (open.length > 0)
    onNote(`${parts.account.address} sets ${open.length} of ${ids.length} markets to ${mode}, a transaction each`);
  const done = open.length === 0 ? [] : await setModes(parts, { marketIds: open, mode, nonce: request.nonce }, signal);
  const sent = done.map(({ marketId, outcome, hash, detail }) => row(marketId, { outcome, hash, detail }));
  return { mode, markets: [...closed, ...sent], safe: null };
}

/** Until when a market is closed, in words. */
function lapseOf(until: number): string {
  return until >= NEVER_LAPSES ? "until governance changes it" : `until ${isoTime(until)}`;
}

/** The deployment's markets of these names. @throws TonsorError UNKNOWN_MARKET */
function wanted<Market extends { readonly name: string }>(
  all: readonly Market[],
  names: readonly string[],
): readonly Market[] {
  if (names.length === 0) return all;
  return [...new Set(names)].map((name) => {
    const found = all.find((market) => market.name === name);
    if (found !== undefined) return found;
    const expected = `one of ${all.map((market) => market.name).join(", ")}`;
    throw new TonsorError("UNKNOWN_MARKET", `${name} is not listed`, { field: "market", given: name, expected });
  });
}
