import { execFile } from "node:child_process";

/**
 * Tells systemd that the event loop turns, three times in each WatchdogSec= of the unit (systemd.service(5)); without
 * such a unit does nothing. A process that is stopped, or whose loop stands still, cannot end itself: systemd does, and
 * starts it again. Node has no datagram sockets, so systemd-notify(1) carries the word.
 * @param variables `WATCHDOG_USEC`, microseconds, and `WATCHDOG_PID`, as systemd sets them for the process it watches
 * @param failed is told why systemd was not
 * @returns what ends it
 * @example startWatchdog({}, console.error)() // nothing was told, nothing ends
 */
export function startWatchdog(variables: NodeJS.ProcessEnv, failed: (why: string) => void): () => void {
  const limitMs = Number(variables["WATCHDOG_USEC"]) / 1_000;
  const meant = variables["WATCHDOG_PID"] ?? String(process.pid);
  if (!(limitMs > 0) || meant !== String(process.pid)) return () => undefined;
  const beatMs = limitMs / 3;
  const tell = () => {
    execFile("systemd-notify", ["WATCHDOG=1"], { timeout: limitMs }, (error) => {
      if (error !== null) failed(`systemd was not told that this process lives: ${error.message}`);
    });
  };
  tell();
  const timer = setInterval(tell, beatMs);
  timer.unref();
  return () => clearInterval(timer);
}
