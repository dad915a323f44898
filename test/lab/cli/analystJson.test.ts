import assert from "node:assert/strict";
import { test } from "node:test";
import { quoteSchema } from "../../../scripts/lab/cli/quote.ts";
import { quote } from "../../../scripts/lab/cli/quoteReport.ts";
import { surfaceReport } from "../../../scripts/lab/cli/surfaceReport.ts";
import { documentedFields, fieldPaths, leaves } from "../../cli/fieldPaths.ts";
import { smileBoard } from "../../support/smileBoard.ts";

const documented = (heading: string): string[] => leaves(documentedFields("scripts/lab/cli/JSON.md", heading));
const quoted = fieldPaths(quote({ volatility: 0.6, depthUsd: 60e6, largestBorrowerUsd: 20e6 }));

test("the documented fields of quote are its own beside inputs and terms", () => {
  const own = quoted.filter((path) => !path.startsWith("inputs.") && !path.includes(".terms."));
  assert.deepEqual(own, documented("quote"));
});

test("the inputs that quote repeats are those of its schema", () => {
  const repeated = quoted.flatMap((path) => /^inputs\.(\w+)/.exec(path)?.[1] ?? []);
  const { properties } = quoteSchema() as { readonly properties: Record<string, unknown> };
  assert.deepEqual([...new Set(repeated)].sort(), Object.keys(properties).sort());
});

test("the terms of quote are the documented terms of a haircut, but for a claim's depeg, of which quote knows nothing", () => {
  const all = documentedFields("keeper/cli/JSON.md", "explain: terms of a haircut");
  const terms = all.filter((name) => name !== "depeg");
  assert.equal(terms.length, all.length - 1);
  const shown = quoted.flatMap((path) => /^initial\.terms\.(.+)/.exec(path)?.[1] ?? []);
  assert.deepEqual(shown, terms);
});

test("the documented fields of surface are those of a real board with a fault in it", () => {
  const board = smileBoard({ days: [2.2, 30.2] });
  const quotes = board.quotes.map((entry, at) =>
    at % 5 === 0 ? { ...entry, bidCoin: (entry.askCoin ?? 1) * 2 } : entry,
  );
  assert.deepEqual(fieldPaths(surfaceReport({ ...board, quotes })), documented("surface"));
});
