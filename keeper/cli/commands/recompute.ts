import { momentIn } from "../arguments.ts";
import type { CommandSpec } from "../command.ts";
import { EXIT } from "../errors.ts";
import { recomputeJson, renderRecompute } from "../render/recompute.ts";

export const recompute: CommandSpec = {
  name: "recompute",
  summary: "decide every stored batch again with this version: what an upgrade changes, offline",
  options: [
    { flags: "--evidence <folder>", description: "folder of evidence; left out: that of TONSOR_STATE" },
    {
      flags: "--from <time>",
      description: "only what was decided at or after it (a date, ISO 8601 or Unix seconds)",
      parse: momentIn("--from"),
    },
    { flags: "--to <time>", description: "only what was decided before it", parse: momentIn("--to") },
    { flags: "--all", description: "list the decisions that stay the same too" },
  ],
  examples: [
    "tonsor recompute",
    "tonsor recompute --from 2026-02-01 --to 2026-02-08 --json",
    "tonsor recompute --evidence copy",
  ],
  units: [
    "haircuts in % and their changes in bp; what was held left no evidence and is not recomputed",
    "same: value for value as recorded; parameters: governance's numbers changed since; version: another model version;",
    "unexplained: same version, same parameters, other values: do not upgrade",
    "exit code 1 when a decision differs unexplained or a file cannot be read; 0 when nothing differs or all is explained",
  ],
  async run({ options, output, services, signal }) {
    const folder = typeof options["evidence"] === "string" ? options["evidence"] : null;
    const [from, to] = [options["from"], options["to"]].map((time) => (typeof time === "number" ? time : null));
    const progress = output.progress();
    const result = await (await services()).recompute({ folder, from: from ?? null, to: to ?? null, signal, progress });
    const all = options["all"] === true;
    output.result(recomputeJson(result, all), () => renderRecompute(result, all, output.colour));
    const broken = result.unreadable.length > 0 || result.entries.some(({ cause }) => cause === "unexplained");
    return broken ? EXIT.failed : EXIT.ok;
  },
};
