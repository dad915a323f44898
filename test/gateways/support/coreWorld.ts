import assert from "node:assert/strict";
import type { Contract, ContractTransactionReceipt, ContractTransactionResponse, Interface, Signer } from "ethers";
import { network } from "hardhat";
import { LANES, NO_SEQUENCER } from "../../../keeper/domain/contract.ts";
import { encodeEntries } from "../../../keeper/protocols/entry.ts";
import { parametersContract } from "../../../scripts/bench/gas/parametersContract.ts";
import { compiled } from "../../support/compiled.ts";

export const USD = "0x0000000000000000000000000000000000000348";
export const START = 1_770_000_000;
export const TTL = 21_600;
export const [NORMAL, NO_NEW_RISK, FROZEN] = [0n, 1n, 2n];
export type DoorWorld = Awaited<ReturnType<typeof doorWorld>>;
export type Values = { readonly initialBps: number; readonly maintenanceTargetBps: number };
export type Batch = {
  readonly sequence: bigint;
  readonly deadline: number;
  readonly generation: number;
  readonly modelVersion: number;
  readonly evidence: `0x${string}`;
  readonly entries: `0x${string}`;
};

/** The quorum may loosen 200 bp a step, the hot key 80. */
export const LIMITS = {
  minInitialBps: 1_000,
  maxInitialBps: 9_000,
  minMaintenanceBps: 700,
  maxMaintenanceBps: 8_000,
  minGapBps: 200,
  liquidationBonusBps: 500,
  maxLooseningStepBps: 80,
  looseningBudgetBpsPerDay: 400,
  quorumLooseningStepBps: 200,
  quorumLooseningBudgetBpsPerDay: 1_000,
  maxAgeSeconds: 3_600,
  probed: false,
};
const PROFILE = {
  tightenSpeedBpsPerDay: 150,
  loosenSpeedBpsPerDay: 50,
  ttlSeconds: TTL,
  decaySeconds: 86_400,
  staleInitialCapBps: 10_000,
};
const LIMITS_CHECK = "contracts/libraries/LimitsCheck.sol:LimitsCheck";
const REASONS = "contracts/libraries/Reasons.sol:Reasons";

/**
 * The contract on a network of its own inside this process, with `markets` markets at 22 % / 18 % and the
 * accounts governance (which may list), keeper and guardian. Nothing holds QUORUM_ROLE or CHALLENGER_ROLE yet.
 */
export async function doorWorld(markets = 5, chainId = 31_337) {
  await compiled();
  const { ethers, provider } = await network.create({
    network: "hardhat",
    override: { initialDate: new Date(START * 1000), chainId },
  });
  const [deployer, governance, keeper, guardian, stranger, ...others] = await ethers.getSigners();
  if (!deployer || !governance || !keeper || !guardian || !stranger) throw new Error("the network has no accounts");

  const own = async (name: string, ...args: unknown[]): Promise<Contract> =>
    (await ethers.deployContract(name, args)) as unknown as Contract;
  const limitsCheck = await ethers.deployContract(LIMITS_CHECK);
  const reasons = await ethers.deployContract(REASONS);
  const libraries = { LimitsCheck: await limitsCheck.getAddress(), Reasons: await reasons.getAddress() };
  const deployCore = async (): Promise<Contract> => {
    const args = [
      governance,
      keeper,
      ethers.ZeroAddress,
      guardian,
      [PROFILE],
      NO_SEQUENCER,
      [{ classId: 0, limits: LIMITS }],
      [],
    ];
    const core = await ethers.deployContract("CollateralParameters", args, { libraries });
    const powers = await parametersContract(await core.getAddress(), governance);
    await send(powers, "grantRole", ethers.id("LISTER_ROLE"), governance.address);
    await send(powers, "setAggregateBudget", 1_000_000, 1_000_000);
    return powers;
  };
  const core = await deployCore();
  const collateral = await own("MockERC20", "Wrapped Ether", "WETH", 18);
  const weth = await collateral.getAddress();
  const listing = (debt: string, group: number) => ({
    collateral: weth,
    debt,
    classId: 0,
    group,
    initialBps: 2_200,
    maintenanceBps: 1_800,
  });
  for (let index = 0; index < markets; index += 1) {
    const debt = index === 0 ? USD : await (await own("MockERC20", "Debt", "DEBT", 18)).getAddress();
    await send(core, "listMarket", listing(debt, Math.floor(index / LANES)));
  }

  const now = async (): Promise<number> => (await ethers.provider.getBlock("latest"))?.timestamp ?? START;
  return {
    ethers,
    provider,
    accounts: { deployer, governance, keeper, guardian, stranger, others },
    core,
    deployCore,
    own,
    weth,
    listing,
    now,
    pass: async (seconds: number): Promise<void> => {
      // From the last block on, not from now: a busy machine may have taken long since.
      await provider.request({ method: "evm_setNextBlockTimestamp", params: [(await now()) + seconds] });
      await provider.request({ method: "evm_mine" });
    },
    /** The next batch, for the first `count` markets, observed now. */
    batch: async (values: Values, change: Partial<Batch> = {}, count = 1, parameters = core): Promise<Batch> => {
      const door = (await read(parameters, "door")) as unknown as { sequence: bigint; generation: bigint };
      const asOf = await now();
      const lane = { ...values, confidence: 31, sources: 7 };
      const groups = Array.from({ length: Math.ceil(count / LANES) }, (_, group) => ({
        group,
        asOf,
        lanes: Array.from({ length: LANES }, (_, i) => (group * LANES + i < count ? lane : null)),
        withQuality: false,
      }));
      return {
        sequence: door.sequence + 1n,
        deadline: asOf + 600,
        generation: Number(door.generation),
        modelVersion: 1,
        evidence: ethers.id("evidence") as `0x${string}`,
        entries: encodeEntries(groups),
        ...change,
      };
    },
    initialOf: async (marketId = 1, parameters = core): Promise<bigint> =>
      ((await read(parameters, "haircuts(uint16)", marketId)) as unknown as { initialBps: bigint }).initialBps,
    modeOf: async (marketId = 1): Promise<bigint> =>
      ((await read(core, "haircuts(uint16)", marketId)) as unknown as { mode: bigint }).mode,
  };
}

/** Sends a call and returns its receipt. */
export async function send(contract: Contract, name: string, ...args: unknown[]): Promise<ContractTransactionReceipt> {
  const sent = (await contract.getFunction(name)(...args)) as ContractTransactionResponse;
  const receipt = await sent.wait();
  if (receipt === null) throw new Error(`${name} was not mined`);
  return receipt;
}

/** Reads a value. */
export function read<Value = bigint>(contract: Contract, name: string, ...args: unknown[]): Promise<Value> {
  return contract.getFunction(name).staticCall(...args) as Promise<Value>;
}

/** The same contract, called by another account. */
export const as = (contract: Contract, signer: Signer): Contract => contract.connect(signer) as Contract;

/**
 * Asserts that the call is refused with this error, its arguments as `Name(1, 2)`. `errors` decodes what the contract
 * itself does not declare.
 */
export async function refuses(
  contract: Contract,
  call: readonly [name: string, ...args: unknown[]],
  expected: string | RegExp,
  errors: readonly Interface[] = [],
): Promise<void> {
  const [name, ...args] = call;
  const said = await contract
    .getFunction(name)
    .staticCall(...args)
    .then(
      () => "accepted",
      (error: { data?: unknown }) => decoded(error, [contract.interface, ...errors]),
    );
  if (typeof expected === "string") assert.equal(said, expected);
  else assert.match(said, expected);
}

function decoded(error: { data?: unknown; message?: string }, interfaces: readonly Interface[]): string {
  const data = typeof error.data === "string" ? error.data : "0x";
  for (const one of interfaces) {
    const parsed = data === "0x" ? null : one.parseError(data);
    if (parsed !== null) return `${parsed.name}(${parsed.args.map(String).join(", ")})`;
  }
  return `${error.message} ${data}`;
}
