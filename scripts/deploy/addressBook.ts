import { createRequire } from "node:module";
import { TonsorError } from "../../keeper/domain/errors.ts";

type Book = Readonly<Record<string, { readonly POOL_ADDRESSES_PROVIDER?: string }>>;

/**
 * Returns the provider of addresses of an Aave v3 market by its name in Aave's address book.
 *
 * @throws TonsorError BAD_CONFIG for a name that the book does not have, or without the development dependency that it is
 * @example aaveProvider("AaveV3Base") // "0xe20fCBdBfFC4Dd138cE8b2E6FBb6CB49777ad64D"
 */
export function aaveProvider(name: string): string {
  const book = readBook();
  const found = book[name]?.POOL_ADDRESSES_PROVIDER;
  if (found !== undefined) return found;
  const known = Object.keys(book).filter((each) => book[each]?.POOL_ADDRESSES_PROVIDER && each.startsWith("AaveV3"));
  const expected = `an address, or one of ${known.join(", ")}`;
  throw new TonsorError("BAD_CONFIG", "no such Aave market", { field: "lenders.provider", given: name, expected });
}

function readBook(): Book {
  try {
    return createRequire(import.meta.url)("@aave-dao/aave-address-book") as Book;
  } catch (cause) {
    const facts = { field: "lenders.provider", expected: "an address, or `npm ci` with development dependencies" };
    throw new TonsorError("BAD_CONFIG", "Aave's address book is not installed", facts, cause);
  }
}
