import { readFileSync } from "node:fs";

/**
 * Loaded before a process's own code (`node --import`): its wall clock is off by the seconds in the file that
 * SHIFTED_CLOCK_FILE names, read at every question. The monotonic clock and timers stay true.
 */
const file = process.env["SHIFTED_CLOCK_FILE"] ?? "";
const trueNow = Date.now;
const shiftedNow = () => trueNow() + 1_000 * Number(readFileSync(file, "utf8"));

globalThis.Date = new Proxy(Date, {
  construct: (target, words, self) => Reflect.construct(target, words.length === 0 ? [shiftedNow()] : words, self),
  apply: (target) => new target(shiftedNow()).toString(),
  get: (target, name) => (name === "now" ? shiftedNow : Reflect.get(target, name)),
});
