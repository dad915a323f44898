import { join } from "node:path";
import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { Progress } from "../../../keeper/domain/progress.ts";
import { dataFolder, type Environment } from "../dataFolder.ts";
import type { FeedSettings } from "../fork/feed.ts";
import { simulate } from "../fork/fork.ts";
import type { LiquidatorSettings } from "../fork/liquidators.ts";
import { momentsOf } from "../fork/pricePath.ts";
import type { ForkReport } from "../fork/report.ts";
import { writeReport } from "../fork/writeReport.ts";
import { type PositionRow, readPositions } from "../positionFile.ts";
import { CRASH_END, CRASH_START } from "../replay/generated/crashScenario.ts";
import { generatedSource } from "../replay/generatedSource.ts";
import { recordedSource } from "../replay/recordedSource.ts";

/** What `lab fork` is asked for. */
type ForkRequest = {
  readonly seed: number;
  /** Beginning on the recorded path, Unix seconds; null: the generated crash of the seed. */
  readonly from: number | null;
  readonly hours: number;
  readonly stepHours: number;
  readonly borrowers: number;
  readonly lateShare: number;
  /** Borrowers to draw the book from; null: those of the recordings, else generated. */
  readonly positions: readonly PositionRow[] | null;
  readonly forkUrl: string | null;
  readonly block: number | null;
  readonly flat: boolean;
  readonly liquidators: LiquidatorSettings;
  readonly feed: FeedSettings;
  readonly refillMinutes: number;
  readonly data: string | undefined;
  readonly out: string;
  readonly progress: Progress;
  readonly onNote: (text: string) => void;
  readonly signal: AbortSignal;
};

/** Recorded borrowers of stable coins against wstETH. */
const SHAPE = "positions/lido_2023-06_b2_v3.csv.gz";

/** What a run gives: the report, and the files that were written. */
export type ForkResult = { readonly report: ForkReport; readonly files: readonly string[] };

/**
 * Plays and writes the report.
 * @throws TonsorError BAD_ARGUMENT for a span without boards or a fork that does not fit; BAD_FILE for damaged recordings
 */
export async function forkCommand(request: ForkRequest, environment: Environment): Promise<ForkResult> {
  const { seed, hours, stepHours, flat, borrowers, lateShare, progress, onNote, signal } = request;
  const folder = request.data ?? (request.from === null ? null : dataFolder(environment));
  if (request.from !== null && folder === null) {
    const facts = {
      field: "--from",
      expected: "recordings in TONSOR_DATA or ../shared/data; without --from a crash is generated",
    };
    throw new TonsorError("BAD_FILE", "there are no recordings", facts);
  }
  const source = request.from === null || folder === null ? generatedSource(seed) : recordedSource(folder);
  const from = request.from ?? CRASH_START;
  const to = request.from === null ? Math.min(CRASH_END, from + hours * HOUR_SECONDS) : from + hours * HOUR_SECONDS;
  const moments = momentsOf(source, { from, to, stepHours, flat });
  const report = await simulate({
    ...{ source, moments, seed, borrowers, lateShare, progress, onNote, signal, rows: rowsOf(request, folder) },
    choice: { first: (moments[0] as { time: number }).time, fork: forkOf(request, environment), seedFrom: folder },
    play: { feed: request.feed, liquidators: request.liquidators, refillSeconds: request.refillMinutes * 60 },
  });
  return { report, files: writeReport(report, request.out) };
}

function rowsOf({ positions }: ForkRequest, folder: string | null): readonly PositionRow[] | null {
  if (positions !== null) return positions;
  return folder === null ? null : readPositions(join(folder, SHAPE));
}

/** The chain to fork: as given, else mainnet where MAINNET_RPC_URL and a block are given, else none. */
function forkOf({ forkUrl, block }: ForkRequest, environment: Environment) {
  const url = forkUrl ?? (block === null ? undefined : environment["MAINNET_RPC_URL"] || undefined);
  if (url !== undefined) return { url, block: block === null ? null : BigInt(block) };
  if (block === null) return null;
  const facts = { field: "--block", given: block, expected: "--fork-url or MAINNET_RPC_URL beside it" };
  throw new TonsorError("BAD_ARGUMENT", "there is no chain to fork", facts);
}
