import { readPoolFile } from "../files/poolFile.ts";
import { type DepthReport, depthReport } from "./depthReport.ts";
import { renderDepth } from "./render/depth.ts";

/**
 * The `depth` command: what selling each size into a recorded pool returns, to the wei, as JSON and as text.
 *
 * @param path pool file, see `readPoolFile`
 * @param sizes whole tokens of what is sold, separated by commas, e.g. "1,10,0.5"
 * @param sell symbol or address of the token sold; left out, token0 unless that is a stablecoin
 * @throws TonsorError BAD_FILE for the file, BAD_ARGUMENT for `sizes` or `sell`
 */
export async function depthCommand(
  path: string,
  { sizes, sell }: { readonly sizes: string; readonly sell?: string; readonly json?: boolean },
): Promise<{ readonly json: DepthReport; readonly text: string }> {
  const report = depthReport(
    readPoolFile(path),
    sizes.split(",").map((size) => size.trim()),
    sell,
    "--",
  );
  return { json: report, text: renderDepth(report) };
}
