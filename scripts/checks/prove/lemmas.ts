import { layoutLemmas } from "./layoutLemmas.ts";
import type { Lemma } from "./lemma.ts";
import { timeLemmas } from "./timeLemmas.ts";
import { writeLemmas } from "./writeLemmas.ts";

/** Every sentence, in the order of what it rests on. */
export const LEMMAS: readonly Lemma[] = [...layoutLemmas, ...timeLemmas, ...writeLemmas];
