/** The same things in an order drawn by `random`, which gives numbers in [0, 1). @example shuffled([1, 2], () => 0.9) // [2, 1] */
export function shuffled<T>(all: readonly T[], random: () => number): readonly T[] {
  const left = [...all];
  return all.flatMap(() => left.splice(Math.floor(random() * left.length), 1));
}
