import { decodeFunctionResult, encodeFunctionData, type Hex, type PublicClient, parseAbi, parseAbiItem } from "viem";
import { TonsorError } from "../domain/errors.ts";
import type { PositionBook } from "../domain/position.ts";
import type { Call, Rpc } from "../io/rpc.ts";

const abi = parseAbi([
  "function marketId() view returns (uint16)",
  "function feed() view returns (address)",
  "function positionOf(address account) view returns (uint256 collateralWad, uint256 debtWad)",
  "function latestRoundData() view returns (uint80, int256 answer, uint256, uint256, uint80)",
  "function decimals() view returns (uint8)",
]);
const BORROWED = parseAbiItem("event Borrowed(address indexed account, uint256 collateralWad, uint256 debtWad)");

/** A lending book of the shape of `test/mocks/TestLender.sol`, and the block since which it has been there. */
export type LenderRef = { readonly address: Hex; readonly fromBlock: bigint };

/**
 * Reads every position of a lender at one block: accounts from its events, amounts and price from its own view.
 * @throws TonsorError RPC_FAILED, WRONG_CHAIN, NO_QUORUM; BAD_CONFIG when no such lender stands there
 */
export async function readLenderPositions(
  { rpc, client }: { readonly rpc: Rpc; readonly client: PublicClient },
  lender: LenderRef,
  block: { readonly number: bigint; readonly timestamp: number },
): Promise<PositionBook> {
  const { address, fromBlock } = lender;
  const logs = await client.getLogs({ address, event: BORROWED, fromBlock, toBlock: block.number });
  const accounts = [...new Set(logs.map(({ args }) => args.account).filter((account) => account !== undefined))];
  const view = async <T>(to: Hex, functionName: string, args: readonly unknown[][] = [[]]): Promise<T[]> => {
    const calls: Call[] = args.map((own) => ({
      to,
      data: encodeFunctionData({ abi, functionName, args: own } as never),
    }));
    const results = await rpc.calls(calls, block.number);
    return results.map((result) => {
      if (result.ok && result.data !== "0x") {
        return decodeFunctionResult({ abi, functionName, data: result.data } as never) as T;
      }
      throw new TonsorError("BAD_CONFIG", `${functionName} is not answered: no lender stands there`, {
        field: "impact.lenders",
        given: address,
      });
    });
  };
  const [[marketId], [feed]] = await Promise.all([view<number>(address, "marketId"), view<Hex>(address, "feed")]);
  const [[round], [decimals]] = await Promise.all([
    view<readonly bigint[]>(feed as Hex, "latestRoundData"),
    view<number>(feed as Hex, "decimals"),
  ]);
  const price = Number(round?.[1] ?? 0n) / 10 ** Number(decimals);
  const amounts = await view<readonly [bigint, bigint]>(
    address,
    "positionOf",
    accounts.map((account) => [account]),
  );
  return {
    source: address,
    time: block.timestamp,
    positions: amounts.flatMap(([collateralWad, debtWad], i) => {
      const account = accounts[i];
      if (account === undefined || debtWad === 0n) return [];
      const collateralUsd = (Number(collateralWad) / 1e18) * price;
      return [
        { protocol: address, account, marketId: Number(marketId), collateralUsd, debtUsd: Number(debtWad) / 1e18 },
      ];
    }),
  };
}
