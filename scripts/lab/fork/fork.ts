import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Progress } from "../../../keeper/domain/progress.ts";
import type { ReplaySource } from "../replay/replaySource.ts";
import { equationsOf } from "./ledger.ts";
import { type Played, type PlaySettings, play } from "./play.ts";
import { openProtection } from "./protection.ts";
import { type ForkReport, type RunReport, reportOf, runReportOf } from "./report.ts";
import { openStage, type StageSettings } from "./stage.ts";

export type ForkSettings = Omit<StageSettings, "folder" | "liquidators"> & {
  readonly source: ReplaySource;
  readonly play: PlaySettings;
  readonly progress: Progress;
};

/**
 * Plays the moments twice from one snapshot, first with nobody moving the lenders' parameters, then with our keeper and
 * agents, and reports both. The same settings give the same report.
 */
export async function simulate(settings: ForkSettings): Promise<ForkReport> {
  const folder = mkdtempSync(join(tmpdir(), "tonsor-fork-"));
  const { moments, source, progress } = settings;
  try {
    const stage = await openStage({ ...settings, folder, liquidators: settings.play.liquidators });
    const { chain, lenders } = stage;
    try {
      const before = await equationsOf(chain, lenders);
      const snapshot = await chain.client.snapshot();
      const finish = async (played: Played): Promise<RunReport> =>
        runReportOf(stage, moments, played, await equationsOf(chain, lenders));
      const without = await finish(await play(stage, moments, settings.play, null, progress));
      await chain.client.revert({ id: snapshot });
      const protection = await openProtection(chain, stage.contracts, source, folder, settings.signal);
      try {
        const played = await play(stage, moments, settings.play, protection, progress);
        return reportOf(settings, stage, before, without, await finish(played));
      } finally {
        await protection.close();
      }
    } finally {
      await chain.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
