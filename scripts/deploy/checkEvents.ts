import { Contract, type JsonRpcProvider, type Result } from "ethers";
import { EPOCH } from "../../keeper/domain/calendar.ts";
import { type Hex, MODES } from "../../keeper/domain/contract.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { readEvents } from "../../keeper/protocols/events.ts";
import { asOfOf } from "../lab/contractModel/effective.ts";
import { RULES } from "../lab/contractModel/rules.ts";
import { type ContractState, locate, marketCount } from "../lab/contractModel/state.ts";
import { deploymentArtifacts } from "./artifacts.ts";
import { type Check, compare } from "./compare.ts";
import { readUptime } from "./uptimeFeed.ts";

/** Where the parameter contract is deployed. */
type ContractPlace = { readonly rpcUrl: string; readonly chainId: number; readonly address: string };

/**
 * Returns the contract's state at the end of a block, from its events alone, on a rollup also from the rounds of its
 * sequencer's feed; `block` is that of its creation.
 */
async function stateAt(place: ContractPlace, block: number, toBlock: number): Promise<ContractState> {
  const client = chainClient({ chainId: place.chainId, rpc: place.rpcUrl });
  const span = { fromBlock: BigInt(block), toBlock: BigInt(toBlock) };
  const events = await readEvents(client, place.address as Hex, span);
  const fixed = events.find((event) => event.name === "SequencerFixed");
  if (fixed === undefined) return RULES.rebuild(events);
  return RULES.rebuild(events, await readUptime(client, fixed.values.feed, fixed.time, BigInt(toBlock)));
}

/**
 * Returns the comparison of what the events say with what is stored, market by market: a storage write without its
 * event, or an event without its write, shows here.
 */
export async function checkEvents(
  provider: JsonRpcProvider,
  rpcUrl: string,
  { chainId, contract }: Deployment,
  block: number,
): Promise<Check[]> {
  const latest = await provider.getBlockNumber();
  const state = await stateAt({ rpcUrl, chainId, address: contract.address }, block, latest);
  const asked = new Contract(contract.address, deploymentArtifacts().contract.abi, provider);
  const at = { blockTag: latest };
  const door: Result = await asked.getFunction("door")(at);
  const checks = [
    compare("events rebuild the number of groups", state.groups.length, await asked.getFunction("groupCount")(at)),
    compare("events rebuild the contract-wide state", words(state.door), words(door.toObject())),
  ];
  for (let id = 1; id <= marketCount(state); id++) {
    const found = locate(state, id);
    if (found === null) continue;
    const { market, group } = found;
    const stored: Result = await asked.getFunction("marketState")(id, at);
    const fields = ["initialBps", "maintenanceTargetBps", "maintenanceBps", "challenged", "confidence", "sources"];
    const own = { ...market, mode: MODES.indexOf(market.mode), asOfMinute: asOfOf(group, market) };
    const theirs = { ...stored.toObject(), asOfMinute: (Number(stored["asOf"]) - EPOCH) / 60 };
    const what = `events rebuild market ${id}`;
    checks.push(
      compare(what, words(own, [...fields, "mode", "asOfMinute"]), words(theirs, [...fields, "mode", "asOfMinute"])),
    );
  }
  return checks;
}

function words(values: object, keys = Object.keys(values).sort()): string {
  const named = values as Record<string, unknown>;
  return keys.map((key) => `${key} ${named[key]}`).join(", ");
}
