import { wholeNumberIn } from "../../../../keeper/cli/arguments.ts";
import { TonsorError } from "../../../../keeper/domain/errors.ts";
import { DATA_OPTION } from "../dataOption.ts";
import type { LabCommand } from "../services.ts";

export const sweepWorker: LabCommand = {
  name: "sweep-worker",
  summary: "works for the sweeps of other machines over REDIS_URL, until Ctrl-C; same code and recordings only",
  options: [
    {
      flags: "--workers <number>",
      description: "worker threads; left out: one for each core",
      parse: wholeNumberIn("--workers", 1, 64),
    },
    DATA_OPTION,
  ],
  examples: ["lab sweep-worker", "lab sweep-worker --workers 4 --data /data --json"],
  units: [
    "REDIS_URL: redis://10.0.0.5:6379, the one that the sweep is given",
    "out: one line when it is ready, for each task that ended here (milliseconds), and for each sweep refused",
  ],
  async run({ options, output, signal }) {
    const [{ DEFAULT_WORKERS }, { SWEEP_KINDS }, { sweepVersion }, { redisUrlOf }, { serveSweeps }, recordings] =
      await Promise.all([
        import("../../sweep/sweep.ts"),
        import("../../sweep/kinds.ts"),
        import("../../sweep/version.ts"),
        import("../../sweep/redisUrl.ts"),
        import("../../sweep/redis/sweepWorker.ts"),
        import("../../validation/recordings.ts"),
      ]);
    const url = redisUrlOf();
    if (url === null) {
      const expected = "redis://host:port, the one that the sweep is given";
      throw new TonsorError("BAD_CONFIG", "a sweep worker needs Redis", { field: "REDIS_URL", given: "", expected });
    }
    const data = recordings.recordingsFolder(typeof options["data"] === "string" ? options["data"] : undefined);
    const workers = typeof options["workers"] === "number" ? options["workers"] : DEFAULT_WORKERS;
    await serveSweeps(url, {
      ...{ kinds: SWEEP_KINDS, data, workers, signal, version: sweepVersion(data) },
      onReady: ({ code, data: recorded }) =>
        output.event({ event: "ready", code, data: recorded, workers }, () => {
          return `ready: ${workers} threads, code ${code}, recordings ${recorded}`;
        }),
      onEnd: (key, end) => {
        if (end.ok) output.event({ event: "done", key, ms: end.ms }, () => `done ${key} in ${end.ms} ms`);
        else output.event({ event: "failed", key, why: end.message }, () => `failed ${key}: ${end.message}`);
      },
      onRefusal: (why) => output.event({ event: "refused", why }, () => `refused a sweep: ${why}`),
      note: (text) => output.note(text),
    });
  },
};
