import { ownError } from "../domain/errors.ts";
import type { ContractView } from "../protocols/collateralParameters.ts";

/** What `readMarkets` gives of some markets at one block. */
type Read = (ids: readonly number[]) => Promise<ContractView>;

/**
 * Returns the contract as `read` gives it of those of the ids that it lists, with them in the same order. A record may
 * name a market that governance has not listed yet: that stops none of the others. All unlisted: the contract alone.
 * @throws TonsorError whatever `read` throws for another reason than an unknown market
 */
export async function readListed(
  ids: readonly number[],
  read: Read,
): Promise<{ readonly view: ContractView; readonly listed: readonly number[] }> {
  try {
    return { view: await read(ids), listed: ids };
  } catch (error) {
    if (!isUnknownMarket(error)) throw error;
  }
  // The node names the first only, and in no certain order.
  const known = await Promise.all(ids.map((id) => isListed(id, read)));
  const listed = ids.filter((_, i) => known[i]);
  return { view: await read(listed), listed };
}

async function isListed(id: number, read: Read): Promise<boolean> {
  try {
    await read([id]);
    return true;
  } catch (error) {
    if (isUnknownMarket(error)) return false;
    throw error;
  }
}

function isUnknownMarket(error: unknown): boolean {
  const own = ownError(error);
  return own?.code === "TRANSACTION_FATAL" && own.message.startsWith("UnknownMarket");
}
