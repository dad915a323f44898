/** A clock that stops until it is set, Unix milliseconds: for playing a list of instants one by one. */
export function settableClock(start: number): { now(): number; set(time: number): void } {
  let time = start;
  return {
    now: () => time,
    set(next) {
      time = next;
    },
  };
}
