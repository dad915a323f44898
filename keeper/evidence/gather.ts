import type { Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import type { EvidenceStore, PackedEvidence } from "../domain/journal.ts";
import { MOST_BYTES } from "./bundle.ts";
import { FORM, isPartName, SERIES } from "./pieces.ts";

/** Parts asked for at once. */
const AT_ONCE = 8;

/**
 * Returns a root with every part that it rests on, asked for by name. What is not of the form names nothing: decoding it says
 * what is wrong.
 * @throws TonsorError `EVIDENCE_MISMATCH` above 256 MiB in all, and whatever `part` throws
 * @example decodeBundle(await gather(root, (name) => store.part(name)))
 */
export async function gather(root: Uint8Array, part: (name: string) => Promise<Uint8Array>): Promise<PackedEvidence> {
  const parts = new Map<string, Uint8Array>();
  let total = root.length;
  const fetch = async (names: readonly string[]): Promise<void> => {
    const waiting = [...new Set(names)].filter((name) => !parts.has(name));
    const work = async (): Promise<void> => {
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
        const bytes = await part(name);
        total += bytes.length;
        if (total > MOST_BYTES) {
          throw new TonsorError("EVIDENCE_MISMATCH", `evidence is refused: it is more than ${MOST_BYTES} bytes`);
        }
        parts.set(name, bytes);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  };
  const { schema, observed, markets } = recordOf(parsed(root));
  if (schema !== FORM) return { root, parts };
  // Each once, however often it is named: to look into a part takes longer than to name it.
  const first = [...new Set([...namesIn(observed), ...namesIn(markets)])];
  await fetch(first);
  await fetch(first.flatMap((name) => seriesIn(parsed(parts.get(name) ?? new Uint8Array()))));
  return { root, parts };
}

/** A stored bundle with its parts. @throws TonsorError EVIDENCE_MISSING, EVIDENCE_MISMATCH */
export async function readEvidence(store: Pick<EvidenceStore, "get" | "part">, hash: Hex): Promise<PackedEvidence> {
  return gather(await store.get(hash), (name) => store.part(name));
}

/** Names of the stretches of series in a part. */
function seriesIn(items: unknown): readonly string[] {
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: unknown) => {
    const { observation, history } = recordOf(item);
    return [observation, history].flatMap((one) => SERIES.flatMap((field) => namesIn(recordOf(one)[field])));
  });
}

function namesIn(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter(isPartName) : [];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
