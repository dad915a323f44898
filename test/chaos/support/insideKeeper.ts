import { mkdirSync } from "node:fs";
import { privateKeyToAccount } from "viem/accounts";
import type { Assessment } from "../../../keeper/domain/decision.ts";
import type { MarketParameters } from "../../../keeper/domain/parameters.ts";
import { openKeeper } from "../../../keeper/keeper.ts";
import { marketNamed } from "../../../keeper/markets/marketFiles.ts";
import { KEEPER_DEFAULTS } from "../../../keeper/runtime/configFile.ts";
import type { Guard } from "../../../keeper/runtime/guard.ts";
import { SHIPPED } from "../../support/shipped.ts";
import type { ChaosWorld } from "./chaosWorld.ts";

/** A busy machine is not the fault that a row looks for. */
const TIMEOUT_MS = 60_000;
const LOOKS_ONLY: Guard = {
  switches: () => ({ set: true, reason: "looks only", switches: [] }),
  stopped: () => "looks only",
  settle: () => [],
  all: () => [],
  seen: () => {},
};

/** The whole keeper inside this process: every part of it is the real one, but for its start and its schedule. */
export type InsideKeeper = {
  /** One cycle against the world as it stands: what was thought of each market, and whether a batch went out. */
  look(): Promise<{ readonly assessments: readonly Assessment[]; readonly sent: boolean }>;
  close(): void;
};

/**
 * Opens a keeper with markets of the row's own. A row uses it where the fault lies in what is read and the registry of
 * markets, which a process takes as it is, lists no further venue.
 * @param parts.sends false: it looks, thinks and journals; its batches are stopped as by a kill switch
 */
export function insideKeeper(
  world: ChaosWorld,
  parts: Pick<Parameters<typeof openKeeper>[0], "venueUrls"> & {
    readonly state: string;
    readonly markets: readonly MarketParameters[];
    readonly sends: boolean;
  },
): InsideKeeper {
  const { state, sends, venueUrls, markets } = parts;
  mkdirSync(state, { recursive: true });
  let now = world.instant();
  const keeper = openKeeper({
    ...KEEPER_DEFAULTS,
    venueUrls: { deribit: world.venueUrl, ...venueUrls },
    marketFiles: markets.map((parameters) => ({ ...marketNamed(SHIPPED, parameters.name), parameters })),
    nodes: world.replica.url,
    chainId: world.replica.chainId,
    deployment: world.deployment,
    state,
    account: privateKeyToAccount(world.key),
    now: () => now,
    rpc: { ...KEEPER_DEFAULTS.rpc, timeoutSeconds: TIMEOUT_MS / 1_000 },
    ...(sends ? {} : { guard: () => LOOKS_ONLY }),
  });
  return {
    async look() {
      now = (await world.chain()).blockTime;
      const { entries, batch, failures } = await keeper.cycle({
        dryRun: false,
        signal: AbortSignal.timeout(4 * TIMEOUT_MS),
      });
      const [broken] = failures;
      if (entries.length === 0 && broken !== undefined) throw new Error(`${broken.market}: ${broken.error}`);
      return { assessments: entries.map((one) => one.assessment), sent: batch?.status === "CONFIRMED" };
    },
    close: () => keeper.close(),
  };
}
