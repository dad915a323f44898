import { z } from "zod";
import { TonsorError } from "../domain/errors.ts";
import type { PositionBook } from "../domain/position.ts";
import { unreadable } from "../domain/words.ts";
import { readWhole } from "../journal/files.ts";

const finite = z.number().nonnegative();
const shape = z.strictObject({
  schema: z.literal("tonsor.positions.v1"),
  source: z.string().min(1).max(100),
  time: z.int().nonnegative(),
  positions: z.array(
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
  ),
});

const EXPECTED = "a book of positions, JSON of the form tonsor.positions.v1";

/** What a file's positions are valued with: ids and prices (US dollars a token) of the markets by name. */
type Valuation = ReadonlyMap<string, { readonly marketId: number; readonly priceUsd: number | null }>;

/**
 * Reads a book of positions from `positions.json` (form: `IMPACT.md`). Positions of markets that the valuation does not
 * have are left out.
 * @param option that names the file, for messages
 * @throws TonsorError `BAD_FILE` when it is missing, is larger than 16 MiB, is of another form, or needs a price that is not known.
 */
export async function readPositionsFile(
  path: string,
  valuation: Valuation,
  option = "impact.positionsFile",
): Promise<PositionBook> {
  const bytes = await readWhole(path).catch((error: Error) => {
    const facts = { field: option, given: unreadable(error), expected: EXPECTED };
    throw new TonsorError("BAD_FILE", `${path} cannot be read`, facts, error);
  });
  const { source, time, positions } = parse(bytes.toString(), path, option);
  return {
    source,
    time,
    positions: positions.flatMap(({ market, collateralAmount, collateralUsd, ...one }, i) => {
      const known = valuation.get(market);
      if (known === undefined) return [];
      const { marketId, priceUsd } = known;
      if (collateralUsd !== undefined) return [{ ...one, marketId, collateralUsd }];
      if (priceUsd !== null) return [{ ...one, marketId, collateralUsd: (collateralAmount ?? 0) * priceUsd }];
      const expected = "collateralUsd while there is no price";
      const facts = { field: `positions.${i}.collateralAmount`, given: collateralAmount, expected };
      throw new TonsorError("BAD_FILE", `no price for ${market}`, facts);
    }),
  };
}

function parse(text: string, path: string, option: string): z.output<typeof shape> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    const facts = { field: option, given: text.slice(0, 40), expected: EXPECTED };
    throw new TonsorError("BAD_FILE", `${path} is not JSON`, facts, error);
  }
  const parsed = shape.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path ?? [];
  const given = at.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null)?.[key], content);
  throw new TonsorError("BAD_FILE", `${path} is not of the form of positions`, {
    ...{ field: at.join(".") || option, given: given ?? "nothing", expected: issue?.message ?? EXPECTED },
  });
}
