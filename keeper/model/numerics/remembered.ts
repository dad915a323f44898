type Argument = number | string | boolean | null;

/**
 * A pure function of one object and some plain values that keeps its latest answer for each object. A hundred markets see
 * a handful of boards, histories and pools; what is said about a source is then worked out once and not once a market.
 * The answer is the same either way, provided that the object is not changed afterwards, which its readonly type
 * says; it is kept no longer than the object itself. Answers are shared, so they must not be changed either.
 * @example const area = remembered((box: Box, scale: number) => box.width * box.height * scale)
 */
export function remembered<K extends object, A extends readonly Argument[], R>(
  compute: (key: K, ...args: A) => R,
): (key: K, ...args: A) => R {
  const latest = new WeakMap<K, { readonly args: A; readonly answer: R }>();
  return (key, ...args) => {
    const known = latest.get(key);
    if (known?.args.every((value, i) => Object.is(value, args[i]))) return known.answer;
    const answer = compute(key, ...args);
    latest.set(key, { args, answer });
    return answer;
  };
}
