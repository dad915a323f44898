import type { Hex } from "../../../keeper/domain/contract.ts";
import { parseDeployment } from "../../../keeper/protocols/deployment.ts";

/** What is deployed on one chain, and its markets. */
export type DeployedAddresses = {
  readonly chainId: number;
  readonly parameters: Hex;
  /** The owner: governance. */
  readonly timelock: Hex;
  readonly quorum: Hex | null;
  readonly challenge: Hex;
  readonly listing: Hex;
  /** `debt` is a token, or address(840) for US dollars. */
  readonly markets: readonly {
    readonly id: number;
    readonly name: string;
    readonly collateral: Hex;
    readonly debt: Hex;
  }[];
};

/**
 * The addresses in the record of a deployment, `deployments/<chainId>.json`.
 * @throws TonsorError BAD_FILE listing every problem of the record with its path
 * @example addressesOf(JSON.parse(readFileSync("deployments/31337.json", "utf8"))).markets[0].name // "WETH"
 */
export function addressesOf(record: unknown): DeployedAddresses {
  const { chainId, contract, timelock, gateways, markets } = parseDeployment(record);
  return {
    ...{ chainId, parameters: contract.address, timelock: timelock.address },
    quorum: gateways.quorum?.address ?? null,
    ...{ challenge: gateways.challenge.address, listing: gateways.listing.address },
    markets: markets.map(({ id, name, collateral, debt }) => ({ id, name, collateral, debt })),
  };
}
