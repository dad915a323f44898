import { network } from "hardhat";
import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { type Entry, LANES, NO_SEQUENCER } from "../../../keeper/domain/contract.ts";
import { encodeEntries } from "../../../keeper/protocols/entry.ts";
import { compiled } from "../../../test/support/compiled.ts";
import { parametersContract } from "./parametersContract.ts";

/** Gas of whole transactions and of reads, of the contract and of the yardsticks beside it. */
type ContractGas = {
  /** Of the contract and of its module. */
  readonly bytecodeBytes: readonly [number, number];
  /** Of the whole deployment, the hundred markets aside. */
  readonly deployment: number;
  /** Fresh values for this many markets: all of them tighter, or every second one looser. */
  readonly tighten: Readonly<Record<Size, number>>;
  readonly mixed: Readonly<Record<Size, number>>;
  /** Confidence and sources of all markets written anew with the values. */
  readonly withQuality: number;
  /** One market out of a full group: its four neighbours keep their own time. */
  readonly oneOfFive: number;
  readonly naive: Readonly<Record<Size, number>>;
  readonly trip: number;
  /** `nothing` calls an account without code: what the meter itself costs. */
  readonly reads: Readonly<
    Record<"id" | "pair" | "soft" | "naive" | "nothing", { readonly cold: number; readonly warm: number }>
  >;
};

export type Size = 1 | 10 | 100;

const USD = "0x0000000000000000000000000000000000000348";
const MARKETS = 100;
const LIMITS = {
  minInitialBps: 1_000,
  maxInitialBps: 9_000,
  minMaintenanceBps: 700,
  maxMaintenanceBps: 8_000,
  minGapBps: 200,
  liquidationBonusBps: 500,
  maxLooseningStepBps: 80,
  looseningBudgetBpsPerDay: 200,
  quorumLooseningStepBps: 200,
  quorumLooseningBudgetBpsPerDay: 400,
  maxAgeSeconds: HOUR_SECONDS,
  probed: false,
};
const PROFILE = {
  tightenSpeedBpsPerDay: 150,
  loosenSpeedBpsPerDay: 50,
  ttlSeconds: 6 * HOUR_SECONDS,
  decaySeconds: 24 * HOUR_SECONDS,
  staleInitialCapBps: 10_000,
};
const FOLDER = "contracts/libraries";

/**
 * Gas no contract with these rules can go below (CONTRACT.md): the transaction, its calldata at 16 bits a market, the
 * storage slots those bits fill, and one log of them. Signatures are not in it.
 */
export function physicalLimit(markets: number): number {
  const bytes = Math.ceil((16 * markets + 40) / 8);
  const slots = Math.ceil((16 * markets + 40) / 256);
  return 21_000 + 16 * bytes + 5_000 * slots + 375 + 8 * bytes;
}

/** Always the same day: budget windows and ticks depend on the hour, and zero bytes of times are cheaper than others. */
const START = new Date("2026-02-06T10:00:00Z");

/** A fresh Hardhat network in this process, with a hundred and one markets listed, the last one alone. */
async function listedContract() {
  await compiled();
  const { ethers, provider } = await network.create({ network: "hardhat", override: { initialDate: START } });
  const [, governance, keeper, guardian] = await ethers.getSigners();
  if (!governance || !keeper || !guardian) throw new Error("the network has too few accounts");
  const deployed = async (name: string, ...args: unknown[]) => (await ethers.deployContract(name, args)).getAddress();
  const libraries = {
    [`project/${FOLDER}/LimitsCheck.sol:LimitsCheck`]: await deployed(`${FOLDER}/LimitsCheck.sol:LimitsCheck`),
    [`project/${FOLDER}/Reasons.sol:Reasons`]: await deployed(`${FOLDER}/Reasons.sol:Reasons`),
  };
  const keys = [governance.address, keeper.address, ethers.ZeroAddress, guardian.address];
  const args = [...keys, [PROFILE], NO_SEQUENCER, [{ classId: 0, limits: LIMITS }], []];
  const core = await ethers.deployContract("CollateralParameters", args, { libraries });
  const parameters = await parametersContract(await core.getAddress(), governance);
  const naive = await ethers.deployContract("NaiveParameters", { signer: keeper });
  const meter = await ethers.deployContract("GasMeter");
  const address = await parameters.getAddress();

  const gas = async (signer: typeof keeper, name: string, ...rest: unknown[]): Promise<number> => {
    const target = name === "naive" ? naive : parameters;
    const call = target.connect(signer).getFunction(name === "naive" ? "update" : name);
    const receipt = await (await call(...rest)).wait();
    return Number(receipt?.gasUsed ?? 0n);
  };
  await gas(governance, "grantRole", ethers.id("LISTER_ROLE"), governance.address);
  await gas(governance, "setAggregateBudget", 1_000_000, 1_000_000);
  const collateral = await deployed("MockERC20", "Token", "T", 18);
  for (let index = 0; index <= MARKETS; index++) {
    const debt = index === 0 ? USD : await deployed("MockERC20", "Token", "T", 18);
    const group = Math.floor(index / LANES);
    const listing = { collateral, debt, classId: 0, group, initialBps: 2_200, maintenanceBps: 1_800 };
    await gas(governance, "listMarket", listing);
  }
  return { ethers, provider, keeper, guardian, core, parameters, naive, meter, address, collateral, gas };
}

type Listed = Awaited<ReturnType<typeof listedContract>>;

/** Sends updates of `count` markets from the one at `from`, and says what each costs. */
function updater({ ethers, provider, keeper, gas }: Listed) {
  let sequence = 0;
  return async (from: number, count: number, initial: (i: number) => number, withQuality = false) => {
    const now = (await ethers.provider.getBlock("latest"))?.timestamp ?? 0;
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [now + 660] });
    sequence += 1;
    const entries: Entry[] = [];
    for (let group = Math.floor(from / LANES); group * LANES < from + count; group++) {
      const lanes = Array.from({ length: LANES }, (_, lane) => {
        const index = group * LANES + lane;
        if (index < from || index >= from + count) return null;
        const quality = { confidence: 20 + (sequence % 2), sources: 7 };
        return { initialBps: initial(index), maintenanceTargetBps: 1_890 + ((index + sequence) % 5), ...quality };
      });
      entries.push({ group, asOf: now + 600, lanes, withQuality });
    }
    const head = { sequence, deadline: now + HOUR_SECONDS, generation: MARKETS + 1, modelVersion: 1 };
    return gas(keeper, "update", { ...head, evidence: ethers.id(`${sequence}`), entries: encodeEntries(entries) });
  };
}

/** Measures whole transactions and reads of the contract and of the yardsticks beside it. */
export async function measureContract(): Promise<ContractGas> {
  const listed = await listedContract();
  const { ethers, keeper, guardian, core, parameters, naive, meter, address, collateral, gas } = listed;
  const update = updater(listed);
  const naiveUpdate = (count: number, initial: number) => {
    const ids = Array.from({ length: count }, (_, index) => index + 1);
    return gas(keeper, "naive", ids, new Array(count).fill(initial), new Array(count).fill(initial - 300));
  };
  const read = async (target: string, data: string) => {
    const [cold, warm] = (await meter.getFunction("measure")(target, data)) as [bigint, bigint];
    return { cold: Number(cold), warm: Number(warm) };
  };
  const bytes = async (of: string) => ((await ethers.provider.getCode(of)).length - 2) / 2;
  const encode = (name: string, ...rest: unknown[]) => parameters.interface.encodeFunctionData(name, rest);

  await update(0, MARKETS + 1, () => 2_210, true);
  await naiveUpdate(MARKETS, 2_210);
  const alternate = (i: number) => 2_220 + (i % 2 === 0 ? -1 : 1);
  return {
    tighten: {
      100: await update(0, 100, () => 2_220),
      10: await update(0, 10, () => 2_221),
      1: await update(MARKETS, 1, () => 2_221),
    },
    mixed: {
      100: await update(0, 100, alternate),
      10: await update(0, 10, (i) => alternate(i + 1)),
      1: await update(MARKETS, 1, () => 2_220),
    },
    withQuality: await update(0, 100, () => 2_230, true),
    oneOfFive: (await update(20, 1, () => 2_231)) && (await update(20, 1, () => 2_232)),
    naive: { 100: await naiveUpdate(100, 2_220), 10: await naiveUpdate(10, 2_221), 1: await naiveUpdate(1, 2_222) },
    bytecodeBytes: [await bytes(address), await bytes(await parameters.getFunction("module").staticCall())],
    deployment: Number((await core.deploymentTransaction()?.wait())?.gasUsed ?? 0n),
    reads: {
      id: await read(address, encode("haircuts(uint16)", 2)),
      pair: await read(address, encode("haircuts(address,address)", collateral, USD)),
      soft: await read(address, encode("tryHaircuts(uint16)", 2)),
      nothing: await read(guardian.address, "0x"),
      naive: await read(await naive.getAddress(), naive.interface.encodeFunctionData("haircuts", [2])),
    },
    trip: await gas(guardian, "setMode", 2, 2),
  };
}
