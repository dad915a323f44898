import type { CommandContext } from "../command.ts";
import { EXIT } from "../exitCode.ts";
import { cycleJson } from "../render/cycleJson.ts";
import { decisionLog } from "../render/decisionLog.ts";

/** One cycle over all markets, printed; 75 when no market at all could be assessed, or what was due did not land. */
export async function oneCycle({ services, output, signal }: CommandContext, dryRun: boolean): Promise<number> {
  const cycle = await (await services()).runOnce({ dryRun, signal });
  if (output.json) output.result(cycleJson(cycle), () => "");
  else decisionLog(output)(cycle);
  const blind = cycle.entries.length === 0 && cycle.failures.length > 0;
  return blind || !cycle.delivered ? EXIT.retry : EXIT.ok;
}
