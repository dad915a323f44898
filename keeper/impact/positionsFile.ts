import { readFile } from "node:fs/promises";
import { z } from "zod";
import { TonsorError } from "../domain/errors.ts";
import type { PositionBook } from "../domain/position.ts";

const finite = z.number().nonnegative();
const shape = z.strictObject({
  schema: z.literal("tonsor.positions.v1"),
  source: z.string().min(1).max(100),
  time: z.int().nonnegative(),
  positions: z
    .array(
      z
        .strictObject({
          protocol: z.string().min(1).max(100),
          account: z.string().min(1).max(100),
          market: z.string().min(1).max(100),
          /** At present prices; or the amount, valued at the price that the cycle has read. */
          collateralUsd: finite.optional(),
          collateralAmount: finite.optional(),
          debtUsd: finite,
        })
        .refine(
          ({ collateralUsd, collateralAmount }) => (collateralUsd === undefined) !== (collateralAmount === undefined),
          {
            message: "one of collateralUsd and collateralAmount",
          },
        ),
    )
    .max(1_000_000),
});

/** What a file's positions are valued with: ids and prices (US dollars a token) of the markets by name. */
export type Valuation = ReadonlyMap<string, { readonly marketId: number; readonly priceUsd: number | null }>;

/**
 * Reads a book of positions from `positions.json` (form: `IMPACT.md`). Positions of markets that the valuation does not
 * have are left out.
 * @throws TonsorError `BAD_FILE` when it is missing, is of another form, or needs a price that is not known.
 */
export async function readPositionsFile(path: string, valuation: Valuation): Promise<PositionBook> {
  const text = await readFile(path, "utf8").catch((error: Error) => {
    throw new TonsorError(
      "BAD_FILE",
      `positions cannot be read: ${error.message}`,
      { field: "impact.positionsFile" },
      error,
    );
  });
  const { source, time, positions } = parse(text, path);
  return {
    source,
    time,
    positions: positions.flatMap(({ market, collateralAmount, collateralUsd, ...one }, i) => {
      const known = valuation.get(market);
      if (known === undefined) return [];
      const { marketId, priceUsd } = known;
      if (collateralUsd !== undefined) return [{ ...one, marketId, collateralUsd }];
      if (priceUsd !== null) return [{ ...one, marketId, collateralUsd: (collateralAmount ?? 0) * priceUsd }];
      const facts = { field: `positions.${i}.collateralAmount`, expected: "collateralUsd while there is no price" };
      throw new TonsorError("BAD_FILE", `no price for ${market}`, facts);
    }),
  };
}

function parse(text: string, path: string): z.output<typeof shape> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new TonsorError("BAD_FILE", `${path} is not JSON`, { field: "impact.positionsFile" }, error);
  }
  const parsed = shape.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") ?? "";
  throw new TonsorError("BAD_FILE", `${path} is not of the form of positions`, {
    field,
    expected: issue?.message ?? "",
  });
}
