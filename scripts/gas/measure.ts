import hre, { network } from "hardhat";

/** Gas of one whole transaction by number of markets, and of reads as a contract pays for them. */
export type GasTable = {
  readonly bytecodeBytes: number;
  /** Gas of an `update` that tightens this many markets, all of them written before. */
  readonly update: Readonly<Record<"1" | "10" | "100", number>>;
  readonly marginal: number;
  readonly setMode: number;
  readonly listMarket: number;
  /** Read from a contract: nothing touched before, and again in the same transaction. */
  readonly reads: Readonly<Record<ReadName, { readonly cold: number; readonly warm: number }>>;
};

export type ReadName = "haircuts(id)" | "haircuts(pair)" | "tryHaircuts(id)" | "haircutsMany(10 ids)";

const USD = "0x0000000000000000000000000000000000000348";
const MARKETS = 100;
const LIMITS = {
  minInitialBps: 1_000,
  maxInitialBps: 9_000,
  minMaintenanceBps: 700,
  maxMaintenanceBps: 8_500,
  minGapBps: 200,
  liquidationBonusBps: 500,
  maxLooseningStepBps: 80,
  looseningBudgetBpsPerDay: 200,
  tightenSpeedBpsPerDay: 150,
  loosenSpeedBpsPerDay: 50,
  staleInitialCapBps: 10_000,
  ttlSeconds: 21_600,
  decaySeconds: 86_400,
  maxAgeSeconds: 3_600,
};

/** Measures the compiled contract on a fresh Hardhat network in this process, with a hundred markets listed. */
export async function measureGas(): Promise<GasTable> {
  await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  const { ethers } = await network.create({ network: "hardhat" });
  const [, governance, keeper, guardian] = await ethers.getSigners();
  if (!governance || !keeper || !guardian) throw new Error("the network has too few accounts");
  const roles = [governance.address, keeper.address, guardian.address];
  const parameters = await ethers.deployContract("CollateralParameters", [...roles, []]);
  const token = await ethers.deployContract("MockERC20", ["Token", "T", 18]);
  const meter = await ethers.deployContract("GasMeter");
  const target = await parameters.getAddress();
  const collateral = await token.getAddress();

  const gas = async (sent: Promise<unknown>): Promise<number> => {
    const transaction = (await sent) as { wait(): Promise<{ gasUsed: bigint } | null> };
    return Number((await transaction.wait())?.gasUsed ?? 0n);
  };
  const write = (signer: typeof keeper, name: string, ...args: unknown[]) =>
    gas(parameters.connect(signer).getFunction(name)(...args));

  const debts: string[] = [USD];
  while (debts.length < MARKETS) {
    const debt = await ethers.deployContract("MockERC20", ["Token", "T", 18]);
    debts.push(await debt.getAddress());
  }
  let listMarket = 0;
  for (const debt of debts) {
    const listing = { collateral, debt, initialBps: 2_200, maintenanceBps: 1_800, limits: LIMITS };
    listMarket = await write(governance, "listMarket", listing);
  }

  let sequence = 0;
  let initialBps = 2_200;
  const update = async (markets: number): Promise<number> => {
    const asOf = ((await ethers.provider.getBlock("latest"))?.timestamp ?? 0) + 1;
    sequence += 1;
    initialBps += 1;
    const rest = { initialBps, maintenanceTargetBps: 1_900, confidenceBps: 9_500, sources: 7, asOf };
    const updates = Array.from({ length: markets }, (_, i) => ({ ...rest, marketId: i + 1 }));
    const evidence = ethers.id(`evidence ${sequence}`);
    return await write(keeper, "update", { sequence, deadline: asOf + 600, modelVersion: 1, evidence, updates });
  };
  await update(MARKETS);
  const [one, ten, hundred] = [await update(1), await update(10), await update(100)];
  const setMode = await write(guardian, "setMode", 1, 2);

  const read = async (name: string, ...args: unknown[]) => {
    const data = parameters.interface.encodeFunctionData(name, args);
    const [cold, warm] = (await meter.getFunction("measure")(target, data)) as [bigint, bigint];
    return { cold: Number(cold), warm: Number(warm) };
  };
  const ids = Array.from({ length: 10 }, (_, i) => i + 11);
  return {
    bytecodeBytes: ((await ethers.provider.getCode(target)).length - 2) / 2,
    update: { "1": one, "10": ten, "100": hundred },
    marginal: Math.round((hundred - ten) / 90),
    setMode,
    listMarket,
    reads: {
      "haircuts(id)": await read("haircuts(uint16)", 2),
      "haircuts(pair)": await read("haircuts(address,address)", collateral, USD),
      "tryHaircuts(id)": await read("tryHaircuts", 2),
      "haircutsMany(10 ids)": await read("haircutsMany", ids),
    },
  };
}
