import { followLemmas } from "./followLemmas.ts";
import { layoutLemmas } from "./layoutLemmas.ts";
import type { Lemma } from "./lemma.ts";
import { numberLemmas } from "./numberLemmas.ts";
import { postconditionLemmas } from "./postconditionLemmas.ts";
import { readLemmas } from "./readLemmas.ts";
import { ruleLemmas } from "./ruleLemmas.ts";
import { windowLemmas } from "./windowLemmas.ts";

/** Every sentence, in the order of what it rests on. */
export const LEMMAS: readonly Lemma[] = [
  ...layoutLemmas,
  ...numberLemmas,
  ...windowLemmas,
  ...followLemmas,
  ...readLemmas,
  ...ruleLemmas,
  ...postconditionLemmas,
];
