import type { Contract, Signer } from "ethers";
import hre, { network } from "hardhat";
import { NO_SEQUENCER } from "../../../keeper/domain/contract.ts";
import { encodeEntries } from "../../../keeper/protocols/entry.ts";
import { parametersContract } from "../../../scripts/bench/gas/parametersContract.ts";
import { compiled } from "../../support/compiled.ts";
import {
  type Haircuts,
  idOf,
  limitsOf,
  type Named,
  type Outcome,
  PAIRS,
  type Pair,
  PROFILE,
  REASONS,
  type Reason,
  type Values,
} from "./terms.ts";

const USD = "0x0000000000000000000000000000000000000348";
/**
 * The contract on a network of its own inside this process, listed at `start` with `lanes` markets for each of
 * `pairs`, whose keeper sees its own updates from inside their block. Nothing was written yet.
 */
export async function incidentWorld(start: number, pairs: readonly Pair[] = PAIRS, lanes = 1) {
  await compiled();
  const { ethers, provider } = await network.create({
    network: "hardhat",
    override: { initialDate: new Date((start - 3_600) * 1000) },
  });
  const [deployer, governance, guardian] = await ethers.getSigners();
  if (!deployer || !governance || !guardian) throw new Error("the network has no accounts");
  const libraries = new Map<string, string>();
  const own = async (name: string, ...args: unknown[]): Promise<Contract> => {
    const linked = await librariesOf(name, deployer, libraries);
    return (await ethers.deployContract(name, args, { libraries: linked })) as unknown as Contract;
  };
  const keeper = await own("IncidentKeeper");
  const tokens: string[] = [];
  for (let n = 0; n < pairs.length * lanes; n += 1) {
    tokens.push(await (await own("MockERC20", "Collateral", "COLL", 18)).getAddress());
  }
  const classes = pairs.map((pair, classId) => ({ classId, limits: limitsOf(pair) }));
  const listings = tokens.map((collateral, n) => ({
    collateral,
    debt: USD,
    classId: Math.floor(n / lanes),
    group: Math.floor(n / lanes),
    initialBps: pairs[Math.floor(n / lanes)]?.initialBps,
    maintenanceBps: pairs[Math.floor(n / lanes)]?.maintenanceBps,
  }));
  await librariesOf("CollateralParameters", deployer, libraries);
  await provider.request({ method: "evm_setNextBlockTimestamp", params: [start] });
  const roles = [governance, await keeper.getAddress(), ethers.ZeroAddress, guardian];
  const address = await (
    await own("CollateralParameters", ...roles, [PROFILE], NO_SEQUENCER, classes, listings)
  ).getAddress();
  const core = await parametersContract(address, deployer);
  const watched = pairs.flatMap((_, pair) => Array.from({ length: lanes }, (_, lane) => idOf(pair, lane)));
  const generation = watched.length;
  let sequence = 0;
  let time = start;

  const call = async (from: string, to: string, data: string): Promise<readonly Log[]> => {
    const hash = await provider.request({ method: "eth_sendTransaction", params: [{ from, to, data }] });
    const receipt = await provider.request({ method: "eth_getTransactionReceipt", params: [hash] });
    return (receipt as { logs: Log[] }).logs;
  };
  const at = async (next: number): Promise<void> => {
    time = next;
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [next] });
  };

  // Enough for the markets' own budgets; the search lowers it.
  await at(start + 1);
  await call(governance.address, address, core.interface.encodeFunctionData("setAggregateBudget", [1_000, 1_000]));

  return {
    ethers,
    provider,
    core,
    address,
    governance: governance.address,
    guardian: guardian.address,
    watched,
    now: (): number => time,
    own,
    /** Calls the contract as `from` in a block at `when`. */
    does: async (from: string, when: number, name: string, args: readonly unknown[]): Promise<void> => {
      await at(when);
      await call(from, address, core.interface.encodeFunctionData(name, args));
    },
    keeperAddress: await keeper.getAddress(),
    setPermits: async (when: number, permits: boolean): Promise<void> => {
      await at(when);
      const data = keeper.interface.encodeFunctionData("setPermits", [permits]);
      await call(deployer.address, await keeper.getAddress(), data);
    },
    /** What consumers read in a block at `when`, without any update in it. */
    haircuts: async (when: number): Promise<readonly Haircuts[]> => {
      await at(when);
      await provider.request({ method: "evm_mine" });
      return plain(await core.getFunction("haircutsMany").staticCall(watched));
    },
    /** Sends the next batch in a block at `when`. */
    send: async (when: number, named: readonly Named[]): Promise<Outcome> => {
      await at(when);
      const entries = named.map((one) => ({ ...one, lanes: one.lanes.map(withQuality), withQuality: false }));
      const batch = {
        sequence: sequence + 1,
        deadline: when,
        generation,
        modelVersion: 1,
        evidence: ethers.id("evidence"),
        entries: encodeEntries(entries),
      };
      const data = keeper.interface.encodeFunctionData("send", [address, batch, watched]);
      const logs = await call(deployer.address, await keeper.getAddress(), data);
      const outcome = outcomeOf(logs, core, keeper);
      if (outcome.refusal === "") sequence += 1;
      return outcome;
    },
  };
}

export type IncidentWorld = Awaited<ReturnType<typeof incidentWorld>>;

/** Addresses of the libraries that an artifact is linked to, deployed when they are not yet. */
async function librariesOf(name: string, by: Signer, known: Map<string, string>): Promise<Record<string, string>> {
  const { linkReferences } = await hre.artifacts.readArtifact(name);
  const found: Record<string, string> = {};
  for (const [source, libraries] of Object.entries(linkReferences)) {
    for (const library of Object.keys(libraries)) {
      const { bytecode } = await hre.artifacts.readArtifact(`${source.replace(/^project\//, "")}:${library}`);
      const at = known.get(library) ?? (await (await by.sendTransaction({ data: bytecode })).wait())?.contractAddress;
      if (!at) throw new Error(`${library} was not deployed`);
      known.set(library, at);
      found[library] = at;
    }
  }
  return found;
}

type Log = { readonly address: string; readonly topics: readonly string[]; readonly data: string };

function outcomeOf(logs: readonly Log[], core: Contract, keeper: Contract): Outcome {
  const skipped: { marketId: number; reason: Reason }[] = [];
  for (const log of logs) {
    const event = core.interface.parseLog(log);
    if (event?.name === "MarketSkipped") {
      skipped.push({ marketId: Number(event.args["marketId"]), reason: reasonAt(event.args["reason"]) });
    }
    const watched = keeper.interface.parseLog(log);
    if (watched?.name !== "Watched") continue;
    const [before, after, refusal] = watched.args;
    const error = refusal === "0x" ? null : core.interface.parseError(refusal);
    if (error?.name === "NoMarketApplied") {
      skipped.push({ marketId: Number(error.args[0]), reason: reasonAt(error.args[1]) });
    }
    const said = error ? `${error.name}(${error.args.map(String).join(", ")})` : refusal === "0x" ? "" : refusal;
    return { before: plain(before), after: plain(after), skipped, refusal: said };
  }
  throw new Error("the keeper reported nothing");
}

function reasonAt(index: bigint): Reason {
  return REASONS[Number(index)] ?? "NONE";
}

function plain(many: readonly { initialBps: bigint; maintenanceBps: bigint }[]): readonly Haircuts[] {
  return many.map((one) => ({ initialBps: Number(one.initialBps), maintenanceBps: Number(one.maintenanceBps) }));
}

function withQuality(values: Values | null) {
  return values && { ...values, confidence: 31, sources: 7 };
}
