import { decodeFunctionResult, encodeFunctionData, type Hex, type PublicClient, parseAbi, parseAbiItem } from "viem";
import { z } from "zod";
import { TonsorError } from "../domain/errors.ts";
import type { PositionBook } from "../domain/position.ts";
import { unreadable } from "../domain/words.ts";
import type { Call, Rpc } from "../io/rpc.ts";
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
 * @throws TonsorError RPC_FAILED, WRONG_CHAIN, NO_QUORUM; BAD_CONFIG when there is no such lender
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
      throw new TonsorError("BAD_CONFIG", `${functionName} is not answered: there is no lender at that address`, {
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
