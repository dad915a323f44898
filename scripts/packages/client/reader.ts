import { type Client, isAddress, type PublicClient, publicActions } from "viem";
import type { Hex } from "../../../keeper/domain/contract.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";

/**
 * What reads through a client of viem, whatever its chain: one for a rollup has blocks of its own type, and is no `PublicClient`.
 * @throws TonsorError BAD_ARGUMENT unless `client` is one, `parameters` an address and `marketIds` a list of ids
 */
export function readerOf(client: Client, parameters: Hex, marketIds: readonly number[]): PublicClient {
  if (typeof (client as Client | undefined)?.extend !== "function")
    refuse("client", "nothing of the kind", "a client of viem");
  if (!isAddress(parameters)) {
    refuse(
      "parameters",
      parameters,
      "0x and 40 hexadecimal digits, with their checksum where small and capital letters mix",
    );
  }
  const isId = (id: unknown) => Number.isInteger(id) && 0 <= Number(id) && Number(id) <= 65_535;
  if (!Array.isArray(marketIds) || !marketIds.every(isId)) {
    refuse("marketIds", marketIds, "a list of whole numbers in [0, 65535]");
  }
  return ("readContract" in client ? client : client.extend(publicActions)) as unknown as PublicClient;
}

/** @throws TonsorError BAD_ARGUMENT */
export function refuse(field: string, given: unknown, expected: string): never {
  throw new TonsorError("BAD_ARGUMENT", "a wrong argument", { field, given, expected });
}
