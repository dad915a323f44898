import fc from "fast-check";

/** What a broken program writes in place of a value; raw JSON text, so that NaN and 1e999 are possible. */
const poison = fc.oneof(
  fc.constantFrom(
    "NaN",
    "Infinity",
    "-1",
    "0",
    "1e9",
    "1e999",
    "-1e999",
    "null",
    '""',
    '"NaN"',
    '"inf"',
    '"0"',
    '"-1"',
    '"1e9"',
    '"1e999"',
    "[]",
    "{}",
    "true",
  ),
  fc.double({ noNaN: true }).map((value) => JSON.stringify(value)),
  // Venues that send numbers as text are broken in text.
  fc.double({ noNaN: true }).map((value) => JSON.stringify(String(value))),
  fc.string({ maxLength: 8 }).map((text) => JSON.stringify(text)),
);

/** A body with one to six of its values poisoned: still the same records. */
export function poisonedBody(body: string): fc.Arbitrary<string> {
  const values = [...body.matchAll(/(?<=[:[,])(-?[\d.e+]+|null|"[^"]*")(?=[,}\]])/g)];
  const place = fc.nat({ max: Math.max(0, values.length - 1) });
  return fc.array(fc.tuple(place, poison), { minLength: 1, maxLength: 6 }).map((changes) => {
    let text = body;
    const places = new Set<number>();
    for (const [at, value] of changes.toSorted((a, b) => b[0] - a[0])) {
      const found = values[at];
      if (found === undefined || places.has(at)) continue;
      places.add(at);
      text = text.slice(0, found.index) + value + text.slice(found.index + found[0].length);
    }
    return text;
  });
}

/** A body with some of its values poisoned, pieces cut out or doubled, or its end lost. */
export function mutatedBody(body: string): fc.Arbitrary<string> {
  const span = fc.tuple(fc.nat({ max: body.length }), fc.nat({ max: 200 }));
  return fc.oneof(
    { weight: 6, arbitrary: poisonedBody(body) },
    { weight: 1, arbitrary: span.map(([at, length]) => body.slice(0, at) + body.slice(at + length)) },
    { weight: 1, arbitrary: span.map(([at, length]) => body.slice(0, at + length) + body.slice(at)) },
    { weight: 1, arbitrary: fc.nat({ max: body.length }).map((at) => body.slice(0, at)) },
  );
}
