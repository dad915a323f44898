import { readFileSync } from "node:fs";

/** Megabytes (2^20 bytes) of a process: all that is resident, and its share of what it shares with others. */
export type Memory = { readonly rss: number; readonly pss: number };

/** Memory of a process now, by its /proc (Linux). */
export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]) / 1_024;
  return { rss: megabytes("Rss"), pss: megabytes("Pss") };
}

/** Samples a process four times a second; `end` gives every sample. */
export function watchMemory(pid: number): { end(): readonly Memory[] } {
  const samples: Memory[] = [];
  const timer = setInterval(() => samples.push(memoryOf(pid)), 250);
  return {
    end() {
      clearInterval(timer);
      return samples;
    },
  };
}
