import { TonsorError } from "../../../keeper/domain/errors.ts";
import { readChainFile, selectBoards } from "../files/chainFile.ts";
import { renderSurface } from "./render/surface.ts";
import { type SurfaceReport, surfaceReport } from "./surfaceReport.ts";

/**
 * The `surface` command: fits every expiry of a recorded chain file and returns the report as JSON and as text.
 * @param at ISO 8601 time or Unix seconds; the last snapshot at or before it is taken, the last of the file when absent
 * @throws TonsorError BAD_FILE for the file, BAD_ARGUMENT for `currency` or `at`
 */
export async function surfaceCommand(
  path: string,
  { currency, at }: { readonly currency?: string; readonly at?: string; readonly json?: boolean } = {},
): Promise<{ readonly json: SurfaceReport; readonly text: string }> {
  const time = at === undefined ? undefined : parseTime(at);
  const boards = selectBoards(await readChainFile(path), { currency, at: time });
  const report = surfaceReport(boards);
  return { json: report, text: renderSurface(report) };
}

function parseTime(text: string): number {
  const seconds = /^\d{9,11}$/.test(text) ? Number(text) : Date.parse(text) / 1000;
  if (Number.isFinite(seconds)) return seconds;
  throw new TonsorError("BAD_ARGUMENT", "that is no time", {
    field: "--at",
    given: text,
    expected: "ISO 8601 such as 2026-02-05T21:29:37Z, or Unix seconds",
  });
}
