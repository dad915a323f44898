import { network } from "hardhat";
import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { compiled } from "../../../test/support/compiled.ts";

/** How many markets a batch updates. */
type BatchSize = (typeof SIZES)[number];

/** Gas of whole transactions and of reads of the small core, contracts/parameters. */
type ParametersGas = {
  readonly bytecodeBytes: number;
  readonly deployment: number;
  /** All three numbers of every market fresh: tighter, or in every second market initial and the exposure limit looser. */
  readonly tighten: Readonly<Record<BatchSize, number>>;
  readonly mixed: Readonly<Record<BatchSize, number>>;
  /** A guardian closes a market. */
  readonly trip: number;
  /** Limits of a class anew, with a hundred and one markets to look at. */
  readonly setLimits: number;
  readonly reads: Readonly<Record<"id" | "pair" | "soft" | "limit", { readonly cold: number; readonly warm: number }>>;
};

export const SIZES = [1, 10, 30, 100] as const;
const USD = "0x0000000000000000000000000000000000000348";
const MARKETS = 100;
/** The first second of the contract's calendar, 2015-01-01T00:00:00Z. */
const EPOCH = 1_420_070_400;
const HOT = 1;
const GUARDIAN = 3;
const LISTER = 5;
const FROZEN = 2;
/** Compact floats: 55 168 whole tokens, between 33 088 and 65 536. */
const [LOWEST_LIMIT, LIMIT, HIGHEST_LIMIT] = [(6 << 10) | 10, (6 << 10) | 700, 7 << 10];
const LIMITS = {
  minInitialBps: 1_000,
  maxInitialBps: 9_000,
  minMaintenanceBps: 700,
  maxMaintenanceBps: 8_000,
  minGapBps: 200,
  liquidationBonusBps: 500,
  tightenSpeedBpsPer30Days: 200,
  loosenSpeedBpsPer30Days: 1_500,
  ttlHours: 6,
  decayHours: 24,
  staleInitialCapBps: 10_000,
  maxAgeMinutes: 60,
  hotStepBps: 80,
  quorumStepBps: 200,
  hotBudgetBps: 50,
  quorumBudgetBps: 100,
  hotRaiseStep: 30,
  quorumRaiseStep: 60,
  hotRaiseBudget: 50,
  quorumRaiseBudget: 100,
};
/** As in the other gas table: budget windows and ticks depend on the hour. */
const START = new Date("2026-02-06T10:00:00Z");

type Numbers = { readonly initialBps: number; readonly targetBps: number; readonly limit: number };

/** One market of a batch, as contracts/parameters/Words.sol lays it out. */
function entryOf(id: number, asOf: number, { initialBps, targetBps, limit }: Numbers): string {
  const quality = (20n << 11n) | 7n;
  const numbers = BigInt(targetBps) | (BigInt(initialBps) << 14n) | (BigInt(0xffff - limit) << 29n) | (quality << 45n);
  const minute = BigInt(Math.floor((asOf - EPOCH) / 60));
  return (numbers | (16n << 61n) | (minute << 66n) | (BigInt(id) << 96n)).toString(16).padStart(28, "0");
}

/** A fresh Hardhat network in this process, with a hundred and one markets listed, the last one for single updates. */
async function listedParameters() {
  await compiled();
  const { ethers, provider } = await network.create({ network: "hardhat", override: { initialDate: START } });
  const [, governance, keeper, guardian] = await ethers.getSigners();
  if (!governance || !keeper || !guardian) throw new Error("the network has too few accounts");
  const account = (address: string, power: number) => [address, power, power === HOT ? 1_000_000 : 0, 0];
  const accounts = [account(keeper.address, HOT), account(guardian.address, GUARDIAN)];
  const args = [governance.address, [...accounts, account(governance.address, LISTER)], [[0, LIMITS]], []];
  const parameters = await ethers.deployContract("Parameters", args);
  const token = async () => (await ethers.deployContract("MockERC20", ["Token", "T", 18])).getAddress();
  const collateral = await token();
  const lister = parameters.connect(governance);
  for (let index = 0; index <= MARKETS; index++) {
    const debt = index === 0 ? USD : await token();
    const listing = [collateral, debt, 0, 2_200, 1_800, LIMIT, LOWEST_LIMIT, HIGHEST_LIMIT];
    await (await lister.getFunction("listMarket")(listing)).wait();
  }
  return { ethers, provider, governance, keeper, guardian, parameters, collateral };
}

type Listed = Awaited<ReturnType<typeof listedParameters>>;

/** Sends updates of `count` markets from the one with id `from`, and says what each costs. */
function updater({ ethers, provider, keeper, parameters }: Listed) {
  let sequence = 0;
  return async (from: number, count: number, numbers: (index: number) => Omit<Numbers, "targetBps">) => {
    const now = (await ethers.provider.getBlock("latest"))?.timestamp ?? 0;
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [now + 660] });
    sequence += 1;
    const entries = Array.from({ length: count }, (_, index) =>
      entryOf(from + index, now + 600, { ...numbers(index), targetBps: 1_890 + sequence }),
    );
    const head = BigInt(sequence) | (BigInt(now + HOUR_SECONDS) << 64n) | (1n << 104n);
    const publish = parameters.connect(keeper).getFunction("publishBatch");
    const receipt = await (await publish(head, ethers.id(`${sequence}`), `0x${entries.join("")}`)).wait();
    if (receipt?.logs.length !== 1) throw new Error(`a market of batch ${sequence} was skipped`);
    return Number(receipt.gasUsed);
  };
}

/** Measures whole transactions and reads of the small core. */
export async function measureParameters(): Promise<ParametersGas> {
  const listed = await listedParameters();
  const { ethers, governance, guardian, parameters, collateral } = listed;
  const update = updater(listed);
  const tighten: Partial<Record<BatchSize, number>> = {};
  const mixed: Partial<Record<BatchSize, number>> = {};
  await update(1, MARKETS + 1, () => ({ initialBps: 2_210, limit: LIMIT + 1 }));
  for (const size of SIZES) {
    const from = size === 1 ? MARKETS + 1 : 1;
    tighten[size] = await update(from, size, () => ({ initialBps: 2_220, limit: LIMIT }));
    mixed[size] = await update(from, size, (index) =>
      index % 2 === 0 ? { initialBps: 2_219, limit: LIMIT + 1 } : { initialBps: 2_221, limit: LIMIT - 1 },
    );
    await update(from, size, () => ({ initialBps: 2_219, limit: LIMIT }));
  }
  const meter = await ethers.deployContract("GasMeter");
  const address = await parameters.getAddress();
  const read = async (name: string, ...rest: unknown[]) => {
    const data = parameters.interface.encodeFunctionData(name, rest);
    const [cold, warm] = (await meter.getFunction("measure")(address, data)) as [bigint, bigint];
    return { cold: Number(cold), warm: Number(warm) };
  };
  const gas = async (signer: typeof guardian, name: string, ...rest: unknown[]) =>
    Number((await (await parameters.connect(signer).getFunction(name)(...rest)).wait())?.gasUsed ?? 0n);
  return {
    bytecodeBytes: ((await ethers.provider.getCode(address)).length - 2) / 2,
    deployment: Number((await parameters.deploymentTransaction()?.wait())?.gasUsed ?? 0n),
    tighten: tighten as Record<BatchSize, number>,
    mixed: mixed as Record<BatchSize, number>,
    reads: {
      id: await read("haircuts(uint16)", 2),
      pair: await read("haircuts(address,address)", collateral, USD),
      soft: await read("tryHaircuts(uint16)", 2),
      limit: await read("exposureLimit", 2),
    },
    trip: await gas(guardian, "setMode", 2, FROZEN),
    setLimits: await gas(governance, "setLimits", 0, LIMITS),
  };
}
