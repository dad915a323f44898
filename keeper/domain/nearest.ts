/**
 * Returns the known word nearest to a mistyped one, or null when none is near (more than a third of its letters differ).
 * Distance: Levenshtein, with a swap of neighbours as one step (Damerau 1964), case ignored.
 * @example nearest("TONSOR_STAET", ["TONSOR_STATE", "TONSOR_DATA"]) // "TONSOR_STATE"
 */
export function nearest(word: string, known: readonly string[]): string | null {
  const scored = known.map((candidate) => [distance(word.toUpperCase(), candidate.toUpperCase()), candidate] as const);
  const [best] = scored.sort(([a], [b]) => a - b);
  return best !== undefined && best[0] <= Math.ceil(word.length / 3) ? best[1] : null;
}

function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const replaced = (previous[column - 1] ?? 0) + (same ? 0 : 1);
      let least = Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, replaced);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        least = Math.min(least, (before[column - 2] ?? 0) + 1);
      }
      current.push(least);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
