import { serveSweeps } from "../../../scripts/lab/sweep/redis/sweepWorker.ts";
import { sweepVersion } from "../../../scripts/lab/sweep/version.ts";
import { KINDS } from "./support.ts";

/**
 * `sweep-worker` with the tasks of these tests and a short lock: worker.ts <redis> <folder> [code]. With `code` it says that
 * its code is another one.
 */
const [url, data, code] = process.argv.slice(2) as [string, string, string?];
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
const version = sweepVersion(data);
const say = (text: string) => void process.stdout.write(`${text}\n`);
await serveSweeps(url, {
  ...{ kinds: KINDS, data, workers: 1, lockMs: 1_000, signal: stop.signal },
  version: code === undefined ? version : { ...version, code },
  onReady: () => say("ready"),
  onEnd: (key, end) => say(`${end.ok ? "done" : "failed"} ${key}`),
  onRefusal: (why) => say(`refused ${why}`),
  note: say,
});
say("over");
