import { type Abi, parseAbi } from "viem";
import { reserveOf } from "../../deploy/aaveMarket.ts";
import { aaveAbi } from "../lenders/aave.ts";
import { MAINNET_ADDRESSES as AT } from "../replica/addresses.ts";
import { ownArtifact } from "../replica/artifacts.ts";
import type { Read } from "./chain.ts";
import { COLLATERALS, type CollateralName } from "./lender.ts";
import type { CycleNote } from "./protection.ts";
import type { Stage } from "./stage.ts";

/** How the numbers of one batch came to one lender. */
export type Arrival = {
  readonly lender: string;
  readonly sequence: number;
  /** When it was decided, Unix seconds of the keeper's clock, and on which block; the block that has the batch. */
  readonly time: number;
  readonly decidedBlock: number;
  readonly batchBlock: number;
  /** First block in which the lender has all of them; null: not before the next batch, or never. */
  readonly inForceBlock: number | null;
  /** From the decision until then: cycles of the keeper, the deciding one counted, and seconds from the one block to the other. */
  readonly ticks: number | null;
  readonly seconds: number | null;
};

/** Of the batches of one lender: how many were in force within a tick of the decision, and the longest way of those that came. */
type ArrivalSums = {
  readonly lender: string;
  readonly batches: number;
  readonly withinOneTick: number;
  readonly mostTicks: number | null;
  readonly mostBlocks: number | null;
  readonly mostSeconds: number | null;
};

/** A batch's numbers are to be in force within so many cycles: in the deciding one. */
const IN_TIME_TICKS = 1;

/** Sums of each lender, in order of first appearance; null where nothing came. */
export function arrivalSums({ arrivals }: { readonly arrivals: readonly Arrival[] }): readonly ArrivalSums[] {
  const byLender = Map.groupBy(arrivals, ({ lender }) => lender);
  return [...byLender].map(([lender, own]) => {
    const came = own.filter(({ inForceBlock }) => inForceBlock !== null);
    const most = (of: (one: Arrival) => number) => (came.length === 0 ? null : Math.max(...came.map(of)));
    return {
      ...{ lender, batches: own.length },
      withinOneTick: came.filter(({ ticks }) => (ticks ?? 0) <= IN_TIME_TICKS).length,
      mostTicks: most(({ ticks }) => ticks ?? 0),
      mostBlocks: most(({ inForceBlock, decidedBlock }) => (inForceBlock ?? 0) - decidedBlock),
      mostSeconds: most(({ seconds }) => seconds ?? 0),
    };
  });
}

type Waiting = Omit<Arrival, "lender" | "inForceBlock" | "seconds"> & {
  readonly ticks: number;
  readonly markets: readonly CollateralName[];
};

const CONTRACT = parseAbi([
  "function haircuts(uint16) view returns ((uint16 initialBps, uint16 maintenanceBps, uint40 asOf, uint8 mode))",
  "function exposureLimit(uint16) view returns (uint256 tokens, bool mayGrow)",
]);
const BPS_ONE = 10_000;

type Answers = readonly [
  preview: readonly [bigint, bigint, boolean],
  cap: readonly [bigint, boolean],
  reserve: { readonly data: bigint },
  haircuts: { readonly initialBps: number },
  limit: readonly [tokens: bigint, mayGrow: boolean],
];

/** Watches on the chain when each batch's numbers are in force at the lenders. At Morpho Blue they never are. */
export class Arrivals {
  readonly rows: Arrival[] = [];
  private readonly stage: Pick<Stage, "chain" | "lenders" | "contracts">;
  private waiting: Waiting | null = null;

  constructor(stage: Arrivals["stage"]) {
    this.stage = stage;
  }

  /** To be called after each cycle, before anything else happens. */
  async after({ batch, time, decidedBlock }: CycleNote): Promise<void> {
    if (batch !== null) {
      this.close(null);
      const markets = COLLATERALS.filter((name) => batch.markets.includes(name));
      const blocks = { decidedBlock: Number(decidedBlock), batchBlock: Number(batch.block) };
      this.waiting = { sequence: Number(batch.sequence), time, ...blocks, ticks: 0, markets };
    }
    if (this.waiting === null) return;
    this.waiting = { ...this.waiting, ticks: this.waiting.ticks + 1 };
    if (!(await this.isInForce(this.waiting))) return;
    const block = await this.lastChange(this.waiting.batchBlock);
    const timeOf = async (at: number) =>
      Number((await this.stage.chain.client.getBlock({ blockNumber: BigInt(at) })).timestamp);
    const seconds = (await timeOf(block)) - (await timeOf(this.waiting.decidedBlock));
    this.close({ inForceBlock: block, ticks: this.waiting.ticks, seconds });
  }

  /** Ends what waits yet: it has not arrived. */
  end(): readonly Arrival[] {
    this.close(null);
    return this.rows;
  }

  private close(arrived: Pick<Arrival, "inForceBlock" | "ticks" | "seconds"> | null): void {
    if (this.waiting === null) return;
    const { markets: _, ticks: __, ...batch } = this.waiting;
    const never = { inForceBlock: null, ticks: null, seconds: null };
    for (const { id, name } of this.stage.lenders) {
      this.rows.push({ lender: name, ...batch, ...(id === "aave" && arrived !== null ? arrived : never) });
    }
    this.waiting = null;
  }

  /** Whether Aave lends and takes no more than the contract says, and its agent would change nothing. */
  private async isInForce({ markets }: Waiting): Promise<boolean> {
    const { deployment, agent, aave } = this.stage.contracts;
    const agentAbi = ownArtifact("contracts/adapters/AaveV3Agent").abi;
    const reads = markets.flatMap((name): Read[] => {
      const args = [AT.tokens[name]];
      const own = { to: deployment.contract.address as Read["to"], abi: CONTRACT as Abi };
      const id = [deployment.markets.find((market) => market.name === name)?.id];
      return [
        { to: agent, abi: agentAbi, name: "preview", args },
        { to: agent, abi: agentAbi, name: "previewSupplyCap", args },
        { to: aave.pool, abi: aaveAbi("PoolInstance"), name: "getConfiguration", args },
        { ...own, name: "haircuts", args: id },
        { ...own, name: "exposureLimit", args: id },
      ];
    });
    const answers = await this.stage.chain.read<unknown>(reads);
    return markets.every((_, i) => {
      const [preview, cap, { data }, { initialBps }, limit] = answers.slice(5 * i, 5 * i + 5) as unknown as Answers;
      const { ltvBps, supplyCap } = reserveOf(data);
      const isWithin = supplyCap > 0 && BigInt(supplyCap) <= limit[0];
      return !preview[2] && !cap[1] && ltvBps <= BPS_ONE - initialBps && isWithin;
    });
  }

  /** The last block from one on in which Aave was changed; that one where it was not. */
  private async lastChange(fromBlock: number): Promise<number> {
    const { chain, contracts } = this.stage;
    const logs = await chain.client.getLogs({
      address: contracts.aave.configurator,
      fromBlock: BigInt(fromBlock),
    });
    return Number(logs.at(-1)?.blockNumber ?? fromBlock);
  }
}
