import { globSync, renameSync, writeFileSync } from "node:fs";

/** Where Debian and others put the library that tells a process another time. */
const PLACES = ["/usr/lib/*/faketime/libfaketime.so.1", "/usr/local/lib/faketime/libfaketime.so.1"];

/** Why the wall clock cannot be stepped here, or false. */
export function withoutFakeTime(): string | false {
  return library() === undefined ? "libfaketime is not installed (apt-get install libfaketime)" : false;
}

/**
 * Environment of a process whose wall clock is off by what `file` says, and a way to step it while it runs. The
 * monotonic clock stays true, as it does when an operator or a time server sets the clock of a machine.
 */
export function fakeTime(file: string): { readonly environment: Record<string, string>; set(seconds: number): void } {
  // Whole at every moment: the library reads the file each time that the process asks for the time.
  const set = (seconds: number) => {
    writeFileSync(`${file}.new`, `${seconds < 0 ? "" : "+"}${Math.round(seconds)}\n`);
    renameSync(`${file}.new`, file);
  };
  set(0);
  return {
    environment: {
      LD_PRELOAD: library() ?? "",
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    },
    set,
  };
}

function library(): string | undefined {
  return PLACES.flatMap((place) => globSync(place))[0];
}
