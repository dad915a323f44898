import type { Writable } from "node:stream";

/** What may wait for a reader, bytes: some thousand lines. */
const MOST_WAITING = 1_048_576;

/**
 * Writes whole texts to a stream whose reader may be slow, or may have stopped reading. Above a mebibyte that waits, texts
 * are dropped and counted, and the next one that is written says how many: a reader holds neither the process nor its
 * memory. What ends with a line end stays whole lines.
 * @param dropped the line about so many texts that were dropped
 */
export function boundedWriter(
  stream: Writable,
  dropped: (count: number) => string,
  mostWaiting = MOST_WAITING,
): (text: string) => void {
  let lost = 0;
  return (text) => {
    if (stream.writableLength + text.length > mostWaiting && stream.writableLength > 0) {
      lost += 1;
      return;
    }
    const before = lost === 0 ? "" : dropped(lost);
    lost = 0;
    stream.write(before + text);
  };
}

/** Resolves when everything written has been read, or after so many milliseconds. */
export async function flushed(streams: readonly Writable[], mostMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, mostMs);
  });
  const each = streams.map((stream) => new Promise<void>((resolve) => void stream.write("", () => resolve())));
  await Promise.race([Promise.all(each), late]);
  clearTimeout(timer);
}
