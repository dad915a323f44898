import { randomStream } from "../../scripts/lab/replay/generated/random.ts";

/** A hostile answer, and what is hostile about it. */
export type Hostile = { readonly kind: string; readonly body: Buffer };

/**
 * Hostile answers made of an honest one, the same for the same seed: numbers that no double holds, halves of surrogate
 * pairs, nesting, floods of small values just below `largest` bytes, values of another type, names that objects have of
 * themselves, terminal escapes, broken UTF-8, ends that are missing, other formats. Every door is given them.
 * @param largest bytes of a flood: just below, or above, the cap of the door
 */
export function* hostileAnswers(
  honest: string,
  { seed, count, largest = 20_000 }: { readonly seed: number; readonly count: number; readonly largest?: number },
): Generator<Hostile> {
  const random = randomStream(seed, "hostile answers").uniform;
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  // Keys are left as they are, so that what is hostile is looked at.
  const places = [
    ...honest.matchAll(/(?<=[:[,]\s*)(?:-?\d[\d.eE+-]*|true|false|null|"(?:[^"\\]|\\.)*")(?=\s*[,}\]])/g),
  ];
  const floods = new Map<string, Buffer>();
  const whole = (kind: string): Buffer => {
    const made = floods.get(kind) ?? Buffer.from((WHOLE[kind] as Whole)(honest, largest, random));
    // Megabytes, made once; only what has no end ends elsewhere each time.
    if (kind !== "no end") floods.set(kind, made);
    return made;
  };
  for (let n = 0; n < count; n += 1) {
    if (random() < 0.15) {
      const kind = one(Object.keys(WHOLE));
      yield { kind, body: whole(kind) };
      continue;
    }
    let text = honest;
    const kinds: string[] = [];
    // From the back, so that places before stay where they are.
    const hit = [
      ...new Set(Array.from({ length: 1 + Math.floor(random() * 4) }, () => Math.floor(random() * places.length))),
    ];
    for (const at of hit.toSorted((a, b) => b - a)) {
      const place = places[at];
      if (place === undefined) continue;
      const kind = one(Object.keys(VALUES));
      kinds.push(kind);
      text = text.slice(0, place.index) + one(VALUES[kind] ?? [""]) + text.slice(place.index + place[0].length);
    }
    yield { kind: kinds.join(" and ") || "honest", body: Buffer.from(text) };
  }
}

const deep = (open: string, close: string, times: number) => open.repeat(times) + close.repeat(times);

/** In place of one value, as JSON or not quite. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  "beyond a double": ["1e999", "-1e999", `1${"0".repeat(400)}`, "1e-999", "-0"],
  "half a pair": ['"\\ud800"', '"\\udfff0x1"', '"0x\\ud83d"', '{"\\ud800":1}'],
  "another type": ["null", "true", "[]", "{}", '""', "0", "-1", '"0x"', '"0xzz"', '["0x1"]', '{"result":"0x1"}', "1.5"],
  "far too large": [`"0x${"f".repeat(64)}"`, `"0x${"f".repeat(5_000)}"`, `"${"9".repeat(400)}"`, "1e308"],
  nested: [deep("[", "]", 200), deep('{"a":', "}", 20).replace(":}", ":1}"), deep("[", "]", 5_000)],
  "own names": ['{"__proto__":{"a":1}}', '{"constructor":1,"toString":2,"valueOf":3,"then":4}', '{"length":1e9}'],
  escapes: ['"\\u001b[2J\\u001b]0;owned\\u0007"', '"\\r\\n{\\"level\\":\\"info\\"}"', '"\\u202egnihton\\u0000"'],
  "no JSON": ["NaN", "Infinity", "undefined", "'x'", "0x1", "01"],
};

type Whole = (honest: string, largest: number, random: () => number) => string | Buffer;

/** In place of all of it. */
const WHOLE: Readonly<Record<string, Whole>> = {
  nothing: () => "",
  "a flood of objects": (_, largest) => `[${"{},".repeat(Math.floor(largest / 3) - 2)}{}]`,
  "a flood of numbers": (_, largest) => `[${"1,".repeat(Math.floor(largest / 2) - 2)}1]`,
  "a flood of names": (_, largest) =>
    `{${Array.from({ length: Math.floor(largest / 12) }, (__, n) => `"k${n}":1`).join()}}`,
  "a flood in a list": (honest, largest) =>
    honest.replace(/[[{]/, (at) => `${at}${at === "[" ? "{},".repeat(largest / 3) : ""}`),
  "one long text": (_, largest) => JSON.stringify("x".repeat(Math.max(0, largest - 2))),
  nested: (_, largest) => "[".repeat(largest),
  "nested and closed": (_, largest) => deep("[", "]", Math.floor(largest / 2)),
  "nested objects": (_, largest) => '{"a":'.repeat(Math.floor(largest / 5)),
  "no end": (honest, _, random) => honest.slice(0, Math.floor(random() * honest.length)),
  twice: (honest) => honest + honest,
  "another format": () => "<!doctype html><title>502 Bad Gateway</title>",
  "another type": () => "42",
  null: () => "null",
  "a text": () => '"\\ud800"',
  "a mark before": (honest) => `\ufeff${honest}`,
  "broken UTF-8": (honest) => Buffer.concat([Buffer.from([0xff, 0xfe, 0xc0, 0x80]), Buffer.from(honest)]),
  "zero bytes": (_, largest) => Buffer.alloc(largest),
};
