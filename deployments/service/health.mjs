// The container's health check: 0 where the keeper makes progress, 1 where it does not. Docker restarts what ends, not what
// stands still; so a keeper that takes the connection and says nothing for the deadline is ended here, and `restart:` brings
// it back. What answers, whatever it says, and what does not listen yet, is left alone.
// As process 1 of the container the keeper cannot be ended from inside: with an init before it, as compose.yml says, it can.
// A worker of a fleet (FLEET_CHAINS) has the port of a chain open while it runs it: a closed one is another worker's to answer for.
// Words: deadline in seconds, and whom to end (default: whoever runs `keeper/main.ts run`).
import { readdirSync, readFileSync } from "node:fs";

const [seconds = "90", pid] = process.argv.slice(2);
try {
  const url = `http://127.0.0.1:${process.env.STATUS_PORT}/live`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(Number(seconds) * 1000) });
  process.exit(answer.ok ? 0 : 1);
} catch (error) {
  if (error.name === "TimeoutError") for (const one of pid ? [pid] : keepers()) process.kill(Number(one), "SIGKILL");
  process.exit(process.env.FLEET_CHAINS && error.cause?.code === "ECONNREFUSED" ? 0 : 1);
}

function keepers() {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, "utf8").includes("keeper/main.ts\0run\0");
    } catch {
      return false;
    }
  });
}
