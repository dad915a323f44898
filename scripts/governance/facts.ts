import { Contract, type JsonRpcProvider, type Result } from "ethers";
import {
  type ContractLimits,
  type MarketMode,
  MODES,
  type ProfileValues,
  type SequencerValues,
} from "../../keeper/domain/contract.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { deploymentArtifacts } from "../deploy/artifacts.ts";

/** One market as it is at a block. */
export type MarketFacts = {
  readonly id: number;
  readonly name: string;
  readonly group: number;
  readonly classId: number;
  /** As stored: what new loans get while the data is fresh and the market NORMAL. */
  readonly initialBps: number;
  readonly maintenanceTargetBps: number;
  /** In force at the block. */
  readonly maintenanceBps: number;
  readonly mode: MarketMode;
};

/** What a proposal is written about: the chain itself, not the record. */
export type Facts = {
  readonly block: number;
  readonly time: number;
  readonly delaySeconds: number;
  readonly classes: ReadonlyMap<number, ContractLimits>;
  readonly profiles: readonly ProfileValues[];
  readonly sequencer: SequencerValues;
  readonly aggregate: { readonly hotBps: number; readonly quorumBps: number; readonly tripped: boolean };
  readonly markets: readonly MarketFacts[];
};

/** Reads the facts at the latest block. */
export async function readFacts(provider: JsonRpcProvider, deployment: Deployment): Promise<Facts> {
  const { contract: artifact, timelock } = deploymentArtifacts();
  const contract = new Contract(deployment.contract.address, artifact.abi, provider);
  const block = await provider.getBlock("latest");
  const number = block?.number ?? 0;
  const at = { blockTag: number };
  const ask = async (method: string, ...args: unknown[]): Promise<Result> =>
    await contract.getFunction(method)(...args, at);
  const classes = new Map<number, ContractLimits>();
  for (let id = 0; id < 64; id++) {
    const limits = plain(await ask("limitsOfClass", id)) as unknown as ContractLimits;
    if (limits.minGapBps > 0) classes.set(id, limits);
  }
  const profiles: ProfileValues[] = [];
  for (let index = 0; index < 4; index++) profiles.push(plain(await ask("profile", index)) as unknown as ProfileValues);
  const door = plain(await ask("door"));
  const markets: MarketFacts[] = [];
  for (let id = 1; id <= Number(await ask("marketCount")); id++) {
    const [known, haircuts] = await ask("tryHaircuts(uint16)", id);
    if (!known) continue;
    const state = plain(await ask("marketState", id));
    markets.push({
      id,
      name: deployment.markets.find((market) => market.id === id)?.name ?? `market ${id}`,
      group: Math.floor((id - 1) / 5),
      classId: Number(state["classId"]),
      initialBps: Number(state["initialBps"]),
      maintenanceTargetBps: Number(state["maintenanceTargetBps"]),
      maintenanceBps: Number(haircuts["maintenanceBps"]),
      mode: MODES[Number(haircuts["mode"])] ?? "FROZEN",
    });
  }
  const lock = new Contract(deployment.timelock.address, timelock.abi, provider);
  return {
    block: number,
    time: block?.timestamp ?? 0,
    delaySeconds: Number(await lock.getFunction("getMinDelay")(at)),
    classes,
    profiles,
    sequencer: plain(await ask("sequencer")) as unknown as SequencerValues,
    aggregate: {
      hotBps: Number(door["aggregateBps"]),
      quorumBps: Number(door["quorumAggregateBps"]),
      tripped: door["tightenOnly"] === true,
    },
    markets,
  };
}

/** A struct as an object with numbers instead of big integers. */
function plain(result: Result): Record<string, number | boolean | string> {
  const entries = Object.entries(result.toObject());
  return Object.fromEntries(entries.map(([key, value]) => [key, typeof value === "bigint" ? Number(value) : value]));
}
