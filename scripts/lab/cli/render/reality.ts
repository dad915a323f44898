import { sentence } from "../../reality/page.ts";
import type { Reality } from "../../reality/reality.ts";

/** What was reached and what was not, the published figures, and where the rest was written. */
export function renderReality({ cases, studies, aave, files }: Reality): string {
  const published = studies.map(({ study, base, published: multiple, modelled, factor }) => {
    return `${study.name} over ${base.name}: published ${multiple.toFixed(2)}, modelled ${modelled.toFixed(2)}, ${factor.toFixed(2)} of it`;
  });
  return [
    ...cases.map(sentence),
    "",
    `Nothing can be expected to rank the days of the ${aave.count} recorded Aave liquidations better than ${aave.ceiling.toFixed(2)}.`,
    "",
    "Published liquidations, as multiples:",
    ...published,
    "",
    ...files,
  ].join("\n");
}
