import { appendFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import { isMainThread } from "node:worker_threads";

/** Preloaded into a measured keeper: once a second what its heap was at most and how long its event loop stood still, to the file that BENCH_PROBE names. */
const file = process.env["BENCH_PROBE"];
if (file !== undefined && isMainThread) {
  const RESOLUTION_MS = 10;
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let heap = 0;
  const look = () => {
    heap = Math.max(heap, getHeapStatistics().used_heap_size);
  };
  setInterval(look, 50).unref();
  setInterval(() => {
    look();
    const stoodMs = Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
    appendFileSync(file, `${JSON.stringify({ at: Date.now(), heapMb: heap / 2 ** 20, stoodMs })}\n`);
    delay.reset();
    heap = 0;
  }, 1_000).unref();
}
