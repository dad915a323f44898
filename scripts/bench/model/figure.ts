/** One measured line of the table. */
export type Figure = {
  readonly what: string;
  /** Milliseconds of the whole piece of work named by `what`, ours. */
  readonly ms: number;
  /** The same work by somebody else's code in this run, or by our plain version. */
  readonly peer?: { readonly name: string; readonly ms: number };
  /** What the time means in other words: a rate, an accuracy, how it grows. */
  readonly note?: string;
  /** The mark, and whether it was met in this run. */
  readonly aim?: { readonly text: string; readonly met: boolean };
};

export type Bench = {
  readonly title: string;
  /** Measures; a string is the reason why it cannot. */
  run(context: BenchContext): Promise<readonly Figure[] | string>;
};

type BenchContext = {
  /** Folder of the recorded market data, or null. */
  readonly data: string | null;
  /** Each time is the best of this many runs. */
  readonly runs: number;
  /** Python interpreters that may have QuantLib, tried in order. */
  readonly pythons: readonly string[];
};

/** Least of `runs` times that `work` took, milliseconds, after one run that is not counted. */
export async function best(runs: number, work: () => unknown): Promise<number> {
  await work();
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** The figures of one bench as lines of at most 130 columns. */
export function renderFigures(title: string, figures: readonly Figure[]): readonly string[] {
  const rows = figures.flatMap(({ what, ms, peer, note, aim }) => {
    const against = peer === undefined ? "" : `${time(peer.ms)} ${peer.name}`;
    const ratio = peer === undefined ? "" : `${ratioText(peer.ms / ms)} x`;
    const mark = aim === undefined ? "" : `${aim.text}: ${aim.met ? "met" : "MISSED"}`;
    const line = `  ${what.padEnd(46)}${time(ms).padStart(10)}  ${ratio.padStart(9)}  ${against.padEnd(34)}${mark}`;
    return note === undefined ? [line.trimEnd()] : [line.trimEnd(), `      ${note}`];
  });
  return [
    title,
    `  ${"".padEnd(46)}${"ours".padStart(10)}  ${"ratio".padStart(9)}  ${"peer".padEnd(34)}aim`,
    ...rows,
    "",
  ];
}

/** Milliseconds with three digits and a unit. @example time(0.00431) // "4.31 us" */
export function time(ms: number): string {
  const [unit, scale] = ms < 1e-3 ? ["ns", 1e6] : ms < 1 ? ["us", 1e3] : ms < 1e3 ? ["ms", 1] : (["s", 1e-3] as const);
  return `${Number((ms * scale).toPrecision(3))} ${unit}`;
}

function ratioText(ratio: number): string {
  return ratio >= 10 ? ratio.toFixed(0) : ratio.toPrecision(2);
}
