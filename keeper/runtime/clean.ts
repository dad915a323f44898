import type { EvidencePieces, EvidenceStore } from "../domain/journal.ts";

/** Takes what must never be shown out of a text; see `redact`. */
export type Clean = (text: string) => string;

/** The same object, to whose methods no text is given that was not cleaned before, however deep it stands in an argument. */
export function cleanCalls<T extends object>(target: T, clean: Clean): T {
  return new Proxy(target, {
    get(from, name) {
      const value: unknown = Reflect.get(from, name);
      if (typeof value !== "function") return value;
      return (...given: readonly unknown[]): unknown =>
        value.apply(
          from,
          given.map((one) => cleaned(one, clean)),
        );
    },
  });
}

/** Evidence is bytes that are hashed: what is stored is cleaned first, and the hash is that of what is stored. */
export function cleanEvidence(store: EvidenceStore, clean: Clean): EvidenceStore {
  return {
    ...store,
    put: (pieces) => store.put(cleanPieces(pieces, clean)),
  };
}

/** What names a piece is told the name of what is stored. */
function* cleanPieces(pieces: EvidencePieces, clean: Clean): EvidencePieces {
  for (let step = pieces.next(""); step.done !== true; ) {
    const { kind, bytes } = step.value;
    const text = new TextDecoder().decode(bytes);
    const kept = clean(text);
    step = pieces.next(yield { kind, bytes: kept === text ? bytes : new TextEncoder().encode(kept) });
  }
}

/** The value itself where nothing in it had to be changed. */
function cleaned(value: unknown, clean: Clean): unknown {
  if (typeof value === "string") return clean(value);
  if (Array.isArray(value)) {
    const entries = value.map((entry) => cleaned(entry, clean));
    return entries.every((entry, n) => entry === value[n]) ? value : entries;
  }
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value);
  const after = entries.map(([, entry]) => cleaned(entry, clean));
  if (entries.every(([, entry], n) => entry === after[n])) return value;
  return Object.fromEntries(entries.map(([name], n) => [name, after[n]]));
}
